"""Makes pictures of what the extension shows, in every theme, to be looked at.

All go to a folder; those that the documentation has go to this one too, in fewer colours.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright
from ui.conftest import BROWSER_ARGUMENTS, BROWSERS, JupyterLab
from ui.notebook_page import CELLS, PANEL, NotebookPage
from ui.test_confirm import dialog, took
from ui.test_panel import node, show_panel, variable

THEMES = {
    "light": "JupyterLab Light",
    "dark": "JupyterLab Dark",
    "contrast": "JupyterLab Dark High Contrast",
}

SHOWN = {"light": ("overview", "why", "confirm", "graph"), "dark": ("overview",)}
"""By theme, the pictures that the documentation has."""

ANALYSIS = [
    "import numpy as np\nimport pandas as pd",
    """\
rng = np.random.default_rng(7)
sales = pd.DataFrame({
    'shop': rng.choice(['north', 'south', 'west'], 600),
    'price': rng.normal(20, 4, 600).round(2),
})""",
    "limit = 25",
    "cheap = sales[sales.price < limit]",
    "by_shop = cheap.groupby('shop').price.agg(['count', 'mean']).round(2)\nby_shop",
    "total = cheap.price.sum()\nprint(f'{total:,.0f}')",
    "summary = by_shop.assign(share=by_shop['count'] / len(cheap))\nsummary",
]

SLOW = "import time\nfor _ in range(400):\n    time.sleep(0.1)"
STATES = ["x = 1", "y = x + 1", "z = late", "1 / 0\nw = 1", "print(w)", "late = 2", "y * 2", SLOW]


def main(folder: Path) -> int:
    executable = next(filter(None, map(shutil.which, BROWSERS)))
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as playwright:
        notebooks, home = Path(temporary, "notebooks"), Path(temporary, "home")
        notebooks.mkdir()
        home.mkdir()
        chromium = playwright.chromium.launch(executable_path=executable, args=BROWSER_ARGUMENTS)
        with JupyterLab(notebooks, home) as server:
            for theme, name in THEMES.items():
                shown = chromium.new_page(viewport={"width": 1280, "height": 800})
                page = NotebookPage(shown, server.address, notebooks / f"{theme}.ipynb")
                for picture in pictures(page, name):
                    path = folder / f"{picture}-{theme}.png"
                    shown.screenshot(path=path)
                    if picture in SHOWN.get(theme, ()):
                        shrink(path, Path(__file__).parent / path.name)
                page.leave()
                shown.close()
        chromium.close()
    return 0


def shrink(source: Path, target: Path) -> None:
    """Keep a picture with as few colours as do."""
    with Image.open(source) as image:
        image.convert("RGB").quantize(128, dither=Image.Dither.NONE).save(target, optimize=True)


def pictures(page: NotebookPage, theme: str) -> Iterator[str]:
    """Bring the page into one state after the other, and name it."""
    analysis = page.path.name
    page.open(ANALYSIS)
    page.command("apputils:change-theme", theme=theme)
    page.wait_for("theme => document.body.dataset.jpThemeName === theme", theme)
    page.evaluate("jupyterapp.shell.collapseLeft()")
    page.evaluate(
        f"""() => {{
            const {{ sharedModel }} = {PANEL}.content.model;
            sharedModel.insertCell(5, {{ cell_type: 'markdown', source: '## Results' }});
            sharedModel.insertCell(1, {{ cell_type: 'markdown', source: '# Sales' }});
        }}"""
    )
    panel = show_panel(page)
    page.evaluate("jupyterapp.shell._rightHandler._area.parent.setRelativeSizes([0, 2, 1])")
    page.select(0)
    page.command("notebook:run-all-cells")
    page.wait_for(f"{CELLS}.at(-1).executionCount === 7")
    page.write(3, "limit = 22")
    page.cell(8).locator("[data-state=stale]").wait_for()
    page.select(4)
    variable(panel, "summary").wait_for()
    node(panel, "cheap = sales").wait_for()
    settle(page)
    yield "overview"

    page.select(8)
    page.command("reactive-kernel:explain")
    page.page.get_by_role("dialog", name="Stale").wait_for()
    yield "why"
    page.page.keyboard.press("Escape")

    page.command("reactive-kernel:tour")
    page.page.get_by_text("1 of 5").wait_for()
    yield "tour"
    page.page.keyboard.press("Escape")

    page.command("docmanager:save")
    page.evaluate(f"{PANEL}.dispose()")
    yield from states(page)

    page.command("docmanager:open", path=analysis)
    page.wait_until_ready("reactive")
    page.select(8)
    panel.get_by_label("Minimap Section").click()
    panel.get_by_label("Variables Section").click()
    panel.get_by_role("button", name="Group by Heading").click()
    panel.locator(".jp-ReactiveGraph-group").first.wait_for()
    panel.get_by_role("button", name="Fit").click()
    settle(page)
    yield "graph"


def states(page: NotebookPage) -> Iterator[str]:
    """Show cells in all states, and what asks and tells."""
    page.path = page.path.with_name(f"states-{page.path.name}")
    page.open(STATES)
    took(page, 7, 40)
    page.run(0, 6)
    page.write(0, "x = 5")
    page.select(1)
    page.command("reactive-kernel:toggle-frozen")
    page.select(6)
    page.command("reactive-kernel:toggle-manual")
    page.cell(6).locator(".jp-ReactiveHeld").wait_for()
    settle(page)
    yield "states"

    page.start("notebook:run-all-cells")
    dialog(page).wait_for()
    yield "confirm"
    page.confirm()
    page.page.get_by_role("progressbar", name="Cells of the run").wait_for()
    settle(page)
    yield "running"
    page.page.set_viewport_size({"width": 620, "height": 800})
    settle(page)
    yield "narrow"
    page.page.set_viewport_size({"width": 1280, "height": 800})
    page.page.get_by_role("button", name="Cancel run").click()
    page.page.get_by_role("progressbar", name="Cells of the run").wait_for(state="hidden")

    page.command("settingeditor:open", query="Reactive Notebooks")
    page.page.get_by_label("Mark cells").wait_for()
    yield "settings"


def settle(page: NotebookPage) -> None:
    """Wait until what has changed has been painted."""
    page.evaluate(
        """() => new Promise(resolve => {
            requestAnimationFrame(() => requestAnimationFrame(() => requestIdleCallback(resolve)));
        })"""
    )


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
