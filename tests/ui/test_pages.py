"""Several pages on one notebook, without a collaboration extension."""

from __future__ import annotations

import nbformat

from .notebook_page import CELLS, PANEL, SOURCES, STATES, NotebookPage, agree

CHAIN = ["x = 1", "y = x + 1", "print(x, y)"]


def test_operations_show_at_once(page: NotebookPage, other: NotebookPage) -> None:
    page.open(CHAIN)
    other.join(page)
    other.has(CHAIN)
    page.write(0, "x = 5")
    other.has(["x = 5", *CHAIN[1:]])
    other.insert(1, "z = 3")
    page.has(["x = 5", "y = x + 1", "z = 3", "print(x, y)"])
    page.select(3)
    page.command("notebook:move-cell-up")
    other.has(["x = 5", "y = x + 1", "print(x, y)", "z = 3"])
    other.select(1)
    other.command("notebook:delete-cell")
    page.has(["x = 5", "print(x, y)", "z = 3"])
    page.select(2)
    page.command("notebook:change-cell-to-markdown")
    other.wait_for(f"{CELLS}[2].type === 'markdown'")
    agree(page, other)


def test_outputs_of_runs_elsewhere(page: NotebookPage, other: NotebookPage) -> None:
    page.open(CHAIN)
    other.join(page)
    page.run(0, 2)
    for shown in (page, other):
        shown.shows(["", "", "1 2"], ["fresh", "fresh", "fresh"])
        assert shown.counts == [1, 2, 3]
    other.write(0, "x = 2")
    for shown in (page, other):
        shown.shows(["", "", "1 2"], ["stale", "stale", "stale"])
    assert page.dirty == other.dirty == [True, False, False]
    other.run(0)
    for shown in (page, other):
        shown.shows(["", "", "2 3"], ["fresh", "fresh", "fresh"])
        assert shown.counts == [4, 5, 6]
        assert shown.dirty == [False, False, False]
    agree(page, other)


def test_outputs_of_all_kinds(page: NotebookPage, other: NotebookPage) -> None:
    page.open(
        [
            (
                "from IPython.display import clear_output, display\n"
                "shown = display('one', display_id=True)"
            ),
            "shown.update('two')",
            "print('gone')\nclear_output()\nprint('a', end='')\nprint('b')\n3",
            "1 / 0",
            "import ipywidgets\nslider = ipywidgets.IntSlider(3)\nslider",
        ]
    )
    page.command("notebook:run-all-cells")
    page.wait_for(f"{CELLS}[4].executionCount === 5")
    page.command("docmanager:save")  # A trusted notebook: else widgets are not rendered.
    other.join(page)
    page.command("notebook:run-all-cells")
    outputs = ["'two'", "", "ab\n3", "ZeroDivisionError: division by zero"]
    for shown in (page, other):
        shown.wait_for(f"{CELLS}[4].executionCount === 10")
        shown.page.locator(".widget-slider").wait_for()
        assert [output.strip() for output in shown.texts[:4]] == outputs
        shown.wait_for(f"{STATES}.join() === 'fresh,fresh,fresh,failed,fresh'")
    # What was displayed by a run elsewhere is brought up to date from here, and the other way.
    other.write(1, "shown.update('three')")
    other.run(1)
    for shown in (page, other):
        shown.wait_for(f"{CELLS}[0].outputs.get(0)?.toJSON().data['text/plain'] === \"'three'\"")


def test_a_page_that_opens_in_the_middle_of_a_run(page: NotebookPage, other: NotebookPage) -> None:
    go = page.path.with_name("go")
    wait = f"import os\nwhile not os.path.exists({str(go)!r}): pass"
    page.open(["x = 1", f"print('before')\n{wait}\nprint('after')"])
    page.run(0)
    page.start_running(1)
    other.join(page, ready=False)
    # The kernel answers a new page when the cell has ended; what is typed until then counts.
    other.write(0, "x = 2")
    go.touch()
    page.has(["x = 2", page.sources[1]])
    page.shows(["", "before\nafter"], ["stale", "fresh"])
    other.shows(states=["stale", "outdated"])
    other.run(0, 1)
    for shown in (page, other):
        shown.shows(["", "before\nafter"], ["fresh", "fresh"])
    agree(page, other)


def test_typing_in_a_cell_that_is_deleted_elsewhere(
    page: NotebookPage, other: NotebookPage
) -> None:
    page.open(CHAIN)
    other.join(page)
    page.evaluate(f"{CELLS}[1].sharedModel.setSource('y = 2  # kept')")
    other.evaluate(f"{PANEL}.content.model.sharedModel.deleteCell(1)")
    page.has(["x = 1", "y = 2  # kept", "print(x, y)"])
    other.has(["x = 1", "y = 2  # kept", "print(x, y)"])
    agree(page, other)


def test_typing_in_one_cell_on_both_pages(page: NotebookPage, other: NotebookPage) -> None:
    page.open(CHAIN)
    other.join(page)
    page.evaluate(f"{CELLS}[0].sharedModel.setSource('x = 10')")
    other.evaluate(f"{CELLS}[1].sharedModel.setSource('y = 20')")
    page.has(["x = 10", "y = 20", "print(x, y)"])
    other.has(["x = 10", "y = 20", "print(x, y)"])
    page.evaluate(f"{CELLS}[0].sharedModel.setSource('x = 11')")
    other.evaluate(f"{CELLS}[0].sharedModel.setSource('x = 12')")
    page.wait_for(f"{SOURCES}[0] !== 'x = 10'")
    agree(page, other)
    assert page.sources[0] in {"x = 11", "x = 12"}


def test_the_cursor_stays_where_somebody_types(page: NotebookPage, other: NotebookPage) -> None:
    page.open(CHAIN)
    other.join(page)
    page.cell(1).locator(".cm-content").click()
    page.page.keyboard.press("ControlOrMeta+A")
    page.page.keyboard.type("y = ")
    other.has(["x = 1", "y = ", "print(x, y)"])
    other.select(1)
    other.command("notebook:move-cell-up")
    page.wait_for(f"{SOURCES}[0] === 'y = '")
    other.insert(0, "w = 0")
    page.wait_for(f"{SOURCES}[1] === 'w = 0'")
    page.page.keyboard.type("7")
    page.has(["y = 7", "w = 0", "x = 1", "print(x, y)"])
    other.has(["y = 7", "w = 0", "x = 1", "print(x, y)"])
    agree(page, other)


def test_undo_is_of_one_page(page: NotebookPage, other: NotebookPage) -> None:
    page.open(CHAIN)
    other.join(page)
    page.write(0, "x = 5")
    other.has(["x = 5", *CHAIN[1:]])
    other.select(2)
    other.command("notebook:delete-cell")
    page.has(["x = 5", "y = x + 1"])
    page.evaluate(f"{CELLS}[0].sharedModel.undo()")
    other.has(["x = 1", "y = x + 1"])
    agree(page, other)
    other.command("notebook:undo-cell-action")
    page.has(CHAIN)
    agree(page, other)


def test_saving_on_both_pages(page: NotebookPage, other: NotebookPage) -> None:
    page.open(CHAIN)
    other.join(page)
    other.evaluate(
        f"""() => {{
            window.known = 0;
            {PANEL}.context.fileChanged.connect(() => {{ window.known++; }});
        }}"""
    )
    page.insert(2, "print('new')")
    page.command("docmanager:save")
    other.wait_for("window.known === 1")
    other.write(0, "x = 2")
    other.command("docmanager:save")
    assert other.page.locator(".jp-Dialog").count() == 0
    saved = nbformat.read(page.path, as_version=4)
    assert [cell.source for cell in saved.cells] == ["x = 2", *CHAIN[1:], "print('new')"]


def test_a_file_that_something_else_changed_is_asked_about(
    page: NotebookPage, other: NotebookPage
) -> None:
    page.open(CHAIN)
    other.join(page)
    foreign = nbformat.read(page.path, as_version=4)
    foreign.cells[0].source = "x = 'from elsewhere'"
    nbformat.write(foreign, page.path)
    page.write(1, "y = 0")
    page.start("docmanager:save")
    page.page.locator(".jp-Dialog", has_text="changed").wait_for()
    page.page.locator(".jp-Dialog").get_by_role("button", name="Cancel").click()


def test_runs_from_both_pages_at_once(page: NotebookPage, other: NotebookPage) -> None:
    page.open(["import time", "a = 1; time.sleep(0.5)", "b = 2; time.sleep(0.5)", "print(a, b)"])
    other.join(page)
    page.select(0, 1)
    other.select(2, 3)
    page.start("notebook:run-cell")
    other.start("notebook:run-cell")
    for shown in (page, other):
        shown.shows(["", "", "", "1 2"], ["fresh", "fresh", "fresh", "fresh"])
    assert page.counts == other.counts
    agree(page, other)


def test_interrupt_from_the_other_page(page: NotebookPage, other: NotebookPage) -> None:
    page.open(["import time", "time.sleep(60); t = 1", "print(t)"])
    other.join(page)
    page.select(0, 2)
    page.start("notebook:run-cell")
    other.wait_for(f"{CELLS}[1].executionState === 'running'")
    other.command("notebook:interrupt-kernel")
    for shown in (page, other):
        shown.shows(["", "KeyboardInterrupt:", ""])
        assert shown.states[1] == "stale"
    other.write(1, "t = 1")
    other.run(2)
    for shown in (page, other):
        shown.shows(["", "", "1"], ["fresh", "fresh", "fresh"])


def test_the_page_that_runs_cells_closes(page: NotebookPage, other: NotebookPage) -> None:
    page.open(["import time", "time.sleep(3); t = 1", "print(t)"])
    other.join(page)
    other.select(0, 2)
    other.start("notebook:run-cell")
    page.wait_for(f"{CELLS}[1].executionState === 'running'")
    other.page.close()
    page.shows(["", "", ""], ["fresh", "fresh", "new"])
    page.run(2)
    page.shows(["", "", "1"], ["fresh", "fresh", "fresh"])
    page.in_step()


def test_cells_edited_moved_and_deleted_elsewhere_while_they_run(
    page: NotebookPage, other: NotebookPage
) -> None:
    page.open(
        [
            "import time",
            "print('runs'); time.sleep(4); print('on')",
            "print('deleted')",
            "print('as it was')",
        ]
    )
    other.join(page)
    page.select(0, 3)
    page.start("notebook:run-cell")
    other.wait_for(f"{CELLS}[1].executionState === 'running'")
    other.evaluate(
        f"""() => {{
            const {{ sharedModel }} = {PANEL}.content.model;
            sharedModel.deleteCell(2);
            sharedModel.getCell(2).setSource("print('edited')");
            sharedModel.moveCell(1, 2);
        }}"""
    )
    wanted = ["import time", "print('edited')", "print('runs'); time.sleep(4); print('on')"]
    page.has(wanted)
    for shown in (page, other):
        shown.wait_for(f"{CELLS}[2].executionState !== 'running'")
        assert "deleted" not in "".join(shown.texts)
        shown.wait_for(f"({CELLS}[2].outputs.toJSON()[0]?.text ?? '').includes('on')")
    agree(page, other)
    page.command("notebook:run-all-cells")
    for shown in (page, other):
        shown.shows(["", "edited", "runs\non"], ["fresh", "fresh", "fresh"])
