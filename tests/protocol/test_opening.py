"""Opening: adopting cells, standing cells, merging, refusals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from .player import Cell, Connection, Kernel, Player, RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Open


def copies(cells: list[Cell]) -> list[Cell]:
    """The same cells as another page holds them."""
    return [Cell(cell.source, cell.id, cell.cell_type, list(cell.tags)) for cell in cells]


def test_welcome_has_every_field(play: Open) -> None:
    player = play("x = 1")
    welcome = player.welcome
    assert welcome["protocol"] == 1
    assert isinstance(welcome["client_id"], str)
    assert isinstance(welcome["session"], str)
    assert isinstance(welcome["revision"], int)
    assert welcome["mode"] == "auto"
    assert welcome["cells"] == [player.cells[0].message()]
    assert welcome["adopted"] is True
    assert welcome["graph"] == {
        "nodes": {player.cells[0].id: {"reads": [], "writes": ["x"], "mutates": []}},
        "edges": [],
        "problems": [],
    }
    assert welcome["status"] == {
        player.cells[0].id: {
            "state": "new",
            "reasons": [{"kind": "never_ran", "name": None, "cell": None}],
            "execution_count": None,
            "msg_id": None,
        }
    }


def test_opening_executes_nothing(play: Open) -> None:
    player = play("print('ran')", "x = 1")
    assert player.states() == ["new", "new"]
    assert player.told == []


def test_tags_may_be_left_out(play: Open) -> None:
    player = play()
    player.close()
    cell = {"id": "untagged", "cell_type": "code", "source": "x = 1"}
    player = play(cells=[cell])
    assert player.welcome["cells"] == [{**cell, "tags": []}]
    player.cells = [Cell("x = 1", "untagged")]


def test_mode_asked_for_at_opening(play: Open) -> None:
    assert play("x = 1", mode="lazy").welcome["mode"] == "lazy"


def test_the_mode_of_a_notebook_that_names_none_is_the_kernels() -> None:
    kernel = Kernel(extra_arguments=["--ReactiveKernel.mode=lazy"])
    try:
        assert Player(kernel.connect()).welcome["mode"] == "lazy"
    finally:
        kernel.close()


def test_a_lone_client_brings_its_cells(play: Open) -> None:
    first = play("x = 1", "y = x + 1", "z = y")
    first.run("all")
    x, y, z = copies(first.cells)
    first.close()
    y.source = "y = x + 2"
    second = play(x, y, z)
    assert second.welcome["adopted"] is True
    assert second.states() == ["fresh", "stale", "stale"]
    assert second.reasons(y)[0][0] == "edited"


def test_an_opening_with_the_same_cells_keeps_what_ran(play: Open) -> None:
    first = play("x = 1", "print(x)", "1/0")
    first.run("all")
    counts = {cell: status["execution_count"] for cell, status in first.status.items()}
    first.close()
    second = play(*copies(first.cells))
    assert second.states() == ["fresh", "fresh", "failed"]
    assert counts == {cell: status["execution_count"] for cell, status in second.status.items()}
    assert second.run("stale")["executed"] == []


def test_a_second_client_takes_the_cells_of_the_kernel(play: Open) -> None:
    first = play("x = 1", Cell("# heading", cell_type="markdown"), Cell("y = x", tags=["keep"]))
    first.run("all")
    second = play("other = 1")
    assert second.welcome["adopted"] is False
    assert [cell.message() for cell in second.cells] == [cell.message() for cell in first.cells]
    assert second.welcome["status"] == first.status
    assert second.welcome["client_id"] != first.welcome["client_id"]
    assert second.welcome["session"] == first.welcome["session"]


def test_reopening_merges_what_both_sides_changed(play: Open) -> None:
    stays = play("a = 1", "b = 2", "c = 3", "d = 4")
    leaves = play()
    leaves.close()
    mine = copies(leaves.cells)
    stays.update(stays.cells[1], "b = 'kernel'")
    told = len(stays.heard("edited"))
    mine[2].source = "c = 'client'"
    back = play(*mine, session=leaves.welcome["session"], revision=leaves.revision)
    assert back.welcome["adopted"] is False
    assert [cell.source for cell in back.cells] == [
        "a = 1",
        "b = 'kernel'",
        "c = 'client'",
        "d = 4",
    ]
    assert stays.in_step()
    assert [cell.source for cell in stays.cells] == [cell.source for cell in back.cells]
    assert len(stays.heard("edited")) == told + 1
    assert back.heard("edited") == []


def test_reopening_merges_cells_created_and_deleted(play: Open) -> None:
    stays = play("a = 1", "b = 2", "c = 3")
    leaves = play()
    leaves.close()
    mine = copies(leaves.cells)
    kernels_own = stays.create("k = 1", 1)
    stays.delete(stays.cells[-1])
    clients_own = Cell("n = 1")
    mine.insert(1, clients_own)
    del mine[0]
    back = play(*mine, session=leaves.welcome["session"], revision=leaves.revision)
    held = {cell.id for cell in back.cells}
    assert held == {kernels_own.id, clients_own.id, leaves.cells[1].id}
    assert stays.in_step()
    assert {cell.id for cell in stays.cells} == held


def test_reopening_where_both_changed_one_cell(play: Open) -> None:
    stays = play("a = 1")
    leaves = play()
    leaves.close()
    mine = copies(leaves.cells)
    stays.update(stays.cells[0], "a = 'kernel'")
    mine[0].source = "a = 'client'"
    back = play(*mine, session=leaves.welcome["session"], revision=leaves.revision)
    assert back.cells[0].source == "a = 'client'"
    assert stays.in_step()
    assert stays.cells[0].source == "a = 'client'"


@pytest.mark.parametrize(
    "seen", [{"session": "another kernel's", "revision": 0}, {"session": None, "revision": 10**6}]
)
def test_reopening_with_a_past_the_kernel_does_not_know(play: Open, seen: dict[str, Any]) -> None:
    stays = play("a = 1")
    known = {"session": seen["session"] or stays.welcome["session"], "revision": seen["revision"]}
    back = play(Cell("a = 'client'", stays.cells[0].id), "more = 1", **known)
    assert back.welcome["adopted"] is False
    assert [cell.source for cell in back.cells] == ["a = 1"]
    assert stays.heard("edited") == []


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"protocol": 99}, "protocol_unsupported"),
        ({"protocol": "1"}, "protocol_unsupported"),
        ({"path": 5}, "bad_message"),
        ({"path": "another.ipynb"}, "other_document"),
        ({"cells": None}, "bad_message"),
        ({"cells": [{"id": "a b", "cell_type": "code", "source": ""}]}, "bad_message"),
        ({"cells": [{"id": "a", "cell_type": "code"}]}, "bad_message"),
        ({"mode": "eager"}, "bad_message"),
        ({"client": {"name": "player", "version": "1", "kind": "robot"}}, "bad_message"),
        ({"client": None}, "bad_message"),
        ({"shared": "no"}, "bad_message"),
        ({"revision": "latest"}, "bad_message"),
    ],
)
def test_refusals(
    play: Open, connect: Callable[[], Connection], fields: dict[str, Any], code: str
) -> None:
    player = play("x = 1")
    with pytest.raises(RefusedError) as refusal:
        Player(connect(), [], **fields)
    assert refusal.value.code == code
    assert player.in_step()


def test_an_id_that_stands_twice_is_refused(connect: Callable[[], Connection]) -> None:
    with pytest.raises(RefusedError) as refusal:
        Player(connect(), [Cell("x = 1", "twice"), Cell("y = 1", "twice")])
    assert refusal.value.code == "bad_message"


def test_a_message_without_sense_in_place_of_the_opening(
    play: Open, connect: Callable[[], Connection]
) -> None:
    player = play("x = 1")
    connection = connect()
    for data in ({}, {"protocol": None}):
        connection.send(
            "comm_open", {"comm_id": "odd", "target_name": "reactive_kernel", "data": data}
        )
    connection.reach()
    assert player.in_step()


def test_another_document_can_follow_when_nobody_is_connected(play: Open) -> None:
    play("x = 1").close()
    with_other_path = play("x = 1", path="another.ipynb")
    assert with_other_path.welcome["adopted"] is True


def test_revisions_never_go_back_over_openings(play: Open) -> None:
    first = play("x = 1")
    first.update(first.cells[0], "x = 2")
    first.close()
    second = play("x = 3")
    assert second.welcome["session"] == first.welcome["session"]
    assert second.revision > first.revision


def test_a_restarted_kernel_is_another_session(play: Open) -> None:
    before = play("x = 1").welcome["session"]
    kernel = Kernel()
    try:
        player = Player(kernel.connect(), [Cell("x = 1")], session=before, revision=3)
        assert player.welcome["session"] != before
        assert player.welcome["adopted"] is True
        assert player.states() == ["new"]
    finally:
        kernel.close()


def test_a_closed_comm_is_no_client(play: Open) -> None:
    leaver = play("x = 1")
    stays = play()
    leaver.close()
    stays.update(stays.cells[0], "x = 2")
    leaver.post(
        {"type": "edit", "request": 1, "ops": [{"op": "delete_cell", "cell_id": stays.cells[0].id}]}
    )
    leaver.connection.reach()
    assert stays.in_step()
    assert stays.heard("edited") == []


def test_a_page_that_is_loaded_again_ends_its_runs(
    play: Open, connect: Callable[[], Connection]
) -> None:
    connection, again = connect(), connect()
    page = play(
        "go = input()",
        "after = 1",
        connection=connection,
        subshell=connection.start_subshell(),
        obey=False,
    )
    waits, after = page.cells
    page.begin_run("all")
    page.pump(lambda: page.told == [waits.id, after.id])
    page.execute(waits)
    page.wait_for_prompt()
    sent = page.execute(after)
    page.close()
    loaded = play(*copies(page.cells), connection=again, subshell=again.start_subshell())
    assert loaded.welcome["adopted"] is True
    assert loaded.states() == ["running", "new"]
    page.answer_prompt("")
    assert page.outcome(sent)["metadata"]["reactive"]["verdict"] == "cancelled"
    assert after.runs == 0
    loaded.pump(lambda: loaded.states() == ["fresh", "new"])
    assert loaded.run("stale")["executed"] == [after.id]


def test_a_page_that_vanished_makes_room_for_the_next_on_its_connection(
    play: Open, connect: Callable[[], Connection]
) -> None:
    connection = connect()
    vanished = play("x = 1", "y = x", connection=connection, obey=False)
    run = vanished.begin_run("all")["run"]
    vanished.pump(lambda: len(vanished.told) == 2)
    watching = play()
    vanished.open = False
    player = play("x = 2", connection=connection)
    assert player.welcome["adopted"] is False
    watching.pump(lambda: run in watching.finished)
    assert watching.finished[run]["cancelled"] is True
    late = vanished.execute(vanished.cells[0])
    assert vanished.outcome(late)["metadata"]["reactive"]["verdict"] == "cancelled"
    assert player.states() == ["new", "new"]


def test_another_document_over_the_same_connection_is_refused_and_ends_nothing(
    play: Open, connect: Callable[[], Connection]
) -> None:
    connection = connect()
    player = play("x = 1", connection=connection)
    with pytest.raises(RefusedError) as refused:
        play("y = 1", connection=connection, path="other.ipynb")
    assert refused.value.code == "other_document"
    assert player.run("all")["executed"] == [player.cells[0].id]
