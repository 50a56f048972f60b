"""Notebooks whose kernel is live, without a page."""

from __future__ import annotations

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from nbformat import v4

from reactive_kernel.client import RestRequestError

from .conftest import Book


def test_a_run_starts_a_kernel_and_saves_the_outputs(book: Book) -> None:
    book.write("x = 20", "print(x + 1)", "1 / 0")
    run = book.client.run("all")
    assert (run.state, run.error, run.cancelled) == ("finished", None, False)
    assert (run.executed, run.failed) == (["a", "b", "c"], ["c"])
    assert {cell_id: status.state for cell_id, status in run.status.items()} == {
        "a": "fresh",
        "b": "fresh",
        "c": "failed",
    }
    assert book.outputs() == {"a": "", "b": "21\n", "c": "ZeroDivisionError"}
    assert [cell.execution_count for cell in book.read().cells] == [1, 2, 3]
    assert all(set(cell.metadata) == {"execution"} for cell in book.read().cells)
    contents = book.server.http.get(f"/api/contents/{book.path}").json()["content"]
    assert all(cell["metadata"]["trusted"] for cell in contents["cells"])
    shown = book.client.view()
    assert shown.kernel is not None
    assert (shown.kernel.name, shown.kernel.reactive, shown.pages) == ("reactive", True, 0)
    assert (shown.mode, shown.revision > 0) == ("auto", True)
    assert [session["path"] for session in book.server.sessions()] == [book.path]


def test_a_created_cell_can_be_run_at_once(book: Book) -> None:
    book.write("x = 20")
    book.client.run()
    created = book.client.create_cell("print(x + 2)")
    run = book.client.run([created.cell_id])
    assert run.executed == [created.cell_id]
    assert book.outputs()[created.cell_id] == "22\n"


def test_an_edit_marks_what_depends_on_it_and_a_run_brings_it_up_to_date(book: Book) -> None:
    book.write("x = 1", "print(x)", "print('apart')")
    book.client.run("all")
    changed = book.client.update_cell("a", source="x = 2")
    assert (changed.status.state, changed.status.reasons[0].kind) == ("stale", "edited")
    assert book.states() == {"a": "stale", "b": "stale", "c": "fresh"}
    run = book.client.run()
    assert run.executed == ["a", "b"]
    assert book.outputs()["b"] == "2\n"
    book.client.delete_cell("a")
    reason = book.client.cell("b").status.reasons[0]
    assert (reason.kind, reason.name) == ("input_missing", "x")
    assert book.sources() == ["print(x)", "print('apart')"]


def test_cells_that_turn_out_not_to_be_needed_keep_their_outputs(book: Book) -> None:
    book.write("x = 1", "print(x)")
    book.client.run("all")
    book.client.update_cell("a", source="x = 2 - 1")
    run = book.client.run(["a"])
    assert (run.executed, run.unchanged) == (["a"], ["b"])
    assert book.outputs()["b"] == "1\n"
    assert book.read().cells[1].execution_count == 2


def test_a_run_does_not_make_other_cells_outputs_trusted(book: Book) -> None:
    html = v4.new_output("display_data", data={"text/html": "<script>alert(1)</script>"})
    foreign = v4.new_code_cell("'theirs'", id="theirs", outputs=[html])
    book.write(foreign, v4.new_code_cell("'mine'", id="mine"))
    book.client.run(["mine"])
    cells = book.server.http.get(f"/api/contents/{book.path}").json()["content"]["cells"]
    assert not cells[0]["metadata"].get("trusted")
    assert cells[0]["outputs"][0]["data"] == html.data


def test_a_failure_blocks_only_what_depends_on_it(book: Book) -> None:
    book.write("x = 1 / 0", "print(x)", "print('apart')")
    run = book.client.run("all")
    assert (run.executed, run.failed, run.blocked) == (["a", "c"], ["a"], ["b"])
    assert book.outputs() == {"a": "ZeroDivisionError", "b": "", "c": "apart\n"}


def test_the_graph_is_the_kernels(book: Book) -> None:
    book.write("exec('hid' + 'den = 1')", "hidden")
    book.client.run("all")
    (edge,) = book.client.graph().edges
    assert (edge.start, edge.end, edge.names) == ("a", "b", ["hidden"])


def test_what_is_wrong_is_refused_and_changes_nothing(book: Book) -> None:
    book.write("x = 1", "x")
    book.client.run("all")
    before = book.file.read_bytes()
    for method, address, body, status, field in (
        ("POST", "/cells", {"cell_id": "a", "source": "other"}, 409, None),
        ("POST", "/cells", {"index": 3}, 400, "index"),
        ("POST", "/cells/a/move", {"index": 2}, 400, "index"),
        ("PATCH", "/cells/gone", {"source": ""}, 404, None),
        ("DELETE", "/cells/gone", None, 404, None),
        ("POST", "/run", {"cells": ["gone"]}, 404, "cells"),
    ):
        answer = book.ask(method, address, body)
        assert (answer.status_code, answer.json().get("field")) == (status, field)
    assert book.file.read_bytes() == before
    assert book.states() == {"a": "fresh", "b": "fresh"}


def test_what_cannot_be_saved_is_not_done(book: Book) -> None:
    book.write("x = 1", "print(x)")
    book.client.run("all")
    full = book.file.with_suffix(".full")
    full.touch()
    with pytest.raises(RestRequestError, match="disk is full") as error:
        book.client.update_cell("a", source="x = 2")
    assert error.value.status == 507
    assert book.states() == {"a": "fresh", "b": "fresh"}
    run = book.client.run("all")
    assert (run.executed, run.cancelled) == (["a", "b"], False)
    assert "disk is full" in (run.error or "")
    full.unlink()
    assert book.sources() == ["x = 1", "print(x)"]


def test_a_file_that_somebody_has_changed_counts(book: Book) -> None:
    book.write("x = 1", "print(x)")
    book.client.run("all")
    file = book.read()
    file.cells[0].source = "x = 5"
    file.cells.append(v4.new_code_cell("x + 1", id="c"))
    book.write(*file.cells)
    assert book.states() == {"a": "stale", "b": "stale", "c": "new"}
    book.client.run()
    assert book.outputs() == {"a": "", "b": "5\n", "c": "6"}


def test_a_file_that_is_changed_while_a_cell_runs_keeps_the_change(
    book: Book, tmp_path: Path
) -> None:
    flag = tmp_path / "flag"
    book.write(waiting(flag), "print('b')", "print('c')")
    run = book.client.run("all", wait=False)
    book.server.wait_for(lambda: book.states()["a"] == "running")
    file = book.read()
    file.cells[1].source = "print('changed')"
    file.cells.append(v4.new_markdown_cell("more", id="more"))
    book.write(*file.cells)
    flag.touch()
    book.server.wait_for(lambda: book.client.follow_run(run.run).state == "finished")
    assert book.client.follow_run(run.run).error is None
    assert [cell.id for cell in book.read().cells] == ["a", "b", "c", "more"]
    assert book.read().cells[1].source == "print('changed')"
    assert book.outputs()["a"] == "done\n"
    assert book.outputs()["c"] == "c\n"
    assert list(book.states()) == ["a", "b", "c", "more"]


def waiting(flag: Path) -> str:
    """A cell that runs until a file is there."""
    return (
        f"import os, time\nwhile not os.path.exists({str(flag)!r}):\n    time.sleep(0.01)\n"
        "print('done')"
    )


def test_cells_are_edited_while_one_runs(book: Book, tmp_path: Path) -> None:
    flag = tmp_path / "flag"
    book.write(waiting(flag), "print('b')", "print('c')")
    run = book.client.run("all", wait=False)
    book.server.wait_for(lambda: book.states()["a"] == "running")
    started = book.client.follow_run(run.run)
    assert (started.state, started.executed, started.plan) == ("running", ["a"], ["a", "b", "c"])
    assert started.status["b"].state == "queued"
    book.client.update_cell("b", source="print('edited')")
    book.client.delete_cell("c")
    book.client.create_cell("new", cell_type="markdown", after="a")
    assert not flag.exists()
    flag.touch()
    book.server.wait_for(lambda: book.client.follow_run(run.run).state == "finished")
    assert book.client.follow_run(run.run).executed == ["a", "b"]
    assert book.sources()[1:] == ["new", "print('edited')"]
    assert book.outputs()["b"] == "edited\n"


def test_many_requests_at_once_lose_nothing(book: Book) -> None:
    book.write("x = 0")
    book.client.run()
    with ThreadPoolExecutor(6) as pool:
        created = [
            pool.submit(book.client.create_cell, f"print({i})", index=i % 2) for i in range(18)
        ]
        runs = [pool.submit(book.client.run, "stale") for _ in range(3)]
        ids = [place.result().cell_id for place in created]
        assert all(run.result().error is None for run in runs)
    book.client.run()
    assert sorted(cell.id for cell in book.read().cells) == sorted(["a", *ids])
    assert [cell.id for cell in book.client.view().cells] == [c.id for c in book.read().cells]
    assert set(book.states().values()) == {"fresh"}
    assert book.outputs() == {"a": "", **{id_: f"{i}\n" for i, id_ in enumerate(ids)}}


def test_rich_outputs_and_updates_of_earlier_cells_are_saved(book: Book) -> None:
    book.write(
        "from IPython.display import display\nhandle = display('before', display_id=True)",
        "import ipywidgets\nslider = ipywidgets.IntSlider(3)\nslider",
        "handle.update('after')",
    )
    run = book.client.run("all")
    assert (run.failed, run.error) == ([], None)
    file = book.read()
    assert file.cells[0].outputs[0].data["text/plain"] == "'after'"
    view = file.cells[1].outputs[0].data["application/vnd.jupyter.widget-view+json"]
    state = file.metadata.widgets["application/vnd.jupyter.widget-state+json"]["state"]
    assert state[view["model_id"]]["state"]["value"] == 3


def test_a_restarted_kernel_has_run_nothing(book: Book) -> None:
    book.write("x = 1", "print(x)")
    book.client.run("all")
    kernel_id = book.server.sessions()[0]["kernel"]["id"]
    book.server.http.post(f"/api/kernels/{kernel_id}/restart").raise_for_status()
    assert book.states() == {"a": "new", "b": "new"}
    assert book.client.run(["b"]).executed == ["a", "b"]


def test_after_a_shutdown_the_file_is_edited_and_a_run_starts_anew(book: Book) -> None:
    book.write("x = 1", "print(x)")
    book.client.run("all")
    book.server.end_sessions()
    assert book.client.view().kernel is None
    book.client.update_cell("a", source="x = 2")
    assert book.states() == {"a": "new", "b": "new"}
    assert book.outputs()["b"] == "1\n"
    book.client.run("all")
    assert book.outputs()["b"] == "2\n"


@pytest.mark.parametrize("end", ["restart", "shutdown", "death"])
def test_a_run_whose_kernel_ends_is_over_and_the_next_works(
    book: Book, end: str, tmp_path: Path
) -> None:
    book.write("import os\nprint(os.getpid())", waiting(tmp_path / "never"), "print('last')")
    run = book.client.run("all", wait=False)
    book.server.wait_for(lambda: book.states()["b"] == "running")
    kernel_id = book.server.sessions()[0]["kernel"]["id"]
    first = book.server.wait_for(lambda: book.outputs()["a"])
    if end == "restart":
        book.server.http.post(f"/api/kernels/{kernel_id}/restart").raise_for_status()
    elif end == "shutdown":
        book.server.end_sessions()
    else:
        os.kill(int(first), signal.SIGKILL)
    book.server.wait_for(lambda: book.client.follow_run(run.run).state == "finished")
    ended = book.client.follow_run(run.run)
    assert ended.cancelled
    assert "The kernel was restarted or shut down, or died" in (ended.error or "")
    assert book.outputs()["a"] == first
    again = book.server.wait_for(lambda: answered(book))
    assert again == ["a", "c"]
    book.server.wait_for(lambda: book.outputs()["c"] == "last\n")


def answered(book: Book) -> list[str] | None:
    """Run two cells; None while a kernel that died is being started again."""
    answer = book.ask("POST", "/run", {"cells": ["a", "c"]})
    assert answer.status_code in (202, 503)
    return answer.json().get("plan")


def test_an_interrupted_run_is_cancelled(book: Book, tmp_path: Path) -> None:
    book.write(waiting(tmp_path / "never"), "print('last')")
    run = book.client.run("all", wait=False)
    book.server.wait_for(lambda: book.states()["a"] == "running")
    kernel_id = book.server.sessions()[0]["kernel"]["id"]
    book.server.http.post(f"/api/kernels/{kernel_id}/interrupt").raise_for_status()
    book.server.wait_for(lambda: book.client.follow_run(run.run).state == "finished")
    assert book.client.follow_run(run.run).cancelled
    assert book.outputs() == {"a": "KeyboardInterrupt", "b": ""}


@pytest.mark.parametrize("how", ["deleted", "renamed"])
def test_a_file_that_is_gone_is_not_made_again(book: Book, how: str, tmp_path: Path) -> None:
    flag = tmp_path / "flag"
    book.write(waiting(flag))
    run = book.client.run("all", wait=False)
    book.server.wait_for(lambda: book.states()["a"] == "running")
    if how == "deleted":
        book.server.http.delete(f"/api/contents/{book.path}").raise_for_status()
    else:
        body = {"path": f"{book.path}-elsewhere.ipynb"}
        book.server.http.patch(f"/api/contents/{book.path}", json=body).raise_for_status()
    assert book.ask("GET").status_code == 404
    flag.touch()
    ended = book.server.wait_for(
        lambda: (run_ := book.client.follow_run(run.run)).state == "finished" and run_
    )
    assert (ended.executed, ended.cancelled) == (["a"], False)
    assert "were not saved" in ended.error
    assert not book.file.exists()


def test_a_kernel_that_follows_another_notebook(book: Book) -> None:
    book.write("x = 1")
    kernel_id = book.start()
    page = book.open_page(kernel_id)
    page.close()
    other = Book(book.server, f"{book.path}-other.ipynb").write("y = 1")
    session = {"path": other.path, "name": "other", "type": "notebook", "kernel": {"id": kernel_id}}
    book.server.http.post("/api/sessions", json=session).raise_for_status()
    page = book.open_page(kernel_id)
    for answer in (other.ask("GET"), other.ask("POST", "/run", {"cells": "all"})):
        assert answer.status_code == 409
        assert book.path in answer.json()["message"]
    page.close()
    assert other.client.run("all").executed == ["a"]


def test_a_kernel_that_is_not_reactive(book: Book) -> None:
    book.write("x = 1", "x")
    book.start("python3")
    shown = book.client.view()
    assert shown.kernel is not None
    assert (shown.kernel.name, shown.kernel.reactive) == ("python3", False)
    book.client.create_cell("x + 1")
    assert book.sources() == ["x = 1", "x", "x + 1"]
    assert len(book.client.graph().edges) == 2
    answer = book.ask("POST", "/run", {"cells": "all"})
    assert answer.status_code == 409
    assert "'python3'" in answer.json()["message"]


def test_a_notebook_that_names_a_kernel_which_is_not_reactive(book: Book) -> None:
    book.write("x = 1", kernelspec={"name": "python3", "display_name": "Python 3"})
    answer = book.ask("POST", "/run", {"cells": "all"})
    assert answer.status_code == 409
    assert "'python3'" in answer.json()["message"]
    assert book.server.sessions() == []


def test_a_notebook_that_names_a_kernel_which_is_not_there(book: Book) -> None:
    book.write("x = 1", kernelspec={"name": "elsewhere", "display_name": "Elsewhere"})
    answer = book.ask("POST", "/run", {"cells": "all"})
    assert answer.status_code == 409
    assert "'elsewhere'" in answer.json()["message"]
    assert book.server.sessions() == []


def test_code_runs_only_when_a_run_is_asked_for(book: Book, tmp_path: Path) -> None:
    book.write(f"open({str(tmp_path / 'ran')!r}, 'w').close()", "x = 1")
    book.client.run(["b"])
    book.client.update_cell("b", source="x = 2")
    book.client.move_cell("b", index=0)
    book.client.graph()
    book.client.view()
    assert not (tmp_path / "ran").exists()


def test_the_server_leaves_nothing_in_the_kernel(book: Book) -> None:
    book.write("import threading\nprint(threading.active_count())")
    book.client.run("all")
    for _ in range(20):
        book.client.view()
    before = book.outputs()["a"]
    page = book.open_page(book.server.sessions()[0]["kernel"]["id"])
    assert [client["kind"] for client in page.welcome["clients"]] == ["frontend"]
    page.close()
    book.client.run("all")
    assert book.outputs()["a"] == before


def test_a_request_does_not_wait_for_the_cell_that_runs(book: Book, tmp_path: Path) -> None:
    flag = tmp_path / "flag"
    book.write(waiting(flag))
    run = book.client.run("all", wait=False)
    book.server.wait_for(lambda: book.states()["a"] == "running")
    start = time.monotonic()
    book.client.create_cell("x = 1")
    book.client.graph()
    took = time.monotonic() - start
    assert not flag.exists()
    flag.touch()
    book.server.wait_for(lambda: book.client.follow_run(run.run).state == "finished")
    assert took < 10
