"""What axe finds on the page, and where keys lead."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .notebook_page import PANEL, NotebookPage
from .test_confirm import answer, dialog, took
from .test_panel import node, row, show_panel, variable
from .test_tour import tour

if TYPE_CHECKING:
    from .conftest import Gate

AXE = Path(__file__).parents[2] / "labextension/node_modules/axe-core/axe.min.js"

FINDINGS = """async () => {
    const { violations } = await axe.run(document, { resultTypes: ['violations'] });
    const name = node => `${node.localName}.${[...node.classList].sort().join('.')}`;
    const isOurs = node => node.closest('[class*=jp-Reactive], [data-jp-item-name^=reactive]');
    return violations
        .filter(({ impact }) => ['serious', 'critical'].includes(impact))
        .flatMap(({ id, nodes }) => nodes.map(({ target }) => {
            const node = document.querySelector([target[0]].flat()[0]);
            return `${id}: ${isOurs(node) ? 'our' : 'their'} ${name(node)}`;
        }));
}"""

THEMES = ("JupyterLab Light", "JupyterLab Dark", "JupyterLab Dark High Contrast")

# With results of every kind.
SOURCES = ["import math", "x = 1", "y = x + 1", "z = late", "1 / 0\nw = 1", "print(w)", "late = 2"]


def findings(page: NotebookPage) -> set[str]:
    """What axe takes for serious, or worse."""
    if not page.evaluate("'axe' in window"):
        page.evaluate("source => { (0, eval)(source); }", AXE.read_text())
    return set(page.evaluate(FINDINGS))


@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_no_more_than_in_a_plain_notebook(
    page: NotebookPage, notebooks: Path, gate: Gate, theme: str
) -> None:
    plain = NotebookPage(page.page, page.server, notebooks / f"plain {theme}.ipynb")
    plain.open(SOURCES, kernel="python3")
    page.set("theme", theme, "@jupyterlab/apputils-extension:themes")
    page.wait_for("theme => document.body.dataset.jpThemeName === theme", theme)
    plain.run(0, 6)
    known = findings(plain)
    assert not [finding for finding in known if ": our" in finding]
    plain.leave()

    page.open([*SOURCES, gate.wait])
    took(page, 7, 40)
    panel = show_panel(page)
    page.run(0, 6)
    page.write(1, "x = 5")
    page.select(2)
    page.command("reactive-kernel:toggle-frozen")
    page.cell(2).locator(".jp-ReactiveHeld").wait_for()
    variable(panel, "y").wait_for()
    node(panel, "y = x + 1, Stale").wait_for()
    row(panel, 4).get_by_text("Defined below").wait_for()
    assert findings(page) - known == set()

    page.command("reactive-kernel:explain")
    why = page.page.get_by_role("dialog", name="Stale")
    why.wait_for()
    assert findings(page) - known == set()
    page.page.keyboard.press("Escape")

    page.select(7)
    page.start("notebook:run-cell")
    dialog(page).wait_for()
    assert findings(page) - known == set()
    answer(page, "Run")
    page.page.get_by_role("progressbar", name="Cells of the run").wait_for()
    assert findings(page) - known == set()
    gate.open()
    page.page.get_by_role("progressbar", name="Cells of the run").wait_for(state="hidden")

    page.command("reactive-kernel:tour")
    tour(page).wait_for()
    assert findings(page) - known == set()
    page.page.keyboard.press("Escape")


def walk_to(page: NotebookPage, name: str) -> None:
    """Go along the toolbar by keys until something of this name has the focus."""
    passed: list[str] = []
    page.page.locator(".jp-NotebookPanel-toolbar:visible [tabindex='0']:visible").focus()
    while len(passed) < 20 and name not in passed:
        focus = "document.activeElement.ariaLabel || document.activeElement.title"
        passed.append(page.evaluate(focus))
        page.page.keyboard.press("ArrowRight")
    page.page.keyboard.press("ArrowLeft")
    assert name in passed, passed


def test_arrow_keys_lead_along_the_toolbar(page: NotebookPage, gate: Gate) -> None:
    page.open(["x = 1", gate.wait])
    page.run(0)
    page.write(0, "x = 2")
    page.page.locator("button", has_text="Run stale (1)").wait_for()
    walk_to(page, "Run stale (1)")
    page.page.keyboard.press("Enter")
    page.shows(states=["fresh", "new"])
    walk_to(page, "Run stale")
    page.start("notebook:run-all-cells")
    cancel = page.page.get_by_role("button", name="Cancel run")
    cancel.wait_for()
    walk_to(page, "Cancel run")
    page.page.keyboard.press("Enter")
    cancel.wait_for(state="hidden")
    page.wait_for(f"{PANEL}.content.node.contains(document.activeElement)")


def test_the_toolbar_of_other_kernels_keeps_its_place_among_the_tabs(page: NotebookPage) -> None:
    page.open(["x = 1"], kernel="python3")
    toolbar = page.page.locator(".jp-NotebookPanel-toolbar:visible")
    toolbar.locator("[tabindex='0']:visible").wait_for()
    assert toolbar.locator("[data-jp-item-name^=reactive] *").count() == 0
