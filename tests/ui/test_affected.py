"""How many cells are stale because of one, told beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Locator

    from .notebook_page import NotebookPage


def affected(page: NotebookPage, index: int) -> Locator:
    return page.cell(index).locator(".jp-ReactiveAffected")


def test_in_lazy_mode_the_cell_that_has_run_offers_to_run_them(page: NotebookPage) -> None:
    page.open(["x = 1", "y = x + 1", "print(x, y)", "print('apart')"])
    page.run(0, 3)
    page.command("reactive-kernel:toggle-mode")
    page.write(0, "x = 5")
    affected(page, 0).wait_for()
    page.run(0)
    page.shows(["", "", "1 2", "apart"], ["fresh", "stale", "stale", "fresh"])
    affected(page, 0).wait_for()
    assert affected(page, 0).get_attribute("title") == "2 cells below are stale · run them"
    assert affected(page, 1).count() == 0
    affected(page, 0).click()
    page.shows(["", "", "5 6", "apart"], ["fresh"] * 4)
    affected(page, 0).wait_for(state="detached")


def test_an_edited_cell_tells_too_and_runs_with_them(page: NotebookPage) -> None:
    page.open(["x = 1", "print(x)"])
    page.run(0, 1)
    page.write(0, "x = 2")
    affected(page, 0).wait_for()
    assert affected(page, 0).get_attribute("title") == "1 cell below is stale · run it"
    page.select(0)
    page.command("reactive-kernel:run-affected")
    page.shows(["", "2"], ["fresh", "fresh"])
    page.write(0, "x = 3")
    affected(page, 0).wait_for()
    page.write(0, "x = 2")
    affected(page, 0).wait_for(state="detached")
