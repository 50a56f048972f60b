"""The page in another language, and from right to left."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .test_panel import node, row, show_panel

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Locator

    from .notebook_page import NotebookPage

LANGUAGE = "@jupyterlab/translation-extension/plugin.jupyterlab-settings"


@pytest.fixture
def german(page: NotebookPage, other: NotebookPage, home: Path) -> NotebookPage:
    """A page that speaks German, beside one that keeps its language."""
    page.open(["x = 1", "y = x"])
    path = home / "JUPYTER_CONFIG_DIR/lab/user-settings" / LANGUAGE
    path.parent.mkdir(exist_ok=True)
    path.write_text('{"locale": "de_DE"}')
    try:
        other.join(page)
    finally:
        path.unlink()
    return other


def test_the_page_speaks_german(german: NotebookPage) -> None:
    german.command("reactive-kernel:show-panel")
    panel = german.page.get_by_role("region", name="Reaktiv", exact=True)
    panel.get_by_role("listbox", name="Zellen").get_by_text("Nicht gelaufen").first.wait_for()
    titles = panel.locator(".jp-AccordionPanel-title")
    assert [title.strip() for title in titles.all_text_contents()] == [
        "Übersicht",
        "Graph",
        "Variablen",
    ]
    german.page.get_by_text("Reaktiv: auto", exact=True).wait_for()
    german.run(0, 1)
    german.write(0, "x = 2")
    german.page.locator("button", has_text="Veraltete ausführen (2)").wait_for()
    german.shows(states=["stale", "stale"])
    german.select(1)
    german.command("reactive-kernel:explain")
    why = german.page.get_by_role("dialog", name="Veraltet")
    why.get_by_text("`x` kommt aus Zelle [1]").wait_for()
    assert why.get_by_role("button").all_inner_texts() == [
        "Zu Zelle [1]",
        "Ausführen mit allem, was sie braucht",
        "Nur diese ausführen",
    ]
    german.page.keyboard.press("Escape")
    german.page.locator(".lm-MenuBar-item", has_text="Ausführen").click()
    german.page.locator(".lm-Menu-item[data-type=submenu]", has_text="Reaktiv").hover()
    german.page.locator(".lm-Menu-item", has_text="Veraltete Zellen ausführen").wait_for()
    german.page.keyboard.press("Escape")
    german.page.keyboard.press("Escape")
    german.command("settingeditor:open", query="Reaktive Notebooks")
    german.page.get_by_label("Zellen markieren").wait_for()


def sides(found: Locator) -> tuple[float, float]:
    """Where something begins and ends, from the left."""
    found.wait_for()
    box = found.bounding_box()
    assert box
    return box["x"], box["x"] + box["width"]


def test_from_right_to_left_all_is_on_the_other_side(page: NotebookPage) -> None:
    page.open(["x = 1", "y = x"])
    panel = show_panel(page)
    page.evaluate("document.documentElement.dir = 'rtl'")
    left, right = sides(page.cell(1).locator(".jp-InputPrompt"))
    mark = sides(page.cell(1).locator(".jp-ReactiveMark-icon"))
    assert left <= mark[0] < mark[1] <= right
    assert sides(page.cell(1).locator(".jp-InputArea-editor"))[1] <= left + 1
    arcs = sides(panel.locator(".jp-ReactiveMinimap-arcs"))
    assert sides(row(panel, 2))[1] <= arcs[0] + 1
    # A drawing reads the same everywhere: the text is within its node.
    left, right = sides(node(panel, "y = x").locator("rect"))
    text = sides(node(panel, "y = x").locator("text"))
    assert left < text[0] < text[1] < right
    page.evaluate("document.documentElement.removeAttribute('dir')")
