"""Runs: what they run, how they end, and what the page shows meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .notebook_page import CELLS, PANEL

if TYPE_CHECKING:
    from .notebook_page import NotebookPage

CHAIN = ["x = 1", "y = x + 1", "print(x, y)"]


def test_a_cell_runs_what_it_needs(page: NotebookPage) -> None:
    page.open([*CHAIN, "print('other')"])
    page.run(2)
    page.shows(["", "", "1 2", ""], ["fresh", "fresh", "fresh", "new"])
    assert page.counts == [1, 2, 3, None]


def test_run_all_runs_everything_again(page: NotebookPage) -> None:
    page.open(CHAIN)
    page.command("notebook:run-all-cells")
    page.command("notebook:run-all-cells")
    page.shows(["", "", "1 2"], ["fresh", "fresh", "fresh"])
    assert page.counts == [4, 5, 6]


def test_outputs_that_grow_and_shrink_can_be_collapsed_while_they_are_tall(
    page: NotebookPage,
) -> None:
    page.open(["lines = 20", "print('line\\n' * lines)"])
    icon = page.cell(1).locator(".jp-OutputArea-promptOverlay svg")
    page.run(0, 1)
    icon.wait_for(state="attached")
    page.write(0, "lines = 0")
    page.run(0)
    icon.wait_for(state="detached")
    page.write(0, "lines = 20")
    page.run(0)
    icon.wait_for(state="attached")


def test_outputs_out_of_view_can_be_collapsed_once_they_are_seen(page: NotebookPage) -> None:
    page.open(["lines = 0", *("x = 1" for _ in range(60)), "print('line\\n' * lines)"])
    page.command("notebook:run-all-cells")
    page.write(0, "lines = 20")
    page.run(0)
    page.wait_for(f"{CELLS}[61].outputs.get(0)?.toJSON().text.length > 20")
    icon = page.cell(61).locator(".jp-OutputArea-promptOverlay svg")
    assert icon.count() == 0
    page.cell(61).scroll_into_view_if_needed()
    icon.wait_for(state="attached")


def test_restart_and_run_all(page: NotebookPage) -> None:
    page.open(["import os; first = os.getpid()", "print(first)"])
    page.run(0, 1)
    before = page.evaluate(f"{CELLS}[1].outputs.get(0).toJSON().text")
    page.restart("notebook:restart-run-all")
    output = f"{CELLS}[1].outputs.get(0)?.toJSON().text"
    page.wait_for(f"before => {output} && {output} !== before", before)
    page.shows(states=["fresh", "fresh"])
    assert page.counts == [1, 2]
    page.in_step()


def test_restart(page: NotebookPage) -> None:
    page.open(CHAIN)
    page.run(0, 2)
    page.restart()
    page.shows(["", "", "1 2"], ["new", "new", "new"])
    page.in_step()
    page.write(0, "x = 3")
    page.run(2)
    page.shows(["", "", "3 4"], ["fresh", "fresh", "fresh"])
    page.in_step()


def test_restart_in_the_middle_of_a_run(page: NotebookPage) -> None:
    page.open(["import time; time.sleep(60)", "print(1)"])
    page.start_running(0, 1)
    page.restart()
    page.shows(["", ""], ["new", "new"])
    page.run(1)
    page.shows(["", "1"], ["new", "fresh"])


def test_a_kernel_that_dies_comes_back(page: NotebookPage) -> None:
    page.open(["import os; os._exit(1)", "print(1)"])
    page.select(0)
    page.start("notebook:run-cell")
    page.page.locator(".jp-Dialog", has_text="died").wait_for()
    page.confirm()
    page.wait_until_ready("reactive")
    page.shows(["", ""], ["new", "new"])
    page.run(1)
    page.shows(["", "1"], ["new", "fresh"])
    page.in_step()


def test_error_in_the_middle(page: NotebookPage) -> None:
    page.open(["a = 1", "1 / 0; b = 2", "print(b)", "print(a)"])
    page.command("notebook:run-all-cells")
    error = "ZeroDivisionError: division by zero"
    page.shows(["", error, "", "1"], ["fresh", "failed", "blocked", "fresh"])
    page.in_step()
    page.write(1, "b = 2")
    page.run(1)
    page.shows(["", "", "2", "1"], ["fresh", "fresh", "fresh", "fresh"])
    page.in_step()


def test_interrupt(page: NotebookPage) -> None:
    page.open(["import time", "time.sleep(60); t = 1", "print(t)", "print(2)"])
    page.select(0, 3)
    page.start("notebook:run-cell")
    page.wait_for(f"{PANEL}.content.widgets[1].node.querySelector('[data-state=running]')")
    page.command("notebook:interrupt-kernel")
    page.wait_for(f"{CELLS}.every(cell => cell.executionState !== 'running')")
    page.shows(["", "KeyboardInterrupt:", "", ""])
    assert page.states[1] == "stale"
    page.in_step()
    page.write(1, "t = 1")
    page.run(0, 3)
    page.shows(["", "", "1", "2"], ["fresh", "fresh", "fresh", "fresh"])


def test_edits_are_answered_while_a_cell_runs(page: NotebookPage) -> None:
    page.open(["import time; time.sleep(60)", "x = 1"])
    page.restart()
    page.start_running(0)
    page.write(1, "x = 2")
    # Were the comm not on a subshell, this would wait for the cell.
    milliseconds = page.evaluate(
        """async () => {
            const start = performance.now();
            await jupyterapp.commands.execute('reactive-kernel:check');
            await jupyterapp.commands.execute('reactive-kernel:check');
            return performance.now() - start;
        }"""
    )
    assert milliseconds < 5_000
    page.in_step()


def test_a_cell_edited_while_it_runs_is_stale_afterwards(page: NotebookPage) -> None:
    page.open(["import time; time.sleep(2); x = 1", "x"])
    page.run(1)
    page.write(0, "import time; time.sleep(2); x = 2")
    page.start_running(0)
    page.write(0, "x = 3")
    page.shows(["", "1"], ["stale", "stale"])
    page.in_step()
    assert page.sources[0] == "x = 3"


def test_outputs_of_cells_that_need_not_run_stay(page: NotebookPage) -> None:
    page.open(["import random", "x = 1", "y = x > 0", "print(y, random.random())"])
    page.run(0, 3)
    before = page.evaluate(f"{CELLS}[3].outputs.toJSON()")
    page.write(1, "x = 2")
    page.run(1)
    page.shows(states=["fresh", "fresh", "fresh", "fresh"])
    assert page.evaluate(f"{CELLS}[3].outputs.toJSON()") == before
    assert page.counts == [1, 5, 6, 4]


def test_input(page: NotebookPage) -> None:
    page.open(["name = input('Who? ')", "print(name)"])
    page.select(0, 1)
    page.start("notebook:run-cell")
    page.page.locator(".jp-Stdin-input").fill("me")
    page.page.keyboard.press("Enter")
    page.shows(["Who?  me", "me"], ["fresh", "fresh"])


def test_display_updates_and_widgets(page: NotebookPage) -> None:
    page.open(
        [
            "from IPython.display import display\nshown = display('one', display_id=True)",
            "shown.update('two')",
            "import ipywidgets\nslider = ipywidgets.IntSlider(3)\nslider",
        ]
    )
    page.run(0, 2)
    page.shows(states=["fresh", "fresh", "fresh"])
    page.wait_for(f"{CELLS}[0].outputs.get(0)?.toJSON().data['text/plain'] === \"'two'\"")
    page.page.locator(".widget-slider").wait_for()


def test_run_only(page: NotebookPage) -> None:
    page.open(CHAIN)
    page.run(0, 2)
    page.write(0, "x = 5")
    page.select(1)
    page.command("reactive-kernel:run-only")
    page.shows(["", "", "1 2"], ["stale", "stale", "stale"])
    assert page.counts == [1, 4, 3]


def test_run_stale(page: NotebookPage) -> None:
    page.open(CHAIN)
    page.run(0, 2)
    page.write(0, "x = 5")
    page.shows(states=["stale", "stale", "stale"])
    page.page.get_by_role("button", name="Reactive: auto | 3 stale").click()
    page.shows(["", "", "5 6"], ["fresh", "fresh", "fresh"])
    page.page.get_by_text("Reactive: auto", exact=True).wait_for()


def test_lazy_mode(page: NotebookPage) -> None:
    page.open(CHAIN)
    page.command("reactive-kernel:toggle-mode")
    page.page.get_by_text("Reactive: lazy", exact=True).wait_for()
    page.run(0, 2)
    page.write(0, "x = 5")
    page.run(0)
    page.shows(["", "", "1 2"], ["fresh", "stale", "stale"])
    page.run(2)
    page.shows(["", "", "5 6"], ["fresh", "fresh", "fresh"])
    page.command("docmanager:save")
    page.reload()
    page.page.get_by_text("Reactive: lazy", exact=True).wait_for()


@pytest.mark.parametrize("key", ["Control+Enter", "Shift+Enter", "Alt+Enter"])
def test_keys(page: NotebookPage, key: str) -> None:
    page.open(["x = 1", "print(x)"])
    page.select(1)
    page.cell(1).locator(".cm-content").click()
    page.page.keyboard.press(key)
    page.wait_for(f"{CELLS}[1].outputs.length && {CELLS}[0].executionCount === 1")
    page.in_step()


def test_reasons_are_read_and_seen(page: NotebookPage) -> None:
    page.open(CHAIN)
    page.run(0, 2)
    page.write(0, "x = 5")
    page.shows(states=["stale", "stale", "stale"])
    mark = page.cell(0).locator(".jp-ReactiveMark-icon")
    assert mark.get_attribute("title") == "Stale: it was edited since it ran"
    assert mark.inner_text() == "Stale: it was edited since it ran"
    assert "`x`" in page.cell(1).locator(".jp-ReactiveMark").inner_text()
    assert "[1]" in page.cell(1).locator(".jp-ReactiveMark").inner_text()


def test_what_was_typed_just_before_counts_for_a_run_of_what_is_stale(page: NotebookPage) -> None:
    page.open(["x = 1", "print(x)"])
    page.run(0, 1)
    page.shows(["", "1"], ["fresh", "fresh"])
    page.write(0, "x = 2")
    page.command("reactive-kernel:run-stale")
    page.shows(["", "2"], ["fresh", "fresh"])
