"""The examples run headless, and after each edit they show what a fresh run would show."""

from __future__ import annotations

import functools
import json
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
EDITS = json.loads((EXAMPLES / "wine.edits.json").read_text(encoding="utf-8"))


def read(path: Path) -> nbformat.NotebookNode:
    return nbformat.read(path, as_version=4)


def run_plainly(book: nbformat.NotebookNode) -> Shown:
    """What a notebook shows in a plain kernel that has just started."""
    NotebookClient(book, kernel_name="python3").execute()
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
            streams[output["name"]] = streams.get(output["name"], "") + output["text"]
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
    ReactiveNotebookClient(book).execute()
    assert shown(book) == expected(path)


def test_the_analysis_is_one() -> None:
    code = [cell for cell in read(WINE).cells if cell.cell_type == "code"]
    assert len(code) >= 20
    assert len(EDITS) == 10
    assert len({json.dumps(edit["op"]) for edit in EDITS}) == 10


@pytest.fixture(scope="module")
def player() -> Iterator[Player]:
    """The analysis, open in a kernel from edit to edit."""
    kernel = Kernel()
    cells = [Cell(cell.source, cell.id, cell.cell_type) for cell in read(WINE).cells]
    player = Player(kernel.connect(), cells, mode="auto")
    player.run("all")
    yield player
    kernel.close()


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit["title"])
def test_an_edit(player: Player, edit: dict[str, Any]) -> None:
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
    assert (edited == expected(WINE)) == (edit["title"] == "Change nothing but a comment")

    player.request("replace", cells=[cell.message() for cell in originals])
    player.cells = [held[cell.id] for cell in originals]
    for cell, original in zip(player.cells, originals, strict=True):
        cell.source = original.source
    player.run("stale")
    assert shown_by(player) == expected(WINE)
    assert player.disagreements() == {}


def as_notebook_cell(cell: Cell) -> nbformat.NotebookNode:
    make = getattr(nbformat.v4, f"new_{cell.cell_type}_cell")
    return make(cell.source, id=cell.id)
