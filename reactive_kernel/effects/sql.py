"""What a SQL cell does to the names of a notebook.

Tables are names with a colon, ``sql:CONNECTION/schema.table``, read, written and changed as those
of Python. ``sql:CONNECTION/`` is the connection itself: where it leads, and what statements on it
have set. Where a name cannot be told from the text, as after ``USE``, this is a guess that a run
corrects.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from .code import Code
from .nested import evaluate
from .scopes import MODULE
from .sql_statements import MissingSqlError, Statement, Table, look_at, macro
from .sql_text import OWN, read_options, statements

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .names import Names

PREFIX: Final = "sql:"
TEMPORARY: Final = "temp"
"""The schema of tables that only one connection has."""

_DEFAULT_SCHEMAS: Final = {"duckdb": "main", "sqlite": "main", "postgres": "public", "tsql": "dbo"}
_PLAIN: Final = re.compile(r"\w+(\(\))?")
_dialects: dict[str, str] = {OWN: "duckdb"}


def set_dialect(connection: str, dialect: str) -> bool:
    """Say which SQL a connection speaks; tells whether that is news."""
    news = _dialects.get(connection) != dialect
    _dialects[connection] = dialect
    return news


def dialect_of(connection: str) -> str:
    """Return which SQL a connection speaks, by sqlglot's name; empty if that is not known."""
    return _dialects.get(connection, "")


def default_schema(dialect: str) -> str:
    """Return the schema of a table whose name has none, if nothing else has been set."""
    return _DEFAULT_SCHEMAS.get(dialect, "")


def state_name(connection: str) -> str:
    """Return the name of a connection's own state."""
    return f"{PREFIX}{connection}/"


def table_name(connection: str, table: Table, schema: str) -> str:
    """Return the name of a table.

    Parameters
    ----------
    connection : str
        Its connection.
    table : Table
        The table.
    schema : str
        That of tables whose name has none.

    Returns
    -------
    str
    """
    parts = (table.catalog, table.schema or schema, table.name)
    return state_name(connection) + ".".join(_quoted(part) for part in parts if part)


def is_own(name: str) -> bool:
    """Tell whether a name, if no cell has a say in it, stands for nothing that people know of."""
    return name.startswith(PREFIX) and (name.endswith("/") or name.startswith(state_name(OWN)))


def _quoted(part: str) -> str:
    return part if _PLAIN.fullmatch(part) else '"' + part.replace('"', '""') + '"'


def lookup(
    connection: str, table: Table, schemas: Iterable[str], *, frames: bool
) -> tuple[str, ...]:
    """Return the names under which a table is looked up, one after the other, until one is there.

    Parameters
    ----------
    connection : str
        The connection.
    table : Table
        What a statement names.
    schemas : iterable of str
        Where tables are looked for whose name has no schema.
    frames : bool
        Whether the database takes a variable for a table that it does not have.

    Returns
    -------
    tuple of str
    """
    if table.schema:
        return (table_name(connection, table, ""),)
    names = [table_name(connection, table, schema) for schema in schemas]
    if frames:
        names.insert(0, table_name(connection, table, TEMPORARY))
        if table.spelled.isidentifier():
            names.append(table.spelled)
    return tuple(dict.fromkeys(names))


def sql(names: Names, line: str, body: str = "") -> None:
    """Go through ``%sql`` or ``%%sql``.

    Parameters
    ----------
    names : Names
        What gathers the effects of the cell.
    line : str
        The rest of the first line.
    body : str
        The lines below.
    """
    names.inert = False
    options, first = read_options(line)
    dialect = dialect_of(options.connection)
    names.dialects[options.connection] = dialect
    names.load_global(state_name(options.connection))
    for piece in statements(f"{first}\n{body}"):
        for place in piece.places:
            evaluate(names, place.expression)
        try:
            found = look_at(piece.with_markers(":"), dialect)
        except MissingSqlError as error:
            found = Statement(opaque=str(error), unknown=True)
        _statement(names, options.connection, dialect, found)
    if options.target is not None:
        names.store_global(options.target)


def _statement(names: Names, connection: str, dialect: str, found: Statement) -> None:
    if found.opaque:
        names.tell(found.opaque)
    if found.opaque or found.everything:
        names.load_everything()
    schema = default_schema(dialect)
    for table in found.reads:
        _look_up(names, lookup(connection, table, [schema], frames=dialect == "duckdb"))
    if dialect == "duckdb":
        for function in sorted(found.functions):
            names.load_global(table_name(connection, macro(Table("", "", function)), schema))
    _write(names, connection, dialect, found)
    if found.unknown:
        # All that is run on the connection below uses that name.
        names.may_bind([state_name(connection)])
    elif found.session:
        names.store_global(state_name(connection))


def _write(names: Names, connection: str, dialect: str, found: Statement) -> None:
    schema = default_schema(dialect)
    new = TEMPORARY if found.temporary and dialect == "duckdb" else schema

    def named(tables: Iterable[Table], schema: str = schema) -> list[str]:
        return [table_name(connection, table, schema) for table in tables]

    for name in named(found.probes):
        names.probe(name, shown=False)
    for name in named(found.mutates):
        _change(names, name)
    for name in named(found.may_create, new):
        names.load_global(name)
        names.may_bind([name])
    for name in named(found.drops):
        names.forget_global(name)
    for name in named(found.creates, new):
        names.store_global(name, _view(named(found.reads)) if found.view else frozenset())


def _look_up(names: Names, candidates: tuple[str, ...]) -> None:
    """Read the first of some names that is there."""
    if names.flow.dead:
        return
    if names.frame.kind != MODULE or len(candidates) == 1:
        for name in candidates:
            names.load_global(name)
        return
    bound = [name for name in candidates if name in names.flow.bound]
    if bound:
        # What this cell has made: only one that hides it could be there in its place.
        candidates = candidates[: candidates.index(bound[0])]
    if candidates:
        names.lookups.append(candidates)


def _change(names: Names, name: str) -> None:
    names.load_global(name)
    if names.frame.kind != MODULE:
        names.may_bind([name])
    elif name not in names.flow.bound and not names.flow.dead:
        names.mutates.add(name)


def _view(reads: Iterable[str]) -> frozenset[Code]:
    """Make what stands for a view: whoever reads it reads what it was made from."""
    code = Code()
    for name in reads:
        code.read(name)
    return frozenset({code})


def reactive(names: Names, line: str) -> None:
    """Go through ``%reactive``, of which some commands say what a connection is."""
    names.inert = False
    match line.split():
        case ["connect", connection, *_]:
            names.store_global(state_name(connection))
        case ["disconnect", connection]:
            names.forget_global(state_name(connection))
