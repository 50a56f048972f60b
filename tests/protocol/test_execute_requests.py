"""`execute_request`s that no run asked for: of cells, and of clients that know nothing of this."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .player import Cell

if TYPE_CHECKING:
    from .conftest import Open


def test_a_cell_executed_without_a_run_is_a_run_of_that_cell_only(play: Open) -> None:
    player = play("x = 1", "y = x", "print(y)")
    x, y, p = player.cells
    player.run("all")
    player.update(x, "x = 2")
    player.outcome(player.execute(x))
    player.request("status")
    assert player.states() == ["fresh", "stale", "stale"]
    assert (y.runs, p.runs) == (1, 1)
    started, finished = player.heard("run_started")[-1], player.heard("run_finished")[-1]
    assert started["run"] == finished["run"]
    assert started["origin"] == player.welcome["client_id"]
    assert (started["plan"], finished["executed"]) == ([x.id], [x.id])


def test_other_code_is_an_edit_by_the_client_of_that_session(play: Open) -> None:
    player, other = play("x = 1", "y = x"), play()
    x, y = player.cells
    player.run("all")
    player.outcome(player.execute(x, "x = 5"))
    x.source = "x = 5"
    assert player.in_step()
    assert player.heard("edited") == []
    assert other.in_step()
    assert other.cells[0].source == "x = 5"
    [edited] = other.heard("edited")
    assert edited["origin"] == player.welcome["client_id"]
    assert player.states() == ["fresh", "stale"]
    assert player.reasons(y) == [("input_changed", "x", x.id)]


def test_other_code_within_a_run_is_an_edit_too(play: Open) -> None:
    player, other = play("x = 1", "print(x)", obey=False), play()
    x, p = player.cells
    run = player.begin_run("all")["run"]
    player.pump(lambda: player.told == [x.id, p.id])
    player.outcome(player.execute(x, "x = 5"))
    player.outcome(player.execute(p))
    player.end_run(run)
    x.source = "x = 5"
    assert p.text == "5\n"
    assert player.in_step()
    assert other.in_step()
    assert player.states() == ["fresh", "fresh"]


def test_code_without_a_cell_sees_names_as_run_all_leaves_them(play: Open) -> None:
    player = play("x = 1", "y = x", "x = 10")
    _x, y, _last = player.cells
    player.run("all")
    player.run([y])
    assert player.type_in_console("print(x, y)") == [("stdout", "10 1\n")]
    assert player.states() == ["fresh"] * 3
    assert player.in_step()


def test_code_of_a_cell_that_the_document_does_not_have(play: Open) -> None:
    player = play("x = 1")
    player.run("all")
    assert player.type_in_console("print(x + 1)", cell_id="of-a-console") == [("stdout", "2\n")]
    assert set(player.nodes) == {player.cells[0].id}


def test_names_set_in_a_console_belong_to_no_cell(play: Open) -> None:
    player = play("x = 1")
    player.run("all")
    player.type_in_console("typed = x + 1")
    assert player.type_in_console("print(typed)") == [("stdout", "2\n")]
    held = {entry["name"]: entry["cell"] for entry in player.request("variables")["variables"]}
    assert held["x"] == player.cells[0].id
    assert held.get("typed") is None
    player.type_in_console("del typed")


def test_a_cell_does_not_see_what_a_console_has_set(play: Open) -> None:
    player = play("print(typed_only)")
    player.type_in_console("typed_only = 1")
    player.run("all")
    assert player.cells[0].error == "NameError"
    player.type_in_console("del typed_only")


def test_a_console_is_told_its_errors(play: Open) -> None:
    player = play("x = 1")
    assert player.type_in_console("1 / 0") == [("error", "ZeroDivisionError", "division by zero")]
    assert player.states() == ["new"]


def test_markdown_in_an_execute_request_changes_no_code_cell(play: Open) -> None:
    player = play("x = 1", Cell("# text", cell_type="markdown"))
    player.outcome(player.execute(player.cells[0]))
    player.request("status")
    assert player.states() == ["fresh", "idle"]


def test_each_cell_sees_its_own_versions(play: Open) -> None:
    player = play("n = 1", "n = n + 1", "print(n)")
    _, step, p = player.cells
    player.run("all")
    for _ in range(3):
        player.run([step])
    assert p.text == "2\n"


def test_a_lower_value_is_invisible_above(play: Open) -> None:
    player = play("x = 1", "print(x)", "x = 2", "print(x)")
    _, first, _, second = player.cells
    player.run("all")
    player.run([first])
    assert (first.text, second.text) == ("1\n", "2\n")
    assert player.states() == ["fresh"] * 4
