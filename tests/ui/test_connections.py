"""Other kernels, other pages, and connections that come and go."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Error

from .link import Link
from .notebook_page import CELLS, PANEL, NotebookPage

if TYPE_CHECKING:
    from playwright.sync_api import WebSocketRoute

CHAIN = ["x = 1", "y = x + 1", "print(x, y)"]
STATUS = ".jp-ReactiveStatus"


def test_another_kernel_is_unaffected(page: NotebookPage) -> None:
    page.open(["x = 1", "print(x)", "1 / 0", "print(2)"], kernel="python3")
    page.command("notebook:run-all-cells")
    error = "ZeroDivisionError: division by zero"
    page.shows(["", "1", error, ""], ["fresh", "fresh", "fresh", "fresh"])
    page.write(0, "x = 2")
    page.run(0)
    page.shows(["", "1", error, ""])
    assert page.page.locator(STATUS).is_hidden()
    assert not page.evaluate("jupyterapp.commands.isEnabled('reactive-kernel:run-stale')")


def test_switch_of_kernels(page: NotebookPage) -> None:
    page.open(CHAIN)
    page.run(0, 2)
    change = f"name => {PANEL}.sessionContext.changeKernel({{ name }})"
    page.evaluate(change, "python3")
    page.wait_until_ready("python3")
    assert not page.evaluate("jupyterapp.commands.isEnabled('reactive-kernel:check')")
    page.shows(states=["fresh", "fresh", "fresh"])
    page.run(0, 2)
    page.shows(["", "", "1 2"])
    page.evaluate(change, "reactive")
    page.wait_until_ready("reactive")
    page.shows(states=["new", "new", "new"])
    page.in_step()


def test_reload(page: NotebookPage) -> None:
    page.open(CHAIN)
    page.run(0, 2)
    page.command("docmanager:save")
    page.reload()
    page.shows(["", "", "1 2"], ["fresh", "fresh", "fresh"])
    page.in_step()
    page.write(0, "x = 5")
    page.run(0)
    page.shows(["", "", "5 6"], ["fresh", "fresh", "fresh"])
    assert page.counts == [4, 5, 6]


def test_reload_without_saving(page: NotebookPage) -> None:
    page.open(CHAIN)
    page.run(0, 2)
    page.command("docmanager:save")
    page.insert(2, "print('not saved')")
    page.run(3)
    page.page.once("dialog", lambda dialog: dialog.accept())
    page.reload()
    page.shows(["", "", "1 2"], ["fresh", "fresh", "fresh"])
    page.in_step()


def test_close_and_open_again(page: NotebookPage) -> None:
    page.open(CHAIN)
    page.run(0, 2)
    page.command("docmanager:save")
    page.command("application:close")
    page.command("docmanager:open", path=page.path.name)
    page.wait_until_ready("reactive")
    page.shows(["", "", "1 2"], ["fresh", "fresh", "fresh"])
    page.in_step()


def test_two_views_of_one_notebook(page: NotebookPage) -> None:
    page.open(CHAIN)
    page.command("docmanager:clone")
    page.wait_for("document.querySelectorAll('.jp-Notebook').length === 2")
    page.run(0, 2)
    page.shows(["", "", "1 2"], ["fresh", "fresh", "fresh"])
    page.evaluate(f"{PANEL}.dispose()")
    page.wait_for("document.querySelectorAll('.jp-Notebook').length === 1")
    page.wait_for(f"{PANEL}?.content?.model")
    page.write(0, "x = 2")
    page.run(0)
    page.shows(["", "", "2 3"], ["fresh", "fresh", "fresh"])
    page.in_step()


def test_lost_connection(page: NotebookPage) -> None:
    page.open(CHAIN)
    page.run(0, 2)
    page.evaluate(
        f"""async () => {{
            const {{ kernel }} = {PANEL}.sessionContext.session;
            const back = kernel.reconnect();
            {PANEL}.content.model.sharedModel.getCell(0).setSource('x = 9');
            await back;
        }}"""
    )
    page.shows(["", "", "1 2"], ["stale", "stale", "stale"])
    page.in_step()
    page.run(0)
    page.shows(["", "", "9 10"], ["fresh", "fresh", "fresh"])


@pytest.mark.parametrize("way", ["drop", "sleep"])
def test_connection_lost_with_edits_on_both_sides(
    page: NotebookPage, other: NotebookPage, way: str
) -> None:
    page.open(CHAIN)
    page.run(0, 2)
    page.command("docmanager:save")
    link = Link(other)
    other.join(page)
    getattr(link, way)()
    if way == "drop":
        other.wait_for(f"{PANEL}.sessionContext.kernelDisplayStatus !== 'idle'")
    page.evaluate(f"{CELLS}[0].sharedModel.setSource('x = 7')")
    page.insert(2, "print('page')")
    other.evaluate(f"{CELLS}[1].sharedModel.setSource('y = x + 2')")
    other.insert(0, "print('other')")
    page.in_step()
    link.restore()
    wanted = ["x = 7", "print('other')", "y = x + 2", "print(x, y)", "print('page')"]
    states = ["stale", "new", "stale", "stale", "new"]
    for shown in (page, other):
        shown.has(wanted)
        shown.shows(states=states)
        shown.in_step()
    assert page.counts == [1, None, 2, 3, None]
    assert other.counts == [1, None, 2, 3, None]
    other.run(0, 4)
    for shown in (page, other):
        shown.shows(["", "other", "", "7 9", "page"], ["fresh"] * 5)


def test_connection_lost_in_the_middle_of_a_run(page: NotebookPage) -> None:
    link = Link(page)
    page.open(["import time; time.sleep(3); x = 1", "y = x + 1", "print(x, y)"])
    page.start_running(0, 2)
    link.drop()
    page.write(2, "print(y)")
    link.restore()
    page.wait_for("jupyterapp.commands.isEnabled('reactive-kernel:check')")
    page.wait_for(f"{PANEL}.content.widgets[0].node.querySelector('[hidden].jp-ReactiveMark')")
    page.in_step()
    page.run(2)
    page.shows(["", "", "2"], ["fresh", "fresh", "fresh"])
    page.page.close()


def test_a_comm_that_the_kernel_closes_is_opened_again(page: NotebookPage) -> None:
    page.open(CHAIN)
    page.run(0, 2)
    close = (
        "for comm in list(get_ipython().kernel.comm_manager.comms.values()):"
        " comm.target_name == 'reactive_kernel' and comm.close()"
    )
    page.evaluate(
        f"""async code => {{
            const {{ kernel }} = {PANEL}.sessionContext.session;
            {CELLS}[0].sharedModel.setSource('x = 8');
            await kernel.requestExecute({{ code }}).done;
        }}""",
        close,
    )
    page.shows(["", "", "1 2"], ["stale", "stale", "stale"])
    page.in_step()
    page.run(0)
    page.shows(["", "", "8 9"], ["fresh", "fresh", "fresh"])


def test_restart_with_two_pages(page: NotebookPage, other: NotebookPage) -> None:
    page.open(CHAIN)
    other.join(page)
    page.run(0, 2)
    for shown in (page, other):
        shown.wait_for(f"{CELLS}[2].getMetadata('reactive_kernel')?.provenance")
    page.write(0, "x = 3")
    page.restart()
    for shown in (page, other):
        shown.has(["x = 3", "y = x + 1", "print(x, y)"])
        shown.shows(states=["new", "new", "outdated"])
        shown.in_step()
    other.run(2)
    for shown in (page, other):
        shown.shows(["", "", "3 4"], ["fresh", "fresh", "fresh"])


def test_a_page_that_crashes(page: NotebookPage, other: NotebookPage) -> None:
    page.open(CHAIN)
    other.join(page)
    other.write(0, "x = 6")
    page.has(["x = 6", "y = x + 1", "print(x, y)"])
    with other.page.expect_event("crash"), suppress(Error):
        other.page.goto("chrome://crash", timeout=5_000)
    page.run(2)
    page.shows(["", "", "6 7"], ["fresh", "fresh", "fresh"])
    page.in_step()


def test_outputs_that_were_not_saved(page: NotebookPage) -> None:
    page.open(CHAIN)
    page.run(0, 2)
    page.command("docmanager:save")
    page.run(2)
    page.page.once("dialog", lambda dialog: dialog.accept())
    page.reload()
    page.shows(["", "", "1 2"], ["fresh", "fresh", "outdated"])
    page.run(2)
    page.shows(["", "", "1 2"], ["fresh", "fresh", "fresh"])


def test_renamed_while_open(page: NotebookPage, other: NotebookPage) -> None:
    page.open(CHAIN)
    page.run(0, 2)
    page.command("docmanager:save")
    name = f"{page.path.stem}-renamed.ipynb"
    page.evaluate(f"name => {PANEL}.context.rename(name)", name)
    page.path = page.path.with_name(name)
    page.write(0, "x = 2")
    page.in_step()
    other.join(page)
    for shown in (page, other):
        shown.has(["x = 2", "y = x + 1", "print(x, y)"])
        shown.shows(states=["stale", "stale", "stale"])
    other.run(0)
    for shown in (page, other):
        shown.shows(["", "", "2 3"], ["fresh", "fresh", "fresh"])
        shown.in_step()


def test_reverted_to_a_checkpoint(page: NotebookPage, other: NotebookPage) -> None:
    page.open(CHAIN)
    page.run(0, 2)
    page.command("docmanager:save")
    other.join(page)
    page.write(0, "x = 2")
    page.insert(2, "print('not saved')")
    other.has(["x = 2", "y = x + 1", "print(x, y)", "print('not saved')"])
    page.evaluate(
        f"""async () => {{
            await {PANEL}.context.restoreCheckpoint();
            await {PANEL}.context.revert();
        }}"""
    )
    for shown in (page, other):
        shown.has(CHAIN)
        shown.shows(["", "", "1 2"], ["fresh", "fresh", "fresh"])
        shown.in_step()


@pytest.mark.parametrize("where", ["one page", "another page"])
def test_a_second_notebook_on_one_kernel(
    page: NotebookPage, other: NotebookPage, where: str
) -> None:
    page.open(CHAIN)
    page.run(0, 2)
    kernel = page.kernel_id
    second = page if where == "one page" else other
    first_path = page.path
    second.path = first_path.with_name(f"{first_path.stem}-second.ipynb")
    second.open(["z = 'second'", "print(z)"], kernel="python3")
    second.evaluate(f"id => {PANEL}.sessionContext.changeKernel({{ id }})", kernel)
    notice = second.page.locator(".Toastify__toast", has_text="runs cell by cell")
    notice.wait_for()
    assert "choose a new kernel" in notice.inner_text()
    second.page.locator(STATUS, has_text="Reactive: off").wait_for()
    second.run(0, 1)
    second.shows(["", "second"])
    notice.locator("button").first.click()
    page.path = first_path
    page.command("docmanager:open", path=first_path.name)
    page.wait_for(f"{PANEL}.context.path === '{first_path.name}'")
    page.shows(["", "", "1 2"], ["fresh", "fresh", "fresh"])
    page.in_step()


def test_cells_run_as_plain_when_the_kernel_does_not_answer(page: NotebookPage) -> None:
    def without_opening(route: WebSocketRoute) -> None:
        server = route.connect_to_server()
        route.on_message(
            lambda message: (
                None
                if b"comm_open" in message and b"reactive_kernel" in message
                else server.send(message)
            )
        )

    page.page.goto("about:blank")
    page.page.route_web_socket("**/api/kernels/**", without_opening)
    page.open(CHAIN, answers=False)
    page.run(0, 2)
    page.shows(["", "", "1 2"])
    page.page.locator(STATUS, has_text="Reactive: off").wait_for()
    page.write(0, "x = 4")
    page.run(0)
    page.shows(["", "", "1 2"])
    page.page.close()


def test_marks_in_a_windowed_notebook(page: NotebookPage) -> None:
    page.open([f"x{i} = {i}" for i in range(150)])
    page.command("notebook:run-all-cells")
    page.wait_for(f"{CELLS}.every(cell => cell.executionCount !== null)")
    page.evaluate(f"{PANEL}.content.model.sharedModel.getCell(140).setSource('x140 = 0')")
    page.in_step()
    page.evaluate(f"{PANEL}.content.scrollToItem(140)")
    mark = page.cell(140).locator(".jp-ReactiveMark")
    mark.and_(page.page.locator("[data-state=stale]")).wait_for()
    page.evaluate(f"{PANEL}.content.scrollToItem(0)")
    assert page.cell(0).locator(".jp-ReactiveMark").is_hidden()


def test_notebook_7(page: NotebookPage) -> None:
    page.open(CHAIN, app="notebooks")
    page.in_step()
    page.command("notebook:run-all-cells")
    page.shows(["", "", "1 2"], ["fresh", "fresh", "fresh"])
    page.write(0, "x = 5")
    page.shows(states=["stale", "stale", "stale"])
    page.command("reactive-kernel:run-stale")
    page.shows(["", "", "5 6"], ["fresh", "fresh", "fresh"])
    page.in_step()
