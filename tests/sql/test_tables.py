"""SQL cells in the graph, on the notebook's own database: Run All is the judge."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from core.player import Player

from reactive_kernel.traces import fold

FRAME = "import pandas as pd\ndf = pd.DataFrame({'a': [1, 2, 3]})"


def sql(*lines: str, first: str = "") -> str:
    return "\n".join([f"%%sql {first}".rstrip(), *lines])


def play(*sources: str) -> Player:
    player = Player(*sources)
    player.run("all")
    return player


def settled(player: Player) -> bool:
    """Tell whether all is fresh, and shown as Run All shows it."""
    notebook = player.notebook
    folded = fold(notebook.document, notebook.records, notebook.graph.outside)
    assert {i: f.state for i, f in folded.items()} == {i: player.state(i) for i in player.ids}
    player.check_promise()
    return set(player.states()) <= {"fresh", "idle"}


def shown(player: Player, cell_id: str) -> list[int]:
    """Return the numbers of the one column that a cell shows."""
    printed = player.printed(cell_id)
    if printed.startswith("Empty DataFrame"):
        return []
    return [int(line) for line in printed.split("\n")[1:] if line.strip()]


def edge(player: Player, provider: str, reader: str) -> tuple[str, ...] | None:
    return player.notebook.graph.edge(provider, reader)


# Cascades in both directions


def test_sql_follows_python_and_python_sql() -> None:
    player = play(
        FRAME,
        "least = 1",
        sql("create table t as select * from df where a > {{ least }}"),
        sql("select sum(a)::int as s from t", first="total <<"),
        "print(int(total.s[0]))",
    )
    assert player.printed("c4") == "5\n"
    assert edge(player, "c0", "c2") == ("df",)
    assert edge(player, "c1", "c2") == ("least",)
    assert edge(player, "c2", "c3") == ("sql:duckdb/main.t",)
    assert edge(player, "c3", "c4") == ("total",)
    player.update("c1", "least = 2")
    assert player.states() == ["fresh", "stale", "stale", "stale", "stale"]
    player.run(["c1"])
    assert settled(player)
    assert player.printed("c4") == "3\n"


def test_an_equal_table_ends_the_cascade() -> None:
    player = play(FRAME, sql("create or replace table t as from df"), sql("select * from t"))
    player.update("c1", sql("create or replace table t as select a from df order by a"))
    assert player.run("stale").executed == ["c1"]
    assert settled(player)


def test_the_order_of_rows_counts() -> None:
    player = play(FRAME, sql("create or replace table t as from df"), sql("select * from t"))
    player.update("c1", sql("create or replace table t as from df order by a desc"))
    assert player.run("stale").executed == ["c1", "c2"]
    assert shown(player, "c2") == [3, 2, 1]


def test_comments_change_nothing_in_what_tables_hold() -> None:
    player = play(sql("create or replace table t as select 1 as a"), sql("from t"))
    player.update("c0", sql("create or replace table t as select 1 as a -- one"))
    assert player.run("stale").executed == ["c0"]


def test_a_frame_changed_in_place_is_another_table() -> None:
    player = play(FRAME, "df.loc[0, 'a'] = 10", sql("select * from df"))
    assert shown(player, "c2") == [10, 2, 3]
    player.update("c1", "df.loc[0, 'a'] = 20")
    player.run("stale")
    assert shown(player, "c2") == [20, 2, 3]
    assert settled(player)


# Changing in place


CHANGES = {
    "insert": ("insert into t values (9)", [1, 2, 3, 9]),
    "update": ("update t set a = a + 10", [11, 12, 13]),
    "delete": ("delete from t where a = 2", [1, 3]),
    "merge": (
        "merge into t using (select 3 as x) on a = x when matched then update set a = 30",
        [1, 2, 30],
    ),
    "alter": ("alter table t add column b integer; alter table t drop column b", [1, 2, 3]),
    "truncate": ("truncate t", []),
    "copy": ("copy t from 'rows.csv' (header false)", [1, 2, 3, 7]),
}


@pytest.mark.parametrize("change", CHANGES)
def test_running_a_change_again_does_it_once(
    change: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("rows.csv").write_text("7\n")
    text, left = CHANGES[change]
    player = play(FRAME, sql("create table t as from df"), sql(text), sql("select * from t"))
    assert shown(player, "c3") == left
    for _ in range(2):
        assert player.run(["c2"]).executed[:1] == ["c2"]
        assert shown(player, "c3") == left
    assert settled(player)
    assert player.notebook.node("c2").mutates == (
        set() if change == "alter" else {"sql:duckdb/main.t"}
    )
    player.update("c2", "")
    player.run("stale")
    assert shown(player, "c3") == [1, 2, 3]
    assert settled(player)


def test_changes_one_after_the_other_start_from_what_is_above() -> None:
    player = play(
        sql("create table t (a integer primary key, b integer default 4)"),
        sql("insert into t (a) values (1)"),
        sql("create index i on t (b)"),
        sql("update t set b = 5 where a = 1"),
        sql("select b from t"),
    )
    assert shown(player, "c4") == [5]
    player.update("c1", sql("insert into t (a) values (1), (2)"))
    player.run("stale")
    assert sorted(shown(player, "c4")) == [4, 5]
    assert settled(player)
    player.create(sql("select b from t"), 2)
    player.run("stale")
    assert shown(player, "c5") == [4, 4]
    assert settled(player)


def test_without_a_copy_the_writer_runs_again() -> None:
    player = Player(
        sql("create table t as select 1 as a"), sql("insert into t values (2)"), sql("from t")
    )
    player.notebook.heap.limit = 1
    player.run("all")
    player.update("c1", sql("insert into t values (3)"))
    run = player.run("stale")
    assert run.executed == ["c0", "c1", "c2"]
    assert run.why["c0"] == "replay"
    assert shown(player, "c2") == [1, 3]
    assert settled(player)


def test_the_end_of_the_notebook_is_made_again_too() -> None:
    player = Player(sql("create table t as select 1 as a"), sql("insert into t values (2)"))
    player.notebook.heap.limit = 1
    player.run("all")
    player.delete("c1")
    assert player.run("stale").executed == ["c0"]
    with player.console():
        assert list(player.databases.run("from t").frame.a) == [1]


def test_a_sequence_goes_on_from_what_is_above() -> None:
    player = play(
        sql("create sequence q"),
        sql("create table t (n integer default nextval('q'), a integer)"),
        sql("insert into t (a) values (1), (2)"),
        sql("select nextval('q')::int as n"),
        sql("insert into t (a) values (3)"),
        sql("select n from t"),
    )
    assert shown(player, "c3") == [3]
    assert shown(player, "c5") == [1, 2, 4]
    player.update("c3", sql("select nextval('q')::int + 10 as n"))
    player.run("stale")
    assert shown(player, "c3") == [13]
    assert shown(player, "c5") == [1, 2, 4]
    assert settled(player)


def test_a_table_that_hangs_on_a_sequence_is_restored_with_it() -> None:
    player = play(
        sql("create sequence q"),
        sql("create table t (n integer default nextval('q'), a integer)"),
        sql("insert into t (a) values (1), (2)"),
        sql("select n from t"),
        sql("create schema s"),
        sql("use s"),
    )
    player.move("c3", 4)
    assert player.run("stale").executed == ["c3"]
    assert shown(player, "c3") == [1, 2]
    assert settled(player)


def test_what_a_cell_has_done_is_not_undone_to_restore_a_table() -> None:
    player = play(
        sql("create sequence q"),
        sql("create table t (n integer default nextval('q'), a integer)"),
        sql("create table u as select 1 as a"),
        sql("insert into u values (2);", "select * from t"),
        sql("drop table t; drop sequence q"),
        sql("select a from u"),
    )
    player.update("c3", sql("insert into u values (3);", "select * from t"))
    player.run("stale")
    assert shown(player, "c5") == [1, 3]
    assert settled(player)


def test_rows_that_others_refer_to_stay() -> None:
    player = play(
        sql("create table parent (a integer primary key); insert into parent values (1), (2)"),
        sql("create table child (a integer references parent (a))"),
        sql("insert into child values (1)"),
        sql("delete from parent where a = 1"),
        sql("select a from parent"),
    )
    assert player.states() == ["fresh", "fresh", "fresh", "failed", "blocked"]
    player.update("c2", sql("insert into child values (2)"))
    player.run("stale")
    player.run(["c3"])
    assert shown(player, "c4") == [2]
    assert settled(player)
    player.update("c0", player.source("c0").replace("(1), (2)", "(1), (2), (3)"))
    player.run("stale")
    assert shown(player, "c4") == [2, 3]
    assert settled(player)


# Deleting, moving, renaming


def test_a_table_of_a_deleted_cell_is_gone() -> None:
    player = play(sql("create table t as select 1 as a"), sql("select * from t"), "x = 1")
    player.delete("c0")
    assert player.states() == ["stale", "fresh"]
    player.run("stale")
    assert player.states() == ["failed", "fresh"]
    with player.console():
        assert list(player.databases.run("show tables").frame.columns) == ["name"]
        assert len(player.databases.run("show tables").frame) == 0
    player.create(sql("create table t as select 1 as a"), 0, "c0")
    player.run("stale")
    player.run(["c1"])
    assert settled(player)


def test_undoing_a_deletion_takes_no_run() -> None:
    player = play(sql("create table t as select 1 as a"), sql("select * from t"))
    player.delete("c0")
    player.create(sql("create table t as select 1 as a"), 0, "c0")
    assert player.states() == ["fresh", "fresh"]


def test_a_table_is_seen_only_below_its_cell() -> None:
    player = play(sql("create table t as select 1 as a"), sql("select * from t"))
    player.move("c1", 0)
    assert [reason.kind for reason in player.notebook.status("c1").reasons] == ["input_missing"]
    [problem] = player.notebook.graph.problems()
    assert (problem.kind, problem.cells, problem.names) == (
        "defined_below",
        ("c1", "c0"),
        ("sql:duckdb/main.t",),
    )
    player.run("stale")
    assert player.state("c1") == "failed"
    player.move("c1", 1)
    player.run(["c1"])
    assert settled(player)


def test_a_table_is_renamed() -> None:
    player = play(
        sql("create table t as select 1 as a"),
        sql("alter table t rename to u"),
        sql("insert into u values (2)"),
        sql("select * from u"),
    )
    assert shown(player, "c3") == [1, 2]
    player.update("c0", sql("create table t as select 5 as a"))
    player.run("stale")
    assert shown(player, "c3") == [5, 2]
    player.update("c1", sql("create table u as from t"))
    assert player.run("stale").executed[0] == "c1"
    assert settled(player)
    player.create(sql("select * from t"))
    player.run("stale")
    assert settled(player)
    player.update("c1", sql("alter table t rename to u"))
    player.run("stale")
    assert player.state("c4") == "failed"


def test_a_cell_that_drops_a_table_moves() -> None:
    player = play(
        sql("create table t as select 1 as a"),
        sql("select * from t"),
        sql("drop table t"),
        sql("create table t as select 2 as a"),
        sql("select * from t"),
    )
    assert (shown(player, "c1"), shown(player, "c4")) == ([1], [2])
    player.delete("c2")
    player.run("stale")
    assert player.state("c3") == "failed"
    player.create(sql("drop table if exists t"), 2, "c2")
    player.run("stale")
    player.run(["c3"])
    player.run("stale")
    assert settled(player)
    assert (shown(player, "c1"), shown(player, "c4")) == ([1], [2])


def test_a_cell_made_above_hides_what_was_read() -> None:
    player = play(FRAME, sql("select * from df"))
    player.create(sql("create table df as select 9 as a"), 0)
    assert player.state("c1") == "stale"
    player.run("stale")
    assert shown(player, "c1") == [9]
    assert settled(player)
    player.delete("c2")
    player.run("stale")
    assert shown(player, "c1") == [1, 2, 3]


# Views, macros, schemas, temporary tables


def test_a_view_reads_what_it_is_made_from_where_it_is_read() -> None:
    player = play(
        sql("create table t as select 1 as a"),
        sql("create view v as select a + 1 as b from t"),
        sql("create view w as select b + 1 as c from v"),
        sql("insert into t values (5)"),
        sql("select * from w"),
    )
    assert shown(player, "c4") == [3, 7]
    assert edge(player, "c3", "c4") == ("sql:duckdb/main.t",)
    player.update("c3", sql("insert into t values (6)"))
    assert player.run("stale").executed == ["c3", "c4"]
    assert shown(player, "c4") == [3, 8]
    player.update("c1", sql("create view v as select a + 2 as b from t"))
    player.run("stale")
    assert shown(player, "c4") == [4, 9]
    assert settled(player)


def test_a_macro_reads_what_it_is_made_from() -> None:
    player = play(
        sql("create table t as select 1 as a"),
        sql("create macro m(x) as table select a + x as b from t"),
        sql("create macro n(x) as (select max(b) from m(x))"),
        sql("select n(1)::int as n"),
    )
    assert shown(player, "c3") == [2]
    player.create(sql("insert into t values (5)"), 3)
    player.run("stale")
    assert shown(player, "c3") == [6]
    player.update("c1", sql("create macro m(x) as table select a - x as b from t"))
    player.run("stale")
    assert shown(player, "c3") == [4]
    assert settled(player)


def test_what_a_connection_has_set_holds_below() -> None:
    player = play(
        sql("create schema s; create table s.t as select 2 as a"),
        sql("create table t as select 1 as a"),
        sql("select * from t"),
        sql("use s"),
        sql("select * from t"),
    )
    assert (shown(player, "c2"), shown(player, "c4")) == ([1], [2])
    assert player.run(["c2"]).executed == ["c2"]
    assert shown(player, "c2") == [1]
    player.delete("c3")
    assert player.state("c4") == "stale"
    player.run("stale")
    assert shown(player, "c4") == [1]
    player.update("c1", sql("create table t as select 7 as a"))
    player.run("stale")
    assert (shown(player, "c2"), shown(player, "c4")) == ([7], [7])
    assert settled(player)


def test_a_temporary_table_hides_another() -> None:
    player = play(
        sql("create table t as select 1 as a"),
        sql("create temp table t as select 2 as a"),
        sql("insert into t values (3)"),
        sql("select * from t"),
    )
    assert shown(player, "c3") == [2, 3]
    player.delete("c1")
    player.run("stale")
    assert shown(player, "c3") == [1, 3]
    assert settled(player)


# Failures


def test_a_failed_cell_leaves_nothing() -> None:
    player = play(
        sql("create table t as select 1 as a"),
        sql("insert into t values (2);\ncreate table n as from t;\nselect * from nosuch"),
        sql("select * from t"),
        sql("create table u as select 3 as a"),
        sql("select * from u"),
    )
    assert player.states() == ["fresh", "failed", "blocked", "fresh", "fresh"]
    with player.console():
        assert sorted(player.databases.run("show tables").frame.name) == ["t", "u"]
    player.update("c1", sql("insert into t values (2)"))
    player.run("stale")
    assert shown(player, "c2") == [1, 2]
    assert settled(player)


def test_a_cell_with_a_mistake_blocks_nothing_that_it_could_not_change() -> None:
    player = play(sql("selec * from t"), sql("select 1 as a"), "x = 1")
    assert player.states() == ["failed", "blocked", "fresh"]
    player.update("c0", sql("select * fro t"))
    player.run("stale")
    assert player.states() == ["failed", "fresh", "fresh"]


def test_a_transaction_ends_in_its_cell() -> None:
    player = play(
        sql("create table t as select 1 as a"),
        sql("begin; insert into t values (2); rollback"),
        sql("begin; insert into t values (3); commit"),
        sql("begin; insert into t values (4)"),
        sql("select * from t"),
    )
    assert player.states() == ["fresh", "fresh", "fresh", "failed", "blocked"]
    player.delete("c3")
    player.run("stale")
    assert shown(player, "c4") == [1, 3]
    assert settled(player)


def test_triggers_are_refused() -> None:
    player = play(
        sql("create table t as select 1 as a"),
        sql("create trigger x after insert on t begin select 1; end"),
    )
    assert player.states() == ["fresh", "failed"]


# What cannot be told


def test_who_lists_tables_reads_everything() -> None:
    player = play(sql("create table t as select 1 as a"), sql("show tables"))
    player.create(sql("create table u as select 1 as a"), 1)
    assert player.run(["c2"]).executed == ["c2", "c1"]
    assert player.printed("c1").split() == ["name", "t", "u"]
    assert settled(player)


def test_opaque_sql_is_told_and_not_trusted() -> None:
    player = play(
        sql("create table t as select 1 as a"),
        sql("call pragma_version()"),
        sql("select * from t"),
        sql("from query('select a from t')"),
    )
    problems = player.notebook.graph.problems()
    assert [(problem.kind, problem.cells) for problem in problems] == [
        ("opaque", ("c1",)),
        ("opaque", ("c3",)),
    ]
    player.update("c0", sql("create table t as select 2 as a"))
    player.run("stale")
    assert (shown(player, "c2"), shown(player, "c3")) == ([2], [2])
    assert settled(player)
    # Whatever it uses: all that stands above counts.
    player.create("unrelated = 1", 0)
    player.run("stale")
    player.update("c4", "unrelated = 2")
    player.run(["c4"])
    assert {"c1", "c3"} <= set(player.notebook.graph.edges.succ["c4"])


def test_opaque_sql_may_change_the_connection() -> None:
    player = play(sql("call enable_logging()"), sql("select 1 as a"), "x = 1")
    assert edge(player, "c0", "c1") == ("sql:duckdb/",)
    player.update("c0", sql("call disable_logging()"))
    assert player.states() == ["stale", "stale", "fresh"]
    player.run("stale")
    assert settled(player)


# Files


def test_files_read_and_written_by_sql(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    player = play(
        "open('in.csv', 'w').write('a\\n1\\n')",
        sql("copy (select a + 1 as a from 'in.csv') to 'out.csv'"),
        "print(open('out.csv').read())",
        sql("select sum(a)::int as s from read_csv({{ 'out' + '.csv' }})"),
        sql("select count(*)::int as n from read_csv('*.csv')"),
    )
    name = f"file:{tmp_path / 'out.csv'}"
    assert f"file:{tmp_path / 'in.csv'}" in edge(player, "c0", "c1")
    assert name in edge(player, "c1", "c2")
    assert name in edge(player, "c1", "c3")
    player.update("c0", "open('in.csv', 'w').write('a\\n5\\n')")
    player.run("stale")
    assert player.printed("c2") == "a\n6\n\n"
    assert shown(player, "c3") == [6]
    assert settled(player)
    Path("third.csv").write_text("a\n1\n")
    player.namespace.look_outside()
    assert player.state("c4") == "stale"


# Consoles


def test_a_console_sees_what_run_all_leaves_and_cells_nothing_of_it() -> None:
    player = play(sql("create table t as select 1 as a"), sql("insert into t values (2)"))
    with player.console():
        player.databases.run("create table mine as from t")
        player.databases.run("insert into t values (3)")
    player.create(sql("select count(*)::int as n from t"))
    player.create(sql("show tables"))
    player.run("stale")
    assert shown(player, "c2") == [2]
    assert player.printed("c3").split() == ["name", "t"]
    with player.console():
        assert list(player.databases.run("from mine").frame.a) == [1, 2]
    assert settled(player)


def test_tables_are_listed_with_columns_and_rows() -> None:
    from reactive_kernel.sql.listing import tables

    player = play(
        sql("create table t as select 1 as a, 'x' as b"), sql("create view v as select a from t")
    )
    listed = {
        name: (cell, shown.type, shown.shape, shown.preview)
        for name, cell, shown in tables(player.databases.bound_at(math.inf))
    }
    assert listed == {
        "sql:duckdb/main.t": ("c0", "table", [1, 2], "a INTEGER, b VARCHAR"),
        "sql:duckdb/main.v": ("c1", "view", None, "a INTEGER"),
    }
