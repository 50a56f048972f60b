"""The examples show in the browser what they show headless."""

from __future__ import annotations

import asyncio
import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import pytest

from reactive_kernel.client import ReactiveNotebookClient

from .notebook_page import CELLS

if TYPE_CHECKING:
    from .notebook_page import NotebookPage

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.ipynb"))


def run_headless(path: Path) -> nbformat.NotebookNode:
    book = nbformat.read(path, as_version=4)
    # In a thread of its own, since playwright's event loop is running in this one.
    with ThreadPoolExecutor(1) as pool:
        resources = {"metadata": {"path": str(path.parent)}}
        client = ReactiveNotebookClient(book, resources=resources)
        pool.submit(asyncio.run, client.async_execute()).result()
    return book


def joined(outputs: list[Any]) -> list[Any]:
    """Outputs without what differs from run to run: counts, and how streams are cut."""
    shown: list[Any] = []
    for output in outputs:
        if output["output_type"] == "stream":
            if shown and shown[-1][0] == output["name"]:
                shown[-1][1] += told(output["text"])
            else:
                shown.append([output["name"], told(output["text"])])
        else:
            data = {mime: "".join(data) for mime, data in sorted(output["data"].items())}
            shown.append([output["output_type"], data])
    return shown


def told(text: Any) -> str:
    """A text without how long a SQL cell took."""
    return re.sub(r"(?<= in )[\d.]+ m?s$", "no time", "".join(text), flags=re.MULTILINE)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_shows_what_it_shows_headless(page: NotebookPage, path: Path) -> None:
    shutil.copy(path, page.path)
    data = path.with_suffix("")
    if data.is_dir():
        shutil.copytree(data, page.path.parent / data.name, dirs_exist_ok=True)
    page.reload()
    page.command("notebook:run-all-cells")
    page.wait_for(f"{CELLS}.every(cell => cell.type !== 'code' || cell.executionCount)")
    in_browser = page.evaluate(f"{CELLS}.map(cell => cell.outputs?.toJSON() ?? [])")
    headless = [cell.get("outputs", []) for cell in run_headless(path).cells]
    assert [joined(outputs) for outputs in in_browser] == [joined(o) for o in headless]
    page.in_step()
