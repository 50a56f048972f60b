"""What a user waits for in JupyterLab, in a real browser."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from peers import Peers
from playwright.sync_api import Browser, Page, sync_playwright
from rows import OURS, Row, Samples, ratio
from sources import chain
from ui.conftest import BROWSER_ARGUMENTS, BROWSERS, JupyterLab
from ui.notebook_page import PANEL, NotebookPage

KERNELS = {OURS: "reactive", "plain JupyterLab": "python3"}


PASTE = """async () => {
    await jupyterapp.commands.execute('notebook:paste-cell-below');
    // What is posted before a frame is painted is read after it.
    await new Promise(resolve => requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = resolve;
        port2.postMessage(null);
    }));
}"""
"""Pastes cells, and waits until they are painted."""

Browsers = dict[str, Browser]
"""By side, one in which its page is in front: Chromium draws others seldom."""


def measure(_peers: Peers, *, tiny: bool) -> Iterator[Row]:
    """Compare cascades with Run All on plain ipykernel, and look at pastes of many cells."""
    executable = next(filter(None, map(shutil.which, BROWSERS)))
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        notebooks, home = Path(folder, "notebooks"), Path(folder, "home")
        notebooks.mkdir()
        home.mkdir()
        launch = playwright.chromium.launch
        browsers = {
            side: launch(executable_path=executable, args=BROWSER_ARGUMENTS) for side in KERNELS
        }
        with JupyterLab(notebooks, home) as server:
            for size in (5, 10) if tiny else (100, 1_000):
                repeats = 1 if tiny else 7 if size < 500 else 3
                sides = _cascades(browsers, server.address, notebooks, size, repeats)
                name = f"cascade over a chain of {size:,} cells in JupyterLab"
                yield ratio(name, sides, "plain JupyterLab", 1.1, curve=("cascade", size))
            size, repeats = (5, 1) if tiny else (500, 3)
            pasted, run = _pastes(browsers, server.address, notebooks, size, repeats)
            yield ratio(f"paste {size:,} cells", pasted, "plain JupyterLab", 1.1)
            yield ratio(f"Run All of the {2 * size:,} cells", run, "plain JupyterLab", 1.1)
        for browser in browsers.values():
            browser.close()


def _cascades(
    browsers: Browsers, address: str, folder: Path, size: int, repeats: int
) -> dict[str, Samples]:
    """Run the first cell of a chain that has run, and on the other side all cells of it."""
    sides = {name: Samples() for name in KERNELS}
    pages = {}
    for name, kernel in KERNELS.items():
        path = folder / f"{kernel}{size}.ipynb"
        pages[name] = page = NotebookPage(tab(browsers[name]), address, path)
        page.open([cell.source for cell in chain(size, "c")], kernel)
        _timed(page, "notebook:run-all-cells", "c_0 = 0", size)
    for page in pages.values():
        settle(page)
    for number in range(1, repeats + 1):
        for name, page in pages.items():
            page.select(0)
            command = "notebook:run-cell" if name == OURS else "notebook:run-all-cells"
            seconds = _timed(page, command, f"c_0 = {number}", size)
            sides[name].values.append(seconds)
    for page in pages.values():
        page.page.context.close()
    return sides


def _pastes(
    browsers: Browsers, address: str, folder: Path, size: int, repeats: int
) -> tuple[dict[str, Samples], dict[str, Samples]]:
    """Paste copies of all cells at the end, and run all."""
    pasted = {name: Samples() for name in KERNELS}
    run = {name: Samples() for name in KERNELS}
    for number in range(repeats):
        for name, kernel in KERNELS.items():
            path = folder / f"paste-{kernel}-{number}.ipynb"
            page = NotebookPage(tab(browsers[name]), address, path)
            page.open([cell.source for cell in chain(size, "p")], kernel)
            page.select(0, size - 1)
            page.command("notebook:copy-cell")
            start = time.perf_counter()
            page.evaluate(PASTE)
            if name == OURS:
                page.command("reactive-kernel:check")
            pasted[name].values.append(time.perf_counter() - start)
            if name == OURS:
                page.in_step()
            settle(page)
            seconds = _timed(page, "notebook:run-all-cells", None, 2 * size)
            run[name].values.append(seconds)
            page.page.context.close()
    return pasted, run


def tab(browser: Browser) -> Page:
    context = browser.new_context()
    context.set_default_timeout(300_000)
    return context.new_page()


def settle(page: NotebookPage) -> None:
    """Wait until a page has drawn the cells that are not in view, which it does when idle."""
    page.wait_for(f"{PANEL}.content.widgets.every(cell => !cell.isPlaceholder())")


def _timed(page: NotebookPage, command: str, source: str | None, size: int) -> float:
    """Return the seconds from a command until the last of the cells has run.

    The page's own clock is read, in which the last cell's prompt gets its number.
    """
    milliseconds: float = page.evaluate(
        """async ([command, source, size]) => {
            const cells = Array.from(PANEL.content.model.cells);
            if (source !== null) cells[0].sharedModel.setSource(source);
            const last = cells[size - 1];
            const before = last.executionCount;
            const start = performance.now();
            const done = new Promise(resolve => {
                const look = () => {
                    if (last.executionCount !== null && last.executionCount !== before) {
                        last.stateChanged.disconnect(look);
                        resolve(performance.now() - start);
                    }
                };
                last.stateChanged.connect(look);
            });
            void jupyterapp.commands.execute(command);
            return done;
        }""".replace("PANEL", PANEL),
        [command, source, size],
    )
    page.wait_for(f"{PANEL}.sessionContext.session?.kernel?.status === 'idle'")
    return milliseconds / 1000
