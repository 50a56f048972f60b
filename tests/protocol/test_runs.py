"""Runs: plan and why, scopes, modes, events, verdicts on cells sent ahead, cancel and interrupt."""

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


def test_asked_and_needed(play: Open) -> None:
    player = play("x = 1", "y = x", "z = 3")
    x, y, z = player.cells
    reply = player.begin_run([y])
    assert reply["plan"] == [x.id, y.id]
    assert reply["why"] == {x.id: "needed", y.id: "asked"}
    finished = player.end_run(reply["run"])
    assert finished["executed"] == [x.id, y.id]
    assert (finished["failed"], finished["blocked"], finished["unchanged"]) == ([], [], [])
    assert finished["cancelled"] is False
    assert player.states() == ["fresh", "fresh", "new"]
    assert z.runs == 0


def test_needed_is_only_what_is_not_fresh(play: Open) -> None:
    player = play("x = 1", "y = x", "print(y)")
    x, y, p = player.cells
    player.run([y])
    assert player.begin_run([p])["plan"] == [p.id]
    player.pump(lambda: not player.executing and player.state(p) == "fresh")
    assert (x.runs, y.runs, p.runs) == (1, 1, 1)


def test_affected(play: Open) -> None:
    player = play("x = 1", "y = x", "print(y)")
    x, y, p = player.cells
    player.run("all")
    player.update(x, "x = 2")
    reply = player.begin_run([x])
    assert reply["plan"] == [x.id, y.id, p.id]
    assert reply["why"] == {x.id: "asked", y.id: "affected", p.id: "affected"}
    player.end_run(reply["run"])
    assert p.text == "2\n"
    assert player.states() == ["fresh"] * 3


def test_asking_for_a_fresh_cell_runs_it(play: Open) -> None:
    player = play("x = 1", "print(x)")
    x, p = player.cells
    player.run("all")
    finished = player.run([p])
    assert finished["executed"] == [p.id]
    assert (x.runs, p.runs) == (1, 2)


@pytest.mark.parametrize("dry", [["y"], "all", "stale"])
def test_a_dry_run_tells_the_plan_and_starts_nothing(play: Open, dry: list[str] | str) -> None:
    player = play("x = 1", "1 / 0", Cell("y = x", "y"), "print(y)")
    player.run("all")
    player.update(player.cells[0], "x = 2")
    states, heard = player.states(), len(player.events)
    told = player.request("run", cells=dry, dry=True)
    assert "run" not in told
    assert [event["type"] for event in player.events[heard:]] == ["reply"]
    assert player.in_step()
    assert player.states() == states
    started = player.request("run", cells=dry)
    assert (told["plan"], told["why"]) == (started["plan"], started["why"])
    player.end_run(started["run"])
    assert player.cells[-1].text == "2\n"


def test_a_dry_run_of_an_unknown_cell(play: Open) -> None:
    with pytest.raises(RequestError) as error:
        play("x = 1").request("run", cells=["nobody"], dry=True)
    assert error.value.code == "unknown_cell"


def test_a_cell_being_written_is_left_alone(play: Open) -> None:
    player = play("x = 1", "y = x", "print(y)", "print('new', x)")
    x, y, p, _ = player.cells
    player.run([p])
    player.update(y, "y = x * 10")
    player.update(x, "x = 2")
    finished = player.run([x])
    assert finished["executed"] == [x.id]
    assert player.states() == ["fresh", "stale", "stale", "new"]
    finished = player.run([p])
    assert finished["executed"] == [y.id, p.id]
    assert p.text == "20\n"


def test_a_value_that_was_changed_in_place_is_made_again(play: Open) -> None:
    player = play("d = iter('ab')", "k = next(d)", "print(k)")
    d, change, p = player.cells
    player.run("all")
    for _ in range(2):
        reply = player.begin_run([change])
        assert reply["why"][d.id] == "replay"
        player.end_run(reply["run"])
        assert player.states() == ["fresh"] * 3
    assert p.text == "a\n"
    assert d.runs == 3


def test_a_value_of_which_a_copy_was_kept_is_not_made_again(play: Open) -> None:
    player = play("d = {}", "d['k'] = len(d)", "print(d)")
    d, change, p = player.cells
    player.run("all")
    for _ in range(2):
        assert player.run([change])["executed"] == [change.id]
        assert player.states() == ["fresh"] * 3
    assert p.text == "{'k': 0}\n"
    assert d.runs == 1


def test_order_is_that_of_the_notebook(play: Open) -> None:
    player = play("a = 1", "b = 2", "c = 3")
    a, b, c = player.cells
    assert player.run([c, a, b])["executed"] == [a.id, b.id, c.id]


def test_all_passes_over_what_cannot_run(play: Open) -> None:
    player = play(Cell("# text", cell_type="markdown"), "x = 1", "", Cell("raw", cell_type="raw"))
    assert player.run("all")["executed"] == [player.cells[1].id]


def test_a_request_may_name_cells_that_cannot_run(play: Open) -> None:
    player = play(Cell("# text", cell_type="markdown"), "", "x = 1")
    reply = player.begin_run(player.cells)
    assert reply["plan"] == [player.cells[2].id]
    assert player.end_run(reply["run"])["executed"] == [player.cells[2].id]


def test_a_run_of_nothing_ends(play: Open) -> None:
    player = play("x = 1")
    player.run("all")
    for cells in ("stale", []):
        finished = player.run(cells)
        assert finished["executed"] == []
        assert finished["cancelled"] is False


def test_stale_takes_stale_and_new_but_not_failed_or_blocked(play: Open) -> None:
    player = play("x = 1 / 0", "y = x", "z = 3", "new = 4")
    x, y, z, new = player.cells
    player.run([x, y, z])
    player.update(z, "z = 30")
    assert player.run("stale")["executed"] == [z.id, new.id]
    assert player.states() == ["failed", "blocked", "fresh", "fresh"]


def test_lazy_marks_what_is_affected(play: Open) -> None:
    player = play("x = 1", "y = x", "print(y)", mode="lazy")
    x, y, p = player.cells
    player.run([p])
    player.update(x, "x = 2")
    reply = player.begin_run([x])
    assert reply["plan"] == [x.id]
    player.end_run(reply["run"])
    assert player.states() == ["fresh", "stale", "stale"]
    assert player.run([p])["executed"] == [y.id, p.id]
    assert p.text == "2\n"


def test_scope_only(play: Open) -> None:
    player = play("x = 1", "y = x", "print(y)")
    x, y, p = player.cells
    player.run("all")
    player.update(x, "x = 2")
    reply = player.begin_run([x], scope="only")
    assert reply["plan"] == [x.id]
    player.end_run(reply["run"])
    assert player.states() == ["fresh", "stale", "stale"]
    assert (y.runs, p.runs) == (1, 1)


def test_scope_only_sees_what_a_stale_writer_left(play: Open) -> None:
    player = play("x = 1", "print(x)")
    x, p = player.cells
    player.run("all")
    player.update(x, "x = 2")
    finished = player.run([p], scope="only")
    assert finished["executed"] == [p.id]
    assert p.text == "1\n"
    assert player.states() == ["stale", "stale"]
    player.run("stale")
    assert p.text == "2\n"


def test_equal_values_stop_the_cascade(play: Open) -> None:
    player = play("x = 3 % 2", "y = x", "print(y)")
    x, y, p = player.cells
    player.run("all")
    player.update(x, "x = 5 % 2")
    finished = player.run([x])
    assert finished["executed"] == [x.id]
    assert finished["unchanged"] == [y.id, p.id]
    assert player.states() == ["fresh"] * 3
    assert (y.runs, p.runs) == (1, 1)


def test_a_cascade_stops_where_values_are_equal(play: Open) -> None:
    player = play("x = 1", "sign = x > 0", "print(sign)", "print(x)")
    x, sign, p, q = player.cells
    player.run("all")
    player.update(x, "x = 2")
    finished = player.run([x])
    assert finished["executed"] == [x.id, sign.id, q.id]
    assert finished["unchanged"] == [p.id]


def test_failure_blocks_what_depends_on_it_and_nothing_else(play: Open) -> None:
    player = play("x = 1 / 0", "y = x", "z = y", "free = 1")
    x, y, z, free = player.cells
    finished = player.run("all")
    assert finished["executed"] == [x.id, free.id]
    assert finished["failed"] == [x.id]
    assert finished["blocked"] == [y.id, z.id]
    assert finished["cancelled"] is False
    assert (y.runs, z.runs) == (0, 0)
    player.update(x, "x = 1")
    assert player.run([x])["executed"] == [x.id, y.id, z.id]


def test_a_failing_cell_leaves_the_values_from_before(play: Open) -> None:
    player = play("x = 1", "x = 2\nraise ValueError", "print(x)")
    _, failing, p = player.cells
    player.run("all")
    assert player.states() == ["fresh", "failed", "blocked"]
    player.delete(failing)
    player.run([p])
    assert p.text == "1\n"


def test_run_started_and_finished_frame_the_run(play: Open) -> None:
    player = play("x = 1", "y = x")
    reply = player.begin_run("all")
    player.end_run(reply["run"])
    [started] = player.heard("run_started")
    assert started == {
        "type": "run_started",
        "run": reply["run"],
        "origin": player.welcome["client_id"],
        "plan": reply["plan"],
    }
    told = [(event["run"], event["cell_id"]) for event in player.heard("execute")]
    assert told == [(reply["run"], cell.id) for cell in player.cells]
    player.request("status")
    after = player.events[player.events.index(player.finished[reply["run"]]) + 1 :]
    assert [event["type"] for event in after] == ["reply"]


def test_what_an_edit_changes_comes_before_its_reply(play: Open) -> None:
    player = play("x = 1", "y = x")
    player.run("all")
    seen = len(player.events)
    player.update(player.cells[0], "x = w")
    kinds = [event["type"] for event in player.events[seen:]]
    assert kinds[-1] == "reply"
    assert set(kinds[:-1]) == {"status", "graph"}


def test_status_events_hold_only_what_changed(play: Open) -> None:
    player = play("x = 1", "y = x", "z = 1")
    player.run("all")
    seen = len(player.heard("status"))
    player.update(player.cells[0], "x = 2")
    changed = {cell for event in player.heard("status")[seen:] for cell in event["cells"]}
    assert changed == {player.cells[0].id, player.cells[1].id}


@pytest.mark.parametrize("cells", [["nobody"], [None]])
def test_unknown_cell(play: Open, cells: list[str | None]) -> None:
    player = play("x = 1")
    with pytest.raises(RequestError) as error:
        player.request("run", cells=[player.cells[0].id, *cells])
    assert error.value.code == ("unknown_cell" if cells[0] else "bad_message")
    assert player.told == []
    assert player.states() == ["new"]


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
