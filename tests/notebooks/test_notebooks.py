"""Notebooks of the kinds that people write: after any edit they show what Run All would show."""

from __future__ import annotations

import os
import shutil
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import pytest
from nbclient import NotebookClient
from protocol.player import Cell, Kernel, Message, Player

from .edits import INSERTED, Edit, operation, read_cells, read_edits
from .plain import PlainKernels
from .shown import Shown, difference, error, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

NOTEBOOKS = sorted(Path(__file__).parent.glob("*.ipynb"))

ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
"""Sums in an order of their own; the machine's other cores run other kernels."""


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    home = tmp_path_factory.mktemp("ipython")
    return {**os.environ, **ONE_THREAD, "IPYTHONDIR": str(home)}


@pytest.fixture(scope="module")
def plain(
    environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PlainKernels]:
    kernels = PlainKernels(tmp_path_factory.mktemp("plain"), environment)
    yield kernels
    kernels.close()


@pytest.fixture(scope="module")
def judges() -> Iterator[ThreadPoolExecutor]:
    """Where plain kernels run, beside the reactive one."""
    with ThreadPoolExecutor(2) as pool:
        yield pool


class Story:
    """A notebook on a reactive kernel, edited; plain kernels tell what it should show.

    Wrong outcomes are collected, and told together in the end.
    """

    def __init__(
        self,
        cells: list[Cell],
        kernel: Kernel,
        folder: Path,
        plain: PlainKernels,
        judges: ThreadPoolExecutor,
    ) -> None:
        self.player = Player(kernel.connect(), cells, mode="auto")
        self.folder = folder
        self.plain = plain
        self.judges = judges
        self.faults: list[str] = []
        self.open: list[tuple[str, Shown, dict[str, str], Future[Shown]]] = []
        self.copies = 0

    def page(self) -> Shown:
        cells = self.player.cells
        return {cell.id: shown(cell.messages) for cell in cells if cell.cell_type == "code"}

    def states(self) -> dict[str, str]:
        cells = (cell for cell in self.player.cells if cell.cell_type == "code")
        return {cell.id: self.player.state(cell) for cell in cells}

    def truth(self) -> Future[Shown]:
        """Run the notebook as it stands in a plain kernel, in a copy of the folder."""
        blocked = [cell_id for cell_id, state in self.states().items() if state == "blocked"]
        cells = [Cell(cell.source, cell.id, cell.cell_type) for cell in self.player.cells]
        self.copies += 1
        copy = self.folder.parent / f"{self.copies}" / self.folder.name
        shutil.copytree(self.folder, copy)
        return self.judges.submit(self.plain.run_all, cells, copy, blocked)

    def check(self, when: str, truth: Future[Shown], fails: tuple[str, ...] = ()) -> None:
        """Hold the page as it is now to what will be known when the plain kernel is done."""
        states = self.states()
        self.open.append((when, self.page(), states, truth))
        marked = {
            cell_id: state
            for cell_id, state in states.items()
            if state not in ("fresh", "idle", "failed", "blocked")
        }
        if marked:
            self.faults.append(f"{when}: still marked: {marked}")
        failed = tuple(cell_id for cell_id, state in states.items() if state == "failed")
        blocked = [cell_id for cell_id, state in states.items() if state == "blocked"]
        if failed != fails or (blocked and not failed):
            self.faults.append(f"{when}: failed {failed}, blocked {blocked}, not {fails}")
        differing = self.player.disagreements()
        if differing:
            self.faults.append(f"{when}: the client is told otherwise: {differing}")

    def compare(self) -> None:
        """Look at everything that was to be checked."""
        for when, page, states, truth in self.open:
            expected = truth.result()
            for cell_id, state in states.items():
                if state == "blocked":
                    continue
                mine, right = page[cell_id], expected[cell_id]
                if state == "failed":
                    mine, right = [("error", error(mine))], [("error", error(right))]
                if mine != right:
                    self.faults.append(f"{when}: {cell_id}\n{difference(mine, right)}")

    def play(self, edit: Edit) -> None:
        """Make an edit, and run what it makes stale."""
        op = operation(edit, self.player.cells)
        self.player.take(op)
        self.player.edit(op)
        changed = [cell for cell in self.player.cells if cell.id in (edit.get("update"), INSERTED)]
        if changed:
            self.player.run(changed)
        self.player.run("stale")

    def look(self, edit: Edit) -> None:
        """Make an edit and take it back without a run: nothing may be marked."""
        op = operation(edit, self.player.cells)
        self.player.edit(op)
        self.undo(self.player.cells)
        marked = {c: state for c, state in self.states().items() if state not in ("fresh", "idle")}
        if marked:
            self.faults.append(f"{edit['title']}: marked though taken back: {marked}")

    def undo(self, cells: list[Cell]) -> None:
        self.player.cells = list(cells)
        self.player.request("replace", cells=[cell.message() for cell in cells])


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_edits(
    path: Path,
    environment: dict[str, str],
    plain: PlainKernels,
    judges: ThreadPoolExecutor,
    tmp_path: Path,
) -> None:
    folder = tmp_path / "reactive" / path.stem
    folder.mkdir(parents=True)
    cells = read_cells(path)
    sources = [cell.source for cell in cells]
    kernel = Kernel(cwd=str(folder), env=environment)
    try:
        story = Story(cells, kernel, folder, plain, judges)
        as_written = story.truth()
        story.player.run("all")
        story.check("as written", as_written)
        for edit in read_edits(path):
            story.look(edit)
            story.play(edit)
            story.check(edit["title"], story.truth(), tuple(edit.get("fails", ())))
            for cell, source in zip(cells, sources, strict=True):
                cell.source = source
            story.undo(cells)
            story.player.run("stale")
            story.check(f"{edit['title']}, taken back", as_written)
    finally:
        kernel.close()
    story.compare()
    if story.faults:
        pytest.fail("\n".join(story.faults), pytrace=False)


COUNT_VERSIONS = """
import gc
from reactive_kernel.versions import Version
gc.collect()
print(sum(type(thing) is Version for thing in gc.get_objects()))
"""


@pytest.mark.parametrize("name", ["errors", "ledger", "timeseries"])
def test_running_again_keeps_nothing(
    name: str, environment: dict[str, str], tmp_path: Path
) -> None:
    """What earlier runs have left is not kept: neither the memory nor the time of a run grows."""
    kernel = Kernel(cwd=str(tmp_path), env=environment)
    try:
        player = Player(kernel.connect(), read_cells(Path(__file__).with_name(f"{name}.ipynb")))
        counts = []
        for _ in range(5):
            player.run("all")
            # What the last execution holds goes with the next.
            player.type_in_console("pass")
            counts.append(player.type_in_console(COUNT_VERSIONS))
    finally:
        kernel.close()
    assert counts[1] == counts[-1]


def test_the_truth(plain: PlainKernels, tmp_path: Path) -> None:
    """A forked kernel shows what one that was started from nothing shows."""
    path = Path(__file__).with_name("plotting.ipynb")
    book = nbformat.read(path, as_version=4)
    NotebookClient(book, kernel_name="python3").execute()
    started = {
        cell.id: shown({"msg_type": out.output_type, "content": out} for out in cell.outputs)
        for cell in book.cells
        if cell.cell_type == "code"
    }
    assert plain.run_all(read_cells(path), tmp_path, ()) == started


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_form(path: Path) -> None:
    """A notebook is valid, without outputs, and has edits of its first and last cells too."""
    book = nbformat.read(path, as_version=4)
    nbformat.validate(book)
    code = [cell for cell in book.cells if cell.cell_type == "code"]
    assert 8 <= len(book.cells) <= 27
    assert not any(cell.outputs for cell in code)
    edits = read_edits(path)
    assert 6 <= len(edits) <= 10
    titles: list[str] = [edit["title"] for edit in edits]
    assert len(set(titles)) == len(titles)
    ops: list[Message] = [operation(edit, read_cells(path)) for edit in edits]
    assert len({op["op"] for op in ops}) >= 3
