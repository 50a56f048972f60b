"""Cells that run only when they are asked for: frozen ones, and those to be run by hand."""

from __future__ import annotations

import pytest

from reactive_kernel.document import UpdateCell

from .player import Player

BOTH = pytest.mark.parametrize("tag", ["reactive-frozen", "reactive-manual"])


def held(tag: str, *sources: str) -> Player:
    """Return a notebook that has run, and whose second cell is held since then."""
    player = Player(*sources)
    player.run("all")
    player.apply(UpdateCell("c1", tags=("other", tag)))
    return player


@BOTH
def test_it_is_not_run_for_being_affected_and_its_value_is_kept(tag: str) -> None:
    player = held(tag, "x = 1", "y = x + 1", "print(y)")
    assert player.states() == ["fresh"] * 3
    player.update("c0", "x = 10")
    assert player.run(["c0"]).executed == ["c0"]
    assert player.states() == ["fresh", "stale", "stale"]
    assert player.user_ns["y"] == 2
    player.check_promise()


@BOTH
def test_nothing_else_asks_for_it(tag: str) -> None:
    player = held(tag, "x = 1", "y = x + 1", "print(y)")
    player.update("c0", "x = 10")
    player.update("c2", "print(x, y)")
    assert player.run(["c2"]).executed == ["c0", "c2"]
    assert player.printed("c2") == "10 2\n"
    assert player.states() == ["fresh", "stale", "stale"]
    (reason,) = player.notebook.status("c2").reasons
    assert (reason.kind, reason.name, reason.cell) == ("upstream_stale", "y", "c1")


@BOTH
def test_run_stale_leaves_it_and_what_waits_for_it(tag: str) -> None:
    player = held(tag, "x = 1", "y = x + 1", "print(y)", "print(x)", "z = 5")
    player.update("c0", "x = 10")
    player.update("c4", "z = 6")
    assert player.run("stale").executed == ["c0", "c3", "c4"]
    assert player.states() == ["fresh", "stale", "stale", "fresh", "fresh"]
    assert player.run("stale").executed == []
    player.check_promise()


@BOTH
def test_what_comes_to_wait_for_it_in_the_run_is_left_too(tag: str) -> None:
    player = held(tag, "x = int('1')", "y = x + 1", "print(y)")
    player.update("c0", "x = int('10')")
    player.update("c2", "print(y + 1)")
    assert player.run("stale").executed == ["c0"]
    assert player.states() == ["fresh", "stale", "stale"]


@BOTH
def test_it_runs_when_it_is_asked_for(tag: str) -> None:
    player = held(tag, "x = 1", "y = x + 1", "print(y)")
    player.update("c0", "x = 10")
    assert player.run(["c1"]).executed == ["c0", "c1", "c2"]
    assert player.states() == ["fresh"] * 3
    assert player.printed("c2") == "11\n"


@BOTH
def test_it_is_as_any_other_when_the_tag_is_gone(tag: str) -> None:
    player = held(tag, "x = 1", "y = x + 1", "print(y)")
    player.update("c0", "x = 10")
    player.run("stale")
    player.apply(UpdateCell("c1", tags=()))
    assert player.run("stale").executed == ["c1", "c2"]
    assert player.states() == ["fresh"] * 3


def test_running_all_runs_what_is_to_be_run_by_hand() -> None:
    player = held("reactive-manual", "x = 1", "y = x + 1", "print(y)")
    player.update("c0", "x = 10")
    assert player.run("all").executed == ["c0", "c1", "c2"]
    assert player.states() == ["fresh"] * 3


@pytest.mark.parametrize("several", [False, True])
def test_running_all_leaves_what_is_frozen(several: bool) -> None:
    player = held("reactive-frozen", "x = 1", "y = x + 1", "print(y)")
    player.update("c0", "x = 10")
    assert player.run(player.ids if several else "all").executed == ["c0", "c2"]
    assert player.printed("c2") == "2\n"
    assert player.states() == ["fresh", "stale", "stale"]
    player.check_promise()


def test_a_frozen_cell_that_has_never_run_gives_nothing() -> None:
    player = Player("x = 1", "y = 2", "print(y)", "print(x)")
    player.apply(UpdateCell("c1", tags=("reactive-frozen",)))
    assert player.run("all").failed == ["c2"]
    assert player.outputs["c2"] == ("", "NameError")
    assert player.states() == ["fresh", "new", "stale", "fresh"]


@BOTH
def test_a_value_that_was_changed_since_is_not_made_again(tag: str) -> None:
    player = Player("k = 1", "rows = iter([1, 2, 3])", "print(k, next(rows))")
    player.run("all")
    player.apply(UpdateCell("c1", tags=(tag,)))
    player.update("c0", "k = 2")
    assert player.run(["c0"]).executed == ["c0"]
    assert player.states() == ["fresh", "fresh", "stale"]
    # By hand it takes what is there, which Run All would not show.
    assert player.run(["c2"]).executed == ["c2"]
    assert player.printed("c2") == "2 2\n"
    assert player.states() == ["fresh", "fresh", "stale"]


@BOTH
def test_what_was_copied_before_it_was_changed_is_there(tag: str) -> None:
    player = Player("k = 1", "rows = [0]", "rows.append(k)\nprint(rows)")
    player.run("all")
    player.apply(UpdateCell("c1", tags=(tag,)))
    player.update("c0", "k = 2")
    assert player.run("stale").executed == ["c0", "c2"]
    assert player.printed("c2") == "[0, 2]\n"
    assert player.states() == ["fresh"] * 3
    player.check_promise()


def test_statuses_tell_which_are_held() -> None:
    player = Player("x = 1", "y = 2", "z = 3")
    player.apply(UpdateCell("c0", tags=("reactive-frozen", "reactive-manual")))
    changes = player.notebook.take_changes()
    player.apply(UpdateCell("c1", tags=("reactive-manual",)))
    assert {i: s.held for i, s in changes.status.items()} == {
        "c0": "frozen",
        "c1": None,
        "c2": None,
    }
    assert {i: s.held for i, s in player.notebook.take_changes().status.items()} == {"c1": "manual"}
