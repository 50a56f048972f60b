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


VARIABLES = r"""sorted(
    (name, __import__('re').sub(
        r' at 0x\w+|(?<=Generator.PCG64.)\w+', '',
        repr(sorted(value, key=repr) if isinstance(value, (set, frozenset)) else value),
    ))
    for name, value in globals().items()
    if name[0] != '_' and name not in ('In', 'Out') and not callable(value)
    and type(value).__module__.partition('.')[0] in ('builtins', 'collections', 'numpy', 'pandas')
)"""
"""What a notebook leaves, as far as it can be written down: without addresses, and in order."""


def measure(peers: Peers, *, tiny: bool) -> Iterator[Row]:
    """Change the source of one cell, run it, and then what the kernel says that this affects."""
    executed = {OURS: Samples(), **({"ipyflow": Samples()} if peers else {})}
    wrong = {side: Samples() for side in executed}
    for name in NOTEBOOKS[:1] if tiny else NOTEBOOKS:
        path = FOLDER / f"{name}.ipynb"
        book = [cell for cell in read_cells(path) if cell.cell_type == "code"]
        cells = [Cell(cell.id, cell.source) for cell in book]
        edits = [edit for edit in read_edits(path) if "update" in edit and "fails" not in edit]
        for edit in edits[:1] if tiny else edits:
            change = operation(edit, book)
            right = _run_all(_edited(cells, change))
            for side, samples in executed.items():
                run = _reactive(cells, change) if side == OURS else _ipyflow(cells, change, peers)
                samples.values.append(run[0])
                wrong[side].values.append(run[1] != right)
    count = len(executed[OURS].values)
    totals = {side: Samples([sum(samples.values)]) for side, samples in executed.items()}
    name = f"cells executed after {count} single edits of real notebooks"
    right_by_both = [
        i for i in range(count) if not any(samples.values[i] for samples in wrong.values())
    ]
    if peers:
        yield ratio(name, totals, "ipyflow", 0.7, "")
        both = {
            side: Samples([sum(samples.values[i] for i in right_by_both)])
            for side, samples in executed.items()
        }
        name = f"those after the {len(right_by_both)} edits that both follow rightly"
        yield ratio(name, both, "ipyflow", values="")
    else:
        yield Row(name, totals[OURS].median, "", None, totals, "")
    totals = {side: Samples([sum(samples.values)]) for side, samples in wrong.items()}
    name = f"of {count} edits, those that left another variable than Run All"
    yield Row(name, totals[OURS].median, "", 0, totals, "")


def _edited(cells: list[Cell], change: dict[str, Any]) -> list[Cell]:
    return [Cell(c.id, change["source"]) if c.id == change["cell_id"] else c for c in cells]


def _run_all(cells: list[Cell]) -> str:
    """Return what a fresh plain kernel leaves."""
    with closing(LiveKernel()) as kernel:
        kernel.wait_until_ready()
        for cell in cells:
            kernel.execute(cell.source, cell.id)
        return kernel.evaluate(VARIABLES)


def _reactive(cells: list[Cell], change: dict[str, Any]) -> tuple[int, str]:
    with closing(ReactiveKernel()) as kernel:
        kernel.wait_until_ready()
        kernel.open(cells)
        sources = {cell.id: cell.source for cell in cells}
        kernel.run(list(sources), sources)
        kernel.ask({"type": "edit", "ops": [change]})
        sources[change["cell_id"]] = change["source"]
        executed = kernel.run([change["cell_id"]], sources)
        return len(executed), kernel.evaluate(VARIABLES)


def _ipyflow(cells: list[Cell], change: dict[str, Any], peers: Peers) -> tuple[int, str]:
    """Execute what ipyflow's front end does in its reactive mode."""
    with closing(FlowKernel(peers.specs("ipyflow"))) as kernel:
        kernel.wait_until_ready()
        kernel.open(cells)
        for cell in cells:
            kernel.execute(cell.source, cell.id)
            kernel.ready(cells, cell.id)
        cells = _edited(cells, change)
        executed, ready = [change["cell_id"]], set[str]()
        while True:
            cell = next(cell for cell in cells if cell.id == executed[-1])
            with suppress(KernelError):
                kernel.execute(cell.source, cell.id)
            ready |= kernel.ready(cells, cell.id)
            following = [c.id for c in cells if c.id in ready and c.id not in executed]
            if not following:
                return len(executed), kernel.evaluate(VARIABLES)
            executed.append(following[0])


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
