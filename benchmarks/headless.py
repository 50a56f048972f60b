"""Notebooks run by clients without a page."""

from __future__ import annotations

import time
from collections.abc import Iterator

from kernels import Cell
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook
from peers import Peers
from rows import OURS, Row, Samples, ratio
from sources import chain

from reactive_kernel.client import ReactiveNotebookClient


def measure(_peers: Peers, *, tiny: bool) -> Iterator[Row]:
    """Run chains of cells with nbclient, on plain ipykernel and as a reactive run."""
    for size in (5, 10) if tiny else (100, 1_000):
        sides = {OURS: Samples(), "nbclient": Samples()}
        for number in range(1 if tiny else 9 if size < 500 else 5):
            cells = chain(size, f"run{number}")
            sides[OURS].values.append(_run(ReactiveNotebookClient, "reactive", cells))
            sides["nbclient"].values.append(_run(NotebookClient, "python3", cells))
        name = f"run a chain of {size:,} cells without a page"
        yield ratio(name, sides, "nbclient", 1.1, curve=("run without a page", size))


def _run(kind: type[NotebookClient], kernel_name: str, cells: list[Cell]) -> float:
    """Return the seconds from the start of the first cell to the end of the last."""
    notebook = new_notebook(cells=[new_code_cell(cell.source, id=cell.id) for cell in cells])
    times: list[float] = []
    client = kind(
        notebook,
        kernel_name=kernel_name,
        on_cell_start=lambda **_: times.append(time.perf_counter()),
        on_cell_executed=lambda **_: times.append(time.perf_counter()),
    )
    client.execute()
    return times[-1] - times[0]
