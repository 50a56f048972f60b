"""`jupyter reactive run` on notebook files."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

from reactive_kernel.client.command import main

from .notebooks import notebook, shown


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a notebook of the reactive kernel."""
    book = notebook(x="x = 1", y="y = x + 1", p="print(y)")
    book.metadata.kernelspec = {"name": "reactive", "display_name": "", "language": "python"}
    nbformat.write(book, tmp_path / "book.ipynb")
    return tmp_path


def write(path: Path, **sources: str) -> None:
    nbformat.write(notebook(**sources), path)


def read(path: Path) -> dict[str, list[Any]]:
    return shown(nbformat.read(path, as_version=4))


def test_the_command_is_installed(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "jupyter", "reactive", "run", "book.ipynb", "--inplace"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert read(folder / "book.ipynb")["p"] == [("stdout", "2\n")]


def test_without_a_target_nothing_is_written(folder: Path) -> None:
    before = (folder / "book.ipynb").read_bytes()
    assert main(["run", str(folder / "book.ipynb")]) == 0
    assert (folder / "book.ipynb").read_bytes() == before
    assert [file.name for file in folder.iterdir()] == ["book.ipynb"]


@pytest.mark.parametrize("name", ["done", "done.ipynb", "{notebook_name}-done"])
def test_output(folder: Path, name: str) -> None:
    assert main(["run", str(folder / "book"), "--output", name]) == 0
    [written] = [file for file in folder.iterdir() if file.name != "book.ipynb"]
    assert written.name == ("book-done.ipynb" if "{" in name else "done.ipynb")
    assert read(written)["p"] == [("stdout", "2\n")]
    assert read(folder / "book.ipynb")["p"] == []


def test_chosen_cells(folder: Path) -> None:
    assert main(["run", str(folder / "book.ipynb"), "--inplace", "--cells", "y"]) == 0
    counts = [
        cell["execution_count"] for cell in json.loads((folder / "book.ipynb").read_text())["cells"]
    ]
    assert counts == [1, 2, None]


def test_failing_cells_are_named_and_the_rest_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "failing.ipynb"
    write(path, bad="x = 1 / 0", needs="x", apart="print('apart')")
    assert main(["run", str(path), "--kernel-name", "reactive", "--output", "out"]) == 1
    said = capsys.readouterr().err
    assert "cell 1 (id bad, In [1]): ZeroDivisionError: division by zero" in said
    assert "needs" in said
    assert "Traceback" not in said
    assert read(tmp_path / "out.ipynb") == {
        "bad": [("ZeroDivisionError", "division by zero")],
        "needs": [],
        "apart": [("stdout", "apart\n")],
    }


def test_allowed_errors(tmp_path: Path) -> None:
    path = tmp_path / "failing.ipynb"
    write(path, bad="1 / 0")
    assert main(["run", str(path), "--allow-errors", "--inplace"]) == 0
    assert read(path) == {"bad": [("ZeroDivisionError", "division by zero")]}


def test_the_kernel_runs_in_the_folder_of_the_notebook(tmp_path: Path) -> None:
    path = tmp_path / "where.ipynb"
    write(path, where="import os\nprint(os.getcwd())")
    assert main(["run", str(path), "--inplace"]) == 0
    assert read(path)["where"] == [("stdout", f"{tmp_path.resolve()}\n")]


def test_a_timeout_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "long.ipynb"
    write(path, quick="print('quick')", long="import threading\nthreading.Event().wait(60)")
    assert main(["run", str(path), "--timeout", "1", "--inplace"]) == 1
    assert "timed out" in capsys.readouterr().err
    assert read(path)["quick"] == [("stdout", "quick\n")]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["missing.ipynb"], "there is no file"),
        (["broken.ipynb"], "cannot be read as a notebook"),
        (["book.ipynb", "--cells", "nobody"], "no cell with the id nobody"),
        (["book.ipynb", "--kernel-name", "absent"], "no kernel named 'absent'"),
        (["book.ipynb", "--kernel-name", "python3"], "does not speak the reactive protocol"),
        (["book.ipynb", "--output", "nowhere/out"], "there is no folder"),
    ],
)
def test_what_cannot_be_done_is_said(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    message: str,
) -> None:
    monkeypatch.chdir(folder)
    Path("broken.ipynb").write_text("no notebook")
    assert main(["run", *arguments]) == 2
    said = capsys.readouterr().err
    assert message in said
    assert arguments[0] in said
