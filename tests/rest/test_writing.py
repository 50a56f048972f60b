"""Files that somebody else writes at the same moment, with a real contents manager."""

from __future__ import annotations

import asyncio
from pathlib import Path

import nbformat
import pytest
from jupyter_server.services.contents.largefilemanager import (
    AsyncLargeFileManager,
    LargeFileManager,
)
from jupyter_server.services.contents.manager import ContentsManager
from nbformat import v4

from reactive_kernel.document import Cell
from reactive_kernel.server.errors import RestError
from reactive_kernel.server.files import Files, NotebookFile


@pytest.fixture(params=[AsyncLargeFileManager, LargeFileManager])
def contents(request: pytest.FixtureRequest, tmp_path: Path) -> ContentsManager:
    nbformat.write(v4.new_notebook(cells=[v4.new_code_cell("x = 1", id="a")]), tmp_path / "a.ipynb")
    manager: ContentsManager = request.param(root_dir=str(tmp_path))
    manager.notary.db_file = ":memory:"
    return manager


def other_writes(folder: Path, source: str) -> None:
    file = nbformat.read(folder / "a.ipynb", as_version=4)
    file.cells.append(v4.new_code_cell(source))
    nbformat.write(file, folder / "a.ipynb")


def sources(folder: Path) -> list[str]:
    return [cell.source for cell in nbformat.read(folder / "a.ipynb", as_version=4).cells]


async def test_an_edit_is_made_again_on_what_others_have_written(
    contents: ContentsManager, tmp_path: Path
) -> None:
    edits = 0

    def edit(file: NotebookFile) -> None:
        nonlocal edits
        edits += 1
        file.put([*file.cells, Cell("mine", "code", "mine")])
        if edits == 1:
            other_writes(tmp_path, "other")

    await Files(contents).edit("a.ipynb", edit)
    assert sources(tmp_path) == ["x = 1", "other", "mine"]


async def test_an_edit_gives_up_where_the_file_never_rests(
    contents: ContentsManager, tmp_path: Path
) -> None:
    def edit(file: NotebookFile) -> None:
        file.put([*file.cells, Cell("mine", "code", "mine")])
        other_writes(tmp_path, "other")

    with pytest.raises(RestError, match="changed by somebody else") as error:
        await Files(contents).edit("a.ipynb", edit)
    assert error.value.status_code == 409
    assert set(sources(tmp_path)) == {"x = 1", "other"}


async def test_a_file_that_goes_away_is_not_made_again(
    contents: ContentsManager, tmp_path: Path
) -> None:
    with pytest.raises(RestError) as error:
        await Files(contents).edit("a.ipynb", lambda _: (tmp_path / "a.ipynb").unlink())
    assert error.value.status_code == 404
    assert not (tmp_path / "a.ipynb").exists()


async def test_a_file_that_is_half_written_is_read_when_it_is_whole(
    contents: ContentsManager, tmp_path: Path
) -> None:
    text = (tmp_path / "a.ipynb").read_text()
    (tmp_path / "a.ipynb").write_text(text[:20])
    reading = asyncio.create_task(Files(contents).read("a.ipynb"))
    await asyncio.sleep(0)
    (tmp_path / "a.ipynb").write_text(text)
    assert [cell.id for cell in (await reading).cells] == ["a"]
