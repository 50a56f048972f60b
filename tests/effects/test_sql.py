"""SQL cells: tables are names with a colon."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from reactive_kernel.effects import effects_of, is_outdated, set_dialect

STATE = "sql:duckdb/"


def own(*names: str) -> set[str]:
    return {f"sql:duckdb/main.{name}" for name in names}


@pytest.fixture
def shop() -> Iterator[None]:
    """A connection to PostgreSQL."""
    set_dialect("shop", "postgres")
    yield
    set_dialect("shop", "")


def test_a_query_looks_its_tables_up() -> None:
    effects = effects_of(
        "%%sql\nselect * from Orders, s.items where n > {{ least + 1 }} and m = :m"
    )
    assert effects.reads == {STATE, "sql:duckdb/s.items", "least", "m"}
    assert effects.lookups == (("sql:duckdb/temp.orders", "sql:duckdb/main.orders", "Orders"),)
    assert effects.may_writes == set()
    assert effects.shown_reads == {"least", "m"}
    assert not effects.inert


@pytest.mark.parametrize(
    ("text", "reads", "probes", "writes", "mutates"),
    [
        ("create table t (a integer)", "", "t", "t", ""),
        ("create or replace table t (a integer)", "", "t", "t", ""),
        ("insert into t values (1)", "t", "", "", "t"),
        ("update t set a = 1", "t", "", "", "t"),
        ("delete from t", "t", "", "", "t"),
        ("alter table t add column b integer", "t", "", "", "t"),
        ("drop table t", "", "t", "t", ""),
        ("create table t (a integer); insert into t values (1)", "", "t", "t", ""),
        ("insert into t values (1); drop table t", "t", "", "t", "t"),
    ],
)
def test_reads_and_writes(text: str, reads: str, probes: str, writes: str, mutates: str) -> None:
    effects = effects_of(f"%%sql\n{text}")
    assert effects.reads - {STATE} == own(*reads.split())
    assert effects.probes == own(*probes.split())
    assert effects.writes == own(*writes.split())
    assert effects.mutates == own(*mutates.split())


def test_what_the_cell_has_made_itself_is_not_read() -> None:
    effects = effects_of("%%sql\ncreate table t as select 1 as a; select * from t")
    assert effects.lookups == (("sql:duckdb/temp.t",),)


def test_the_result_goes_to_a_variable() -> None:
    assert effects_of("%%sql frame <<\nselect 1").writes == {"frame"}
    assert effects_of("frame = %sql select :n").writes == {"frame"}
    assert "n" in effects_of("frame = %sql select :n").reads


def test_a_view_is_read_with_what_it_is_made_from() -> None:
    effects = effects_of("%%sql\ncreate view v as select * from t")
    assert effects.calls["sql:duckdb/main.v"].reads == own("t")


def test_sql_in_a_function_is_done_by_who_calls_it() -> None:
    source = "def f():\n    get_ipython().run_line_magic('sql', 'insert into t select * from u')"
    assert own("t") <= effects_of(source).calls["f"].writes
    assert own("t", "u") <= effects_of(f"{source}\nf()").reads


@pytest.mark.usefixtures("shop")
def test_names_are_those_of_the_dialect() -> None:
    effects = effects_of('%%sql shop\nselect * from Orders, "Items"')
    assert effects.reads == {"sql:shop/", "sql:shop/public.orders", "sql:shop/public.Items"}
    assert not is_outdated(effects)
    set_dialect("shop", "sqlite")
    assert is_outdated(effects)
    effects = effects_of('%%sql shop\nselect * from Orders, "Items"')
    assert effects.reads == {"sql:shop/", "sql:shop/main.orders", "sql:shop/main.items"}


def test_connections_are_written_by_commands() -> None:
    assert effects_of("%reactive connect shop postgresql://x/y").writes == {"sql:shop/"}
    assert effects_of("%reactive disconnect shop").deletes == {"sql:shop/"}
    assert effects_of("%reactive memory").may_writes == set()
    assert effects_of("%%sql\nuse s").writes == {STATE}


@pytest.mark.parametrize("text", ["call f()", "selec 1", "do something"])
def test_opaque_sql_reads_everything_and_changes_the_connection(text: str) -> None:
    effects = effects_of(f"%%sql\n{text}")
    assert "*" in effects.reads
    assert effects.may_writes == {STATE}
    assert len(effects.opaque) == 1


@pytest.mark.parametrize("text", ["select * fro t", "show tables", "from query('select 1')"])
def test_queries_change_nothing(text: str) -> None:
    effects = effects_of(f"%%sql\n{text}")
    assert "*" in effects.reads
    assert effects.may_writes == set()
