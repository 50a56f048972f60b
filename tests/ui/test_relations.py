"""What depends on what is seen on the cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .notebook_page import PANEL

if TYPE_CHECKING:
    from .notebook_page import NotebookPage

TINTS = f"""{PANEL}.content.widgets.map(({{ node }}) =>
    node.classList.contains('jp-mod-reactiveUpstream') ? 'above'
    : node.classList.contains('jp-mod-reactiveDownstream') ? 'below' : '')"""


def tinted(page: NotebookPage, *tints: str) -> None:
    """Wait until the cells are tinted like this, of what the active one depends on and not."""
    page.wait_for(f"expected => JSON.stringify({TINTS}) === JSON.stringify(expected)", list(tints))


def test_the_active_cell_shows_what_it_depends_on(page: NotebookPage) -> None:
    page.open(["x = 1", "y = x", "z = 3", "print(y, z)", "print(x)"])
    page.select(1)
    tinted(page, "above", "", "", "below", "")
    page.select(3)
    tinted(page, "above", "above", "above", "", "")
    page.select(0)
    tinted(page, "", "below", "", "below", "below")


def test_an_edit_changes_what_depends_on_the_active_cell(page: NotebookPage) -> None:
    page.open(["x = 1", "y = 2", "print(x)"])
    page.select(0)
    tinted(page, "", "", "below")
    page.write(2, "print(y)")
    page.select(0)
    tinted(page, "", "", "")
    page.command("notebook:move-cell-down")
    page.write(2, "print(x)")
    page.select(1)
    tinted(page, "", "", "below")


def test_another_kernel_leaves_no_tint(page: NotebookPage) -> None:
    page.open(["x = 1", "print(x)"])
    page.select(0)
    tinted(page, "", "below")
    page.evaluate(f"{PANEL}.sessionContext.changeKernel({{ name: 'python3' }})")
    tinted(page, "", "")
