"""Notebooks and messages that mean harm: nothing of them becomes a part of the page."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from .notebook_page import CELLS, PANEL

if TYPE_CHECKING:
    from .notebook_page import NotebookPage

HARM = "<img src=x onerror='window.harmed = true'>"


def unharmed(page: NotebookPage) -> None:
    """Nothing of what would do harm was run, or is an element of the page."""
    assert page.page.locator("img[src=x][onerror]").count() == 0
    assert page.evaluate("window.harmed") is None


def test_ids_and_names_that_are_html(page: NotebookPage, other: NotebookPage) -> None:
    file = repr("<img src=x onerror=window.harmed=true>")
    page.open(
        [
            f"open({file}, 'w').write('1')",
            f"print(open({file}).read())",
            f"print({HARM!r})",
        ]
    )
    other.join(page)
    page.run(0, 2)
    page.write(0, f"open({file}, 'w').write('2')")
    for shown in (page, other):
        shown.shows(["1", "1", HARM], ["stale", "stale", "fresh"])
        mark = shown.cell(1).locator(".jp-ReactiveMark-icon")
        mark.wait_for()
        assert "onerror" in (mark.get_attribute("title") or "")
        unharmed(shown)


def test_a_notebook_whose_ids_are_html_is_refused(page: NotebookPage) -> None:
    page.open(["x = 1"])
    content = json.loads(page.path.read_text())
    content["cells"][0]["id"] = HARM
    page.path = page.path.with_name("hostile-ids.ipynb")
    page.path.write_text(json.dumps(content))
    page.command("docmanager:open", path=page.path.name)
    page.wait_for(f"{PANEL}.context.path === 'hostile-ids.ipynb' && {PANEL}.content.model?.cells")
    notice = page.page.locator(".Toastify__toast", has_text="runs cell by cell")
    notice.wait_for()
    unharmed(page)
    notice.locator("button").first.click()


def test_outputs_from_elsewhere_are_not_trusted(page: NotebookPage, other: NotebookPage) -> None:
    page.open(
        [
            "from IPython.display import HTML, Javascript, display",
            f"display(HTML({(HARM + 'seen')!r}))",
            "display(Javascript('window.harmed = true'))",
        ]
    )
    other.join(page)
    other.run(0, 2)
    other.wait_for("window.harmed")
    page.shows(states=["fresh", "fresh", "fresh"])
    page.page.locator(".jp-OutputArea-output", has_text="seen").wait_for()
    assert not any(page.evaluate(f"{CELLS}.slice(1).map(cell => cell.trusted)"))
    unharmed(page)
