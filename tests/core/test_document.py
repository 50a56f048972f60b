"""The mirror: four operations, all or nothing, and a digest."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reactive_kernel.document import (
    Cell,
    CreateCell,
    DeleteCell,
    Document,
    DocumentError,
    MoveCell,
    UpdateCell,
)
from reactive_kernel.merge import rebase


def document_of(*ids: str) -> Document:
    document = Document()
    document.apply(CreateCell(Cell(cell_id, "code", cell_id)) for cell_id in ids)
    return document


def ids(document: Document) -> str:
    return "".join(cell.id for cell in document)


cells = st.lists(
    st.builds(
        Cell,
        id=st.sampled_from("abcdefgh"),
        cell_type=st.sampled_from(["code", "markdown"]),
        source=st.sampled_from(["1", "2", "3"]),
    ),
    unique_by=lambda cell: cell.id,
)


def test_operations_keep_order() -> None:
    document = document_of("a", "b", "c")
    document.apply([MoveCell("a", 2), CreateCell(Cell("d", "raw", ""), 0), DeleteCell("b")])
    assert ids(document) == "dca"
    assert [document.index(cell.id) for cell in document] == [0, 1, 2]


def test_all_operations_or_none() -> None:
    document = document_of("a", "b")
    before = list(document), document.revision
    with pytest.raises(DocumentError) as caught:
        document.apply(
            [MoveCell("a", 1), UpdateCell("a", source="new"), DeleteCell("b"), DeleteCell("b")]
        )
    assert caught.value.code == "unknown_cell"
    assert (list(document), document.revision) == before


@pytest.mark.parametrize(
    ("operation", "code"),
    [
        (DeleteCell("x"), "unknown_cell"),
        (UpdateCell("x", source=""), "unknown_cell"),
        (MoveCell("x", 0), "unknown_cell"),
        (MoveCell("a", 2), "bad_index"),
        (MoveCell("a", -1), "bad_index"),
        (CreateCell(Cell("x", "code", ""), 3), "bad_index"),
        (CreateCell(Cell("a", "code", "other"), 0), "duplicate_cell"),
    ],
)
def test_what_cannot_apply(operation: DeleteCell, code: str) -> None:
    with pytest.raises(DocumentError) as caught:
        document_of("a", "b").apply([operation])
    assert caught.value.code == code


def test_saying_again_what_holds_changes_nothing() -> None:
    document = document_of("a", "b")
    done = document.apply(
        [
            CreateCell(Cell("a", "code", "a"), 0),
            CreateCell(Cell("b", "code", "b")),
            UpdateCell("a", source="a"),
            MoveCell("b", 1),
        ]
    )
    assert done == []
    assert document.revision == 1


def test_digest_is_the_crc_of_all_cells() -> None:
    document = Document()
    document.apply([CreateCell(Cell("a", "code", "é \ud800")), CreateCell(Cell("b", "raw", ""))])
    text = "a\x1fcode\x1fé \ufffd\x1eb\x1fraw\x1f\x1e"
    assert document.digest() == f"{zlib.crc32(text.encode()):08x}"


def test_inserting_in_one_place_for_ever_keeps_order() -> None:
    document = document_of("a", "b")
    for i in range(200):
        document.apply([CreateCell(Cell(f"n{i}", "code", ""), 1)])
    order = [cell.id for cell in document]
    assert order == ["a", *(f"n{i}" for i in reversed(range(200))), "b"]
    assert [document.index(cell_id) for cell_id in order] == list(range(202))


@given(cells, cells)
def test_an_edit_leads_from_any_document_to_any_other(
    before: list[Cell], after: list[Cell]
) -> None:
    document = Document()
    document.apply(CreateCell(cell) for cell in before)
    document.apply(document.edit_to(after))
    assert list(document) == after
    assert document.edit_to(after) == []


@given(cells)
def test_an_edit_touches_no_cell_that_stays(before: list[Cell]) -> None:
    document = Document()
    document.apply(CreateCell(cell) for cell in before)
    moved = before[1:] + before[:1]
    assert len(document.edit_to(moved)) == (1 if len(before) > 1 else 0)


@given(cells, cells, cells)
def test_earlier_revisions_are_remembered(a: list[Cell], b: list[Cell], c: list[Cell]) -> None:
    document = Document()
    seen = {0: list(document)}
    for target in (a, b, c):
        document.apply(document.edit_to(target))
        seen[document.revision] = list(document)
    assert {revision: document.at_revision(revision) for revision in seen} == seen
    assert document.at_revision(document.revision + 1) is None


@given(cells, cells)
def test_a_document_that_stood_still_takes_all_changes(base: list[Cell], mine: list[Cell]) -> None:
    ours = Document()
    ours.apply(CreateCell(cell) for cell in base)
    ours.apply(rebase(base, mine, ours))
    assert list(ours) == mine


@given(cells, cells)
def test_a_client_that_changed_nothing_changes_nothing(base: list[Cell], ours: list[Cell]) -> None:
    document = Document()
    document.apply(CreateCell(cell) for cell in ours)
    assert rebase(base, base, document) == []


def test_edits_of_both_sides_are_kept() -> None:
    base = [Cell(cell_id, "code", cell_id) for cell_id in "abcd"]
    ours = document_of("a", "b", "c", "d")
    ours.apply([UpdateCell("a", source="ours"), DeleteCell("b"), UpdateCell("d", source="ours")])
    theirs = [
        Cell("a", "code", "a"),
        Cell("b", "code", "theirs"),
        Cell("new", "code", ""),
        Cell("c", "code", "theirs"),
    ]
    ours.apply(rebase(base, theirs, ours))
    assert [(cell.id, cell.source) for cell in ours] == [
        ("a", "ours"),
        ("b", "theirs"),
        ("new", ""),
        ("c", "theirs"),
        ("d", "ours"),
    ]
