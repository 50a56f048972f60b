"""Clients that know nothing of the protocol, on the reactive kernel as on ipykernel's."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import nbformat
import papermill
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode
from papermill.exceptions import PapermillExecutionError

from .notebooks import TOUR, cell, notebook, shown

if TYPE_CHECKING:
    from pathlib import Path


def plainly(book: NotebookNode, kernel: str) -> NotebookNode:
    return NotebookClient(book, kernel_name=kernel).execute()


@pytest.fixture(scope="module")
def expected() -> dict[str, list[object]]:
    """What the tour shows with ipykernel's own kernel."""
    return shown(plainly(notebook(**TOUR), "python3"))


@pytest.fixture
def tour(tmp_path: Path) -> Path:
    """The tour as a file."""
    path = tmp_path / "tour.ipynb"
    nbformat.write(notebook(**TOUR), path)
    return path


def command(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *arguments], cwd=cwd, capture_output=True, text=True, check=False
    )


def test_nbclient(expected: dict[str, list[object]]) -> None:
    book = plainly(notebook(**TOUR), "reactive")
    assert shown(book) == expected
    assert [cell.execution_count for cell in book.cells] == list(range(1, len(TOUR) + 1))


def test_nbclient_stops_at_an_error() -> None:
    book = notebook(bad="1 / 0", after="print('after')")
    with pytest.raises(CellExecutionError):
        plainly(book, "reactive")
    assert shown(book)["after"] == []


def test_nbclient_sees_mutation_and_ghosts_as_ever() -> None:
    book = notebook(a="a = []", b="a.append(1)", c="globals()['d'] = a\ndel a", e="print(d)")
    assert shown(plainly(book, "reactive"))["e"] == [("stdout", "[1]\n")]


def test_jupyter_execute(tour: Path, expected: dict[str, list[object]]) -> None:
    done = command(
        "jupyter",
        "execute",
        "tour.ipynb",
        "--kernel_name=reactive",
        "--output=done",
        cwd=tour.parent,
    )
    assert done.returncode == 0, done.stderr
    assert shown(nbformat.read(tour.parent / "done.ipynb", as_version=4)) == expected


def test_nbconvert(tour: Path, expected: dict[str, list[object]]) -> None:
    done = command(
        "nbconvert",
        "--to=notebook",
        "--execute",
        "--ExecutePreprocessor.kernel_name=reactive",
        "--output=done",
        "tour.ipynb",
        cwd=tour.parent,
    )
    assert done.returncode == 0, done.stderr
    assert shown(nbformat.read(tour.parent / "done.ipynb", as_version=4)) == expected


@pytest.mark.parametrize("engine", [None, "reactive"])
def test_papermill(tour: Path, expected: dict[str, list[object]], engine: str | None) -> None:
    done = tour.parent / "done.ipynb"
    papermill.execute_notebook(
        tour, done, kernel_name="reactive", engine_name=engine, progress_bar=False
    )
    book = nbformat.read(done, as_version=4)
    assert shown(book) == expected
    assert {cell.metadata.papermill.status for cell in book.cells} == {"completed"}


@pytest.mark.parametrize("engine", [None, "reactive"])
def test_papermill_parameters(tmp_path: Path, engine: str | None) -> None:
    book = notebook(defaults="n = 1", result="print(n * 2)")
    book.cells[0].metadata.tags = ["parameters"]
    book.metadata.kernelspec = {"name": "reactive", "display_name": "", "language": "python"}
    nbformat.write(book, tmp_path / "in.ipynb")
    done = papermill.execute_notebook(
        tmp_path / "in.ipynb",
        tmp_path / "out.ipynb",
        parameters={"n": 21},
        kernel_name="reactive",
        engine_name=engine,
        progress_bar=False,
    )
    assert cell(done, "result").outputs[0].text == "42\n"


def test_papermills_reactive_engine_goes_on_after_a_failure(tmp_path: Path) -> None:
    nbformat.write(
        notebook(bad="x = 1 / 0", needs="x", apart="print('apart')"), tmp_path / "in.ipynb"
    )
    with pytest.raises(PapermillExecutionError, match="ZeroDivisionError"):
        papermill.execute_notebook(
            tmp_path / "in.ipynb",
            tmp_path / "out.ipynb",
            kernel_name="reactive",
            engine_name="reactive",
            progress_bar=False,
        )
    book = nbformat.read(tmp_path / "out.ipynb", as_version=4)
    assert cell(book, "apart").outputs[0].text == "apart\n"
    assert cell(book, "needs").outputs == []
    assert cell(book, "bad").metadata.papermill.status == "failed"
    assert cell(book, "apart").metadata.papermill.exception is False
    assert cell(book, "needs").metadata.papermill.start_time is None
