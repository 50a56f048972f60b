"""What is in the notebook's own database: tables, views and sequences, as values."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import xxhash

from reactive_kernel.effects.sql import TEMPORARY, table_name
from reactive_kernel.effects.sql_statements import Table
from reactive_kernel.effects.sql_text import OWN

from .duck import OWN_CATALOGS, Duck
from .engine import Column

Kind = Literal["table", "view", "macro", "sequence"]

_MOST_VALUES: Final = 100_000_000
"""Of how many values, at most, a table's fingerprint is made."""

_ROWS: Final = "__rows_of_a_snapshot"

_CATALOG: Final = f"""
    SELECT 'table' AS kind, database_name, schema_name, table_name AS name, sql,
        estimated_size AS size
    FROM duckdb_tables() WHERE NOT internal
    UNION ALL
    SELECT 'view', database_name, schema_name, view_name, sql, 0
    FROM duckdb_views() WHERE NOT internal AND view_name <> '{_ROWS}'
    UNION ALL
    SELECT 'sequence', database_name, schema_name, sequence_name,
        concat_ws(',', start_value, min_value, max_value, increment_by, cycle, last_value), 0
    FROM duckdb_sequences()
    UNION ALL
    SELECT 'index', database_name, schema_name, table_name, sql, 0
    FROM duckdb_indexes()
    UNION ALL
    SELECT function_type, database_name, schema_name, function_name || '()',
        string_agg(parameters::varchar || chr(31) || macro_definition, chr(30)), 0
    FROM duckdb_functions() WHERE NOT internal AND macro_definition IS NOT NULL
    GROUP BY ALL
    ORDER BY name, sql
"""

_IDENTIFIER: Final = r'(?:"(?:[^"]|"")*"|[^\s(."]+)'
_HEAD: Final = re.compile(
    rf"(CREATE (?:TEMP )?(?:TABLE|VIEW)|CREATE (?:UNIQUE )?INDEX {_IDENTIFIER} ON) "
    rf"{_IDENTIFIER}(?:\.{_IDENTIFIER})*"
)

_PARENT: Final = re.compile(rf"REFERENCES (?:{_IDENTIFIER}\.)*({_IDENTIFIER})")
_MACRO_HEAD: Final = re.compile(
    r"(create\s+(?:or\s+replace\s+)?(?:temp\w*\s+)?(?:macro|function)"
    rf"(?:\s+if\s+not\s+exists)?)\s+{_IDENTIFIER}(?:\.{_IDENTIFIER})*",
    re.IGNORECASE,
)
_KINDS: Final[dict[str, Kind]] = {"index": "table", "table_macro": "macro"}

_COLUMNS: Final = """
    SELECT column_name, data_type FROM duckdb_columns()
    WHERE database_name = ? AND schema_name = ? AND table_name = ?
    ORDER BY column_index
"""


@dataclass(eq=False)
class Object:
    """A table, view or sequence.

    Parameters
    ----------
    kind : {"table", "view", "macro", "sequence"}
        What it is.
    catalog, schema, name : str
        Where it is.
    sql : str
        The statement that makes it, or what tells it from others.
    indexes : tuple of str
        The statements that make its indexes.
    children : tuple of str
        The tables whose rows refer to its rows.
    size : int
        About how many rows it has.
    columns : list of (str, str)
        Its columns and their types.
    rows : int or None
        How many rows it has; None for what has none of its own.
    content : pyarrow.Table or None
        A copy of its rows.
    is_table_macro : bool
        Whether it is a macro that gives rows.
    made_by : str
        The statement that made it, of a macro.
    """

    kind: Kind
    catalog: str
    schema: str
    name: str
    sql: str
    indexes: tuple[str, ...] = ()
    children: tuple[str, ...] = ()
    size: int = 0
    columns: list[Column] = field(default_factory=list)
    rows: int | None = None
    content: Any = None
    is_table_macro: bool = False
    made_by: str = ""

    @property
    def refers(self) -> bool:
        """Whether its rows refer to those of other tables."""
        return self.kind == "table" and "REFERENCES" in self.sql

    @property
    def is_lazy(self) -> bool:
        """Whether using it uses what it was made from."""
        return self.kind in ("view", "macro")

    @property
    def definitions(self) -> list[str]:
        """The queries in it, of a view or macro."""
        if self.kind != "macro":
            return [self.sql]
        texts = (each.partition(chr(31))[2] for each in self.sql.split(chr(30)))
        return [text if text[:6].upper() == "SELECT" else f"SELECT {text}" for text in texts]

    @property
    def place(self) -> str:
        """What it is called in statements."""
        name = self.name.removesuffix("()") if self.kind == "macro" else self.name
        return ".".join(f'"{_doubled(part)}"' for part in (self.catalog, self.schema, name))

    @property
    def full_name(self) -> str:
        """Its name in the notebook."""
        schema = TEMPORARY if self.catalog == TEMPORARY else self.schema.lower()
        return table_name(OWN, Table("", schema, self.name.lower()), "")

    @property
    def look(self) -> tuple[object, ...]:
        """What is told of it at a glance: differs if it was changed, in most cases."""
        return self.kind, self.sql, self.indexes, self.children, self.size


def _doubled(name: str) -> str:
    return name.replace('"', '""')


def catalog(duck: Duck) -> dict[str, Object]:
    """Return all that is in the notebook's own database, by name; nothing of attached ones."""
    found: dict[str, Object] = {}
    indexes: dict[str, list[str]] = {}
    for kind, database, schema, name, sql, size in duck.query(_CATALOG):
        if database not in OWN_CATALOGS:
            continue
        made = Object(_KINDS.get(kind, kind), database, schema, name, sql, size=size)
        made.is_table_macro = kind == "table_macro"
        if kind == "index":
            indexes.setdefault(made.full_name, []).append(sql)
        else:
            found[made.full_name] = made
    for name, statements in indexes.items():
        if name in found:
            found[name].indexes = tuple(statements)
    _find_children(found)
    return found


def _find_children(things: dict[str, Object]) -> None:
    for child in things.values():
        for parent in _PARENT.finditer(child.sql) if child.refers else ():
            for thing in things.values():
                if thing.name.lower() == parent[1].strip('"').lower():
                    thing.children = tuple(sorted({*thing.children, child.full_name}))


def fingerprint(duck: Duck, thing: Object) -> object:
    """Return what an object is compared by: equal for equal content, in the same order.

    Columns and the number of rows are filled in on the way.

    Returns
    -------
    object
        Bytes; or an object of its own for a table that is too large.
    """
    told: list[object] = [thing.kind, thing.indexes, thing.children]
    if thing.kind == "sequence":
        told.append(_sequence(thing))
    else:
        place = [thing.catalog, thing.schema, thing.name]
        thing.columns = [(name, kind) for name, kind in duck.query(_COLUMNS, place)]
        told += (thing.sql, thing.columns)
    if thing.kind == "table":
        if thing.size * len(thing.columns) > _MOST_VALUES:
            thing.rows = thing.size
            return object()
        [content] = duck.query(_content_of(thing))
        thing.rows = content[0]
        told.append(content)
    return xxhash.xxh3_128_digest(repr(told).encode("utf-8", "surrogatepass"))


def _content_of(thing: Object) -> str:
    """Return the query for what tells the rows of a table, and their order, from others."""
    # Zeros of both signs have one hash.
    signs = "".join(
        f', signbit(t."{_doubled(name)}")'
        for name, kind in thing.columns
        if kind in ("DOUBLE", "FLOAT")
    )
    return (
        f"SELECT count(*), bit_xor(hash(n, t{signs})), sum(hash(t, n{signs})) "
        f"FROM (SELECT row_number() OVER () AS n, t FROM {thing.place} AS t)"
    )


def take_content(duck: Duck, thing: Object) -> int | None:
    """Copy the rows of a table.

    Returns
    -------
    int or None
        How many bytes they take; None where a table made of them would not be the same.
    """
    if thing.kind != "table":
        return 0
    if "GENERATED ALWAYS" in thing.sql:
        return None
    try:
        thing.content = duck.arrow(f"SELECT * FROM {thing.place}")
    except Exception:
        # A type that has no place outside of DuckDB.
        return None
    return int(thing.content.nbytes)


def make(duck: Duck, thing: Object) -> None:
    """Make an object that is not there, as it was when its content was taken."""
    if thing.kind == "sequence":
        start, least, most, step, cycle, last = _sequence_parts(thing)
        following = start if last is None else last + step
        duck.query(
            f"CREATE {'TEMP ' if thing.catalog == TEMPORARY else ''}SEQUENCE {thing.place} "
            f"INCREMENT BY {step} MINVALUE {least} MAXVALUE {most} START {following} "
            f"{'' if cycle else 'NO '}CYCLE"
        )
        return
    duck.query(_placed(thing, thing.made_by or thing.sql))
    if thing.content is not None:
        with duck.holding({_ROWS: thing.content}):
            duck.query(f"INSERT INTO {thing.place} SELECT * FROM {_ROWS}")
    for statement in thing.indexes:
        duck.query(_placed(thing, statement))


def _placed(thing: Object, statement: str) -> str:
    """Say in full what a statement is about, whatever schema is set now."""
    head = _MACRO_HEAD if thing.kind == "macro" else _HEAD
    return head.sub(lambda found: f"{found[1]} {thing.place}", statement, count=1)


def remove(duck: Duck, thing: Object) -> None:
    """Remove an object."""
    kind = "MACRO TABLE" if thing.is_table_macro else thing.kind.upper()
    duck.query(f"DROP {kind} {thing.place}")


def _sequence_parts(thing: Object) -> tuple[int, int, int, int, bool, int | None]:
    start, least, most, step, cycle, *last = thing.sql.split(",")
    return (
        int(start),
        int(least),
        int(most),
        int(step),
        cycle == "true",
        int(last[0]) if last else None,
    )


def _sequence(thing: Object) -> tuple[object, ...]:
    """Return what a sequence gives from now on."""
    start, least, most, step, cycle, last = _sequence_parts(thing)
    return least, most, step, cycle, start if last is None else last + step
