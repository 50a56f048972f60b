"""The examples run headless, and after each edit they show what a fresh run would show."""

from __future__ import annotations

import functools
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from nbclient import NotebookClient
from protocol.player import Cell, Kernel, Message, Player

from reactive_kernel.client import ReactiveNotebookClient

if TYPE_CHECKING:
    from collections.abc import Iterator

Shown = dict[str, list[Any]]

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


def run_plainly(book: nbformat.NotebookNode) -> Shown:
    """What a notebook shows in a kernel that has just started.

    That is a plain one; for SQL, which no plain one has, the reactive one as a client has it that
    knows nothing of the protocol.
    """
    has_sql = any(cell.source.startswith("%%sql") for cell in book.cells)
    kernel_name = "reactive" if has_sql else "python3"
    NotebookClient(book, kernel_name=kernel_name, resources=HERE).execute()
    return shown(book)


@functools.cache
def expected(path: Path) -> Shown:
    """What an example shows as it is in its file."""
    return run_plainly(read(path))


def shown(book: nbformat.NotebookNode) -> Shown:
    return {cell.id: joined(cell.outputs) for cell in book.cells if cell.cell_type == "code"}


def shown_by(player: Player) -> Shown:
    return {
        cell.id: joined(
            [
                {"output_type": message["msg_type"], **message["content"]}
                for message in cell.messages
                if message["msg_type"] in ("stream", "error", "execute_result", "display_data")
            ]
        )
        for cell in player.cells
        if cell.cell_type == "code"
    }


def joined(outputs: list[Message]) -> list[Any]:
    """Outputs as values to compare: each stream in one piece, no prompt numbers."""
    values: list[Any] = []
    streams: dict[str, str] = {}
    for output in outputs:
        if output["output_type"] == "stream":
            text = _TIME.sub("no time", output["text"])
            streams[output["name"]] = streams.get(output["name"], "") + text
        elif output["output_type"] == "error":
            values.append((output["ename"], output["evalue"]))
        else:
            values.append({kind: str(data).strip() for kind, data in output["data"].items()})
    return [streams, *values]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_headless(path: Path) -> None:
    book = read(path)
    nbformat.validate(book)
    assert book.metadata.kernelspec.name == "reactive"
    ReactiveNotebookClient(book, resources=HERE).execute()
    assert shown(book) == expected(path)


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
    cells = [Cell(cell.source, cell.id, cell.cell_type) for cell in read(path).cells]
    player = Player(kernel.connect(), cells, mode="auto")
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
def test_an_edit(player: Player, path: Path, edit: dict[str, Any]) -> None:
    originals = [Cell(cell.source, cell.id, cell.cell_type) for cell in player.cells]
    held = {cell.id: cell for cell in player.cells}
    op = edit["op"]
    player.take(op)
    player.edit(op)
    cell_id = op.get("cell_id", op.get("cell", {}).get("id"))
    if any(cell.id == cell_id for cell in player.cells):
        player.run([player[cell_id]])
    player.run("stale")
    assert set(player.states()) <= {"fresh", "idle"}
    book = nbformat.v4.new_notebook(cells=[as_notebook_cell(cell) for cell in player.cells])
    edited = run_plainly(book)
    assert shown_by(player) == edited
    assert (edited == expected(path)) == (edit["title"] == "Change nothing but a comment")

    player.request("replace", cells=[cell.message() for cell in originals])
    player.cells = [held[cell.id] for cell in originals]
    for cell, original in zip(player.cells, originals, strict=True):
        cell.source = original.source
    player.run("stale")
    assert shown_by(player) == expected(path)
    assert player.disagreements() == {}


def as_notebook_cell(cell: Cell) -> nbformat.NotebookNode:
    make = getattr(nbformat.v4, f"new_{cell.cell_type}_cell")
    return make(cell.source, id=cell.id)
