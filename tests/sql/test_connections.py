"""Connections to databases that outlive the notebook: SQLite files and a PostgreSQL server."""

from __future__ import annotations

import sqlite3
import uuid
from pathlib import Path

import pytest
from core.player import Player

from .servers import PASSWORD, Postgres
from .test_tables import edge, shown, sql

pytestmark = pytest.mark.usefixtures("_password")


def on_db(*lines: str) -> str:
    return sql(*lines, first="db")


def play(*sources: str) -> Player:
    player = Player(*sources)
    player.run("all")
    return player


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "some.db"


@pytest.fixture(params=["sqlite", "postgres", "duckdb"])
def connect(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The cell that connects to an empty database as `db`."""
    if request.param == "sqlite":
        return f"%reactive connect db sqlite:///{tmp_path / 'some.db'}"
    if request.param == "duckdb":
        return f"%reactive connect db duckdb:///{tmp_path / 'some.duckdb'}"
    server: Postgres = request.getfixturevalue("server")
    name = f"d{uuid.uuid4().hex}"
    player = play(f"%reactive connect db {server.url}", on_db(f"create database {name}"))
    assert player.states() == ["fresh", "failed"], "it cannot be created in a transaction"
    player.update("c1", on_db(f"vacuum; create database {name}"))
    player.run("stale")
    assert player.states() == ["fresh", "fresh"], player.outputs
    return f"%reactive connect db {server.url.replace('/postgres?', f'/{name}?')}"


def fresh(player: Player) -> bool:
    return set(player.states()) <= {"fresh", "idle"}


def test_changes_run_again_after_their_writer(connect: str) -> None:
    player = play(
        connect,
        on_db("create table t (a integer)"),
        "n = 1",
        on_db("insert into t values (:n), (2)"),
        on_db("select a from t order by a"),
    )
    assert fresh(player), player.outputs
    assert shown(player, "c4") == [1, 2]
    [name] = edge(player, "c3", "c4")
    assert name.startswith("sql:db/")
    player.update("c2", "n = 5")
    run = player.run("stale")
    assert run.executed == ["c2", "c1", "c3", "c4"] or run.executed == ["c1", "c2", "c3", "c4"]
    assert run.why["c1"] == "replay"
    assert shown(player, "c4") == [2, 5]
    assert fresh(player)
    player.delete("c3")
    player.run("stale")
    assert shown(player, "c4") == []
    assert fresh(player)


def test_views_read_what_they_are_made_from(connect: str) -> None:
    player = play(
        connect,
        on_db("create table t as select 1 as a"),
        on_db("create view v as select a + 1 as b from t"),
        on_db("select b from v"),
    )
    assert shown(player, "c3") == [2]
    player.create(on_db("insert into t values (6)"), 3)
    player.run("stale")
    assert shown(player, "c3") == [2, 7]
    player.update("c1", on_db("create table t as select 3 as a"))
    player.run("stale")
    assert shown(player, "c3") == [4, 7]
    assert fresh(player)


def test_a_failed_cell_leaves_nothing(connect: str) -> None:
    player = play(
        connect,
        on_db("create table t as select 1 as a"),
        on_db("insert into t values (2);\ncreate table n as select 1 as b;\nselect * from nosuch"),
        on_db("select a from t"),
    )
    assert player.states() == ["fresh", "fresh", "failed", "blocked"]
    player.update("c2", on_db("insert into t values (3)"))
    assert player.run("stale").executed == ["c2", "c3"]
    assert shown(player, "c3") == [1, 3]
    player.create(on_db("select * from n"))
    player.run("stale")
    assert player.state("c4") == "failed"


def test_an_explicit_transaction_is_the_cells_own(connect: str) -> None:
    player = play(
        connect,
        on_db("create table t as select 1 as a"),
        on_db("begin; insert into t values (2); rollback"),
        on_db("begin; insert into t values (3)"),
        on_db("select a from t"),
    )
    assert player.states() == ["fresh", "fresh", "fresh", "failed", "blocked"]
    player.update("c3", on_db("begin; insert into t values (3); commit"))
    player.run("stale")
    assert shown(player, "c4") == [1, 3]


def test_moving_and_renaming(connect: str) -> None:
    player = play(
        connect,
        on_db("create table t as select 1 as a"),
        on_db("alter table t rename to u"),
        on_db("select a from u"),
    )
    assert shown(player, "c3") == [1]
    player.update("c1", on_db("create table t as select 4 as a"))
    player.run("stale")
    assert shown(player, "c3") == [4]
    player.move("c3", 1)
    assert player.state("c3") == "stale"


def test_what_a_connection_has_set_holds_below(server: Postgres) -> None:
    schema = f"s{uuid.uuid4().hex}"
    player = play(
        f"%reactive connect db {server.url}",
        on_db(f"create schema {schema}"),
        on_db(f"set search_path to {schema}"),
        on_db("create table t as select 1 as a"),
        on_db("select a from t"),
    )
    assert edge(player, "c3", "c4") == (f"sql:db/{schema}.t",)
    player.update("c3", on_db("create table t as select 2 as a"))
    player.run("stale")
    assert shown(player, "c4") == [2]
    assert fresh(player)


def test_names_are_folded_as_the_dialect_folds_them(server: Postgres) -> None:
    schema = f"s{uuid.uuid4().hex}"
    player = play(
        f"%reactive connect db {server.url}",
        on_db(f"create schema {schema}; set search_path to {schema}"),
        on_db('create table Sales as select 1 as a; create table "Sales" as select 2 as a'),
        on_db("select a from SALES"),
        on_db('select a from "Sales"'),
    )
    assert edge(player, "c2", "c3") == (f"sql:db/{schema}.sales",)
    assert edge(player, "c2", "c4") == (f"sql:db/{schema}.Sales",)
    assert (shown(player, "c3"), shown(player, "c4")) == ([1], [2])


def test_tables_that_no_cell_writes_are_another_when_the_user_says_so(file: Path) -> None:
    with sqlite3.connect(file) as database:
        database.execute("create table t (a integer)")
        database.execute("insert into t values (1)")
    connect = f"%reactive connect db sqlite:///{file}"
    player = play(connect, on_db("select a from t"), "x = 1", on_db("select 1"))
    reads = {read.name: read.kind for read in player.notebook.explain("c1").reads}
    assert reads["sql:db/main.t"] == "outside"
    with sqlite3.connect(file) as database:
        database.execute("insert into t values (2)")
    assert fresh(player)
    told = player.databases.connections.refresh("db")
    assert told == "1 tables of databases count as changed."
    assert player.states() == ["fresh", "stale", "fresh", "fresh"]
    player.run("stale")
    assert shown(player, "c1") == [1, 2]
    assert player.databases.connections.refresh("other").startswith("0 ")
    assert fresh(player)


def test_the_databases_own_tables_are_not_removed(file: Path) -> None:
    with sqlite3.connect(file) as database:
        database.execute("create table t (a integer)")
    player = play(f"%reactive connect db sqlite:///{file}", on_db("create table t (b integer)"))
    assert player.states() == ["fresh", "failed"]
    player.run(["c1"])
    with sqlite3.connect(file) as database:
        assert database.execute("select a from t").fetchall() == []


def test_another_database_under_the_same_name(tmp_path: Path) -> None:
    for name, number in (("a.db", 1), ("b.db", 2)):
        with sqlite3.connect(tmp_path / name) as database:
            database.execute("create table t (a integer)")
            database.execute(f"insert into t values ({number})")
    player = play(
        f"%reactive connect db sqlite:///{tmp_path / 'a.db'}", on_db("select a from t"), "x = 1"
    )
    player.update("c0", f"%reactive connect db sqlite:///{tmp_path / 'b.db'}")
    assert player.states() == ["stale", "stale", "fresh"]
    player.run("stale")
    assert shown(player, "c1") == [2]
    player.create("%reactive disconnect db", 1)
    player.run("stale")
    assert player.state("c1") == "failed"
    player.delete("c3")
    player.run(["c1"])
    assert fresh(player)
    player.delete("c0")
    player.run("stale")
    assert player.state("c1") == "failed"


def test_a_lost_connection_is_opened_again_once(server: Postgres) -> None:
    player = play(
        f"%reactive connect db {server.url}",
        on_db("create temp table t as select 1 as a"),
        on_db("select a + 1 as a from t"),
    )
    server.stop()
    server.start()
    player.run(["c2"])
    # The temporary table has gone with it: its cell runs again.
    player.run(["c2"])
    assert fresh(player), player.outputs
    assert shown(player, "c2") == [2]
    server.stop()
    try:
        error = error_of(player, "select 2 as a")
        assert "'db' is lost, and cannot be opened again" in error
        assert PASSWORD not in error
    finally:
        server.start()
    player.run(["c2"])
    assert player.state("c2") == "fresh"


def error_of(player: Player, text: str) -> str:
    from reactive_kernel.sql.errors import SqlError

    with player.console(), pytest.raises(SqlError) as raised:
        player.databases.run(" db", text)
    return str(raised.value)


def test_connections_of_the_configuration(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", str(tmp_path))
    monkeypatch.setenv("DATABASE_FILE", str(file))
    (tmp_path / "connections.toml").write_text('db = "sqlite:///${DATABASE_FILE}"\n')
    player = play(on_db("create table t as select 3 as a"), on_db("select a from t"))
    assert shown(player, "c1") == [3]
    assert file.exists()
    (tmp_path / "connections.toml").write_text("db = 5 secret")
    failing = Player(on_db("select 1"))
    failing.run("all")
    assert failing.state("c0") == "failed"
    assert "cannot be read as TOML" in error_of(Player(), "select 1")
    monkeypatch.delenv("DATABASE_FILE")
    (tmp_path / "connections.toml").write_text('db = "sqlite:///${DATABASE_FILE}"\n')
    assert "no variable DATABASE_FILE" in error_of(Player(), "select 1")


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://ann:secret@localhost/x",
        "postgresql://ann:sec%40ret@localhost/x",
        "postgresql://ann:${NAME}secret@localhost/x",
        "postgresql://localhost/x?password=secret",
        "mysql://ann:s@e:c/r@t@localhost/x",
        "nothing that is a URL secret",
    ],
)
def test_a_password_in_a_notebook_is_refused(url: str) -> None:
    from reactive_kernel.sql.errors import SqlError

    player = Player()
    with player.console(), pytest.raises(SqlError) as raised:
        player.databases.connections.connect("db", url)
    assert "environment variable" in str(raised.value)
    assert "sec" not in str(raised.value).replace("secrets", "")


def test_the_own_database_keeps_its_name() -> None:
    player = play("%reactive connect duckdb sqlite://")
    assert player.states() == ["failed"]


def test_a_database_attached_to_the_own_one(tmp_path: Path) -> None:
    player = play(
        sql(f"attach '{tmp_path / 'other.duckdb'}' as other"),
        sql("create table other.t as select 1 as a"),
        sql("insert into other.main.t values (2)"),
        sql("select a from other.t"),
    )
    assert fresh(player), player.outputs
    assert shown(player, "c3") == [1, 2]
    player.update("c2", sql("insert into other.t values (3)"))
    player.run("stale")
    assert shown(player, "c3") == [1, 3]
