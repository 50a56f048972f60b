"""Before a run that takes long by past timings, the user is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .notebook_page import CELLS, NotebookPage

if TYPE_CHECKING:
    from playwright.sync_api import Locator

    from .conftest import Gate

CHAIN = ["x = 1", "y = x + 1", "print(x, y)"]


def took(page: NotebookPage, index: int, seconds: int) -> None:
    """Note in a cell's metadata how long it took, as JupyterLab does."""
    page.evaluate(
        f"""([index, seconds]) => {CELLS}[index].setMetadata('execution', {{
            'iopub.execute_input': '2024-05-01T10:00:00.000000Z',
            'shell.execute_reply': new Date(Date.UTC(2024, 4, 1, 10, 0, seconds)).toISOString()
        }})""",
        [index, seconds],
    )


def dialog(page: NotebookPage) -> Locator:
    return page.page.locator(".jp-Dialog", has_text="By the last runs of its cells")


def rows(page: NotebookPage) -> list[list[str]]:
    body = dialog(page).locator("tbody tr")
    return [row.locator("td").all_inner_texts() for row in body.all()]


def answer(page: NotebookPage, button: str) -> None:
    dialog(page).get_by_role("button", name=button, exact=True).click()
    dialog(page).wait_for(state="detached")


def test_a_long_run_is_told_of_before_it_starts(page: NotebookPage) -> None:
    page.open([*CHAIN, "'other'"])
    took(page, 1, 40)
    page.select(2)
    page.start("notebook:run-cell")
    dialog(page).wait_for()
    dialog(page).get_by_text("Run 3 cells?").wait_for()
    assert "it takes 0:40" in dialog(page).inner_text()
    assert rows(page) == [
        ["no. 1", "x = 1", "needed", "?"],
        ["no. 2", "y = x + 1", "needed", "0:40"],
        ["no. 3", "print(x, y)", "asked for", "?"],
    ]
    answer(page, "Cancel")
    page.shows(["", "", "", ""], ["new"] * 4)
    assert page.counts == [None] * 4
    page.start("notebook:run-cell")
    answer(page, "Run")
    page.shows(["", "", "1 2", ""], ["fresh", "fresh", "fresh", "new"])
    page.in_step()


def test_run_all_is_told_of_too(page: NotebookPage) -> None:
    page.open(CHAIN)
    took(page, 0, 20)
    took(page, 1, 20)
    page.start("notebook:run-all-cells")
    dialog(page).wait_for()
    answer(page, "Run")
    page.shows(["", "", "1 2"], ["fresh"] * 3)


def test_a_run_that_leaves_the_long_cells_out_just_starts(page: NotebookPage) -> None:
    page.open([*CHAIN, "'other'"])
    took(page, 1, 40)
    page.run(3)
    page.shows(states=["new", "new", "new", "fresh"])


def test_a_value_that_took_long_is_not_made_again_unasked(page: NotebookPage, gate: Gate) -> None:
    page.open([f"{gate.wait}\nnumbers = iter([1, 2])", "print(next(numbers))"])
    page.start_running(0)
    page.pass_an_hour()
    gate.open()
    page.run(1)
    page.shows(["", "1"], ["fresh", "fresh"])
    page.set("confirmAfter", 2 * 60 * 60)
    page.start("notebook:run-cell")
    dialog(page).wait_for()
    assert [why for _, _, why, _ in rows(page)] == ["makes a value again", "asked for"]
    answer(page, "Cancel")
    page.set("confirmAfter", 4 * 60 * 60)
    page.run(1)
    page.shows(["", "1"], ["fresh", "fresh"])
    assert page.counts == [3, 4]


@pytest.mark.parametrize("seconds", [0, 60])
def test_the_threshold_is_the_users(page: NotebookPage, seconds: int) -> None:
    page.open(CHAIN)
    took(page, 1, 40)
    page.set("confirmAfter", seconds)
    page.run(2)
    page.shows(["", "", "1 2"], ["fresh"] * 3)


def test_what_a_cell_took_on_this_page_counts(page: NotebookPage, gate: Gate) -> None:
    page.open([gate.wait, "x = 1"])
    page.start_running(0)
    page.pass_an_hour()
    gate.open()
    page.shows(states=["fresh", "new"])
    page.start("notebook:run-cell")
    dialog(page).wait_for()
    assert rows(page)[0][3].startswith("1:00:")
    answer(page, "Cancel")
    page.shows(states=["fresh", "new"])
    page.write(0, "x = 2")
    page.run(0)
    page.shows(states=["fresh", "new"])
    assert page.counts == [2, None]
