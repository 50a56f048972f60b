"""Outputs in the file that do not belong to the code now in the cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import nbformat
from nbformat.v4 import new_output

from .notebook_page import CELLS

if TYPE_CHECKING:
    from .notebook_page import NotebookPage

KEPT = f"{CELLS}.map(cell => cell.getMetadata('reactive_kernel')?.provenance ?? null)"


def saved_after_a_run(page: NotebookPage) -> nbformat.NotebookNode:
    """Run a notebook and save it, with what its outputs come from."""
    page.open(["x = 1", "print(x)", "print('apart')"])
    page.run(0, 2)
    page.shows(["", "1", "apart"])
    page.wait_for(f"{KEPT}.filter(Boolean).length === 2")
    page.command("docmanager:save")
    page.command("kernelmenu:shutdown")
    return nbformat.read(page.path, as_version=4)


def test_outputs_of_other_code_are_marked_before_anything_has_run(page: NotebookPage) -> None:
    book = saved_after_a_run(page)
    assert [("reactive_kernel" in cell.metadata) for cell in book.cells] == [False, True, True]
    page.leave()
    book.cells[0].source = "x = 5"
    nbformat.write(book, page.path)
    page.reload()
    page.shows(["", "1", "apart"], ["new", "outdated", "new"])
    mark = page.cell(1).locator(".jp-ReactiveMark-icon")
    assert "of other code" in (mark.get_attribute("title") or "")
    page.write(0, "x = 1")
    page.shows(["", "1", "apart"], ["new", "new", "new"])
    page.write(0, "x = 5")
    page.shows(["", "1", "apart"], ["new", "outdated", "new"])
    page.run(1)
    page.shows(["", "5", "apart"], ["fresh", "fresh", "new"])


def test_it_is_written_only_when_it_changes(page: NotebookPage) -> None:
    kept = saved_after_a_run(page).cells[1].metadata.reactive_kernel
    page.leave()
    page.reload()
    page.run(0, 2)
    page.shows(["", "1", "apart"], ["fresh"] * 3)
    page.command("docmanager:save")
    assert nbformat.read(page.path, as_version=4).cells[1].metadata.reactive_kernel == kept


def test_what_another_program_has_put_out_is_not_doubted(page: NotebookPage) -> None:
    page.open(["x = 1", "print(x)"])
    book = nbformat.read(page.path, as_version=4)
    page.command("kernelmenu:shutdown")
    page.leave()
    book.cells[1].outputs = [new_output("stream", text="7\n")]
    nbformat.write(book, page.path)
    page.reload()
    page.shows(["", "7"], ["new", "new"])
    page.run(1)
    page.shows(["", "1"], ["fresh", "fresh"])


def test_it_can_be_switched_off(page: NotebookPage) -> None:
    page.open(["print(1)", "print(2)"])
    page.set("provenance", value=False)
    page.run(0)
    page.shows(["1", ""])
    page.set("provenance", value=True)
    page.run(1)
    page.wait_for(f"{KEPT}.every(Boolean)")
    page.set("provenance", value=False)
    before = page.evaluate(KEPT)
    page.write(1, "print(3)")
    page.run(0, 1)
    page.shows(["1", "3"], ["fresh", "fresh"])
    assert page.evaluate(KEPT) == before
