"""Notebooks without a kernel: the file is edited, and the graph computed from it."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from nbformat import v4

from reactive_kernel import rest
from reactive_kernel.client import RestRequestError

from .conftest import Book


def test_a_notebook_shows_its_cells(book: Book) -> None:
    book.write(
        v4.new_markdown_cell("# Title", id="title"),
        v4.new_code_cell("x = 1", id="code", metadata={"tags": ["setup"]}),
        reactive_kernel={"mode": "lazy"},
    )
    shown = book.client.view()
    assert (shown.path, shown.mode, shown.revision) == (book.path, "lazy", 0)
    assert (shown.kernel, shown.pages) == (None, 0)
    title, code = shown.cells
    assert (title.id, title.cell_type, title.status.state) == ("title", "markdown", "idle")
    assert (code.source, code.tags, code.status.state) == ("x = 1", ["setup"], "new")
    assert book.client.cell("code") == code


def test_the_graph_comes_from_the_sources(book: Book) -> None:
    book.write("x = 1", "y = x + later", "later = 2")
    graph = book.client.graph()
    assert [(edge.start, edge.end, edge.names) for edge in graph.edges] == [("a", "b", ["x"])]
    assert graph.nodes["b"] == rest.Node(["later", "x"], ["y"], [])
    assert [(problem.kind, problem.cells) for problem in graph.problems] == [
        ("defined_below", ["b", "c"])
    ]


def test_cells_are_created_where_they_are_to_be(book: Book) -> None:
    book.write("one", "two")
    last = book.client.create_cell("last", "markdown")
    first = book.client.create_cell("first", index=0)
    between = book.client.create_cell("between", after="a")
    assert (last.index, first.index, between.index) == (2, 0, 2)
    assert book.sources() == ["first", "one", "between", "two", "last"]
    cells = book.read().cells
    assert (cells[4].id, cells[4].cell_type) == (last.cell_id, "markdown")
    assert [cell.status.state for cell in book.client.view().cells][-1] == "idle"


def test_a_created_cell_is_found_where_the_answer_says(book: Book) -> None:
    book.write("one")
    answer = book.ask("POST", "/cells", {"source": "x", "tags": ["t"], "cell_id": "mine"})
    assert answer.status_code == 201
    assert answer.json() == {"cell_id": "mine", "index": 1}
    found = book.server.http.get(book.server.url.removesuffix("/base") + answer.headers["Location"])
    assert (found.json()["source"], found.json()["tags"]) == ("x", ["t"])


def test_an_edit_keeps_what_else_is_in_a_cell(book: Book) -> None:
    output = v4.new_output("stream", text="from before\n")
    ran = v4.new_code_cell("x", id="a", outputs=[output], execution_count=3)
    ran.metadata["mine"] = {"kept": True}
    book.write(ran, kept="too")
    changed = book.client.update_cell("a", source="y", tags=["t"])
    assert (changed.source, changed.tags) == ("y", ["t"])
    file = book.read()
    (cell,) = file.cells
    assert (cell.source, cell.outputs, cell.execution_count) == ("y", [output], 3)
    assert cell.metadata == {"mine": {"kept": True}, "tags": ["t"]}
    assert file.metadata["kept"] == "too"
    book.client.update_cell("a", tags=[], cell_type="markdown")
    (cell,) = book.read().cells
    assert (cell.id, cell.cell_type, cell.source) == ("a", "markdown", "y")
    assert cell.metadata == {"mine": {"kept": True}, "tags": []}


def test_cells_are_moved_and_deleted(book: Book) -> None:
    book.write("one", "two", "three")
    assert book.client.move_cell("a", after="c") == rest.Place("a", 2)
    assert book.sources() == ["two", "three", "one"]
    assert book.client.move_cell("a", index=0) == rest.Place("a", 0)
    assert book.client.move_cell("c", after="a") == rest.Place("c", 1)
    assert book.sources() == ["one", "three", "two"]
    book.client.delete_cell("c")
    assert book.sources() == ["one", "two"]
    with pytest.raises(RestRequestError, match="no cell with the id 'c'") as error:
        book.client.delete_cell("c")
    assert error.value.status == 404


def test_unicode_and_odd_sources_survive(book: Book) -> None:
    source = 'é 漢字 😀 \x1e {{x}} <b>%s</b> \u2028\n"""' + "\\"
    book.write("one")
    created = book.client.create_cell(source)
    assert book.client.cell(created.cell_id).source == source
    assert book.sources() == ["one", source]


def test_notebooks_from_before_ids_get_them_when_they_are_edited(book: Book) -> None:
    book.write("one", "two")
    old = json.loads(book.file.read_text())
    old["nbformat_minor"] = 4
    for cell in old["cells"]:
        del cell["id"]
    book.file.write_text(json.dumps(old))
    first, second = (cell.id for cell in book.client.view().cells)
    book.client.update_cell(second, source="changed")
    file = book.read()
    assert [cell.id for cell in file.cells] == [first, second]
    assert (file.nbformat_minor, file.cells[1].source) == (5, "changed")


def test_many_requests_at_once_lose_nothing(book: Book) -> None:
    book.write("start")
    with ThreadPoolExecutor(8) as pool:
        places = list(pool.map(lambda i: book.client.create_cell(f"cell {i}"), range(40)))
    assert len({place.cell_id for place in places}) == 40
    assert sorted(place.index for place in places) == list(range(1, 41))
    assert sorted(book.sources()) == sorted(["start", *(f"cell {i}" for i in range(40))])


def test_creating_the_same_cell_again_changes_nothing(book: Book) -> None:
    book.write("one")
    new = {"source": "x", "cell_id": "mine"}
    first = book.ask("POST", "/cells", new)
    again = book.ask("POST", "/cells", new)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    other = book.ask("POST", "/cells", {**new, "source": "y"})
    assert other.status_code == 409
    assert "'mine'" in other.json()["message"]
    assert book.sources() == ["one", "x"]


@pytest.mark.parametrize(
    ("method", "address", "body", "status", "field"),
    [
        ("POST", "/cells", {"source": 1}, 400, "source"),
        ("POST", "/cells", {"cell_type": "sql"}, 400, "cell_type"),
        ("POST", "/cells", {"tags": ["a", 2]}, 400, "tags[1]"),
        ("POST", "/cells", {"index": -1}, 400, "index"),
        ("POST", "/cells", {"index": 3}, 400, "index"),
        ("POST", "/cells", {"index": 0, "after": "a"}, 400, "after"),
        ("POST", "/cells", {"after": "gone"}, 404, "after"),
        ("POST", "/cells", {"cell_id": "no id"}, 400, "cell_id"),
        ("POST", "/cells", {"cell_id": "newline\n"}, 400, "cell_id"),
        ("POST", "/cells", {"sauce": "x"}, 400, "sauce"),
        ("POST", "/cells", [], 400, "body"),
        ("PATCH", "/cells/a", {"source": None}, 400, "source"),
        ("PATCH", "/cells/gone", {"source": "x"}, 404, None),
        ("GET", "/cells/gone", None, 404, None),
        ("DELETE", "/cells/gone", None, 404, None),
        ("POST", "/cells/a/move", {}, 400, "index"),
        ("POST", "/cells/a/move", {"index": 2}, 400, "index"),
        ("POST", "/cells/a/move", {"after": "a"}, 400, "after"),
        ("POST", "/cells/gone/move", {"index": 0}, 404, None),
        ("POST", "/run", {}, 400, "cells"),
        ("POST", "/run", {"cells": "some"}, 400, "cells"),
        ("POST", "/run", {"cells": ["gone"]}, 404, "cells"),
        ("GET", "/runs/gone", None, 404, None),
        ("PUT", "/cells/a", {}, 405, None),
    ],
)
def test_what_is_wrong_is_named(
    book: Book, method: str, address: str, body: object, status: int, field: str | None
) -> None:
    before = book.write("one", "two").file.read_bytes()
    answer = book.ask(method, address, body)
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json()["message"]
    assert answer.json().get("field") == field
    assert book.file.read_bytes() == before
    assert book.server.sessions() == []


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff\xfe", b'{"source": "\\ud800"}', b"[" * 100_000, b'{"index": 1e999}']
)
def test_a_body_that_cannot_be_read(book: Book, body: bytes) -> None:
    book.write("one")
    answer = book.ask("POST", "/cells", content=body)
    assert answer.status_code == 400
    assert answer.json()["field"]
    assert book.sources() == ["one"]


def test_a_body_that_is_too_large(book: Book) -> None:
    book.write("one")
    answer = book.ask("POST", "/cells", {"source": "x" * (16 * 1024 * 1024)})
    assert answer.status_code == 413
    assert book.sources() == ["one"]


def raw(book: Book, method: str, address: str, body: object = None) -> httpx.Response:
    """Make a request for an address as it is written."""
    target = f"/base/reactive-kernel/api/notebooks/{address}".replace(" ", "%20").encode()
    http = book.server.http
    return http.request(method, book.server.url, json=body, extensions={"target": target})


@pytest.mark.parametrize("path", ["of tests/raw.ipynb", "of%20tests%2Fraw%2eipynb"])
def test_a_path_may_be_encoded_in_any_way(book: Book, path: str) -> None:
    text = book.write("one").file.read_text()
    (book.server.folder / "of tests/raw.ipynb").write_text(text)
    assert raw(book, "GET", path).json()["path"] == "of tests/raw.ipynb"


@pytest.mark.parametrize(
    "path",
    [
        "gone.ipynb",
        "of tests",
        "../outside.ipynb",
        "of%20tests/..%2F..%2Foutside.ipynb",
        "%2e%2e/outside.ipynb",
        "..%5Coutside.ipynb",
        "%2Fetc%2Fpasswd",
        "/outside.ipynb",
        "of tests/../inside.ipynb",
        "of tests/./inside.ipynb",
        "of tests//inside.ipynb",
        ".hidden/inside.ipynb",
        "of tests/.hidden.ipynb",
        "a%00b.ipynb",
        "x" * 300 + ".ipynb",
    ],
)
def test_there_is_nothing_outside(book: Book, path: str) -> None:
    folder = book.server.folder
    text = book.write("secret").file.read_text()
    for name in ("../outside.ipynb", "inside.ipynb", ".hidden/inside.ipynb"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    (folder / "of tests/.hidden.ipynb").write_text(text)
    for method, address, body in (
        ("GET", "", None),
        ("POST", "/cells", {"source": "x"}),
        ("POST", "/run", {"cells": "all"}),
    ):
        answer = raw(book, method, f"{path}{address}", body)
        assert answer.status_code == 404, answer.text
        assert "There is no notebook" in answer.json()["message"]
    for name in ("../outside.ipynb", "inside.ipynb", ".hidden/inside.ipynb"):
        assert (folder / name).read_text() == text
    assert book.server.sessions() == []


def test_links_are_followed_as_the_server_follows_them(book: Book) -> None:
    book.write("one")
    link = book.file.with_name("link.ipynb")
    link.unlink(missing_ok=True)
    link.symlink_to(book.file)
    there = book.server.http.get("/api/contents/of tests/link.ipynb").status_code
    assert book.server.ask("GET", "notebooks/of tests/link.ipynb").status_code == there


NO_NOTEBOOKS = (
    "not JSON",
    "[]",
    '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}}',
    '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{"cell_type": "code"}]}',
)


@pytest.mark.parametrize("text", NO_NOTEBOOKS)
def test_a_file_that_is_no_notebook(book: Book, text: str) -> None:
    book.file.parent.mkdir(exist_ok=True)
    book.file.write_text(text)
    answer = book.ask("GET")
    assert answer.status_code == 400
    assert answer.json()["message"]


def test_odd_metadata_is_left_alone(book: Book) -> None:
    odd = [{"tags": "text"}, {"tags": [1, "a"]}, {"tags": None}, {"other": {"deep": [1]}}]
    cells = [v4.new_code_cell(str(i), id=f"c{i}") for i, _ in enumerate(odd)]
    for cell, metadata in zip(cells, odd, strict=True):
        cell["metadata"] = metadata
    book.file.parent.mkdir(exist_ok=True)
    notebook = {"cells": cells, "metadata": {"kernelspec": {}}}
    text = json.dumps({**notebook, "nbformat": 4, "nbformat_minor": 5})
    book.file.write_text(text)
    book.client.create_cell("new")
    written = json.loads(book.file.read_text())
    assert [cell["metadata"] for cell in written["cells"]] == [*odd, {}]
    assert book.client.cell("c1").tags == ["a"]


def test_an_unknown_address_is_answered_in_json(book: Book) -> None:
    answer = book.server.ask("GET", "cells")
    assert answer.status_code == 404
    assert "openapi.json" in answer.json()["message"]
