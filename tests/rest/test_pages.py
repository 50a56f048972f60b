"""Notebooks that pages show: the kernel tells them of each request, and they keep the file."""

from __future__ import annotations

from pathlib import Path

import pytest
from protocol.player import Cell, Player

from .conftest import Book
from .test_kernels import waiting


@pytest.fixture
def kernel_id(book: Book) -> str:
    """A kernel for a notebook of two cells."""
    book.write("x = 20", "print(x)")
    return book.start()


@pytest.fixture
def page(book: Book, kernel_id: str) -> Player:
    """A page that shows it."""
    return book.open_page(kernel_id)


def test_a_page_sees_each_edit_at_once_and_keeps_the_file(book: Book, page: Player) -> None:
    before = book.file.read_bytes()
    created = book.client.create_cell("print(x + 1)", after="a")
    book.client.update_cell("a", source="x = 5", tags=["t"])
    book.client.move_cell("b", index=0)
    book.client.delete_cell("b")
    page.pump(lambda: [cell.id for cell in page.cells] == ["a", created.cell_id])
    assert [cell.source for cell in page.cells] == ["x = 5", "print(x + 1)"]
    assert page["a"].tags == ["t"]
    assert page.disagreements() == {}
    assert book.file.read_bytes() == before
    shown = book.client.view()
    assert (shown.pages, [cell.source for cell in shown.cells]) == (
        1,
        ["x = 5", "print(x + 1)"],
    )


def test_what_a_page_has_not_saved_is_seen(book: Book, page: Player) -> None:
    page.request("edit", ops=[{"op": "update_cell", "cell_id": "a", "source": "x = 'unsaved'"}])
    assert book.client.cell("a").source == "x = 'unsaved'"
    assert book.sources()[0] == "x = 20"


def test_a_page_executes_what_is_run(book: Book, page: Player) -> None:
    before = book.file.read_bytes()
    created = book.client.create_cell("print(x + 1)")
    run = book.client.run([created.cell_id], wait=False)
    assert run.plan == ["a", created.cell_id]
    page.end_run(run.run)
    assert page[created.cell_id].text == "21\n"
    book.server.wait_for(lambda: book.client.follow_run(run.run).state == "finished")
    ended = book.client.follow_run(run.run)
    assert (ended.executed, ended.error) == (["a", created.cell_id], None)
    assert ended.status[created.cell_id].state == "fresh"
    assert book.file.read_bytes() == before


def test_a_page_that_closes_takes_the_run_that_it_executes_with_it(
    book: Book, kernel_id: str
) -> None:
    page = book.open_page(kernel_id, obey=False)
    run = book.client.run("all", wait=False)
    page.pump(lambda: bool(page.told))
    assert book.client.follow_run(run.run).state == "running"
    page.close()
    book.server.wait_for(lambda: book.client.follow_run(run.run).state == "finished")
    assert book.client.follow_run(run.run).cancelled
    assert book.client.run("all").executed == ["a", "b"]
    assert book.outputs()["b"] == "20\n"


def test_the_server_keeps_the_file_again_when_the_page_has_closed(book: Book, page: Player) -> None:
    page.close()
    assert book.client.view().pages == 0
    book.client.update_cell("a", source="x = 1")
    assert book.sources()[0] == "x = 1"


def test_a_page_that_has_crashed_does_not_keep_the_file(book: Book, page: Player) -> None:
    page.connection.close()
    book.connections.clear()
    book.server.wait_for(lambda: book.client.view().pages == 0)
    created = book.client.create_cell("print(x + 1)")
    assert book.sources()[-1] == "print(x + 1)"
    assert book.client.run([created.cell_id]).error is None
    assert book.outputs()[created.cell_id] == "21\n"


def test_a_page_that_opens_while_the_server_runs_keeps_the_file(book: Book, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    book.write("print('a')", waiting(first), waiting(second), "print('d')")
    kernel_id = book.start()
    connection = book.connect(kernel_id)
    run = book.client.run("all", wait=False)
    book.server.wait_for(lambda: book.states()["b"] == "running")
    book.server.wait_for(lambda: book.outputs()["a"] == "a\n")
    page = book.open_page(kernel_id, connection, subshell=connection.start_subshell())
    assert not page.welcome["adopted"]
    before = book.file.read_bytes()
    first.touch()
    page.pump(lambda: page.status["c"]["state"] == "running")
    assert book.file.read_bytes() == before
    second.touch()
    page.end_run(run.run)
    book.server.wait_for(lambda: book.client.follow_run(run.run).state == "finished")
    assert book.client.follow_run(run.run).executed == ["a", "b", "c", "d"]
    assert book.file.read_bytes() == before
    page.close()


def test_outputs_are_saved_when_a_page_has_come_and_gone(book: Book, tmp_path: Path) -> None:
    flag = tmp_path / "flag"
    book.write(waiting(flag), "print('b')")
    kernel_id = book.start()
    connection = book.connect(kernel_id)
    run = book.client.run("all", wait=False)
    book.server.wait_for(lambda: book.states()["a"] == "running")
    page = book.open_page(kernel_id, connection, subshell=connection.start_subshell())
    page.leave()
    book.server.wait_for(lambda: book.client.view().pages == 0)
    flag.touch()
    book.server.wait_for(lambda: book.client.follow_run(run.run).state == "finished")
    assert book.outputs() == {"a": "done\n", "b": "b\n"}


def test_two_pages_see_the_same(book: Book, kernel_id: str, page: Player) -> None:
    other = book.open_page(kernel_id)
    page.pump(lambda: len(page.events[-1].get("clients", ())) == 2)
    assert book.client.view().pages == 2
    created = book.client.create_cell("new")
    for player in (page, other):
        player.pump(lambda player=player: len(player.cells) == 3)
        assert player.cells[2].id == created.cell_id
        assert player.disagreements() == {}


def test_what_a_page_and_requests_edit_at_once_is_all_there(book: Book, page: Player) -> None:
    for i in range(10):
        cell = Cell(f"page {i}")
        ops = [{"op": "create_cell", "cell": cell.message(), "index": 0}]
        number = page.begin("edit", ops=ops)
        page.cells.insert(0, cell)
        created = book.client.create_cell(f"request {i}")
        page.reply(number)
        page.pump(lambda id_=created.cell_id: any(cell.id == id_ for cell in page.cells))
    assert sorted(cell.source for cell in page.cells) == sorted(
        ["x = 20", "print(x)", *(f"page {i}" for i in range(10))]
        + [f"request {i}" for i in range(10)]
    )
    assert [c.id for c in page.cells] == [c.id for c in book.client.view().cells]


def test_clients_are_told_who_holds_the_notebook(book: Book, kernel_id: str, page: Player) -> None:
    (me,) = page.welcome["clients"]
    assert (me["name"], me["kind"]) == ("player", "frontend")
    assert me["client_id"] == page.welcome["client_id"]
    book.client.view()
    page.pump(lambda: page.events[-1] == {"type": "clients", "clients": [me]})
    told = [
        [client["kind"] for client in event["clients"]]
        for event in page.events
        if event["type"] == "clients"
    ]
    assert told == [["frontend", "server"], ["frontend"]]
