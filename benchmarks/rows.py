"""What the benchmarks give: rows of a table, each one figure with all that it was made of."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Unit = Literal["ratio", "s", "B", "exponent", ""]

OURS = "reactive"
"""What our own side is called."""


@dataclass
class Samples:
    """What was measured of one side, once for each time.

    Parameters
    ----------
    values : list of float
        Seconds by the clock, bytes, or counts.
    processor : list of float
        Seconds that the process spent on processors, where that was measured.
    """

    values: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        return statistics.median(self.values)


Sides = Mapping[str, Samples]


@dataclass(frozen=True)
class Row:
    """One row.

    Parameters
    ----------
    name : str
        What was done.
    figure : float
        What is to be shown, in `unit`.
    unit : {"ratio", "s", "B", "exponent"}
        Of the figure.
    most : float or None
        The most that the figure may be; None for what is measured for information.
    sides : mapping of str to Samples
        All that was measured, ours and what it is compared with.
    values : {"s", "B", ""}
        The unit of what was measured.
    processor : float or None
        The ratio of the processor times, where they were measured.
    curve : tuple of (str, int) or None
        The line of the plot that this is a point of, and at how many cells.
    """

    name: str
    figure: float
    unit: Unit
    most: float | None
    sides: Sides
    values: Literal["s", "B", ""] = "s"
    processor: float | None = None
    curve: tuple[str, int] | None = None

    @property
    def met(self) -> bool | None:
        return None if self.most is None else self.figure <= self.most

    def as_data(self) -> dict[str, Any]:
        return {**asdict(self), "met": self.met}


def ratio(
    name: str,
    sides: Sides,
    against: str,
    most: float | None = None,
    values: Literal["s", "B", ""] = "s",
    curve: tuple[str, int] | None = None,
) -> Row:
    """Compare our median with that of another side."""
    ours, other = sides[OURS], sides[against]
    processor = None
    if ours.processor and other.processor and statistics.median(other.processor):
        processor = statistics.median(ours.processor) / statistics.median(other.processor)
    figure = ours.median / other.median
    return Row(name, figure, "ratio", most, sides, values, processor, curve)


def added(name: str, sides: Sides, against: str, most: float | None = None) -> Row:
    """Tell how much longer our median is than that of another side."""
    return Row(name, sides[OURS].median - sides[against].median, "s", most, sides)


def value(
    name: str,
    sides: Sides,
    most: float | None = None,
    unit: Literal["s", "B"] = "s",
    curve: tuple[str, int] | None = None,
) -> Row:
    """Show our median."""
    return Row(name, sides[OURS].median, unit, most, sides, unit, None, curve)


def growth(name: str, by_size: Mapping[int, Samples], most: float | None = None) -> Row:
    """Tell with which power of the size the median grows: 0 for not at all, 1 for linear."""
    small, large = min(by_size), max(by_size)
    figure = math.log(by_size[large].median / by_size[small].median) / math.log(large / small)
    sides = {OURS: by_size[large], f"{OURS}, {small:,} cells": by_size[small]}
    return Row(name, figure, "exponent", most, sides)


def table(rows: Iterable[Row]) -> str:
    """Return rows as a table in Markdown."""
    heads = ("", "figure", "aim", "", OURS, "others", "processor")
    cells = [heads]
    for row in rows:
        others = [
            f"{name} {spread(samples, row.values)}"
            for name, samples in row.sides.items()
            if name != OURS
        ]
        cells.append(
            (
                row.name,
                _figure(row.figure, row),
                "" if row.most is None else f"≤ {_figure(row.most, row)}",
                {None: "", True: "met", False: "**missed**"}[row.met],
                spread(row.sides[OURS], row.values),
                "; ".join(others),
                "" if row.processor is None else f"{row.processor:.3f}",
            )
        )
    widths = [max(len(line[column]) for line in cells) for column in range(len(heads))]
    padded = [
        [text.ljust(width) for text, width in zip(line, widths, strict=True)] for line in cells
    ]
    lines = [f"| {' | '.join(line)} |" for line in padded]
    rule = "| " + " | ".join("-" * width for width in widths) + " |"
    return "\n".join([lines[0], rule, *lines[1:]])


def spread(samples: Samples, unit: str) -> str:
    """Return the median, and half the distance of the quartiles."""
    if len(samples.values) < 2:
        return shown(samples.median, unit)
    low, _, high = statistics.quantiles(samples.values, n=4, method="inclusive")
    half = (high - low) / 2
    return shown(samples.median, unit) + (f" ± {shown(half, unit)}" if half else "")


def _figure(figure: float, row: Row) -> str:
    if row.unit in ("ratio", "exponent"):
        return f"{figure:.2f} x" if row.unit == "ratio" else f"n^{figure:.2f}"
    return shown(figure, row.unit)


def shown(number: float, unit: str) -> str:
    """Return a number with its unit, to three or four digits."""
    scales: Sequence[tuple[float, str]] = ((1, ""),)
    if unit == "s":
        scales = ((1, " s"), (1e-3, " ms"), (1e-6, " µs"))
    elif unit == "B":
        scales = ((1e6, " MB"), (1e3, " kB"), (1, " B"))
    factor, name = next((s for s in scales if abs(number) >= s[0]), scales[-1])
    return f"{number / factor:.4g}{name}"
