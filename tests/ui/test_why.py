"""Why a cell is marked, told beside it, and what can be done about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .notebook_page import PANEL

if TYPE_CHECKING:
    from playwright.sync_api import Locator

    from .notebook_page import NotebookPage

CHAIN = ["x = 1", "y = x + 1", "print(x, y)"]


def mark(page: NotebookPage, index: int) -> Locator:
    return page.cell(index).locator(".jp-ReactiveMark-icon")


def open_stale(page: NotebookPage) -> Locator:
    """Open a notebook whose first cell was edited, and ask of the last why it is stale."""
    page.open(CHAIN)
    page.run(0, 2)
    page.write(0, "x = 5")
    page.shows(["", "", "1 2"], ["stale", "stale", "stale"])
    mark(page, 2).click()
    dialog = page.page.get_by_role("dialog", name="Stale")
    dialog.wait_for()
    return dialog


def test_it_leads_to_the_cell_that_is_the_cause(page: NotebookPage) -> None:
    dialog = open_stale(page)
    assert "`x` comes from cell [1]" in dialog.inner_text()
    dialog.get_by_role("button", name="Go to cell [1]").click()
    dialog.wait_for(state="detached")
    page.wait_for(f"{PANEL}.content.activeCellIndex === 0")


def test_the_cell_runs_with_what_it_needs(page: NotebookPage) -> None:
    dialog = open_stale(page)
    dialog.get_by_role("button", name="Run with what it needs").click()
    page.shows(["", "", "5 6"], ["fresh", "fresh", "fresh"])
    assert dialog.count() == 0
    page.in_step()


def test_the_cell_runs_alone(page: NotebookPage) -> None:
    dialog = open_stale(page)
    dialog.get_by_role("button", name="Run only this").click()
    page.wait_for(f"{PANEL}.content.model.cells.get(2).executionCount === 4")
    page.shows(["", "", "1 2"], ["stale", "stale", "stale"])


def test_it_is_reached_and_left_by_keys(page: NotebookPage) -> None:
    dialog = open_stale(page)
    keyboard = page.page.keyboard
    keyboard.press("Escape")
    dialog.wait_for(state="detached")
    assert mark(page, 2).evaluate("mark => mark === document.activeElement")
    keyboard.press("Enter")
    dialog.wait_for()
    assert dialog.get_by_role("button").first.evaluate("it => it === document.activeElement")
    keyboard.press("Escape")
    dialog.wait_for(state="detached")
    page.select(1)
    page.command("reactive-kernel:explain")
    dialog.wait_for()
    assert "`x` comes from cell [1]" in dialog.inner_text()


def test_it_goes_when_something_else_is_clicked(page: NotebookPage) -> None:
    dialog = open_stale(page)
    page.cell(0).locator(".cm-content").click()
    dialog.wait_for(state="detached")


def test_a_cell_that_is_fresh_has_nothing_to_explain(page: NotebookPage) -> None:
    page.open(["x = 1"])
    page.run(0)
    page.shows([""], ["fresh"])
    assert not page.evaluate("jupyterapp.commands.isEnabled('reactive-kernel:explain')")


def test_a_cell_that_defines_what_is_read_above_can_be_moved_there(page: NotebookPage) -> None:
    page.open(["print(x)", "y = 1", "x = 2"])
    page.shows(["", "", ""], ["below", "new", "new"])
    mark(page, 0).click()
    dialog = page.page.get_by_role("dialog", name="Defined below")
    dialog.get_by_text("`x` is defined only below, in cell no. 3").wait_for()
    dialog.get_by_role("button", name="Move cell no. 3 above this one").click()
    page.has(["x = 2", "print(x)", "y = 1"])
    page.in_step()
    page.run(0, 2)
    page.shows(["", "2", ""], ["fresh", "fresh", "fresh"])
