"""Runs: plan and why, scopes, modes, events."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .player import Cell, RequestError

if TYPE_CHECKING:
    from .conftest import Open


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
