"""Notebooks of any size, however JupyterLab keeps their cells, there and in Notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .notebook_page import CELLS, PANEL, NotebookPage
from .test_panel import ACTIVE, row, show_panel

if TYPE_CHECKING:
    from playwright.sync_api import Locator

TRACKER = "@jupyterlab/notebook-extension:tracker"


def chain(size: int) -> list[str]:
    """Cells each of which uses the one above, in steps of 100 that begin anew."""
    return [f"x{i} = {i if i % 100 == 0 else f'x{i - 1} + 1'}" for i in range(size)]


def mark(page: NotebookPage, index: int) -> Locator:
    return page.cell(index).locator(".jp-ReactiveMark-icon")


def edit_and_run(page: NotebookPage, size: int, far: int) -> None:
    """Go to a cell far down and back by the panel, edit the first, and have others follow."""
    panel = show_panel(page)
    rows = panel.get_by_role("listbox", name="Cells")
    assert row(panel, 1).get_attribute("aria-setsize") == f"{size}"
    rows.focus()
    page.page.keyboard.press("End")
    row(panel, size).get_by_text(f"x{size - 1} = ").wait_for()
    rows.evaluate("(rows, far) => { rows.scrollTop = (far - 5) * 24; }", far)
    row(panel, far).click()
    page.wait_for(f"index => {ACTIVE} === index", far - 1)
    mark(page, far - 1).click()
    page.page.get_by_role("dialog", name="Not run").wait_for()
    page.page.keyboard.press("Escape")
    assert panel.get_by_role("option").count() < 100

    page.run(0, 9)
    page.wait_for(f"{CELLS}[9].executionCount !== null")
    rows.focus()
    page.page.keyboard.press("Home")
    page.page.keyboard.press("Enter")
    page.write(0, "x0 = 5")
    row(panel, 10).get_by_text("Stale").wait_for()
    page.command("reactive-kernel:run-stale")
    row(panel, 10).get_by_text("Fresh").wait_for()
    page.in_step()


@pytest.mark.parametrize("mode", ["full", "defer", "none"])
def test_cells_are_marked_however_they_are_kept(page: NotebookPage, mode: str) -> None:
    page.open(chain(60))
    page.set("windowingMode", mode, TRACKER)
    page.wait_for(f"mode => {PANEL}.content.notebookConfig.windowingMode === mode", mode)
    edit_and_run(page, 60, far=60)


@pytest.mark.parametrize(
    ("app", "size"), [("lab", 10), ("lab", 1000), ("notebooks", 10), ("notebooks", 200)]
)
def test_of_any_size(page: NotebookPage, app: str, size: int) -> None:
    page.open(chain(size), app=app)
    # JupyterLab puts cells into the page little by little.
    edit_and_run(page, size, far=min(size, 60))
