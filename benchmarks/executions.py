"""How many cells are executed after one edit of a real notebook."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from kernels import Cell, KernelError, LiveKernel, ReactiveKernel
from notebooks.edits import operation, read_cells, read_edits
from peers import Peers
from rows import OURS, Row, Samples, ratio

FOLDER = Path(__file__).parents[1] / "tests" / "notebooks"

NOTEBOOKS = ("functions", "inventory", "ledger", "simulation", "text", "numpy_arrays")
NOTEBOOKS += ("pandas_inplace", "classifier", "clustering")
"""Those that read no files, and draw nothing."""


def measure(peers: Peers, *, tiny: bool) -> Iterator[Row]:
    """Change the source of one cell, run it, and then what the kernel says that this affects."""
    sides = {OURS: Samples(), **({"ipyflow": Samples()} if peers else {})}
    for name in NOTEBOOKS[:1] if tiny else NOTEBOOKS:
        path = FOLDER / f"{name}.ipynb"
        book = [cell for cell in read_cells(path) if cell.cell_type == "code"]
        cells = [Cell(cell.id, cell.source) for cell in book]
        edits = [edit for edit in read_edits(path) if "update" in edit and "fails" not in edit]
        for edit in edits[:1] if tiny else edits:
            change = operation(edit, book)
            sides[OURS].values.append(_reactive(cells, change))
            if peers:
                sides["ipyflow"].values.append(_ipyflow(cells, change, peers))
    total = {side: Samples([sum(samples.values)]) for side, samples in sides.items()}
    name = f"cells executed after {len(sides[OURS].values)} edits of real notebooks"
    if peers:
        yield ratio(name, total, "ipyflow", 0.7, "")
    else:
        yield Row(name, total[OURS].median, "", None, total, "")


def _reactive(cells: list[Cell], change: dict[str, Any]) -> int:
    with closing(ReactiveKernel()) as kernel:
        kernel.wait_until_ready()
        kernel.open(cells)
        sources = {cell.id: cell.source for cell in cells}
        kernel.run(list(sources), sources)
        kernel.ask({"type": "edit", "ops": [change]})
        sources[change["cell_id"]] = change["source"]
        return len(kernel.run([change["cell_id"]], sources))


def _ipyflow(cells: list[Cell], change: dict[str, Any], peers: Peers) -> int:
    """Return how many cells ipyflow's front end executes in its reactive mode."""
    with closing(FlowKernel(peers.specs("ipyflow"))) as kernel:
        kernel.wait_until_ready()
        kernel.open(cells)
        for cell in cells:
            kernel.execute(cell.source, cell.id)
            kernel.ready(cells, cell.id)
        edited = change["cell_id"]
        cells = [Cell(c.id, change["source"]) if c.id == edited else c for c in cells]
        executed = [edited]
        while executed:
            cell = next(cell for cell in cells if cell.id == executed[-1])
            with suppress(KernelError):
                kernel.execute(cell.source, cell.id)
            found = kernel.ready(cells, cell.id)
            following = [c.id for c in cells if c.id in found and c.id not in executed]
            if not following:
                break
            executed.append(following[0])
        return len(executed)


class FlowKernel(LiveKernel):
    """ipyflow's kernel, with a client that asks it which cells are to run."""

    def __init__(self, specs: Path) -> None:
        super().__init__("ipyflow", specs=specs)
        self.comm = uuid.uuid4().hex

    def open(self, cells: list[Cell]) -> None:
        data = {"cell_metadata_by_id": _metadata(cells)}
        content = {"comm_id": self.comm, "target_name": "ipyflow", "data": data}
        self.send_comm("comm_open", content, b'"establish"')

    def ready(self, cells: list[Cell], executed: str) -> set[str]:
        """Return the cells that the last execution has made ready to run."""
        data = {
            "type": "compute_exec_schedule",
            "executed_cell_id": executed,
            "cell_metadata_by_id": _metadata(cells),
            "is_reactively_executing": True,
        }
        content = {"comm_id": self.comm, "data": data}
        answer = self.send_comm("comm_msg", content, b'"compute_exec_schedule"')
        # Where it fails, the answer tells that and names no cells.
        lists = ("new_ready_cells", "forced_reactive_cells")
        return {cell_id for each in lists for cell_id in answer.data.get(each, ())}


def _metadata(cells: list[Cell]) -> dict[str, dict[str, object]]:
    return {
        cell.id: {"index": index, "content": cell.source, "type": "code"}
        for index, cell in enumerate(cells)
    }
