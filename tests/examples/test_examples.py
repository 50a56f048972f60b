"""The examples run headless, and after each edit they show what a fresh run would show."""

from __future__ import annotations

import functools
import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from nbclient import NotebookClient
from notebooks.plain import PlainKernels
from notebooks.shown import Outputs, Shown, shown
from protocol.player import Cell, Kernel, Player

from reactive_kernel.client import ReactiveNotebookClient

if TYPE_CHECKING:
    from collections.abc import Iterator

EXAMPLES = Path(__file__).parents[2] / "examples"
NOTEBOOKS = sorted(EXAMPLES.glob("*.ipynb"))
WINE = EXAMPLES / "wine.ipynb"
SALES = EXAMPLES / "sales.ipynb"
EDITS = {
    path: json.loads(path.with_suffix(".edits.json").read_text(encoding="utf-8"))
    for path in (WINE, SALES)
}
HERE = {"metadata": {"path": str(EXAMPLES)}}
_TIME = re.compile(r"(?<= in )[\d.]+ m?s$", re.MULTILINE)
"""What SQL cells tell of how long they took."""


def read(path: Path) -> nbformat.NotebookNode:
    return nbformat.read(path, as_version=4)


class Truth:
    """What notebooks show in kernels that have just started.

    These are plain ones; for SQL, which no plain one has, the reactive one as a client has it that
    knows nothing of the protocol.
    """

    def __init__(self, plain: PlainKernels) -> None:
        self.plain = plain
        self.as_written = functools.cache(lambda path: self.of(read(path).cells))

    def of(self, cells: list[nbformat.NotebookNode]) -> Shown:
        if any(cell.source.startswith("%%sql") for cell in cells):
            book = nbformat.v4.new_notebook(cells=cells)
            NotebookClient(book, kernel_name="reactive", resources=HERE).execute()
            return shown_in(book)
        shows = self.plain.run_all(map(as_player_cell, cells), EXAMPLES, ())
        return {cell_id: timeless(outputs) for cell_id, outputs in shows.items()}


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Truth]:
    kernels = PlainKernels(tmp_path_factory.mktemp("plain"), os.environ)
    yield Truth(kernels)
    kernels.close()


def shown_in(book: nbformat.NotebookNode) -> Shown:
    return {
        cell.id: timeless(
            shown({"msg_type": out.output_type, "content": out} for out in cell.outputs)
        )
        for cell in book.cells
        if cell.cell_type == "code"
    }


def shown_by(player: Player) -> Shown:
    code = (cell for cell in player.cells if cell.cell_type == "code")
    return {cell.id: timeless(shown(cell.messages)) for cell in code}


def timeless(outputs: Outputs) -> Outputs:
    """What is shown, without the times that it tells, and the line ends that files leave out."""
    return [
        (kind, _TIME.sub("no time", value))
        if isinstance(value, str)
        else (kind, {mime: str(data).strip() for mime, data in value.items()})
        for kind, value in outputs
    ]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_headless(path: Path, truth: Truth) -> None:
    book = read(path)
    nbformat.validate(book)
    assert book.metadata.kernelspec.name == "reactive"
    ReactiveNotebookClient(book, resources=HERE).execute()
    assert shown_in(book) == truth.as_written(path)


def test_the_analysis_is_one() -> None:
    code = [cell for cell in read(WINE).cells if cell.cell_type == "code"]
    assert len(code) >= 20
    assert len(EDITS[WINE]) == 10
    assert len({json.dumps(edit["op"]) for edit in EDITS[WINE]}) == 10


@pytest.fixture(scope="module")
def path(request: pytest.FixtureRequest) -> Path:
    """A notebook with edits."""
    found: Path = request.param
    return found


@pytest.fixture(scope="module")
def player(path: Path) -> Iterator[Player]:
    """It, open in a kernel from edit to edit."""
    kernel = Kernel(cwd=str(EXAMPLES))
    player = Player(kernel.connect(), list(map(as_player_cell, read(path).cells)), mode="auto")
    player.run("all")
    yield player
    kernel.close()


@pytest.mark.parametrize(
    ("path", "edit"),
    [(path, edit) for path, edits in EDITS.items() for edit in edits],
    ids=lambda value: value.stem if isinstance(value, Path) else value["title"],
    indirect=["path"],
    scope="module",
)
def test_an_edit(player: Player, path: Path, edit: dict[str, Any], truth: Truth) -> None:
    originals = list(map(as_player_cell, player.cells))
    held = {cell.id: cell for cell in player.cells}
    op = edit["op"]
    player.take(op)
    player.edit(op)
    cell_id = op.get("cell_id", op.get("cell", {}).get("id"))
    if any(cell.id == cell_id for cell in player.cells):
        player.run([player[cell_id]])
    player.run("stale")
    assert set(player.states()) <= {"fresh", "idle"}
    edited = truth.of([as_notebook_cell(cell) for cell in player.cells])
    assert shown_by(player) == edited
    assert (edited == truth.as_written(path)) == (edit["title"] == "Change nothing but a comment")

    player.request("replace", cells=[cell.message() for cell in originals])
    player.cells = [held[cell.id] for cell in originals]
    for cell, original in zip(player.cells, originals, strict=True):
        cell.source = original.source
    player.run("stale")
    assert shown_by(player) == truth.as_written(path)
    assert player.disagreements() == {}


def as_player_cell(cell: nbformat.NotebookNode | Cell) -> Cell:
    return Cell(cell.source, cell.id, cell.cell_type)


def as_notebook_cell(cell: Cell) -> nbformat.NotebookNode:
    make = getattr(nbformat.v4, f"new_{cell.cell_type}_cell")
    return make(cell.source, id=cell.id)
