"""`ReactiveNotebookClient` against real kernels."""

from __future__ import annotations

import copy
import pickle
from typing import TYPE_CHECKING, Any

import pytest
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode, v4
from protocol.sockets import socket_files

from reactive_kernel.client import (
    CellFailure,
    KernelNotReactiveError,
    NotebookRunError,
    ReactiveNotebookClient,
    RefusedError,
)
from reactive_kernel.client.notebook_client import cell_ids

from .notebooks import TOUR, cell, notebook, shown

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


def run(book: NotebookNode, **options: Any) -> NotebookNode:
    return ReactiveNotebookClient(book, kernel_name="reactive", **options).execute()


def failing() -> NotebookNode:
    return notebook(
        bad="x = 1 / 0",
        needs="print(x)",
        apart="print('apart')",
        also="raise ValueError('also')",
    )


def test_a_notebook_shows_what_a_plain_client_shows() -> None:
    plain = NotebookClient(notebook(**TOUR), kernel_name="python3").execute()
    reactive = run(notebook(**TOUR))
    assert shown(reactive) == shown(plain)
    assert [cell.execution_count for cell in reactive.cells] == [
        cell.execution_count for cell in plain.cells
    ]
    assert reactive.metadata.language_info == plain.metadata.language_info
    for mine, other in zip(reactive.cells, plain.cells, strict=True):
        assert set(mine.metadata.execution) == set(other.metadata.execution)


def test_the_history_of_the_user_has_nothing_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    NotebookClient(notebook(a="1"), kernel_name="python3").execute()
    run(notebook(a="1"))
    assert not [*tmp_path.rglob("history.sqlite")]
    run(notebook(a="1"), ipython_hist_file=str(tmp_path / "own.sqlite"))
    assert (tmp_path / "own.sqlite").exists()


def test_what_does_not_depend_on_a_failure_is_run() -> None:
    book = failing()
    book.cells[1].outputs = [v4.new_output("stream", text="from before")]
    book.cells[1].execution_count = 7
    with pytest.raises(NotebookRunError) as error:
        run(book)
    assert shown(book) == {
        "bad": [("ZeroDivisionError", "division by zero")],
        "needs": [("stdout", "from before")],
        "apart": [("stdout", "apart\n")],
        "also": [("ValueError", "also")],
    }
    assert book.cells[1].execution_count == 7
    assert "execution" not in book.cells[1].metadata
    failures = error.value.failures
    assert [(failure.cell_id, failure.index, failure.ename) for failure in failures] == [
        ("bad", 0, "ZeroDivisionError"),
        ("also", 3, "ValueError"),
    ]
    assert error.value.blocked == ("needs",)
    lines = str(error.value).splitlines()
    assert lines[0] == "cell 1 (id bad, In [1]): ZeroDivisionError: division by zero"
    assert "needs" in lines[-1]


def test_the_error_is_one_that_users_of_nbclient_catch() -> None:
    failure = CellFailure("bad", 0, 1, "ValueError", "no", "the traceback")
    error = NotebookRunError((failure,), ("needs",))
    assert isinstance(error, CellExecutionError)
    assert (error.ename, error.evalue, error.traceback) == ("ValueError", "no", "the traceback")
    copied = pickle.loads(pickle.dumps(error))
    assert (copied.failures, copied.blocked) == (error.failures, error.blocked)


def test_errors_may_be_allowed() -> None:
    book = run(failing(), allow_errors=True)
    assert shown(book)["apart"] == [("stdout", "apart\n")]


def test_a_cell_tagged_to_raise_is_no_failure() -> None:
    book = notebook(expected="1 / 0", after="print('after')")
    book.cells[0].metadata.tags = ["raises-exception"]
    run(book)
    assert shown(book) == {
        "expected": [("ZeroDivisionError", "division by zero")],
        "after": [("stdout", "after\n")],
    }


def test_allowed_names_of_errors() -> None:
    book = notebook(expected="1 / 0", other="int('x')")
    with pytest.raises(NotebookRunError) as error:
        run(book, allow_error_names=["ZeroDivisionError"])
    assert [failure.cell_id for failure in error.value.failures] == ["other"]


def test_chosen_cells_run_with_what_they_need() -> None:
    book = notebook(x="x = 1", y="y = x + 1", apart="print('apart')", p="print(y)")
    run(book, cells=["p"])
    assert shown(book)["p"] == [("stdout", "2\n")]
    assert [cell.execution_count for cell in book.cells] == [1, 2, None, 3]


def test_an_unknown_cell_is_refused() -> None:
    with pytest.raises(RefusedError, match="nobody") as error:
        run(notebook(x="x = 1"), cells=["nobody"])
    assert error.value.code == "unknown_cell"


def test_cells_tagged_to_be_skipped_are_not_run() -> None:
    book = notebook(x="x = 1", skipped="x = 2\nprint('ran')", p="print(x)")
    book.cells[1].metadata.tags = ["skip-execution"]
    run(book, cells=["p"])
    assert shown(book) == {"x": [], "skipped": [], "p": [("stdout", "1\n")]}


def test_markdown_and_empty_cells_stay() -> None:
    book = notebook(x="x = 1", empty="", p="x")
    book.cells.insert(1, v4.new_markdown_cell("# text", id="text"))
    run(book)
    assert cell(book, "p").outputs[0].data["text/plain"] == "1"
    assert cell(book, "empty").execution_count is None
    assert cell(book, "text").source == "# text"


def test_a_notebook_from_before_cells_had_ids() -> None:
    book = notebook(x="x = 1", p="print(x)")
    book.nbformat_minor = 4
    for old in book.cells:
        del old["id"]
    run(book)
    assert book.cells[1].outputs[0].text == "1\n"
    assert "id" not in book.cells[0]


def test_made_up_ids_differ_from_each_other_and_from_real_ones() -> None:
    cells = [NotebookNode(id=cell_id) for cell_id in ("a", "a", None, "cell-3", "cell-2")]
    ids = cell_ids(cells)
    assert len(set(ids)) == 5
    assert (ids[0], ids[3], ids[4]) == ("a", "cell-3", "cell-2")


def test_widget_state_is_kept() -> None:
    book = notebook(
        w="from ipywidgets import IntSlider\nslider = IntSlider(3)\nslider", set="slider.value = 5"
    )
    run(book)
    states = book.metadata.widgets["application/vnd.jupyter.widget-state+json"]["state"]
    [slider] = [state for state in states.values() if state["model_name"] == "IntSliderModel"]
    assert slider["state"]["value"] == 5
    assert "application/vnd.jupyter.widget-view+json" in book.cells[0].outputs[0].data


def test_an_output_widget_takes_what_is_printed_into_it() -> None:
    book = notebook(
        w="from ipywidgets import Output\nout = Output()\nout",
        into="with out:\n    print('captured')",
    )
    run(book)
    assert book.cells[1].outputs == []
    states = book.metadata.widgets["application/vnd.jupyter.widget-state+json"]["state"]
    assert "captured" in str(states)


def test_hooks_are_called() -> None:
    seen: list[tuple[str, int]] = []

    def note(name: str) -> Any:
        return lambda *, cell_index, **_: seen.append((name, cell_index))

    book = notebook(x="x = 1", bad="1 / 0")
    run(
        book,
        allow_errors=True,
        on_cell_start=note("start"),
        on_cell_executed=note("executed"),
        on_cell_error=note("error"),
    )
    assert seen == [("start", 0), ("executed", 0), ("start", 1), ("executed", 1), ("error", 1)]


def test_a_kernel_that_does_not_speak_the_protocol() -> None:
    with pytest.raises(KernelNotReactiveError, match="jupyter execute"):
        ReactiveNotebookClient(notebook(x="x = 1"), kernel_name="python3").execute()


def test_a_cell_that_takes_too_long() -> None:
    book = notebook(
        before="print('before')", long="import threading\nthreading.Event().wait(60)", after="1"
    )
    with pytest.raises(CellTimeoutError):
        run(book, timeout=1)
    assert shown(book)["before"] == [("stdout", "before\n")]


def test_an_interrupt_ends_the_run() -> None:
    book = notebook(long="import threading\nthreading.Event().wait(60)", after="print('after')")
    with pytest.raises(NotebookRunError, match="interrupted") as error:
        run(book, timeout=1, interrupt_on_timeout=True)
    assert error.value.interrupted
    assert shown(book)["after"] == []


def test_a_kernel_that_dies() -> None:
    with pytest.raises(DeadKernelError):
        run(notebook(dies="import os\nos._exit(1)", after="1"))


@pytest.fixture
async def manager() -> AsyncIterator[AsyncKernelManager]:
    """A kernel that outlives the clients."""
    manager = AsyncKernelManager(kernel_name="reactive", **socket_files())
    await manager.start_kernel()
    yield manager
    await manager.shutdown_kernel(now=True)


async def test_a_cell_that_need_not_run_keeps_what_it_shows(manager: AsyncKernelManager) -> None:
    book = notebook(x="x = 3 % 2", p="print(x)")
    await ReactiveNotebookClient(book, km=manager).async_execute()
    kept = copy.deepcopy(book.cells[1])
    assert kept.outputs[0].text == "1\n"
    book.cells[0].source = "x = 5 % 2"
    client = ReactiveNotebookClient(book, km=manager, cells=["x"])
    await client.async_execute()
    assert book.cells[0].execution_count == 3
    assert book.cells[1] == kept


async def test_a_second_client_of_a_kernel_finds_what_ran(manager: AsyncKernelManager) -> None:
    book = notebook(x="x = 1", p="print(x)")
    await ReactiveNotebookClient(book, km=manager).async_execute()
    book.cells[0].source = "x = 2"
    await ReactiveNotebookClient(book, km=manager, cells=["x"]).async_execute()
    assert shown(book)["p"] == [("stdout", "2\n")]


def test_a_frozen_cell_is_not_run_and_keeps_its_outputs() -> None:
    book = notebook(x="x = 1", frozen="print('ran')", p="print(x)")
    book.cells[1].metadata.tags = ["reactive-frozen"]
    book.cells[1].outputs = [v4.new_output("stream", text="kept\n")]
    run(book)
    assert shown(book) == {"x": [], "frozen": [("stdout", "kept\n")], "p": [("stdout", "1\n")]}


def test_cells_keep_what_code_their_outputs_come_from() -> None:
    book = notebook(x="x = 1", p="print(x)")
    run(book)
    kept = {cell.id: cell.metadata.get("reactive_kernel") for cell in book.cells}
    assert kept["x"] is None
    again = notebook(x="x = 2", p="print(x)")
    run(again)
    assert kept["p"].keys() == {"provenance"}
    assert cell(again, "p").metadata.reactive_kernel != kept["p"]
    left = notebook(x="x = 1", p="print(x)")
    run(left, record_provenance=False)
    assert "reactive_kernel" not in cell(left, "p").metadata
