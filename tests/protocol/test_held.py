"""Cells with the tags `reactive-frozen` and `reactive-manual`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .player import Cell

if TYPE_CHECKING:
    from .conftest import Open


def test_what_is_frozen_is_left_out_of_every_run_but_its_own(play: Open) -> None:
    player = play("x = 1", Cell("y = x + 1", tags=["reactive-frozen"]), "print(x)")
    x, y, shown = player.cells
    assert player.run("all")["executed"] == [x.id, shown.id]
    assert player.states() == ["fresh", "new", "fresh"]
    assert player.run([x, y, shown])["executed"] == [x.id, shown.id]
    reply = player.begin_run([y])
    assert (reply["plan"], reply["why"]) == ([y.id], {y.id: "asked"})
    assert player.end_run(reply["run"])["executed"] == [y.id]


def test_what_is_to_be_run_by_hand_is_in_no_plan_of_others(play: Open) -> None:
    player = play("x = 1", Cell("y = x + 1", tags=["reactive-manual"]), "print(y)")
    x, y, shown = player.cells
    player.run("all")
    assert shown.text == "2\n"
    player.update(x, "x = 2")
    reply = player.begin_run([x])
    assert reply["plan"] == [x.id]
    player.end_run(reply["run"])
    assert player.states() == ["fresh", "stale", "stale"]
    assert player.reasons(shown) == [("upstream_stale", "y", y.id)]
    assert player.run("stale")["executed"] == []


def test_the_status_follows_the_tags(play: Open) -> None:
    player = play("x = 1", Cell("y = 2", tags=["reactive-manual"]))
    x, y = player.cells
    assert "held" not in player.status[x.id]
    assert player.status[y.id]["held"] == "manual"
    player.edit({"op": "update_cell", "cell_id": x.id, "tags": ["mine", "reactive-frozen"]})
    player.edit({"op": "update_cell", "cell_id": y.id, "tags": []})
    assert player.status[x.id]["held"] == "frozen"
    assert "held" not in player.status[y.id]
