"""The toolbar of a notebook, and settings that take effect at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .notebook_page import PANEL, NotebookPage

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Locator

CHAIN = ["x = 1", "y = x + 1", "print(x, y)"]


def toolbar(page: NotebookPage) -> Locator:
    return page.page.locator(".jp-NotebookPanel-toolbar:visible")


def run_stale(page: NotebookPage, label: str) -> Locator:
    return toolbar(page).locator("button", has_text=label)


def mode(page: NotebookPage) -> Locator:
    return toolbar(page).get_by_label("Reactive mode")


@pytest.mark.parametrize("app", ["lab", "notebooks"])
def test_stale_cells_are_counted_and_run(page: NotebookPage, app: str) -> None:
    page.open(CHAIN, app=app)
    page.run(0, 2)
    idle = run_stale(page, "Run stale")
    idle.wait_for()
    assert idle.get_attribute("aria-disabled") == "true"
    page.write(0, "x = 5")
    run_stale(page, "Run stale (3)").click()
    page.shows(["", "", "5 6"], ["fresh", "fresh", "fresh"])
    toolbar(page).locator("button[aria-disabled=true]", has_text="Run stale").wait_for()
    assert page.evaluate(f"{PANEL}.node.contains(document.activeElement)")


def test_a_key_runs_stale_cells(page: NotebookPage) -> None:
    page.open(CHAIN)
    page.run(0, 2)
    page.write(0, "x = 5")
    run_stale(page, "Run stale (3)").focus()
    page.page.keyboard.press("Enter")
    page.shows(["", "", "5 6"], ["fresh", "fresh", "fresh"])


def test_the_mode_is_chosen(page: NotebookPage) -> None:
    page.open(CHAIN)
    page.run(0, 2)
    mode(page).select_option("lazy")
    page.page.get_by_text("Reactive: lazy", exact=True).wait_for()
    page.write(0, "x = 5")
    page.run(0)
    page.shows(["", "", "1 2"], ["fresh", "stale", "stale"])
    page.command("reactive-kernel:toggle-mode")
    page.wait_for(
        "document.querySelector('.jp-ReactiveMode:not(.lm-mod-hidden) select').value === 'auto'"
    )


def test_other_kernels_have_none_of_it(page: NotebookPage) -> None:
    page.open(CHAIN, kernel="python3")
    run_stale(page, "Run stale").wait_for(state="hidden")
    assert not mode(page).is_visible()
    page.evaluate(f"{PANEL}.sessionContext.changeKernel({{ name: 'reactive' }})")
    run_stale(page, "Run stale").wait_for()
    mode(page).wait_for()
    page.evaluate(f"{PANEL}.sessionContext.changeKernel({{ name: 'python3' }})")
    run_stale(page, "Run stale").wait_for(state="hidden")
    mode(page).wait_for(state="hidden")


def test_each_of_two_notebooks_side_by_side_runs_its_own(
    page: NotebookPage, notebooks: Path
) -> None:
    page.page.set_viewport_size({"width": 2400, "height": 900})
    page.open(CHAIN)
    page.run(0, 2)
    page.write(0, "x = 5")
    page.shows(states=["stale", "stale", "stale"])
    first = page.evaluate(f"{PANEL}.id")
    page.command("docmanager:save")
    second = NotebookPage(page.page, page.server, notebooks / "beside.ipynb")
    second.open(["a = 1"])
    page.evaluate(f"jupyterapp.shell.add({PANEL}, 'main', {{ mode: 'split-right' }})")
    page.page.locator(f"#{first} button", has_text="Run stale (3)").click()
    page.wait_for(f"id => {PANEL}.id === id", first)
    page.shows(["", "", "5 6"], ["fresh", "fresh", "fresh"])
    page.page.set_viewport_size({"width": 1200, "height": 900})


def test_the_toolbar_is_the_users_to_rearrange(page: NotebookPage) -> None:
    page.open(CHAIN)
    mode(page).wait_for()
    page.set(
        "toolbar",
        [{"name": "reactiveMode", "disabled": True}],
        "@jupyterlab/notebook-extension:panel",
    )
    mode(page).wait_for(state="detached")
    run_stale(page, "Run stale").wait_for()


def test_the_mode_of_notebooks_that_have_not_chosen(
    page: NotebookPage, other: NotebookPage
) -> None:
    page.open(CHAIN)
    page.set("mode", "lazy")
    page.page.get_by_text("Reactive: auto", exact=True).wait_for()
    page.restart()
    page.page.get_by_text("Reactive: lazy", exact=True).wait_for()
    page.set("mode", "auto")
    other.join(page)
    for shown in (page, other):
        shown.page.get_by_text("Reactive: lazy", exact=True).wait_for()
    other.page.close()
    page.restart()
    page.page.get_by_text("Reactive: auto", exact=True).wait_for()
    mode(page).select_option("lazy")
    page.page.get_by_text("Reactive: lazy", exact=True).wait_for()
    page.restart()
    page.page.get_by_text("Reactive: lazy", exact=True).wait_for()


def test_marks_can_be_switched_off(page: NotebookPage) -> None:
    page.open(CHAIN)
    page.shows(states=["new", "new", "new"])
    notebook = page.evaluate(f"{PANEL}.id")
    page.command("settingeditor:open", query="Reactive Notebooks")
    marks = page.page.get_by_label("Mark cells")
    marks.uncheck()
    page.page.locator(f"#{notebook} .jp-ReactiveMark:not([hidden])").first.wait_for(
        state="detached"
    )
    page.evaluate("id => jupyterapp.shell.activateById(id)", notebook)
    page.run(0)
    page.shows(states=["fresh", "fresh", "fresh"])
    assert not page.evaluate("jupyterapp.commands.isEnabled('reactive-kernel:explain')")
    page.set("marks", True)
    page.shows(states=["fresh", "new", "new"])


def test_how_many_cells_are_sent_ahead_is_the_users(page: NotebookPage) -> None:
    page.open(CHAIN)
    page.set("lookAhead", 3)
    page.evaluate(
        f"""() => {{
            window.ahead = [];
            const {{ kernel }} = {PANEL}.sessionContext.session;
            kernel.anyMessage.connect((_, {{ msg }}) => {{
                const data = msg.content.data;
                if (data?.type === 'run') window.ahead.push(data.look_ahead);
            }});
        }}"""
    )
    page.run(0, 2)
    page.shows(["", "", "1 2"], ["fresh", "fresh", "fresh"])
    assert page.evaluate("window.ahead") == [3]
