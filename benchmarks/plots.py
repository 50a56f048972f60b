"""Cost against the number of cells, both on logarithmic axes."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from rows import OURS, Row


def plot(rows: Iterable[Row], path: Path) -> None:
    """Draw a line for each curve that has two points or more; none, no file."""
    import matplotlib as mpl

    mpl.use("svg")
    from matplotlib import pyplot as plt

    lines: dict[str, list[tuple[int, float]]] = {}
    for row in rows:
        if row.curve is not None:
            what, size = row.curve
            for side, samples in row.sides.items():
                name = what if side == OURS else f"{what} ({side})"
                lines.setdefault(name, []).append((size, samples.median))
    lines = {name: points for name, points in lines.items() if len(points) > 1}
    if not lines:
        return
    figure, axes = plt.subplots(figsize=(9, 6), layout="constrained")
    for name, points in lines.items():
        axes.loglog(*zip(*points, strict=True), "o-" if "(" not in name else "o:", label=name)
    axes.set(xlabel="cells", ylabel="seconds")
    axes.grid(visible=True, alpha=0.3)
    figure.legend(loc="outside right upper", fontsize="small")
    # The same numbers give the same file.
    mpl.rcParams["svg.hashsalt"] = "benchmarks"
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)
