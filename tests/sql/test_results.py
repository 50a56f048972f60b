"""Results as frames of whichever library is there, and values as parameters."""

from __future__ import annotations

import datetime as dt
import os
import signal
import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from core.player import Player

from reactive_kernel.effects.sql_text import statements
from reactive_kernel.sql import frames
from reactive_kernel.sql.alchemy import Alchemy
from reactive_kernel.sql.duck import Duck

from .servers import Postgres

KINDS = {"pandas": pd.DataFrame, "polars": pl.DataFrame, "pyarrow": pa.Table}


@pytest.fixture(params=KINDS)
def library(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The library that is there."""
    monkeypatch.setattr(frames, "_LIBRARIES", (request.param,))
    frames.library.cache_clear()
    yield request.param
    frames.library.cache_clear()


@pytest.mark.parametrize(
    ("limit", "rows", "cut"), [(None, 5000, False), (3, 3, True), (0, 0, True)]
)
def test_frames_of_duckdb(library: str, limit: int | None, rows: int, cut: bool) -> None:
    duck = Duck()
    [piece] = statements("select 1 as a, 'x' as b from range(5000)")
    for _ in range(2):
        result = duck.run(piece, [], {}, limit)
        assert type(result.frame) is KINDS[library]
        assert (len(result.frame), result.rows, result.cut) == (rows, rows, cut)


def test_frames_of_rows(library: str) -> None:
    found: Any = frames.frame_of(["a", "b"], [(1, "x"), (2, None)])
    assert type(found) is KINDS[library]
    assert len(found) == 2
    assert len(frames.frame_of(["a"], [])) == 0  # type: ignore[arg-type]
    twice: Any = frames.frame_of(["a", "a"], [(1, 2)])
    assert twice.shape == (1, 2)


ENDLESS = "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n"


@pytest.mark.parametrize("seconds", [0.002, 0.005, 0.01, 0.02, 0.05, 0.2])
@pytest.mark.parametrize(
    ("connection", "text"),
    [
        (Duck, "select count(*) from range(1000000000000)"),
        (lambda: Alchemy("sqlite://", "sqlite"), ENDLESS),
    ],
    ids=["duckdb", "sqlite"],
)
def test_an_interrupt_is_told_as_one(
    connection: Callable[[], Duck | Alchemy], text: str, seconds: float
) -> None:
    engine = connection()
    [piece] = statements(text)
    interrupt = threading.Timer(seconds, os.kill, (os.getpid(), signal.SIGINT))

    def run_for_a_while() -> None:
        interrupt.start()
        engine.run(piece, [], {}, None)

    with pytest.raises(KeyboardInterrupt):
        run_for_a_while()
    [after] = statements("select 1")
    assert engine.run(after, [], {}, None).rows == 1


def test_every_frame_is_a_table() -> None:
    player = Player()
    values = {
        "one": pd.DataFrame({"a": [1]}),
        "two": pl.DataFrame({"a": [2]}),
        "three": pl.DataFrame({"a": [3]}).lazy(),
        "four": pa.table({"a": [4]}),
        "five": pd.Series([5], name="a"),
        "six": 6,
    }
    player.user_ns.update(values)
    with player.console():
        for number, name in enumerate(list(values)[:4], 1):
            frame: Any = player.databases.run(f"select a from {name}").frame
            assert list(frame.a) == [number]
    player.create("six = 6")
    player.create("%%sql\nselect * from six")
    player.run("all")
    assert player.states() == ["fresh", "failed"]


HOSTILE = [
    "'; drop table t; --",
    "x'); delete from t; select ('",
    '"; drop table t; --',
    "$1 :name {{ name }} $$ ; $$",
    "\\'; drop table t",
    "/* */ -- \n; drop table t",
    "",
    "ü\u2028\n\t'",
]
VALUES: list[tuple[Any, Any]] = [
    *((text, text) for text in HOSTILE),
    (None, None),
    (True, True),
    (7, 7),
    (2**40, 2**40),
    (-2.5, -2.5),
    (np.int64(3), 3),
    (np.float64(0.5), 0.5),
    (np.bool_(True), True),
    (np.str_("'"), "'"),
    (dt.date(2024, 2, 29), dt.date(2024, 2, 29)),
    (b"'\x00;", b"'\x00;"),
]


class Target:
    """A database with a table `t` that hostile values are after."""

    def __init__(self, run: Any) -> None:
        self.run = run
        run("create table t (a integer)")
        run("insert into t values (1)")

    def echo(self, value: Any) -> Any:
        """Return a value that has been through the database as a parameter."""
        frame = self.run("select {{ value }} as a, (select count(*) from t) as n", value)
        assert frame.n[0] == 1
        return frame.a[0]


@pytest.fixture(params=["duckdb", "sqlite", "postgres"])
def target(request: pytest.FixtureRequest) -> Iterator[Target]:
    from reactive_kernel.sql.alchemy import Alchemy

    engine: Any
    if request.param == "duckdb":
        engine = Duck()
    elif request.param == "sqlite":
        engine = Alchemy("sqlite://", "sqlite")
    else:
        server: Postgres = request.getfixturevalue("server")
        engine = Alchemy(server.url_with_password, "postgres")
    engine.begin()

    def run(text: str, *values: Any) -> Any:
        [piece] = statements(text)
        return engine.run(piece, values, {}, None).frame

    yield Target(run)
    engine.rollback()
    engine.close()


@pytest.mark.parametrize(("value", "expected"), VALUES, ids=lambda value: repr(value)[:20])
def test_values_are_values(target: Target, value: Any, expected: Any) -> None:
    got = target.echo(value)
    if expected is None:
        assert got is None or pd.isna(got)
    elif isinstance(expected, dt.date):
        assert str(got)[:10] == str(expected)
    elif isinstance(expected, bytes | bytearray):
        assert bytes(got) == expected
    else:
        assert got == expected


def test_several_values(target: Target) -> None:
    for values in ([1, 2], (1, 2), {1, 2}, np.array([1, 2]), pd.Series([1, 2])):
        assert target.run("select count(*) as n from t where a in {{ values }}", values).n[0] == 1


def test_a_name_is_no_value(target: Target) -> None:
    with pytest.raises(Exception, match=r"syntax|Parser"):
        target.run("select * from {{ table }}", "t")
