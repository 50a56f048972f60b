"""Every STATE and every kind of REASON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .player import Cell, Kernel

if TYPE_CHECKING:
    from .conftest import Open


def test_new(play: Open) -> None:
    player = play("x = 1")
    assert player.states() == ["new"]
    assert player.reasons(player.cells[0]) == [("never_ran", None, None)]


def test_fresh(play: Open) -> None:
    player = play("x = 1")
    player.run("all")
    status = player.status[player.cells[0].id]
    assert status["state"] == "fresh"
    assert status["reasons"] == []
    assert isinstance(status["execution_count"], int)
    assert status["msg_id"] is None


def test_execution_counts_are_those_of_the_prompt(play: Open) -> None:
    player = play("x = 1", "y = x")
    player.run("all")
    counts = [player.status[cell.id]["execution_count"] for cell in player.cells]
    assert counts == [cell.execution_count for cell in player.cells]
    assert counts[1] == counts[0] + 1


def test_stale_after_an_edit(play: Open) -> None:
    player = play("x = 1", "y = x", "z = y")
    x, y, z = player.cells
    player.run("all")
    player.update(x, "x = 2")
    assert player.states() == ["stale"] * 3
    assert [kind for kind, _, _ in player.reasons(x)] == ["edited"]
    assert player.reasons(y) == [("upstream_stale", "x", x.id)]
    assert player.reasons(z) == [("upstream_stale", "y", y.id)]


def test_an_edit_taken_back_is_fresh(play: Open) -> None:
    player = play("x = 1", "y = x")
    player.run("all")
    player.update(player.cells[0], "x = 2")
    player.update(player.cells[0], "x = 1")
    assert player.states() == ["fresh", "fresh"]


def test_layout_and_comments_mean_nothing(play: Open) -> None:
    player = play("x = 1", "y = x")
    player.run("all")
    player.update(player.cells[0], "# the first\nx  =  1")
    assert player.states() == ["fresh", "fresh"]


def test_input_changed(play: Open) -> None:
    player = play("x = 1", "y = x", mode="lazy")
    x, y = player.cells
    player.run("all")
    player.update(x, "x = 2")
    player.run([x])
    assert player.states() == ["fresh", "stale"]
    assert player.reasons(y) == [("input_changed", "x", x.id)]


def test_input_missing(play: Open) -> None:
    player = play("x = 1", "y = x")
    x, y = player.cells
    player.run("all")
    player.delete(x)
    assert player.state(y) == "stale"
    assert [(kind, name) for kind, name, _ in player.reasons(y)] == [("input_missing", "x")]


def test_replaced_writer(play: Open) -> None:
    player = play("x = 1", "x = 2", "y = x")
    first, second, reader = player.cells
    player.run("all")
    player.delete(second)
    assert player.state(reader) == "stale"
    assert player.reasons(reader) == [("replaced_writer", "x", first.id)]


def test_queued_and_running(play: Open) -> None:
    player = play("x = 1", "y = x")
    player.run("all")
    for cell in player.cells:
        states = [status["state"] for status in player.history(cell)]
        assert states == ["queued", "running", "fresh"]
    running = [status for status in player.history(player.cells[0]) if status["state"] == "running"]
    assert [status["msg_id"] for status in running] == [next(iter(player.executed))]


def test_failed(play: Open) -> None:
    player = play("x = 1", "x / 0")
    player.run("all")
    x, failing = player.cells
    assert player.state(failing) == "failed"
    assert isinstance(player.status[failing.id]["execution_count"], int)
    player.update(x, "x = 2")
    assert player.state(failing) == "stale"


def test_blocked(play: Open) -> None:
    player = play("x = 1 / 0", "y = x", "z = y", "free = 1")
    x, y, z, _ = player.cells
    player.run("all")
    assert player.states() == ["failed", "blocked", "blocked", "fresh"]
    assert ("upstream_failed", "x", x.id) in player.reasons(y)
    assert ("upstream_failed", "y", y.id) in player.reasons(z)


def test_blocked_by_a_cell_that_ran_before(play: Open) -> None:
    player = play("x = 1", "y = x")
    player.run("all")
    x, _y = player.cells
    player.update(x, "x = 1 / 0")
    player.run([x])
    assert player.states() == ["failed", "blocked"]
    player.update(x, "x = 1")
    player.run([x])
    assert player.states() == ["fresh", "fresh"]


def test_idle(play: Open) -> None:
    player = play(
        Cell("# text", cell_type="markdown"), Cell("raw", cell_type="raw"), "", " \n", "# comment"
    )
    assert player.states() == ["idle"] * 5
    assert player.nodes == {}
    assert player.run("all")["executed"] == []


def test_syntax_error(play: Open) -> None:
    player = play("x = 1", "y = x")
    x, y = player.cells
    player.run("all")
    player.update(x, "x = (")
    assert "syntax_error" in [kind for kind, _, _ in player.reasons(x)]
    assert player.state(x) == "stale"
    assert player.state(y) != "fresh"
    player.run([x])
    assert x.error == "SyntaxError"
    assert player.state(x) == "failed"


def test_interrupted(play: Open, kernel: Kernel) -> None:
    player = play("print('begun')\ngo = input()", "after = go", "free = 1")
    waits, after, free = player.cells
    run = player.begin_run("all")["run"]
    player.wait_for_prompt()
    kernel.interrupt()
    finished = player.end_run(run)
    assert finished["cancelled"] is True
    assert waits.error == "KeyboardInterrupt"
    assert player.state(waits) == "stale"
    assert "interrupted" in [kind for kind, _, _ in player.reasons(waits)]
    assert (after.runs, free.runs) == (0, 0)
