"""What stays in memory of notebooks that were closed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .notebook_page import PANEL
from .test_panel import row, show_panel

if TYPE_CHECKING:
    from .notebook_page import NotebookPage

TRACKER = """window.jupyterapp.pluginRegistry._plugins
    .get('@reactive-kernel/labextension:tracker').service"""


class Heap:
    """The objects that a page has, as its debugger finds them once all others are gone."""

    def __init__(self, page: NotebookPage) -> None:
        self._session = page.page.context.new_cdp_session(page.page)

    def count(self, prototype: str) -> int:
        """How many objects have a prototype, by the expression that gives it."""
        found = self._session.send("Runtime.evaluate", {"expression": prototype})
        objects = self._session.send(
            "Runtime.queryObjects", {"prototypeObjectId": found["result"]["objectId"]}
        )
        told = self._session.send(
            "Runtime.callFunctionOn",
            {
                "objectId": objects["objects"]["objectId"],
                "functionDeclaration": "function() { return this.length; }",
                "returnByValue": True,
            },
        )
        self._session.send("Runtime.releaseObject", {"objectId": objects["objects"]["objectId"]})
        count: int = told["result"]["value"]
        return count


@pytest.mark.timeout(600)
def test_nothing_is_kept_of_thirty_notebooks(page: NotebookPage) -> None:
    page.open(["x = 1", "y = x", "z = late", "late = 2"])
    panel = show_panel(page)
    page.run(0, 1)
    page.command("docmanager:save")
    # All that the extension has for a notebook knows this one object of it.
    page.evaluate(f"window.notebook = Object.getPrototypeOf({TRACKER}.current)")
    heap = Heap(page)
    assert heap.count("window.notebook") == 1
    for _ in range(30):
        page.evaluate(f"{PANEL}.dispose()")
        row(panel, 1).wait_for(state="hidden")
        page.command("docmanager:open", path=page.path.name)
        page.wait_until_ready("reactive")
        row(panel, 4).wait_for()
    # The one in front, and some that the browser may hold for a while, without a way to them from
    # the page: what is kept of each notebook would be thirty, however often one looks.
    counts = [heap.count("window.notebook") for _ in range(10)]
    assert min(counts) <= 10, counts
    assert page.evaluate(f"{TRACKER}.panels.length") == 1
    # JupyterLab keeps each of them itself: other tests get a page without.
    page.page.close()
