"""Clients that take several cells to execute, or several statuses of one, in one message."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .conftest import Open
    from .player import Cell, Player


def states_told(player: Player, cell: Cell) -> list[str]:
    return [status["state"] for status in player.history(cell)]


def test_cells_to_execute_come_in_one_message(play: Open) -> None:
    player = play("x = 1", "y = x", "z = y", batches=True)
    ids = [cell.id for cell in player.cells]
    finished = player.run("all")
    (event,) = player.heard("execute")
    assert [event["cell_id"], *event["then"]] == finished["executed"] == ids
    assert player.states() == ["fresh"] * 3


def test_others_are_told_of_each_cell(play: Open) -> None:
    player = play("x = 1", "y = x")
    player.run("all")
    assert [event["cell_id"] for event in player.heard("execute")] == [c.id for c in player.cells]
    assert all("then" not in event for event in player.heard("execute"))


def test_statuses_of_a_run_are_gathered(play: Open) -> None:
    player = play(*(f"x{number} = {number}" for number in range(200)), batches=True)
    player.run("all")
    assert player.states() == ["fresh"] * 200
    assert len(player.heard("status")) < 100


def test_a_cell_that_takes_its_time_is_told_to_be_running(play: Open) -> None:
    player = play("x = 1", "y = input(str(x))", batches=True)
    x, y = player.cells
    run = player.begin_run("all")["run"]
    player.pump(lambda: player.state(y) == "running")
    assert player.state(x) == "fresh"
    assert player.status[y.id]["msg_id"] in player.executing
    player.wait_for_prompt()
    player.answer_prompt("no more")
    player.end_run(run)
    assert player.states() == ["fresh", "fresh"]


def test_with_others_there_each_status_is_told(play: Open) -> None:
    player = play("x = 1", "y = x", batches=True)
    other = play()
    player.run("all")
    other.pump(lambda: other.states() == ["fresh", "fresh"])
    for cell in player.cells:
        assert states_told(other, cell) == ["queued", "running", "fresh"]


def test_statuses_come_before_the_end_of_the_run(play: Open) -> None:
    player = play("x = 1", "y = x", "1 / 0", batches=True)
    player.run("all")
    kinds = [event["type"] for event in player.events]
    assert kinds[-1] == "run_finished"
    assert player.states() == ["fresh", "fresh", "failed"]
