"""`edit`, `replace`, `check`, the four operations and their error codes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from .player import Cell, Message, Player, RequestError, digest

if TYPE_CHECKING:
    from .conftest import Open


def refused_edit(player: Player, *ops: Message) -> str:
    with pytest.raises(RequestError) as error:
        player.edit(*ops)
    return str(error.value.code)


def test_create_cell_at_an_index(play: Open) -> None:
    player = play("a = 1", "c = 3")
    created = player.create("b = a", 1)
    assert player.in_step()
    assert player.states() == ["new"] * 3
    assert player.edges == {(player.cells[0].id, created.id): ["a"]}


def test_create_cell_without_index_goes_to_the_end(play: Open) -> None:
    player = play("a = 1")
    last = Cell("b = a")
    player.cells.append(last)
    player.edit({"op": "create_cell", "cell": last.message()})
    assert player.in_step()


def test_a_new_comm_cell_may_lack_tags(play: Open) -> None:
    player = play()
    player.edit(
        {"op": "create_cell", "cell": {"id": "bare", "cell_type": "code", "source": "x = 1"}}
    )
    player.cells.append(Cell("x = 1", "bare"))
    assert player.in_step()


@pytest.mark.parametrize(
    ("change", "state"),
    [
        ({"source": "x = 2"}, "stale"),
        ({"cell_type": "markdown"}, "idle"),
        ({"cell_type": "raw", "source": "text"}, "idle"),
        ({"tags": ["parameters"]}, "fresh"),
        ({}, "fresh"),
    ],
)
def test_update_cell(play: Open, change: Message, state: str) -> None:
    player = play("x = 1")
    cell = player.cells[0]
    player.run("all")
    for name, value in change.items():
        setattr(cell, name, value)
    player.edit({"op": "update_cell", "cell_id": cell.id, **change})
    assert player.in_step()
    assert player.state(cell) == state


def test_tags_reach_other_clients(play: Open) -> None:
    player, other = play("x = 1"), play()
    player.edit({"op": "update_cell", "cell_id": player.cells[0].id, "tags": ["parameters"]})
    assert other.in_step()
    assert other.cells[0].tags == ["parameters"]
    assert play().welcome["cells"][0]["tags"] == ["parameters"]


def test_delete_cell(play: Open) -> None:
    player = play("a = 1", "b = a", "c = 3")
    player.delete(player.cells[0])
    assert player.in_step()
    assert len(player.nodes) == 2
    assert player.edges == {}


@pytest.mark.parametrize("index", [0, 1, 2])
def test_move_cell_counts_the_index_without_the_cell(play: Open, index: int) -> None:
    player = play("a = 1", "b = 2", "c = 3")
    player.move(player.cells[0], index)
    assert player.in_step()


def test_operations_of_one_edit_see_each_other(play: Open) -> None:
    player = play("a = 1")
    first, second = player.cells[0], Cell("b = a")
    player.cells = [second]
    player.edit(
        {"op": "create_cell", "cell": second.message(), "index": 0},
        {"op": "move_cell", "cell_id": second.id, "index": 1},
        {"op": "update_cell", "cell_id": second.id, "source": "b = 2"},
        {"op": "delete_cell", "cell_id": first.id},
    )
    second.source = "b = 2"
    assert player.in_step()


def test_code_to_markdown_and_back(play: Open) -> None:
    player = play("x = 1", "print(x)")
    player.run("all")
    x, reader = player.cells
    for cell_type, states in (("markdown", ["idle", "stale"]), ("code", ["fresh", "fresh"])):
        x.cell_type = cell_type
        player.edit({"op": "update_cell", "cell_id": x.id, "cell_type": cell_type})
        assert player.states() == states
    assert reader.runs == 1


def test_accepted_changes_count_up(play: Open) -> None:
    player = play("x = 1")
    seen = [player.revision]
    player.update(player.cells[0], "x = 2")
    seen.append(player.revision)
    player.create("y = 1")
    seen.append(player.revision)
    assert seen == sorted(set(seen))


VALID = {"id": "fine", "cell_type": "code", "source": "q = 1"}


@pytest.mark.parametrize(
    ("op", "code"),
    [
        ({"op": "update_cell", "cell_id": "nobody", "source": ""}, "unknown_cell"),
        ({"op": "delete_cell", "cell_id": "nobody"}, "unknown_cell"),
        ({"op": "move_cell", "cell_id": "nobody", "index": 0}, "unknown_cell"),
        ({"op": "create_cell", "cell": {**VALID, "id": "taken"}, "index": 0}, "duplicate_cell"),
        ({"op": "create_cell", "cell": VALID, "index": 3}, "bad_index"),
        ({"op": "create_cell", "cell": VALID, "index": -1}, "bad_index"),
        ({"op": "move_cell", "cell_id": "taken", "index": 2}, "bad_index"),
        ({"op": "move_cell", "cell_id": "taken", "index": -1}, "bad_index"),
        ({"op": "create_cell", "cell": {**VALID, "id": ""}, "index": 0}, "bad_cell"),
        ({"op": "create_cell", "cell": {**VALID, "id": "a b"}, "index": 0}, "bad_cell"),
        ({"op": "create_cell", "cell": {**VALID, "id": "x" * 65}, "index": 0}, "bad_cell"),
        ({"op": "create_cell", "cell": {**VALID, "cell_type": "sql"}, "index": 0}, "bad_cell"),
        ({"op": "update_cell", "cell_id": "taken", "cell_type": "sql"}, "bad_cell"),
        ({"op": "explode"}, "bad_message"),
        ({"cell_id": "taken"}, "bad_message"),
        ({"op": "delete_cell"}, "bad_message"),
        ({"op": "create_cell", "index": 0}, "bad_message"),
        ({"op": "move_cell", "cell_id": "taken"}, "bad_message"),
        ({"op": "move_cell", "cell_id": "taken", "index": "0"}, "bad_message"),
        ("delete_cell", "bad_message"),
    ],
)
def test_error_codes(play: Open, op: Any, code: str) -> None:
    player = play(Cell("x = 1", "taken"), "y = x")
    revision = player.revision
    assert refused_edit(player, op) == code
    assert player.in_step()
    assert player.revision == revision


def test_errors_say_what_happened_and_to_which_cell(play: Open) -> None:
    player = play("x = 1")
    with pytest.raises(RequestError, match="nobody"):
        player.edit({"op": "delete_cell", "cell_id": "nobody"})


def test_all_operations_of_an_edit_or_none(play: Open) -> None:
    player, other = play("x = 1", "y = x"), play()
    revision = player.revision
    code = refused_edit(
        player,
        {"op": "create_cell", "cell": VALID, "index": 0},
        {"op": "delete_cell", "cell_id": player.cells[0].id},
        {"op": "move_cell", "cell_id": "nobody", "index": 0},
    )
    assert code == "unknown_cell"
    assert player.in_step()
    assert player.revision == revision
    assert other.in_step()
    assert other.heard("edited") == []


def test_repeating_what_holds_changes_nothing(play: Open) -> None:
    player, other = play("x = 1", "y = x"), play()
    x, y = player.cells
    revision = player.revision
    for ops in (
        [],
        [{"op": "create_cell", "cell": x.message(), "index": 0}],
        [{"op": "create_cell", "cell": y.message()}],
        [
            {
                "op": "update_cell",
                "cell_id": x.id,
                "source": x.source,
                "cell_type": "code",
                "tags": [],
            }
        ],
        [{"op": "move_cell", "cell_id": y.id, "index": 1}],
    ):
        assert player.edit(*ops)["revision"] == revision
    assert (
        player.request("replace", cells=[cell.message() for cell in player.cells])["revision"]
        == revision
    )
    assert player.in_step()
    assert other.in_step()
    assert other.heard("edited") == []


def test_replace_is_taken_as_the_smallest_edit(play: Open) -> None:
    player, other = play("a = 1", "b = a", "c = b", "d = c"), play()
    player.run("all")
    a, b, _, d = player.cells
    b.source = "b = a + 1"
    player.cells = [a, b, d, Cell("e = 1")]
    player.request("replace", cells=[cell.message() for cell in player.cells])
    assert player.in_step()
    assert player.states() == ["fresh", "stale", "stale", "new"]
    assert other.in_step()
    ops = [op for event in other.heard("edited") for op in event["ops"]]
    assert sorted(op["op"] for op in ops) == ["create_cell", "delete_cell", "update_cell"]


def test_replace_moves_one_cell_when_one_has_moved(play: Open) -> None:
    player, other = play("a = 1", "b = 2", "c = 3", "d = 4"), play()
    player.cells.append(player.cells.pop(0))
    player.request("replace", cells=[cell.message() for cell in player.cells])
    assert other.in_step()
    assert [op["op"] for event in other.heard("edited") for op in event["ops"]] == ["move_cell"]


def test_replace_by_nothing(play: Open) -> None:
    player = play("a = 1", "b = a")
    player.run("all")
    player.request("replace", cells=[])
    player.cells = []
    assert player.nodes == player.edges == {}
    assert player.in_step()


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ([VALID, VALID], "duplicate_cell"),
        ([{**VALID, "id": "a b"}], "bad_cell"),
        ([{**VALID, "cell_type": "sql"}], "bad_cell"),
        ("all", "bad_message"),
        ([5], "bad_cell"),
        ([{"id": "half"}], "bad_cell"),
    ],
)
def test_replace_error_codes(play: Open, cells: Any, code: str) -> None:
    player = play("x = 1")
    with pytest.raises(RequestError) as error:
        player.request("replace", cells=cells)
    assert error.value.code == code
    assert player.in_step()


def test_check_tells_whether_the_mirror_is_true(play: Open) -> None:
    player = play("x = 1", Cell("# text", cell_type="markdown"))
    reply = player.request("check", digest=digest(player.cells))
    assert (reply["match"], reply["revision"]) == (True, player.revision)
    assert player.request("check", digest="00000000")["match"] is False
    lost = Cell("lost = 1")
    player.cells.append(lost)
    assert not player.in_step()
    player.request("replace", cells=[cell.message() for cell in player.cells])
    assert player.in_step()


@pytest.mark.parametrize(
    "source",
    [
        "s = 'hé 😀'",
        "s = 'a\x1fb\x1ec'",
        "s = '\r\n'",
        "s = '''\u2028'''",
        "s = '\ud800'",
        "s = '\udc00\ud800'",
    ],
)
def test_digest_of_any_text(play: Open, source: str) -> None:
    player = play("x = 1")
    created = player.create(source)
    assert player.in_step()
    other = play()
    assert other.in_step()
    player.delete(created)
    assert player.in_step()


def test_an_unpaired_surrogate_arrives_in_edits(play: Open) -> None:
    player, other = play("x = 1"), play()
    player.update(player.cells[0], "x = '\ud83d'")
    assert other.in_step()
