"""Cells that are frozen, or left to be run by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import nbformat

from .notebook_page import CELLS, PANEL

if TYPE_CHECKING:
    from playwright.sync_api import Locator

    from .notebook_page import NotebookPage

CHAIN = ["x = 1", "y = x + 1\nprint(y)", "print(x, y)"]
FROZEN = "Frozen: it runs only alone, when you run it"
BY_HAND = "Run by hand: it runs only when you run it"


def shown_held(page: NotebookPage, index: int) -> Locator:
    return page.cell(index).locator(".jp-ReactiveHeld")


def freeze_by_toolbar(page: NotebookPage, index: int) -> None:
    page.select(index)
    page.cell(index).locator("[data-jp-item-name='reactiveFrozen']").click()


def test_a_frozen_cell_keeps_what_it_left(page: NotebookPage) -> None:
    page.open(CHAIN)
    page.run(0, 2)
    freeze_by_toolbar(page, 1)
    assert shown_held(page, 1).get_attribute("aria-label") == FROZEN
    page.write(0, "x = 5")
    page.run(0)
    page.shows(["", "2", "1 2"], ["fresh", "stale", "stale"])
    # It waits for what is frozen, so there is nothing to run.
    page.wait_for("document.querySelector('.jp-ReactiveStatus').textContent === 'Reactive: auto'")
    page.run(0, 2)
    page.shows(["", "2", "5 2"], ["fresh", "stale", "stale"])
    page.run(1)
    page.shows(["", "6", "5 6"], ["fresh", "fresh", "fresh"])
    freeze_by_toolbar(page, 1)
    shown_held(page, 1).wait_for(state="detached")
    page.in_step()


def test_the_context_menu_leaves_a_cell_to_be_run_by_hand(page: NotebookPage) -> None:
    page.open(CHAIN)
    page.run(0, 2)
    page.select(1)
    page.cell(1).locator(".jp-InputPrompt").click(button="right")
    page.page.get_by_role("menuitem", name="Run Cell Only by Hand").click()
    shown_held(page, 1).wait_for()
    assert shown_held(page, 1).get_attribute("aria-label") == BY_HAND
    page.write(0, "x = 5")
    page.run(0)
    page.shows(["", "2", "1 2"], ["fresh", "stale", "stale"])
    page.run(0, 2)
    page.shows(["", "6", "5 6"], ["fresh", "fresh", "fresh"])


def test_it_is_kept_in_the_file_as_a_tag(page: NotebookPage) -> None:
    page.open(CHAIN)
    page.evaluate(f"{CELLS}[1].setMetadata('tags', ['mine'])")
    page.select(1, 2)
    page.command("reactive-kernel:toggle-frozen")
    page.command("docmanager:save")
    saved = nbformat.read(page.path, as_version=4)
    assert [cell.metadata.get("tags") for cell in saved.cells] == [
        None,
        ["mine", "reactive-frozen"],
        ["reactive-frozen"],
    ]
    page.reload()
    shown_held(page, 2).wait_for()
    page.select(1, 2)
    page.command("reactive-kernel:toggle-frozen")
    assert page.evaluate(f"{CELLS}.map(cell => cell.getMetadata('tags') ?? null)") == [
        None,
        ["mine"],
        None,
    ]


def test_a_plain_notebook_has_none_of_it(page: NotebookPage) -> None:
    page.open(CHAIN, kernel="python3")
    page.select(1)
    page.wait_for(f"{PANEL}.content.activeCell.node.querySelector('.jp-cell-toolbar')")
    button = page.cell(1).locator("[data-jp-item-name='reactiveFrozen']")
    button.wait_for(state="hidden")
    page.cell(1).locator(".jp-InputPrompt").click(button="right")
    page.page.get_by_role("menuitem", name="Cut Cell").first.wait_for()
    assert page.page.get_by_role("menuitem", name="Freeze Cell").count() == 0
    page.page.keyboard.press("Escape")
