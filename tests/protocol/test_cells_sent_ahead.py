"""Runs under way: verdicts on cells sent ahead, cancel and interrupt, what happens meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .player import Cell, Connection, Kernel, Player, RequestError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Open


def verdict(player: Player, msg_id: str) -> str | None:
    """What the kernel said of a cell sent ahead; None when the cell was executed."""
    reply = player.outcome(msg_id)
    if reply["content"]["status"] == "aborted":
        said: str = reply["metadata"]["reactive"]["verdict"]
        return said
    return None


def test_verdict_unchanged(play: Open) -> None:
    player = play("x = 3 % 2", "print(x)", obey=False)
    x, p = player.cells
    player.obey = True
    player.run("all")
    player.obey = False
    player.update(x, "x = 5 % 2")
    count = player.status[p.id]["execution_count"]
    player.told.clear()
    run = player.begin_run([x])["run"]
    player.pump(lambda: player.told == [x.id, p.id])
    sent = player.execute(x), player.execute(p)
    assert [verdict(player, msg_id) for msg_id in sent] == [None, "unchanged"]
    assert player.executed[sent[1]]["metadata"]["reactive"]["run"] == run
    finished = player.end_run(run)
    assert finished["unchanged"] == [p.id]
    assert (p.runs, p.text) == (1, "1\n")
    assert player.status[p.id]["execution_count"] == count
    assert player.states() == ["fresh", "fresh"]


def test_verdict_blocked(play: Open) -> None:
    player = play("x = 1 / 0", "y = x", "free = 1", obey=False)
    x, y, free = player.cells
    run = player.begin_run("all")["run"]
    player.pump(lambda: player.told == [x.id, y.id, free.id])
    sent = [player.execute(cell) for cell in player.cells]
    assert [verdict(player, msg_id) for msg_id in sent] == [None, "blocked", None]
    assert player.end_run(run)["blocked"] == [y.id]
    assert y.runs == 0


def test_verdict_cancelled(play: Open) -> None:
    player = play("go = input()", "print(go)", "free = 1", obey=False)
    waits, reader, free = player.cells
    run = player.begin_run("all")["run"]
    player.pump(lambda: len(player.told) == 3)
    first = player.execute(waits)
    player.wait_for_prompt()
    cancel = player.begin("cancel", run=run)
    late = player.execute(reader), player.execute(free)
    player.answer_prompt("on")
    assert verdict(player, first) is None
    player.reply(cancel)
    assert [verdict(player, msg_id) for msg_id in late] == ["cancelled", "cancelled"]
    finished = player.end_run(run)
    assert finished["executed"] == [waits.id]
    assert finished["cancelled"] is True
    assert player.states() == ["fresh", "new", "new"]
    assert player.run([]) is not None


def test_cells_sent_ahead_run_in_order(play: Open) -> None:
    player = play(*(f"v{number} = {number}" for number in range(40)))
    finished = player.run("all")
    assert finished["executed"] == player.told == [cell.id for cell in player.cells]


def test_interrupt_cancels_the_cells_sent_ahead(play: Open, kernel: Kernel) -> None:
    player = play("go = input()", "print(go)", "free = 1", obey=False)
    run = player.begin_run("all")["run"]
    player.pump(lambda: len(player.told) == 3)
    first, *late = [player.execute(cell) for cell in player.cells]
    player.wait_for_prompt()
    kernel.interrupt()
    assert player.outcome(first)["content"]["ename"] == "KeyboardInterrupt"
    assert [verdict(player, msg_id) for msg_id in late] == ["cancelled", "cancelled"]
    finished = player.end_run(run)
    assert finished["cancelled"] is True
    assert player.state(player.cells[0]) == "stale"
    player.obey = True
    player.update(player.cells[0], "go = 'on'")
    player.run("all")
    assert player.cells[1].text == "on\n"


def test_cancel_before_anything_was_executed(play: Open) -> None:
    player = play("x = 1", "y = x", obey=False)
    run = player.begin_run("all")["run"]
    player.request("cancel", run=run)
    player.pump(lambda: run in player.finished)
    assert player.finished[run]["cancelled"] is True
    assert player.finished[run]["executed"] == []
    assert player.states() == ["new", "new"]
    for cell_id in player.told:
        assert verdict(player, player.execute(player[cell_id])) == "cancelled"
    player.obey = True
    assert player.run("all")["executed"] == [cell.id for cell in player.cells]


@pytest.mark.parametrize("run", ["never started", ""])
def test_cancel_of_an_unknown_run(play: Open, run: str) -> None:
    with pytest.raises(RequestError) as error:
        play("x = 1").request("cancel", run=run)
    assert error.value.code == "unknown_run"


def test_an_edit_during_a_run_is_not_lost(play: Open) -> None:
    player = play("go = input()", "y = go")
    _waits, _y = player.cells
    run = player.begin_run("all")["run"]
    player.wait_for_prompt()
    added = Cell("z = y + '!'\nprint(z)")
    player.cells.append(added)
    edit = player.begin("edit", ops=[{"op": "create_cell", "cell": added.message(), "index": 2}])
    player.answer_prompt("on")
    player.reply(edit)
    player.end_run(run)
    player.run([added])
    assert added.text == "on!\n"


def test_a_comm_on_a_subshell_is_answered_while_a_cell_runs(
    play: Open, connect: Callable[[], Connection]
) -> None:
    connection = connect()
    subshell = connection.start_subshell()
    player = play("go = input()", "y = go", connection=connection, subshell=subshell)
    waits, y = player.cells
    run = player.begin_run("all")["run"]
    player.wait_for_prompt()
    assert player.in_step()
    assert player.state(waits) == "running"
    assert player.status[waits.id]["msg_id"] in player.executing
    assert player.state(y) == "queued"
    created = player.create("z = y + '!'\nprint(z)")
    player.update(y, "y = go * 2")
    assert player.in_step()
    assert player.request("explain", cell_id=created.id)["upstream"] == [waits.id, y.id]
    assert "go" not in [entry["name"] for entry in player.request("variables")["variables"]]
    player.answer_prompt("on")
    assert waits.id in player.end_run(run)["executed"]
    player.run([created])
    assert created.text == "onon!\n"


def test_a_new_cell_for_which_values_are_made_again_is_run(play: Open) -> None:
    player = play("l = [6]", "add = (lambda q: lambda: q.append(1))(l)", "l.clear()")
    player.run("all")
    created = player.create("adds = [add, add]", 2)
    finished = player.run("stale")
    assert created.id in finished["executed"]
    assert set(player.states()) == {"fresh"}


def test_a_failed_cell_is_not_tried_again_for_those_that_wait_for_it(play: Open) -> None:
    player = play(
        "numbers = [1, 2]",
        "texts = map(str, numbers)",
        "print(list(texts))",
        "def late(): pass\ntexts.send(2)",
        "print(globals()[name])",
    )
    player.run("stale")
    assert player.states() == ["fresh", "fresh", "fresh", "failed", "blocked"]
    assert player.cells[3].runs == 1


def test_a_comm_on_the_main_shell_is_answered_while_a_cell_awaits(
    play: Open, tmp_path: Path
) -> None:
    flag = tmp_path / "flag"
    player = play(
        "import asyncio, contextlib, pathlib",
        "with contextlib.redirect_stdout(None), contextlib.redirect_stderr(None):\n"
        f"    while not pathlib.Path({str(flag)!r}).exists():\n        await asyncio.sleep(0.01)",
        "print('on')",
    )
    run = player.begin_run("all")["run"]
    awaits, last = player.cells[1:]
    player.pump(lambda: player.state(awaits) == "running")
    player.update(last, "print('on!')")
    assert player.in_step()
    assert player.state(awaits) == "running"
    flag.touch()
    player.end_run(run)


def test_what_a_cell_is_writing_is_not_taken_for_others_doing(
    play: Open, connect: Callable[[], Connection], tmp_path: Path
) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("before")
    connection = connect()
    player = play(
        f"import pathlib\nnotes = pathlib.Path({str(path)!r})",
        "print(notes.read_text())",
        "notes.write_text('half')\nnotes.write_text(input())",
        connection=connection,
        subshell=connection.start_subshell(),
    )
    _, reads, writes = player.cells
    player.run(player.cells[:2])
    alone = player.execute(writes)
    player.wait_for_prompt()
    player.request("status")
    player.answer_prompt("after")
    player.outcome(alone)
    assert player.states() == ["fresh"] * 3
    assert reads.text == "before\n"


def test_cancel_from_a_subshell_while_a_cell_runs(
    play: Open, connect: Callable[[], Connection]
) -> None:
    connection = connect()
    subshell = connection.start_subshell()
    player = play("go = input()", "y = go", connection=connection, subshell=subshell)
    _, y = player.cells
    run = player.begin_run("all")["run"]
    player.wait_for_prompt()
    player.request("cancel", run=run)
    player.answer_prompt("on")
    finished = player.end_run(run)
    assert finished["cancelled"] is True
    assert y.runs == 0
    assert player.states() == ["fresh", "new"]


def test_a_cell_deleted_while_it_waits_is_not_executed(play: Open) -> None:
    player = play("go = input()", "print('ghost')", obey=False)
    waits, ghost = player.cells
    run = player.begin_run("all")["run"]
    player.pump(lambda: len(player.told) == 2)
    player.execute(waits)
    player.wait_for_prompt()
    player.cells.remove(ghost)
    player.begin("edit", ops=[{"op": "delete_cell", "cell_id": ghost.id}])
    late = player.execute(ghost)
    player.answer_prompt("on")
    assert verdict(player, late) == "cancelled"
    assert ghost.runs == 0
    assert player.end_run(run)["executed"] == [waits.id]
    assert ghost.id not in player.nodes


def test_two_runs_at_once_both_end(play: Open) -> None:
    player = play("x = 1", "y = x", "z = 3")
    x, y, z = player.cells
    numbers = [player.begin("run", cells=[cell.id]) for cell in (y, z)]
    runs = [player.reply(number)["run"] for number in numbers]
    for run in runs:
        player.end_run(run)
    assert player.states() == ["fresh"] * 3
    assert (x.runs, y.runs, z.runs) == (1, 1, 1)


def test_cells_sent_ahead_run_in_notebook_order(play: Open) -> None:
    page = play(
        "import copy",
        "items = [{'n': 'a', 's': [1]}, {'n': 'b', 's': iter([2])}]",
        "by = {i['n']: i for i in items}",
        "backup = [dict(i) for i in items]",
        "by['a']['k'] = 7",
        "print([n['n'] for o, n in zip(backup, items) if o != n])",
        "by['b']['s'] = 60",
    )
    page.run("all")
    assert page.cells[5].outputs == [("stdout", "['a']\n")]
    page.delete(page.cells[4])
    page.run("stale")
    assert page.cells[4].outputs == [("stdout", "[]\n")]
    assert {page.state(cell) for cell in page.cells} == {"fresh"}


def test_a_client_is_told_of_no_more_cells_than_it_takes_in(play: Open) -> None:
    player = play(*(f"x{number} = {number}" for number in range(120)), obey=False)
    ids = [cell.id for cell in player.cells]
    run = player.begin_run("all")["run"]
    player.request("status")
    assert player.told == ids[:100]
    for number in range(49):
        player.delete(player.cells[99 - number])
    assert player.told == ids[:100]
    player.delete(player.cells[50])
    assert player.told == ids
    player.obey = True
    for cell_id in ids[:50] + ids[100:]:
        player.execute(player[cell_id])
    assert player.end_run(run)["executed"] == ids[:50] + ids[100:]


@pytest.mark.parametrize(("fields", "ahead"), [({}, 16), ({"look_ahead": 3}, 3)])
def test_a_client_says_how_many_cells_are_sent_ahead(
    play: Open, fields: dict[str, int], ahead: int
) -> None:
    player = play("x = 1", *(f"y{number} = x" for number in range(20)))
    player.run("all")
    player.obey = False
    player.update(player.cells[0], "x = 2")
    before = len(player.told)
    run = player.begin_run([player.cells[0]], **fields)["run"]
    player.request("status")
    assert len(player.told) - before == 1 + ahead
    player.obey = True
    for cell_id in player.told[before:]:
        player.execute(player[cell_id])
    assert len(player.end_run(run)["executed"]) == 21


@pytest.mark.parametrize("look_ahead", [0, 101, "many"])
def test_no_other_number_of_cells_is_sent_ahead(play: Open, look_ahead: object) -> None:
    with pytest.raises(RequestError) as error:
        play("x = 1").request("run", cells="all", look_ahead=look_ahead)
    assert error.value.code == "bad_message"
