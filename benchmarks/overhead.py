"""How much longer a cell takes in the reactive kernel than in plain ipykernel.

Two live kernels run the same cells in turn, one pair after the other: two processes of one kernel
differ among themselves by some percent. The times are those of one client until the kernel is idle
again, and what the kernel's process spends on processors for it.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import statistics
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path

import psutil
from cases import NOTEBOOK, Case, cases
from kernels import Cell, LiveKernel, ReactiveKernel

from reactive_kernel import __version__ as own_version

MOST_BUSY = 0.1
"""How much of the processors others may use before that is worth a word."""

WARM_UP = 3
"""Runs of the measured cell in each kernel that do not count."""

PAIRS = 5
"""Pairs of kernels among which the runs of a cell are shared out."""

PACKAGES = (
    "ipykernel",
    "ipython",
    "jupyter_client",
    "numpy",
    "pandas",
    "matplotlib",
    "scikit-learn",
)

Pair = tuple[LiveKernel, LiveKernel]


@dataclass
class Times:
    """Seconds of each run of the measured cell: by the clock, and on processors."""

    clock: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)


@dataclass
class Result:
    """What a case gave."""

    case: Case
    plain: Times
    reactive: Times

    @property
    def ratio(self) -> float:
        return statistics.median(self.reactive.clock) / statistics.median(self.plain.clock)

    @property
    def added(self) -> float:
        return statistics.median(self.reactive.clock) - statistics.median(self.plain.clock)

    @property
    def processor_ratio(self) -> float:
        plain = statistics.median(self.plain.processor)
        return statistics.median(self.reactive.processor) / plain if plain else float("nan")

    @property
    def met(self) -> bool | None:
        target = self.case.target
        if target is None:
            return None
        return (self.ratio if target.kind == "ratio" else self.added) <= target.most


@contextmanager
def started_pair() -> Iterator[Pair]:
    """Start a plain kernel and a reactive one."""
    pair = (LiveKernel("python3"), ReactiveKernel("reactive"))
    try:
        for kernel in pair:
            kernel.wait_until_ready()
        yield pair
    finally:
        for kernel in pair:
            kernel.close()


def take(result: Result, pair: Pair, *, repeats: int, warm_up: int) -> None:
    """Run a case on both kernels in turn."""
    case = result.case
    above = [Cell(f"above-{i}", source) for i, source in enumerate(case.above)]
    measured = Cell("measured", case.measured)
    for kernel in pair:
        kernel.hold([*NOTEBOOK, *above, measured])
        for cell in [*NOTEBOOK, *above, *[measured] * warm_up]:
            kernel.execute(cell.source, cell.id)
    sides = list(zip(pair, (result.plain, result.reactive), strict=True))
    before = [0.0, 0.0]
    for number in range(repeats):
        for index in (0, 1) if number % 2 else (1, 0):
            kernel, times = sides[index]
            # Before its next turn, so that what it does after it has said that it is idle counts.
            now = kernel.processor_time()
            if number:
                times.processor.append(now - before[index])
            before[index] = now
            times.clock.append(kernel.execute(measured.source, measured.id))
    for index, (kernel, times) in enumerate(sides):
        times.processor.append(kernel.processor_time() - before[index])
    for kernel in pair:
        kernel.hold([])


def table(results: Sequence[Result]) -> str:
    """Return the results as text."""
    heads = ("", "ipykernel", "reactive", "ratio", "added", "processor", "target", "")
    rows = [heads]
    for result in results:
        target = result.case.target
        promised = ""
        if target is not None:
            most = f"{target.most:.2f}" if target.kind == "ratio" else f"+{shown(target.most)}"
            promised = f"≤ {most}"
        rows.append(
            (
                result.case.name,
                spread(result.plain.clock),
                spread(result.reactive.clock),
                f"{result.ratio:.3f}",
                shown(result.added),
                f"{result.processor_ratio:.3f}",
                promised,
                {None: "", True: "met", False: "MISSED"}[result.met],
            )
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(heads))]
    lines = [
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    return "\n".join([*lines[:1], "-" * len(lines[0]), *lines[1:]])


def spread(seconds: Sequence[float]) -> str:
    """Return the median of times, and the half of their quartiles' distance."""
    if len(seconds) < 2:
        return shown(statistics.median(seconds))
    low, middle, high = statistics.quantiles(seconds, n=4, method="inclusive")
    return f"{shown(middle)} ± {shown((high - low) / 2)}"


def shown(seconds: float) -> str:
    if abs(seconds) >= 1:
        return f"{seconds:.3f} s"
    return f"{seconds * 1e3:.3f} ms" if abs(seconds) < 0.1 else f"{seconds * 1e3:.1f} ms"


def versions() -> dict[str, str]:
    packages = {package: version(package) for package in PACKAGES}
    return {"python": platform.python_version(), "reactive_kernel": own_version, **packages}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, help="write all times to this file, as JSON")
    parser.add_argument("--only", default="", help="only the cases with this in their name")
    parser.add_argument("--tiny", action="store_true", help="only see whether everything works")
    options = parser.parse_args(arguments)
    # Sums on one thread: the machine's other processors are the other kernel's and the client's.
    os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
    chosen = [case for case in cases(tiny=options.tiny) if options.only in case.name]
    busy = psutil.cpu_percent(interval=0.1 if options.tiny else 2) / 100
    pairs = 1 if options.tiny else PAIRS
    results = run(chosen, pairs, lambda what: print(f"… {what}", file=sys.stderr))
    print(", ".join(f"{package} {number}" for package, number in versions().items()))
    print(f"{platform.platform()}, {os.cpu_count()} processors")
    print()
    print(table(results))
    if busy > MOST_BUSY:
        print(f"\nThe machine was {busy:.0%} busy before: the processor time tells more.")
    if options.output is not None:
        options.output.parent.mkdir(parents=True, exist_ok=True)
        options.output.write_text(json.dumps(as_data(results, busy), indent=1), encoding="utf-8")
    return 0


def run(chosen: Sequence[Case], pairs: int, announce: Callable[[str], None]) -> list[Result]:
    """Measure cases."""
    results = [Result(case, Times(), Times()) for case in chosen]
    for number in range(pairs):
        with started_pair() as pair:
            for result in results:
                if not result.case.fresh:
                    announce(f"{result.case.name}, {number + 1} of {pairs}")
                    repeats = math.ceil(result.case.repeats / pairs)
                    take(result, pair, repeats=repeats, warm_up=WARM_UP)
    for result in results:
        for _ in range(result.case.repeats if result.case.fresh else 0):
            announce(result.case.name)
            with started_pair() as pair:
                take(result, pair, repeats=1, warm_up=0)
    return results


def as_data(results: Sequence[Result], busy: float) -> dict[str, object]:
    return {
        "versions": versions(),
        "busy_before": busy,
        "machine": {"platform": platform.platform(), "processors": os.cpu_count()},
        "cases": [
            {
                "name": result.case.name,
                "target": None if result.case.target is None else asdict(result.case.target),
                "ratio": result.ratio,
                "added_seconds": result.added,
                "processor_ratio": result.processor_ratio,
                "met": result.met,
                "plain": asdict(result.plain),
                "reactive": asdict(result.reactive),
            }
            for result in results
        ],
    }


if __name__ == "__main__":
    sys.exit(main())
