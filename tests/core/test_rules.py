"""The rules of the core, each with the smallest notebook that shows it."""

from __future__ import annotations

import pytest

from .player import Player


def reasons(player: Player, cell_id: str) -> list[str]:
    return [reason.kind for reason in player.notebook.status(cell_id).reasons]


def run_all(*sources: str) -> Player:
    player = Player(*sources)
    player.run("all")
    return player


def test_nothing_has_run_at_first() -> None:
    player = Player("x = 1", "print(x)", "# only a comment", "")
    assert player.states() == ["new", "new", "idle", "idle"]
    assert reasons(player, "c0") == ["never_ran"]


def test_a_run_takes_what_it_needs_and_what_it_affects() -> None:
    player = Player("x = 1", "y = x + 1", "print(y)", "z = 5")
    run = player.run(["c1"])
    assert run.executed == ["c0", "c1"]
    assert player.states() == ["fresh", "fresh", "new", "new"]
    player.run(["c2"])
    player.update("c0", "x = 2")
    assert player.states() == ["stale", "stale", "stale", "new"]
    run = player.run(["c0"])
    assert run.executed == ["c0", "c1", "c2"]
    assert player.printed("c2") == "3\n"


def test_lazy_mode_marks_what_it_affects() -> None:
    player = run_all("x = 1", "y = x", "print(y)")
    player.notebook.mode = "lazy"
    player.update("c0", "x = 2")
    assert player.run(["c0"]).executed == ["c0"]
    assert player.states() == ["fresh", "stale", "stale"]
    assert player.run(["c2"]).executed == ["c1", "c2"]
    assert player.printed("c2") == "2\n"


def test_the_nearest_writer_above_is_read() -> None:
    player = run_all("v = 1", "v = 2", "print(v)")
    assert player.printed("c2") == "2\n"
    player.move("c1", 0)
    assert reasons(player, "c2") == ["replaced_writer"]
    player.run("stale")
    assert player.printed("c2") == "1\n"
    player.move("c1", 1)
    player.run("stale")
    assert player.printed("c2") == "2\n"


def test_an_absent_name_is_noticed_when_it_comes() -> None:
    player = run_all("try:\n    print(a)\nexcept NameError:\n    print('none')")
    assert player.printed("c0") == "none\n"
    player.create("a = 1", 0)
    assert player.state("c0") == "stale"
    player.run("stale")
    assert player.printed("c0") == "1\n"


def test_a_builtin_can_be_replaced() -> None:
    player = run_all("len([])")
    player.create("len = str", 0)
    assert player.state("c0") == "stale"


def test_a_name_from_below_is_missing_and_said_so() -> None:
    player = Player("print(later)", "later = 1")
    (problem,) = player.notebook.graph.problems()
    assert (problem.kind, problem.cells, problem.names) == (
        "defined_below",
        ("c0", "c1"),
        ("later",),
    )
    player.run(["c1"])
    player.run(["c0"])
    assert player.outputs["c0"][1] == "NameError"
    assert player.state("c0") == "failed"
    player.move("c1", 0)
    assert player.notebook.graph.problems() == []
    assert player.state("c0") == "stale"
    player.run("stale")
    assert player.printed("c0") == "1\n"


def test_deleting_asks_only_whether_a_name_is_bound() -> None:
    player = run_all("x = 1", "del x", "print('x' in dir())")
    player.update("c0", "x = 2")
    run = player.run(["c0"])
    assert "c1" not in run.executed


def test_functions_carry_what_they_read_to_their_callers() -> None:
    player = run_all("x = 1", "def f(): return x", "l = [f]", "print(l[0]())")
    player.update("c0", "x = 2")
    assert player.states() == ["stale", "fresh", "fresh", "stale"]
    assert player.run(["c0"]).executed == ["c0", "c3"]
    assert player.printed("c3") == "2\n"


def test_a_function_may_stand_above_what_it_reads() -> None:
    player = Player("def f(): return q * 2", "q = 4", "print(f())")
    assert player.notebook.graph.problems() == []
    assert player.run(["c2"]).executed == ["c0", "c1", "c2"]
    assert player.printed("c2") == "8\n"


def test_a_global_written_by_a_function_is_its_callers() -> None:
    player = run_all("g = 5", "def f():\n    global g\n    g = 5", "f()", "print(g)")
    player.update("c0", "g = 6")
    player.run(["c0"])
    assert player.printed("c3") == "5\n"


def test_a_write_of_an_equal_value_is_seen() -> None:
    player = run_all("a = 5", "if True:\n    a = 5", "print(a)")
    player.update("c0", "a = 6")
    player.run("stale")
    assert player.printed("c2") == "5\n"
    player.delete("c0")
    assert player.states() == ["fresh", "fresh"]


def test_a_cell_that_did_not_write_lets_the_version_above_through() -> None:
    player = run_all("c = 0", "x = 1", "if c:\n    x = 2", "print(x)")
    assert player.printed("c3") == "1\n"
    player.update("c1", "x = 3")
    assert player.run(["c1"]).executed == ["c1", "c3"]
    assert player.printed("c3") == "3\n"
    player.update("c0", "c = 1")
    player.run(["c0"])
    assert player.printed("c3") == "2\n"


def test_writing_the_same_object_makes_a_writer() -> None:
    player = run_all("a = 1", "a = a", "print(a)")
    assert player.notebook.graph.edges.has_edge("c1", "c2")
    assert not player.notebook.graph.edges.has_edge("c0", "c2")


def test_a_deleted_name_is_absent_below() -> None:
    player = run_all("x = 1", "del x", "try:\n    print(x)\nexcept NameError:\n    print('gone')")
    assert player.printed("c2") == "gone\n"
    player.delete("c1")
    player.run("stale")
    assert player.printed("c2") == "1\n"


@pytest.mark.parametrize("raised", [True, False])
def test_an_exception_name_is_deleted_only_if_it_was_taken(raised: bool) -> None:
    body = "1 / 0" if raised else "pass"
    handler = f"try:\n    {body}\nexcept ZeroDivisionError as e:\n    pass"
    player = run_all("e = 1", handler, "print('e' in globals())")
    assert player.printed("c2") == f"{not raised}\n"


def test_star_imports_write_what_the_module_has() -> None:
    player = run_all("pi = 3", "from math import *", "print(pi)")
    assert player.printed("c2").startswith("3.14")
    player.update("c0", "pi = 4")
    assert player.states() == ["stale", "fresh", "fresh"]
    player.delete("c1")
    player.run("stale")
    assert player.printed("c2") == "4\n"


def test_a_dynamic_cell_reads_every_name() -> None:
    player = run_all("a = 5", "s = 'a' + '=5'\nexec(s)", "print(a)")
    player.update("c0", "a = 6")
    player.run("stale")
    assert player.printed("c2") == "5\n"
    player.create("b = 1", 0)
    player.run("stale")
    assert player.states() == ["fresh"] * 4


def test_comments_and_layout_are_no_edit() -> None:
    player = run_all("x = 1", "print(x)")
    player.update("c0", "x  =  1   # one")
    assert player.states() == ["fresh", "fresh"]


def test_an_equal_value_stops_the_cascade() -> None:
    player = run_all("k = 3 % 2", "l = [k, {'a': (k,)}]", "print(l)")
    player.update("c0", "k = 5 % 2")
    run = player.run(["c0"])
    assert run.executed == ["c0"]
    assert run.unchanged == ["c1", "c2"]
    assert player.states() == ["fresh"] * 3


def test_functions_and_classes_are_compared_by_their_code() -> None:
    player = run_all(
        "def f(x):\n    return x + 1\n\nclass A:\n    def m(self):\n        return 1",
        "print(f(1), A().m())",
    )
    player.update("c0", "def f(x): return x + 1\nclass A:\n    def m(self): return 1\n'text'")
    assert player.run(["c0"]).executed == ["c0"]
    player.update("c0", "def f(x): return x + 2\nclass A:\n    def m(self): return 1")
    assert player.run(["c0"]).executed == ["c0", "c1"]


def test_a_self_updating_cell_gives_the_same_each_time() -> None:
    player = run_all("n = 1", "n = n + 1", "print(n)")
    for _ in range(3):
        player.run(["c1"])
        assert player.printed("c2") == "2\n"


def test_failure_blocks_what_depends_on_it_and_nothing_else() -> None:
    player = run_all("bad = 1 / 0", "print(bad)", "apart = 1", "print(apart)")
    assert player.states() == ["failed", "blocked", "fresh", "fresh"]
    assert player.run("stale").executed == []
    player.update("c0", "bad = 1")
    run = player.run(["c0"])
    assert run.executed == ["c0", "c1"]
    assert player.printed("c1") == "1\n"


def test_a_failed_cell_leaves_the_versions_from_before_it() -> None:
    player = run_all("x = 1", "y = 2\nx = 5\n1 / 0", "print('other')")
    assert player.user_ns["x"] == 1
    assert "y" not in player.user_ns


def test_a_failure_is_retried_when_asked_for() -> None:
    player = run_all("import os", "bad = int('x')", "print(bad)")
    run = player.run(["c2"])
    assert run.executed == ["c1"]
    assert run.blocked == ["c2"]


def test_what_was_undone_is_fresh_without_a_run() -> None:
    player = run_all("x = 1", "y = x", "print(y)")
    runs = player.runs
    source = player.notebook.document["c1"].source
    player.delete("c1")
    assert player.state("c2") == "stale"
    player.create(source, 1, "c1")
    player.move("c0", 2)
    assert player.state("c1") == "stale"
    player.move("c0", 0)
    player.update("c0", "x = 2")
    player.update("c0", "x = 1")
    assert player.states() == ["fresh"] * 3
    assert player.runs == runs


def test_a_deleted_cell_leaves_nothing() -> None:
    player = run_all("x = 1", "print(x)")
    player.delete("c0")
    assert "c0" not in player.notebook.graph
    assert "c0" not in player.notebook.graph.edges
    assert reasons(player, "c1") == ["input_missing"]
    player.run(["c1"])
    assert player.outputs["c1"][1] == "NameError"
    assert "x" not in player.user_ns
    new = player.create("x = 100", 0)
    assert player.notebook.graph.edges.has_edge(new, "c1")
    player.run([new])
    assert player.printed("c1") == "100\n"


def test_edited_and_new_cells_are_left_to_who_writes_them() -> None:
    player = run_all("x = 1", "y = x", "z = y")
    player.update("c1", "y = x + 1")
    player.create("w = x", 1)
    player.update("c0", "x = 2")
    assert player.run(["c0"]).executed == ["c0"]
    assert player.states() == ["fresh", "new", "stale", "stale"]
    assert player.run(["c2"]).executed == ["c1", "c2"]


def test_scope_only_runs_one_cell_on_what_its_inputs_last_were() -> None:
    player = run_all("x = 1", "y = x + 1", "print(y)")
    player.update("c0", "x = 10")
    player.run(["c2"], "only")
    assert player.printed("c2") == "2\n"
    assert player.states() == ["stale", "stale", "stale"]
    player.run("stale")
    assert player.printed("c2") == "11\n"


def test_a_cell_that_does_not_parse_keeps_its_place() -> None:
    player = run_all("x = 1", "print(x)")
    player.update("c0", "x = (")
    assert [problem.kind for problem in player.notebook.graph.problems()] == ["syntax_error"]
    assert player.state("c1") == "stale"
    player.run(["c0"])
    assert player.state("c0") == "failed"
    player.update("c0", "x = 1")
    player.run(["c0"])
    assert player.states() == ["fresh", "fresh"]


def test_a_changed_object_is_a_new_version() -> None:
    player = run_all("l = [1]", "l.append(2)", "print(l)")
    assert player.printed("c2") == "[1, 2]\n"
    for _ in range(3):
        player.run(["c1"])
        assert player.printed("c2") == "[1, 2]\n"
    player.update("c0", "l = [10]")
    player.run(["c0"])
    assert player.printed("c2") == "[10, 2]\n"
    player.delete("c1")
    player.run("stale")
    assert player.printed("c2") == "[10]\n"


def test_a_replay_that_nothing_needs_does_not_run() -> None:
    player = run_all("x = 1", "l = iter([0, 0])", "y = (next(l), x)", "print(y)")
    player.update("c0", "x = 2 - 1")
    assert player.run(["c0"]).executed == ["c0"]
    player.update("c0", "x = 2")
    run = player.run(["c0"])
    assert run.executed == ["c0", "c1", "c2", "c3"]
    assert run.why["c1"] == "replay"
    assert player.printed("c3") == "(0, 2)\n"


def test_a_console_sees_and_sets_what_belongs_to_no_cell() -> None:
    player = run_all("x = 1", "x = 2")
    before = player.namespace.before_console()
    exec("mine = x", player.user_ns)
    player.namespace.after_console(before)
    assert player.user_ns["mine"] == 2
    cell_id = player.create("print(mine)")
    player.run([cell_id])
    assert player.outputs[cell_id][1] == "NameError"
    assert player.user_ns["mine"] == 2


def test_a_run_gives_up_on_a_cell_that_does_not_come_to_rest() -> None:
    player = Player("x = 1", "y = x")
    run = player.notebook.begin_run("r", ["c1"], "reactive")
    for _ in range(3):
        # Each time too early, so that what it read is not what it should have.
        player.execute("c1", run)
    assert "nondeterministic" in reasons(player, "c1")
    assert player.notebook.verdict(run, "c1") != "run"
    player.notebook.end_run(run)
    player.run("stale")
    assert player.states() == ["fresh", "fresh"]


def test_a_run_of_what_is_stale_asks_for_new_cells_that_are_blocked() -> None:
    player = Player("x = []", "y = x[0]")
    player.run()
    player.create("print(y)")
    player.create("x.append(4)", 1)
    run = player.run("stale")
    assert run.failed == []
    assert player.states() == ["fresh"] * 4
    assert player.printed(player.ids[3]) == "4\n"


def test_a_cell_that_has_run_and_is_blocked_after_all_is_not_tried_again() -> None:
    player = Player(
        "from bisect import *\ninsort(nowhere, 3)",
        "from random import Random\nr = Random(0)",
        "print(nothing, r)",
    )
    run = player.run([player.ids[2]])
    assert run.failed == [player.ids[0]]
    assert player.states() == ["failed", "blocked", "blocked"]
