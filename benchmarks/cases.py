"""What is measured: a notebook's cells, one of which is run again and again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from kernels import Cell

NOTEBOOK = [Cell(f"other-{i}", f"other_{i} = {i}") for i in range(20)]
"""Cells that stand above the others in each notebook."""

LIBRARIES = """
import numpy as np
import pandas as pd
import matplotlib.pyplot as plt
import sklearn.linear_model
"""


@dataclass(frozen=True)
class Target:
    """What is promised: a ratio to plain ipykernel's time, or seconds added to it."""

    kind: Literal["ratio", "seconds"]
    most: float


@dataclass(frozen=True)
class Case:
    """One row.

    Parameters
    ----------
    name
        Of the row.
    above
        Cells that are run once.
    measured
        The cell that is run again and again.
    repeats
        How often.
    target
        None for what is measured for information.
    fresh
        Whether each time is the first in a kernel that was just started.
    peers
        Whether other reactive kernels run it too.
    """

    name: str
    above: tuple[str, ...]
    measured: str
    repeats: int
    target: Target | None = None
    fresh: bool = False
    peers: bool = False


def cases(*, tiny: bool) -> list[Case]:
    """Return all rows; tiny ones show that everything works, not how long it takes."""

    def size(full: int) -> int:
        return min(full, 100) if tiny else full

    rows = size(1_000_000)
    frame = (LIBRARIES, f"df = pd.DataFrame(np.arange({10 * rows}.0).reshape(-1, 10) % 97)")
    ratio = Target("ratio", 1.03)
    twenty_ms = Target("seconds", 0.020)
    chosen = [
        Case("trivial cell", (), "x = 1", 400, Target("ratio", 1.15), peers=True),
        Case(
            "500 assignments",
            (),
            "\n".join(f"a{i} = {i}" for i in range(size(500))),
            200,
            ratio,
            peers=True,
        ),
        Case(
            "loop of 2 million additions",
            (),
            f"total = 0\nfor i in range({size(2_000_000)}):\n    total += i",
            20,
            ratio,
        ),
        Case(
            "200 thousand function calls",
            ("def step(n):\n    return n + 1",),
            f"n = 0\nfor _ in range({size(200_000)}):\n    n = step(n)",
            40,
            ratio,
        ),
        Case("describe a frame of 80 MB", frame, "df.describe()", 12, twenty_ms),
        Case("sum a column of a frame of 80 MB", frame, "df[0].sum()", 40, twenty_ms),
        Case(
            "sum an array of 1 GB ten times",
            (LIBRARIES, f"big = np.ones({size(125_000_000)})"),
            "for _ in range(10):\n    total = big.sum()",
            8,
            Target("ratio", 1.05),
        ),
        Case("trivial cell, libraries loaded", (LIBRARIES,), "x = 1", 200),
        Case(
            "plot",
            (LIBRARIES, "t = np.linspace(0, 6, 200)"),
            "fig, ax = plt.subplots()\nax.plot(t, np.sin(t))\nplt.show()",
            20,
        ),
        Case("import the libraries", (), LIBRARIES, 3, fresh=True),
    ]
    if tiny:
        return [replace(case, repeats=1 if case.fresh else 2, target=None) for case in chosen]
    return chosen
