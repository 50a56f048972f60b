"""What statements read and write, in three dialects; the databases themselves confirm it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

import duckdb
import pytest
import sqlalchemy

from reactive_kernel.effects.sql_statements import Table, look_at

if TYPE_CHECKING:
    from .servers import Postgres

SETUP: Final = (
    "create table t (id integer primary key, a integer)",
    "create table u (id integer primary key, b integer)",
    "create table w (id integer primary key, c integer)",
    "insert into t values (1, 10), (2, 20)",
    "insert into u values (2, 200), (3, 300)",
    "insert into w values (5, 5)",
)
TABLES: Final = ("t", "u", "w")
ALL: Final = ("duckdb", "postgres", "sqlite")
NOT_SQLITE: Final = ("duckdb", "postgres")

RECURSIVE: Final = """
    with recursive r as (select id from t union all select id + 1 from r where id < 5)
    select count(*) from r
"""
MERGE: Final = """
    merge into t using u on t.id = u.id when matched then update set a = b
    when not matched then insert (id, a) values (u.id, u.b)
"""

Case = tuple[str, str, str, tuple[str, ...]]

CASES: Final[list[Case]] = [
    ("select * from t order by id", "t", "", ALL),
    ("select * from T order by id", "t", "", ALL),
    ('select * from "t" order by id', "t", "", ALL),
    ("select count(*) from t where id in (select id from u)", "t u", "", ALL),
    ("select (select max(b) from u) from t", "t u", "", ALL),
    ("select count(*) from t left join u on u.id = t.id", "t u", "", ALL),
    ("with x as (select * from t) select count(*) from x, u", "t u", "", ALL),
    ("with t as (select 1 as id) select id from t", "", "", ALL),
    ("with x as (select 1 as id), t as (select id from x) select id from t", "", "", ALL),
    ("with x as (with t as (select 1 as id) select * from t) select x.id from x, t", "t", "", ALL),
    (RECURSIVE, "t", "", ALL),
    ("select id from t union all select id from u order by id", "t u", "", ALL),
    ("select id from t intersect select id from u", "t u", "", ALL),
    ("select id from t except (select id from u)", "t u", "", NOT_SQLITE),
    (
        "select count(*) from t cross join lateral (select * from u where u.id = t.id) as z",
        "t u",
        "",
        NOT_SQLITE,
    ),
    ("values (1)", "", "", ALL),
    ("table t", "t", "", NOT_SQLITE),
    ("from t select count(*)", "t", "", ("duckdb",)),
    ("summarize t", "t", "", ("duckdb",)),
    ("describe t", "t", "", ("duckdb",)),
    ("pivot t on a using count(*)", "t", "", ("duckdb",)),
    ("create table n (id integer)", "", "n", ALL),
    ("create table n as select * from t", "t", "n", ALL),
    ("create temporary table n as select * from t", "t", "n", ALL),
    ("create table if not exists n (id integer)", "n", "n", ALL),
    ("create table if not exists t (id integer)", "t", "", ALL),
    ("create or replace table t as select * from u", "u", "t", ("duckdb",)),
    ("create or replace table n as select 1 as id", "", "n", ("duckdb",)),
    ("create view n as select * from t", "t", "n", ALL),
    ("create view n as with x as (select * from t) select * from x", "t", "n", ALL),
    ("select * into n from t", "t", "n", ("postgres",)),
    ("insert into t (id, a) values (9, 9)", "t", "t", ALL),
    ("insert into t select id + 10, b from u", "t u", "t", ALL),
    ("insert into t values (1, 1) on conflict do nothing", "t", "", ALL),
    ("insert or replace into t values (1, 1)", "t", "t", ("duckdb", "sqlite")),
    ("replace into t values (1, 1)", "t", "t", ("sqlite",)),
    ("update t set a = (select max(b) from u)", "t u", "t", ALL),
    ("update t set a = u.b from u where u.id = t.id", "t u", "t", ALL),
    ("delete from t where id in (select id from u)", "t u", "t", ALL),
    ("delete from t using u where u.id = t.id", "t u", "t", NOT_SQLITE),
    ("delete from t returning id", "t", "t", ALL),
    (
        "with d as (delete from t returning id) insert into u (id) select id + 5 from d",
        "t u",
        "t u",
        ("postgres",),
    ),
    (MERGE, "t u", "t", NOT_SQLITE),
    ("truncate t", "t", "t", NOT_SQLITE),
    ("alter table t add column z integer", "t", "t", ALL),
    ("alter table t add column z", "t", "t", ("sqlite",)),
    ("alter table t rename column a to z", "t", "t", ALL),
    ("alter table t rename to n", "t", "t n", ALL),
    ("drop table t", "t", "t", ALL),
    ("drop table if exists t", "", "t", ALL),
    ("drop table if exists n", "", "", ALL),
    ("copy t from 'rows.csv'", "t", "t", ("duckdb",)),
    ("copy (select * from t) to 'out.csv'", "t", "", ("duckdb",)),
    ("select * from 'rows.csv'", "", "", ("duckdb",)),
    ("select count(*) from read_csv('rows.csv'), t", "t", "", ("duckdb",)),
]


ERRORS: Final = (duckdb.Error, sqlalchemy.exc.DBAPIError)

Rows = list[dict[str, Any]]


class Database:
    """A database of three tables, as it is before each statement."""

    def __init__(self, execute: Callable[[str], Rows]) -> None:
        self.execute = execute
        for statement in SETUP:
            execute(statement)

    def without(self, *tables: str) -> Database:
        for table in tables:
            self.execute(f"drop table {table}")
        return self

    def rows(self, statement: str) -> Rows | None:
        """Return what a statement gives; None if it fails."""
        try:
            return self.execute(statement)
        except ERRORS:
            return None

    def content(self) -> dict[str, list[str] | None]:
        """Return what is in each table, and in the new one."""
        contents = {name: self.rows(f"select * from {name}") for name in (*TABLES, "n")}
        return {
            name: None if rows is None else sorted(map(repr, rows))
            for name, rows in contents.items()
        }


@pytest.fixture
def make(request: pytest.FixtureRequest, tmp_path: Any) -> Iterator[Callable[[], Database]]:
    """What makes such databases, of the dialect that the test is about."""
    dialect = request.node.callspec.params["dialect"]
    connections: list[Any] = []
    numbers = itertools.count()

    def in_duckdb() -> Database:
        connection = duckdb.connect(config={"threads": "1"})
        connections.append(connection)

        def execute(text: str) -> Rows:
            done = connection.execute(text)
            columns = [column[0] for column in done.description or ()]
            return [dict(zip(columns, row, strict=True)) for row in done.fetchall()]

        return Database(execute)

    def through_sqlalchemy() -> Database:
        if dialect == "sqlite" or not connections:
            engine = sqlalchemy.create_engine(url, isolation_level="AUTOCOMMIT")
            connections.append(engine.connect())
        connection = connections[-1]

        def execute(text: str) -> Rows:
            result = connection.exec_driver_sql(text)
            return [dict(row) for row in result.mappings()] if result.returns_rows else []

        if dialect == "postgres":
            schema = f"{tmp_path.name}_{next(numbers)}"
            execute(f'create schema "{schema}"')
            execute(f'set search_path to "{schema}"')
            execute("discard temporary")
        return Database(execute)

    url = "sqlite://"
    if dialect == "postgres":
        server: Postgres = request.getfixturevalue("server")
        url = server.url_with_password
    yield in_duckdb if dialect == "duckdb" else through_sqlalchemy
    for connection in connections:
        connection.close()


def names(tables: list[Table]) -> set[str]:
    return {table.name for table in tables}


@pytest.mark.parametrize(
    ("dialect", "statement", "reads", "writes"),
    [
        (dialect, statement, reads, writes)
        for statement, reads, writes, dialects in CASES
        for dialect in dialects
    ],
)
def test_databases_confirm_what_is_read_and_written(
    dialect: str,
    statement: str,
    reads: str,
    writes: str,
    make: Callable[[], Database],
    tmp_path: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rows.csv").write_text("id,a\n7,70\n")
    found = look_at(statement, dialect)
    assert not any((found.opaque, found.everything, found.session, found.transaction))
    told_reads = names([*found.reads, *found.mutates])
    told_writes = names(found.writes)
    assert told_reads | names(found.drops) >= set(reads.split())

    database = make()
    before = database.content()
    given = database.rows(statement)
    after = database.content()
    assert given is not None
    written = {name for name in after if before[name] != after[name]}
    # What a statement may write it does not write each time.
    assert written == set(writes.split()) <= told_writes

    for table in told_reads & set(TABLES) if "if not exists" not in statement else ():
        without = make().without(table)
        # SQLite looks at what a view is made from when that is used.
        unused = without.rows(statement) is not None and without.rows("select * from n") is not None
        assert not unused, f"{table} is not read"
    others = set(TABLES) - told_reads - told_writes
    assert make().without(*others).rows(statement) == given, f"one of {others} is read"
