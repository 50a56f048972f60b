"""Pages whose documents jupyter-collaboration keeps in step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reactive_kernel.client import RestNotebook

from .conftest import JupyterLab
from .notebook_page import CELLS, PANEL, SOURCES, NotebookPage, agree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import BrowserContext

    Edit = Callable[[NotebookPage, list[dict[str, object]]], None]

CHAIN = ["x = 1", "y = x + 1", "print(x, y)"]


@pytest.fixture(scope="module")
def collaborative(notebooks: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a JupyterLab server with jupyter-collaboration."""
    home = tmp_path_factory.mktemp("collaboration")
    with JupyterLab(notebooks, home, collaboration=True) as server:
        yield server.address


@pytest.fixture
def page(
    collaborative: str, browser: BrowserContext, notebooks: Path, request: pytest.FixtureRequest
) -> Iterator[NotebookPage]:
    shown = browser.new_page()
    page = NotebookPage(shown, collaborative, notebooks / f"shared-{request.node.name}.ipynb")
    yield page
    page.leave()
    shown.close()


def record_edits(page: NotebookPage) -> None:
    """Record the operations that the kernel tells any of its clients of, each of them once."""
    page.evaluate(
        f"""() => {{
            window.edits = [];
            const seen = new Set();
            {PANEL}.sessionContext.iopubMessage.connect((_, msg) => {{
                const data = msg.content.data ?? {{}};
                if (data.type === 'edited' && !seen.has(data.revision)) {{
                    seen.add(data.revision);
                    window.edits.push(...data.ops);
                }}
            }});
        }}"""
    )


def test_operations_come_once(page: NotebookPage, other: NotebookPage) -> None:
    page.open(CHAIN)
    other.join(page)
    assert page.evaluate(f"{PANEL}.content.model.collaborative")
    record_edits(page)
    page.insert(0, "z = 3")
    other.has(["x = 1", "z = 3", "y = x + 1", "print(x, y)"])
    other.write(0, "x = 5")
    page.has(["x = 5", "z = 3", "y = x + 1", "print(x, y)"])
    other.select(3)
    other.command("notebook:move-cell-up")
    page.has(["x = 5", "z = 3", "print(x, y)", "y = x + 1"])
    page.select(1)
    page.command("notebook:delete-cell")
    other.has(["x = 5", "print(x, y)", "y = x + 1"])
    agree(page, other)
    # Nothing that the collaboration layer brought to a page was sent to the kernel again.
    page.wait_for("window.edits.some(op => op.op === 'delete_cell')")
    seen = page.evaluate("window.edits.map(op => JSON.stringify(op))")
    assert len(set(seen)) == len(seen)
    structure = page.evaluate("window.edits.map(op => op.op).filter(op => op !== 'update_cell')")
    assert structure == ["create_cell", "move_cell", "delete_cell"]
    assert len(set(page.ids)) == 3


def test_typing_at_the_same_time(page: NotebookPage, other: NotebookPage) -> None:
    page.open(["", "z = 0"])
    other.join(page)
    page.cell(0).locator(".cm-content").click()
    other.cell(1).locator(".cm-content").click()
    other.page.keyboard.press("Control+End")
    for letter in "abcdefgh":
        page.page.keyboard.type(letter)
        other.page.keyboard.type(letter)
    wanted = ["abcdefgh", "z = 0abcdefgh"]
    page.has(wanted)
    other.has(wanted)
    agree(page, other)
    # In one cell: both texts are there, whatever their order.
    page.page.keyboard.type(" = 1")
    other.cell(0).locator(".cm-content").click()
    other.page.keyboard.press("Control+End")
    for letter in "ijkl":
        page.page.keyboard.type("1")
        other.page.keyboard.type(letter)
    for shown in (page, other):
        shown.wait_for(f"{SOURCES}[0].length === 20")
    agree(page, other)
    assert sorted(page.sources[0]) == sorted("abcdefgh = 11111ijkl")


def test_runs(page: NotebookPage, other: NotebookPage) -> None:
    page.open(CHAIN)
    other.join(page)
    page.run(0, 2)
    for shown in (page, other):
        shown.shows(["", "", "1 2"], ["fresh", "fresh", "fresh"])
    other.write(0, "x = 2")
    other.run(0)
    for shown in (page, other):
        shown.shows(["", "", "2 3"], ["fresh", "fresh", "fresh"])
        assert shown.counts == [4, 5, 6]
    agree(page, other)


def test_what_a_client_does_that_does_not_share_the_document(
    page: NotebookPage, other: NotebookPage, edit_without_page: Edit
) -> None:
    page.open(CHAIN)
    other.join(page)
    cell = {"id": "from-elsewhere", "cell_type": "code", "source": "w = 1"}
    edit_without_page(
        page,
        [
            {"op": "update_cell", "cell_id": page.ids[0], "source": "x = 7"},
            {"op": "create_cell", "cell": cell, "index": 1},
        ],
    )
    wanted = ["x = 7", "w = 1", "y = x + 1", "print(x, y)"]
    page.has(wanted)
    other.has(wanted)
    page.run(0, 3)
    for shown in (page, other):
        shown.shows(["", "", "", "7 8"], ["fresh", "fresh", "fresh", "fresh"])
        assert shown.evaluate(SOURCES) == wanted
    agree(page, other)


def test_what_a_program_does_over_rest(page: NotebookPage, other: NotebookPage) -> None:
    page.open(CHAIN)
    other.join(page)
    rest = RestNotebook(page.server, page.path.name)
    created = rest.create_cell("w = y * 10\nprint(w)", index=2)
    wanted = ["x = 1", "y = x + 1", "w = y * 10\nprint(w)", "print(x, y)"]
    for shown in (page, other):
        shown.has(wanted)
    assert rest.run([created.cell_id]).failed == []
    for shown in (page, other):
        shown.shows(["", "", "20", ""], ["fresh", "fresh", "fresh", "new"])
    rest.delete_cell(created.cell_id)
    page.has(CHAIN)
    agree(page, other)


def test_a_page_that_is_loaded_anew(page: NotebookPage, other: NotebookPage) -> None:
    page.open(CHAIN)
    other.join(page)
    page.run(0, 2)
    other.reload()
    other.shows(["", "", "1 2"], ["fresh", "fresh", "fresh"])
    page.write(0, "x = 4")
    other.wait_for(f"{CELLS}[0].sharedModel.getSource() === 'x = 4'")
    other.run(0)
    for shown in (page, other):
        shown.shows(["", "", "4 5"], ["fresh", "fresh", "fresh"])
    agree(page, other)
