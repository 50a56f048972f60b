"""Any edits: what a model says, the file, the answers and the kernel's document agree."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .conftest import Book, Server

NUMBER = st.integers(0, 1000)
SOURCE = st.text(max_size=20)
EDIT = st.one_of(
    st.tuples(st.just("create"), NUMBER, st.sampled_from(["code", "markdown", "raw"]), SOURCE),
    st.tuples(st.just("update"), NUMBER, SOURCE),
    st.tuples(st.just("move"), NUMBER, NUMBER),
    st.tuples(st.just("move_after"), NUMBER, NUMBER),
    st.tuples(st.just("delete"), NUMBER),
)
LIMITS = settings(
    max_examples=5,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.mark.parametrize("kernel", [False, True], ids=["file", "kernel"])
@LIMITS
@given(edits=st.lists(EDIT, min_size=5, max_size=15))
def test_edits_do_what_a_list_does(
    server: Server, kernel: bool, edits: list[tuple[object, ...]]
) -> None:
    book = Book(server, f"edits/{uuid.uuid4().hex}.ipynb").write("start")
    model = [["a", "code", "start"]]
    if kernel:
        book.start()
    for kind, number, *more in edits:
        at = number % len(model) if model else 0
        if kind == "create":
            cell_type, source = more
            index = number % (len(model) + 1)
            place = book.client.create_cell(source, cell_type, index=index)
            assert place.index == index
            model.insert(index, [place.cell_id, cell_type, source])
        elif not model:
            continue
        elif kind == "update":
            book.client.update_cell(model[at][0], source=more[0])
            model[at][2] = more[0]
        elif kind == "delete":
            book.client.delete_cell(model.pop(at)[0])
        elif kind == "move":
            to = more[0] % len(model)
            assert book.client.move_cell(model[at][0], index=to).index == to
            model.insert(to, model.pop(at))
        elif model[at] is not (other := model[more[0] % len(model)]):
            place = book.client.move_cell(model[at][0], after=other[0])
            cell = model.pop(at)
            model.insert(model.index(other) + 1, cell)
            assert place.index == model.index(cell)
    shown = book.client.view()
    assert [[cell.id, cell.cell_type, cell.source] for cell in shown.cells] == model
    assert [[cell.id, cell.cell_type, cell.source] for cell in book.read().cells] == model
    assert (shown.kernel is not None) == kernel
    server.end_sessions()
