"""The text of SQL cells: options, statements, parameters."""

from __future__ import annotations

import pytest

from reactive_kernel.effects.sql_text import OWN, Options, read_options, statements


@pytest.mark.parametrize(
    ("line", "options", "rest"),
    [
        ("", Options(), ""),
        (" warehouse", Options("warehouse"), ""),
        (" frame <<", Options(OWN, "frame"), ""),
        (" warehouse frame <<", Options("warehouse", "frame"), ""),
        (" --limit 5", Options(OWN, None, 5), ""),
        (" warehouse frame << --limit=5", Options("warehouse", "frame", 5), ""),
        (" --limit 5 frame <<", Options(OWN, "frame", 5), ""),
        (" select 1", Options(), " select 1"),
        (" frame << FROM t", Options(OWN, "frame"), " FROM t"),
        (" my.db-1 select 1", Options("my.db-1"), " select 1"),
        (" (select 1)", Options(), " (select 1)"),
    ],
)
def test_options(line: str, options: Options, rest: str) -> None:
    assert read_options(line) == (options, rest)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("select 1", [("select 1", 1)]),
        ("select 1;\n\nselect 2;", [("select 1", 1), ("select 2", 3)]),
        ("-- only this\n/* and; this */", []),
        ("-- first\nselect 1; -- then;\nselect 2", [("select 1", 2), ("select 2", 3)]),
        ("select ';', \";\" ; select $$;$$", [("select ';', \";\"", 1), ("select $$;$$", 1)]),
        ("select 'it''s; this'", [("select 'it''s; this'", 1)]),
        ("select $a$ $$ ; $a$", [("select $a$ $$ ; $a$", 1)]),
        (
            "create trigger a after insert on t begin delete from u; end; select 1",
            [("create trigger a after insert on t begin delete from u; end", 1), ("select 1", 1)],
        ),
    ],
)
def test_statements(text: str, found: list[tuple[str, int]]) -> None:
    assert [(piece.text, piece.line) for piece in statements(text)] == found


@pytest.mark.parametrize(
    ("text", "expressions", "marked"),
    [
        ("select :a, {{ b + 1 }}", ["a", "b + 1"], "select $p0, $p1"),
        ("select {{ d['}'] }}", ["d['}']"], "select $p0"),
        ("select ':a', \":a\", a::int, x[1:n], x[n:m] -- :a", [], None),
        ("select {'a':b, 'c': :d}", ["d"], "select {'a':b, 'c': $p0}"),
        ("/* {{ a }} */ select $$ :a $$", [], "select $$ :a $$"),
    ],
)
def test_parameters(text: str, expressions: list[str], marked: str | None) -> None:
    [piece] = statements(text)
    assert [place.expression for place in piece.places] == expressions
    assert piece.with_markers("$") == (text if marked is None else marked)


def test_what_is_no_parameter_is_escaped() -> None:
    [piece] = statements("select a::int, ':b' from t where c = :d")
    assert piece.with_markers(":", "\\") == r"select a\:\:int, '\:b' from t where c = :p0"
