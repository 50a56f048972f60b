"""The Jupyter server restarts, and the kernel lives on: one that the server has not started."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_client.manager import KernelManager

from .conftest import JupyterLab
from .notebook_page import PANEL, NotebookPage

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import BrowserContext


def attach(page: NotebookPage) -> None:
    """Choose the one kernel that is running and not the page's own, as in the dialog for it."""
    page.evaluate(
        f"""async () => {{
            const {{ kernels, sessions }} = jupyterapp.serviceManager;
            await Promise.all([kernels.refreshRunning(), sessions.refreshRunning()]);
            const {{ sessionContext }} = {PANEL};
            const own = sessionContext.session?.kernel?.id;
            const {{ id }} = Array.from(kernels.running()).find(({{ id }}) => id !== own);
            await sessionContext.changeKernel({{ id }});
        }}"""
    )
    page.wait_until_ready("reactive")


def test_a_server_restarts_and_the_kernel_survives(browser: BrowserContext, tmp_path: Path) -> None:
    folder, home, kernels = (tmp_path / name for name in ("notebooks", "home", "kernels"))
    for path in (folder, home, kernels):
        path.mkdir()
    manager = KernelManager(
        kernel_name="reactive", connection_file=str(kernels / "kernel-outside.json")
    )
    manager.start_kernel(cwd=str(folder))
    options = (
        "--ServerApp.allow_external_kernels=True",
        f"--ServerApp.external_connection_dir={kernels}",
    )
    try:
        with JupyterLab(folder, home, *options) as server:
            shown = browser.new_page()
            # A page that asks for anything meanwhile says so.
            lost = shown.get_by_role("dialog", name="Server Connection Error")
            shown.add_locator_handler(lost, lambda _: shown.keyboard.press("Escape"))
            page = NotebookPage(shown, server.address, folder / "notebook.ipynb")
            page.open(["x = 1", "print(x)", "print('apart')"])
            attach(page)
            page.run(0, 2)
            page.shows(["", "1", "apart"], ["fresh", "fresh", "fresh"])
            server.stop()
            page.write(0, "x = 2")
            server.start()
            attach(page)
            page.shows(["", "1", "apart"], ["stale", "stale", "fresh"])
            page.in_step()
            page.run(0)
            page.shows(["", "2", "apart"], ["fresh", "fresh", "fresh"])
            assert page.counts == [4, 5, 3]
            shown.close()
    finally:
        manager.shutdown_kernel(now=True)
