"""How quick a large notebook is under the hands, in a real browser."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from page import settle, tab
from peers import Peers
from playwright.sync_api import Playwright, sync_playwright
from rows import OURS, Row, Samples, added, ratio, value
from sources import chain
from ui.conftest import BROWSER_ARGUMENTS, BROWSERS, JupyterLab
from ui.notebook_page import CELLS, PANEL, NotebookPage
from ui.test_panel import show_panel

PLAIN = "without the extension"
SIDES = {OURS: "reactive", PLAIN: "python3"}

TEXT = " + 1234567 + 7654321"
"""What is typed behind the first cell's source, again and again."""

PACE = 80
"""How long after one key the next is pressed, in milliseconds."""

LISTEN = """() => {
    window.keys = [];
    window.frames = [];
    window.tasks = [];
    document.addEventListener('keydown', ({ timeStamp }) => requestAnimationFrame(() => {
        // What is posted before a frame is painted is read after it.
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => keys.push(performance.now() - timeStamp);
        port2.postMessage(null);
    }), { capture: true });
    new PerformanceObserver(list => tasks.push(...list.getEntries().map(it => it.duration)))
        .observe({ type: 'longtask' });
}"""

NOTEBOOK = f"() => {PANEL}.content.outerNode ?? {PANEL}.content.node"
MINIMAP = "() => document.querySelector('.jp-ReactiveMinimap-list')"

SCROLL = """([find, count]) => new Promise(resolve => {
    const scroller = (0, eval)(find)();
    const height = scroller.scrollHeight - scroller.clientHeight;
    let last = null;
    const frame = now => {
        if (last !== null) frames.push(now - last);
        last = now;
        if (frames.length === count) return resolve();
        scroller.scrollTop = height * frames.length / count;
        requestAnimationFrame(frame);
    };
    frames.length = 0;
    requestAnimationFrame(frame);
})"""


def measure(_peers: Peers, *, tiny: bool) -> Iterator[Row]:
    """Type into and scroll a notebook with the panel open, and one without the extension."""
    size, rounds, frames = (10, 1, 10) if tiny else (1_000, 5, 40)
    typed = {name: Samples() for name in SIDES}
    scrolled = {name: Samples() for name in SIDES}
    blocked = {name: Samples() for name in SIDES}
    with ExitStack() as stack:
        playwright = stack.enter_context(sync_playwright())
        pages = {name: _open(stack, playwright, name, size) for name in SIDES}
        for page in pages.values():
            page.command("notebook:run-all-cells")
            page.wait_for(f"{CELLS}.at(-1).executionCount !== null")
            settle(page)
        for _ in range(rounds):
            for name, page in pages.items():
                keys, tasks = _type(page)
                typed[name].values += keys
                blocked[name].values.append(tasks / len(keys))
        for page in pages.values():
            settle(page)
        for _ in range(rounds):
            for name, page in pages.items():
                scrolled[name].values += _scroll(page, NOTEBOOK, frames)
        rows = Samples()
        page = _open(stack, playwright, OURS, 5 * size)
        for _ in range(rounds):
            rows.values += _scroll(page, MINIMAP, frames)
    cells = f"{size:,} cells"
    yield ratio(f"a key until it is painted, {cells}", typed, PLAIN, 1.1)
    yield added(f"of it more in tasks of over 50 ms, {cells}", blocked, PLAIN, 0.001)
    yield ratio(f"a frame while scrolling, {cells}", scrolled, PLAIN, 1.1)
    yield value(f"a frame while scrolling the minimap, {5 * size:,} cells", {OURS: rows}, 0.02)


def _open(stack: ExitStack, playwright: Playwright, name: str, size: int) -> NotebookPage:
    """Return a page with a notebook, in a browser and from a server of its own."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    notebooks, home = folder / "notebooks", folder / "home"
    notebooks.mkdir()
    home.mkdir()
    lab = JupyterLab(notebooks, home)
    if name == PLAIN:
        path = home / "JUPYTER_CONFIG_DIR/labconfig/page_config.json"
        config = json.loads(path.read_text())
        config["disabledExtensions"]["@reactive-kernel/labextension"] = True
        path.write_text(json.dumps(config))
    stack.enter_context(lab)
    executable = next(filter(None, map(shutil.which, BROWSERS)))
    browser = playwright.chromium.launch(executable_path=executable, args=BROWSER_ARGUMENTS)
    stack.callback(browser.close)
    page = NotebookPage(tab(browser), lab.address, notebooks / "notebook.ipynb")
    page.open([cell.source for cell in chain(size, "c")], SIDES[name])
    if name == OURS:
        show_panel(page)
    page.evaluate(LISTEN)
    return page


def _type(page: NotebookPage) -> tuple[list[float], float]:
    """Return the seconds until each key was painted, and those spent in long tasks meanwhile."""
    page.select(0)
    page.command("notebook:enter-edit-mode")
    page.evaluate("() => { keys.length = 0; }")
    page.page.keyboard.press("End")
    page.wait_for("keys.length === 1")
    page.evaluate("() => { keys.length = tasks.length = 0; }")
    page.page.keyboard.type(TEXT, delay=PACE)
    page.wait_for("count => keys.length === count", len(TEXT))
    keys, tasks = page.evaluate("[keys, tasks]")
    return [key / 1000 for key in keys], sum(tasks) / 1000


def _scroll(page: NotebookPage, scroller: str, frames: int) -> list[float]:
    """Return the seconds from one frame to the next, from the top of something to its end."""
    page.evaluate(SCROLL, [scroller, frames])
    return [frame / 1000 for frame in page.evaluate("frames")]
