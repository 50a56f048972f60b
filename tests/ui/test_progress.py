"""How far a run is, how it is cancelled, and that it has ended while nobody looked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from .notebook_page import PANEL

if TYPE_CHECKING:
    from playwright.sync_api import Locator

    from .conftest import Gate
    from .notebook_page import NotebookPage


def progress(page: NotebookPage) -> Locator:
    return page.page.get_by_role("progressbar", name="Cells of the run")


def start(page: NotebookPage) -> None:
    page.select(0)
    page.start("notebook:run-all-cells")
    progress(page).wait_for()


@pytest.mark.parametrize("app", ["lab", "notebooks"])
def test_it_shows_how_far_a_run_is(page: NotebookPage, gate: Gate, app: str) -> None:
    page.open(["x = 1", f"\n{gate.wait}", "print(x)"], app=app)
    start(page)
    shown = page.page.locator(".jp-ReactiveCascade")
    shown.get_by_text("1/3").wait_for()
    shown.get_by_text(re.compile(r"^0:\d\d · import os, time$")).wait_for()
    bar = progress(page)
    assert bar.get_attribute("aria-valuenow") == "1"
    assert bar.get_attribute("aria-valuemax") == "3"
    said = bar.get_attribute("aria-valuetext")
    assert said is not None
    assert said.startswith("1 of 3 cells are done, after 0:")
    width = shown.evaluate("it => it.offsetWidth")
    page.pass_an_hour()
    shown.get_by_text(re.compile(r"^1:00:\d\d · import os, time$")).wait_for()
    # JupyterLab's toolbar folds items away anew for each width.
    assert shown.evaluate("it => it.offsetWidth") == width
    gate.open()
    bar.wait_for(state="hidden")
    page.shows(["", "", "1"], ["fresh", "fresh", "fresh"])


def test_cancel_ends_the_run_and_interrupts_the_cell(page: NotebookPage, gate: Gate) -> None:
    page.open(["x = 1", gate.wait, "print(x)"])
    start(page)
    page.page.get_by_role("button", name="Cancel run").click()
    progress(page).wait_for(state="hidden")
    page.shows(["", "KeyboardInterrupt:", ""], ["fresh", "stale", "new"])
    gate.open()
    page.run(0, 2)
    page.shows(["", "", "1"], ["fresh", "fresh", "fresh"])


def test_cancel_by_key_gives_the_focus_back_to_the_notebook(page: NotebookPage, gate: Gate) -> None:
    page.open([gate.wait, "x = 1"])
    start(page)
    page.page.get_by_role("button", name="Cancel run").focus()
    page.page.keyboard.press("Enter")
    progress(page).wait_for(state="hidden")
    page.wait_for(f"{PANEL}.content.node.contains(document.activeElement)")


def test_a_run_of_another_page_is_shown_and_cancelled(
    page: NotebookPage, other: NotebookPage, gate: Gate
) -> None:
    page.open([gate.wait, "x = 1"])
    other.join(page)
    start(page)
    progress(other).wait_for()
    other.page.get_by_text("0/2").wait_for()
    other.page.get_by_role("button", name="Cancel run").click()
    for shown in (page, other):
        progress(shown).wait_for(state="hidden")
        shown.shows(states=["stale", "new"])


def test_a_short_run_is_not_shown(page: NotebookPage) -> None:
    page.open(["x = 1", "y = 2"])
    page.evaluate(
        """() => {
            window.seen = 0;
            new MutationObserver(changes => { window.seen += changes.length; }).observe(
                document.querySelector('.jp-ReactiveCascade'), { attributes: true }
            );
        }"""
    )
    page.run(0, 1)
    page.shows(states=["fresh", "fresh"])
    assert page.evaluate("window.seen") == 0


def test_a_restart_ends_it(page: NotebookPage, gate: Gate) -> None:
    page.open([gate.wait, "x = 1"])
    start(page)
    page.restart()
    assert progress(page).count() == 0


def run_unseen(page: NotebookPage, gate: Gate) -> None:
    """Run all, and have the notebook behind another until a long run has ended."""
    start(page)
    notebook = page.evaluate(f"{PANEL}.id")
    page.command("launcher:create")
    page.wait_for("id => jupyterapp.shell.currentWidget.id !== id", notebook)
    page.pass_an_hour()
    gate.open()


def test_a_run_that_ends_unseen_is_told_of(page: NotebookPage, gate: Gate) -> None:
    page.open([gate.wait, "x = 1"])
    run_unseen(page, gate)
    notice = page.page.locator(".Toastify__toast", has_text="2 cells have run, in 1:00:")
    notice.get_by_role("button", name="Show").click()
    notice.wait_for(state="detached")
    page.wait_for(f"{PANEL}.context?.path === 'test_a_run_that_ends_unseen_is_told_of.ipynb'")


def test_failures_are_told_of(page: NotebookPage, gate: Gate) -> None:
    page.open([gate.wait, "1 / 0", "x = 1", "x / 0"])
    run_unseen(page, gate)
    notice = page.page.locator(".Toastify__toast", has_text="2 cells failed: [2], [4].")
    notice.get_by_role("button", name="Show").click()
    notice.wait_for(state="detached")


def test_no_notice_where_it_is_not_wanted(page: NotebookPage, gate: Gate) -> None:
    page.open([gate.wait, "x = 1"])
    page.set("notify", False)
    run_unseen(page, gate)
    page.command("docmanager:open", path=page.path.name)
    page.shows(states=["fresh", "fresh"])
    assert page.page.locator(".Toastify__toast").count() == 0


def test_no_notice_of_a_run_in_view(page: NotebookPage, gate: Gate) -> None:
    page.open([gate.wait, "x = 1"])
    start(page)
    page.pass_an_hour()
    gate.open()
    page.shows(states=["fresh", "fresh"])
    assert page.page.locator(".Toastify__toast").count() == 0
