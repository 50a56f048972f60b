"""Other kernels, other pages, and connections that come and go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .notebook_page import CELLS, PANEL

if TYPE_CHECKING:
    from playwright.sync_api import WebSocketRoute

    from .notebook_page import NotebookPage

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
    assert page.page.locator(STATUS).inner_text() == "Reactive: off"
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
