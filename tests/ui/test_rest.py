"""A program edits and runs a notebook over REST, with pages open and without."""

from __future__ import annotations

from typing import TYPE_CHECKING

import nbformat
import pytest

from reactive_kernel.client import RestNotebook

from .notebook_page import CELLS, PANEL, NotebookPage

if TYPE_CHECKING:
    pass

CHAIN = ["x = 1", "y = x + 1", "print(x, y)"]


@pytest.fixture
def rest(page: NotebookPage) -> RestNotebook:
    return RestNotebook(page.server, page.path.name)


def test_what_a_program_does_shows_on_every_page(
    page: NotebookPage, other: NotebookPage, rest: RestNotebook
) -> None:
    page.open(CHAIN)
    other.join(page)
    page.run(0, 2)
    created = rest.create_cell("z = y * 10\nprint(z)")
    for shown in (page, other):
        shown.has([*CHAIN, "z = y * 10\nprint(z)"])
        shown.shows(states=["fresh", "fresh", "fresh", "new"])
    assert rest.run([created.cell_id]).executed == [created.cell_id]
    for shown in (page, other):
        shown.shows(["", "", "1 2", "20"], ["fresh"] * 4)
    first, _, last, _ = page.ids
    rest.update_cell(first, source="x = 2")
    rest.move_cell(created.cell_id, index=2)
    rest.delete_cell(last)
    for shown in (page, other):
        shown.has(["x = 2", "y = x + 1", "z = y * 10\nprint(z)"])
        shown.in_step()
    assert rest.run("stale").failed == []
    for shown in (page, other):
        shown.shows(["", "", "30"], ["fresh"] * 3)


def test_a_page_keeps_the_file_and_the_server_does_without_one(
    page: NotebookPage, rest: RestNotebook
) -> None:
    page.open(CHAIN)
    created = rest.create_cell("print(x)", index=1)
    page.has(["x = 1", "print(x)", *CHAIN[1:]])
    assert len(nbformat.read(page.path, 4).cells) == 3
    page.command("docmanager:save")
    assert len(nbformat.read(page.path, 4).cells) == 4
    page.evaluate(f"{PANEL}.dispose()")
    while rest.view().pages:
        pass
    rest.update_cell(created.cell_id, source="print(x + 1)")
    assert rest.run("all").failed == []
    saved = nbformat.read(page.path, 4)
    assert [cell.source for cell in saved.cells] == ["x = 1", "print(x + 1)", *CHAIN[1:]]
    assert saved.cells[1].outputs[0].text == "2\n"
    page.command("docmanager:open", path=page.path.name)
    page.wait_until_ready("reactive")
    page.shows(["", "2", "", "1 2"], ["fresh"] * 4)
    page.in_step()


def test_typing_goes_on_while_a_program_edits(page: NotebookPage, rest: RestNotebook) -> None:
    page.open(CHAIN)
    ids = page.ids
    page.cell(1).locator(".cm-content").click()
    page.page.keyboard.press("End")
    page.page.keyboard.type(" + 1")
    rest.create_cell("above = 0", index=0)
    rest.update_cell(ids[2], source="print(y)")
    page.page.keyboard.type("00")
    page.has(["above = 0", "x = 1", "y = x + 1 + 100", "print(y)"])
    page.in_step()
    page.wait_for(f"{CELLS}.length === 4")
    assert [cell.source for cell in rest.view().cells] == page.sources
