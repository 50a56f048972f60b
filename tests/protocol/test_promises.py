"""The three failures that the system exists to end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .player import RequestError

if TYPE_CHECKING:
    from .conftest import Open


def test_a_created_cell_runs_at_once_and_takes_part_in_cascades(play: Open) -> None:
    player = play("x = 1", "y = x + 1")
    x, y = player.cells
    player.run("all")
    created = player.create("z = y * 10\nprint(z)")
    assert player.run([created])["executed"] == [created.id]
    assert created.text == "20\n"
    player.update(x, "x = 2")
    assert player.run([x])["executed"] == [x.id, y.id, created.id]
    assert created.text == "30\n"
    between = player.create("y = y + 100", 2)
    player.run([between])
    assert created.text == "1030\n"
    player.update(x, "x = 3")
    player.run([x])
    assert created.text == "1040\n"
    assert player.states() == ["fresh"] * 4


def test_a_deleted_cell_leaves_nothing_and_never_runs_again(play: Open) -> None:
    player, other = play("x = 1", "ghost = x", "y = ghost"), play()
    x, ghost, y = player.cells
    player.run("all")
    player.delete(ghost)
    for client in (player, other):
        assert client.in_step()
        client.request("status")
        assert ghost.id not in client.nodes
        assert not any(ghost.id in edge for edge in client.edges)
    assert ghost.id not in player.request("status")["cells"]
    graph = player.request("graph")["graph"]
    assert ghost.id not in str(graph)
    variables = player.request("variables")["variables"]
    assert "ghost" not in [entry["name"] for entry in variables]
    assert ghost.id not in [entry["cell"] for entry in variables]
    assert player.type_in_console("'ghost' in globals()") == [("execute_result", "False")]
    assert player.request("explain", cell_id=x.id)["downstream"] == []
    assert player.request("explain", cell_id=y.id)["upstream"] == []
    for kind, fields in (
        ("run", {"cells": [ghost.id]}),
        ("explain", {"cell_id": ghost.id}),
        ("edit", {"ops": [{"op": "update_cell", "cell_id": ghost.id, "source": "ghost = 2"}]}),
    ):
        with pytest.raises(RequestError) as error:
            player.request(kind, **fields)
        assert error.value.code == "unknown_cell"
    assert state_and_reason(player.status[y.id]) == ("stale", ["input_missing"])
    player.update(x, "x = 2")
    for cells in ("all", "stale", [x], [y]):
        assert ghost.id not in player.run(cells)["executed"]
    assert y.error == "NameError"
    assert ghost.runs == 1


def state_and_reason(status: dict) -> tuple[str, list[str]]:
    return status["state"], [reason["kind"] for reason in status["reasons"]]


def test_after_a_writer_is_deleted_a_new_cell_becomes_the_writer(play: Open) -> None:
    player = play("x = 1", "print(x)", "y = x")
    old, p, y = player.cells
    player.run("all")
    player.delete(old)
    new = player.create("x = 100", 0)
    assert player.edges == {(new.id, p.id): ["x"], (new.id, y.id): ["x"]}
    assert player.run([new])["executed"] == [new.id, p.id, y.id]
    assert p.text == "100\n"
    owners = {entry["name"]: entry["cell"] for entry in player.request("variables")["variables"]}
    assert owners["x"] == new.id
    player.update(new, "x = 200")
    player.run([new])
    assert p.text == "200\n"
    assert old.runs == 1


def test_undo_of_a_delete_is_fresh_without_running(play: Open) -> None:
    player = play("x = 1", "y = x", "print(y)")
    x, y, p = player.cells
    player.run("all")
    player.delete(y)
    assert player.states(x, p) == ["fresh", "stale"]
    player.create(y, 1)
    assert player.states() == ["fresh"] * 3
    assert [cell.runs for cell in player.cells] == [1, 1, 1]
    player.move(y, 2)
    player.move(y, 1)
    assert player.states() == ["fresh"] * 3
