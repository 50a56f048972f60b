"""Connections to DuckDB: the notebook's own database, and files."""

from __future__ import annotations

import signal
import threading
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any, Final, Literal

from reactive_kernel.effects.sql_statements import Table
from reactive_kernel.effects.sql_text import Piece

from .engine import Column, Result
from .frames import is_frame, library
from .libraries import load

IN_MEMORY: Final = ":memory:"
OWN_CATALOGS: Final = frozenset({"memory", "system", "temp"})
"""Databases that a database in memory has by itself; others are attached to it."""

# Variables are handed over by name; those of the code that runs here are none of them.
_CONFIGURATION: Final = {"python_enable_replacements": "false"}

_STAY: Final = frozenset({"from", "insert", "select", "update", "with"})
"""Statements after which names mean what they meant before."""

_TABLES: Final = """
    SELECT 'table' AS kind, database_name, schema_name, table_name AS name, sql
    FROM duckdb_tables() WHERE NOT internal
    UNION ALL
    SELECT 'view', database_name, schema_name, view_name, sql
    FROM duckdb_views() WHERE NOT internal
"""
_OF_NAME: Final = (
    "WHERE lower(database_name) = lower(?) AND lower(schema_name) = lower(?) "
    "AND lower(name) = lower(?)"
)
_CATALOGS: Final = (
    "SELECT database_name FROM duckdb_databases() WHERE NOT internal "
    "EXCEPT SELECT schema_name FROM duckdb_schemas()"
)


class Duck:
    """A connection to DuckDB.

    Parameters
    ----------
    path : str
        That of a file, or `IN_MEMORY`.
    """

    dialect = "duckdb"
    takes_frames = True

    def __init__(self, path: str = IN_MEMORY) -> None:
        duckdb = load("duckdb")
        # Tables in memory are restored from copies; a transaction would check keys too early.
        self.atomic = path != IN_MEMORY
        self._connection = duckdb.connect(path, config=_CONFIGURATION)
        self._where: tuple[str, list[str]] | None = None
        self._name = self._now()[0]
        self._own = OWN_CATALOGS | {self._name}

    def query(self, text: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Return all rows of a query that is not the user's."""
        rows: list[tuple[Any, ...]] = self._connection.execute(text, list(values)).fetchall()
        return rows

    def arrow(self, text: str) -> Any:
        """Return the rows of a query as a table of pyarrow's that holds every type as it is."""
        self.query("SET arrow_lossless_conversion = true")
        try:
            return self._connection.sql(text).to_arrow_table()
        finally:
            self.query("RESET arrow_lossless_conversion")

    def schemas(self) -> list[str]:
        """Return the schemas in which a name without one is looked for, now."""
        return self._now()[1]

    def placed(self, table: Table) -> Table:
        """Say in which catalog a table is, if that is not the one connected to."""
        now = self._now()[0]
        if not table.catalog:
            catalog = now if not table.schema else ""
            if table.schema and table.schema != "temp":
                catalogs = {name for (name,) in self.query(_CATALOGS)}
                if table.schema in catalogs:
                    return Table(table.schema, "main", table.name, table.spelled)
                catalog = now
            if catalog not in self._own:
                return Table(catalog, table.schema or self.schemas()[0], table.name, table.spelled)
            return table
        if table.catalog not in self._own:
            return table
        schema = "temp" if table.catalog == "temp" else table.schema
        return Table("", schema, table.name, table.spelled)

    def run(
        self,
        piece: Piece,
        values: Sequence[Any],
        frames: Mapping[str, object],
        limit: int | None,
    ) -> Result:
        """Run a statement."""
        if piece.text.split(maxsplit=1)[0].lower() not in _STAY:
            self._where = None
        names = {f"p{number}": _plain(value) for number, value in enumerate(values)}
        text = piece.with_markers("$")
        connection = self._connection
        with self.holding(frames), _interruptible(connection):
            executed = connection.execute(text, names) if names else connection.execute(text)
            description = executed.description
            columns = [column[0] for column in description or ()]
            kinds = [str(column[1]) for column in description or ()]
            if not columns or (columns, kinds) == (["Success"], ["BOOLEAN"]):
                return Result()
            if columns == ["Count"] and kinds == ["BIGINT"] and _is_change(piece.text):
                counted = executed.fetchall()
                return Result(rows=int(counted[0][0]) if counted else None)
            return self._taken(executed, limit)

    def _taken(self, executed: Any, limit: int | None) -> Result:
        load(library())
        if library() != "pandas":
            with warnings.catch_warnings():
                # It tells of a quicker way, which is not there for every statement.
                warnings.simplefilter("ignore")
                # By the name that it has from DuckDB 2 on, or the one before.
                read = getattr(executed, "to_arrow_reader", None) or executed.fetch_record_batch
                reader = read()
            frame, cut = _as_frame(reader, limit)
            _leave_rest(executed)
            return Result(frame, len(frame), cut)
        if limit is None:
            frame = executed.df()
            return Result(frame, len(frame))
        chunks = [executed.fetch_df_chunk()]
        while len(chunks[-1]) and sum(map(len, chunks)) <= limit:
            chunks.append(executed.fetch_df_chunk())
        _leave_rest(executed)
        frame = load("pandas").concat(chunks, ignore_index=True)
        return Result(frame.iloc[:limit], min(len(frame), limit), len(frame) > limit)

    @contextmanager
    def holding(self, frames: Mapping[str, object]) -> Iterator[None]:
        """Have variables stand for tables meanwhile."""
        held = [name for name, value in frames.items() if is_frame(value)]
        for name in held:
            self._connection.register(name, frames[name])
        try:
            yield
        finally:
            for name in held:
                self._connection.unregister(name)

    def begin(self) -> None:
        """Begin a transaction."""
        self._connection.begin()

    def commit(self) -> None:
        """Keep what was done since `begin`."""
        self._connection.commit()

    def rollback(self) -> bool:
        """Undo what was done in a transaction that is open; tells whether one was."""
        try:
            self._connection.rollback()
        except Exception:
            # There is none to undo.
            return False
        return True

    def is_alive(self) -> bool:
        """Tell whether the connection still stands."""
        return True

    def kind(self, table: Table) -> Literal["table", "view"] | None:
        """Tell what there is of a name."""
        kinds = self.query(f"SELECT kind FROM ({_TABLES}) {_OF_NAME}", self._told(table))
        return kinds[0][0] if kinds else None

    def definition(self, table: Table) -> str:
        """Return the statement that makes a view, or its query; empty where nobody says."""
        texts = self.query(f"SELECT sql FROM ({_TABLES}) {_OF_NAME}", self._told(table))
        return str(texts[0][0]) if texts else ""

    def columns(self, table: Table) -> list[Column]:
        """Return the columns of a table or view."""
        rows = self.query(
            "SELECT column_name, data_type FROM (SELECT *, table_name AS name "
            f"FROM duckdb_columns()) {_OF_NAME} ORDER BY column_index",
            self._told(table),
        )
        return [(name, kind) for name, kind in rows]

    def remove(self, table: Table) -> None:
        """Remove a table or view."""
        place = ".".join(f'"{part}"' for part in self._told(table))
        self.query(f"DROP {self.kind(table)} {place}")

    def tables(self) -> list[Table]:
        """Return all tables and views."""
        rows = self.query(f"SELECT database_name, schema_name, name FROM ({_TABLES})")
        return [Table("" if d in self._own else d, s, name) for d, s, name in rows]

    def _now(self) -> tuple[str, list[str]]:
        """Return the database and the schemas of names that have none."""
        if self._where is None:
            [(database, schema, path)] = self.query(
                "SELECT current_database(), current_schema(), current_setting('search_path')"
            )
            further = [part.strip().rpartition(".")[2].strip('"') for part in path.split(",")]
            schemas = [name for name in (schema, *further, "main") if name]
            self._where = (str(database), list(dict.fromkeys(schemas)))
        return self._where

    def _told(self, table: Table) -> list[str]:
        """Return the names of catalog, schema and table, as DuckDB has them."""
        if table.schema == "temp":
            return ["temp", "main", table.name]
        return [table.catalog or self._name, table.schema or self.schemas()[0], table.name]

    def close(self) -> None:
        """End the connection."""
        self._connection.close()


@contextmanager
def _interruptible(connection: Any) -> Iterator[None]:
    """Have an interrupt end a statement, and told as Python tells of one.

    DuckDB only asks for signals between two pieces of work, and then waits for those that its
    own threads are at; they end when the connection is told.
    """
    handler = signal.getsignal(signal.SIGINT)
    if not callable(handler) or threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(number: int, frame: FrameType | None) -> None:
        connection.interrupt()
        handler(number, frame)

    signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    except RuntimeError as error:
        if str(error) == "Query interrupted":
            raise KeyboardInterrupt from None
        raise
    finally:
        signal.signal(signal.SIGINT, handler)


def _leave_rest(executed: Any) -> None:
    """Say that no more rows are wanted: DuckDB 2 does nothing else before it knows."""
    abort = getattr(executed, "abort", None)
    if abort is not None:
        abort()


def _is_change(text: str) -> bool:
    word = text.split(maxsplit=1)[0].lower()
    return word in ("insert", "update", "delete", "merge", "copy", "create", "truncate", "with")


def _plain(value: Any) -> Any:
    """Return what DuckDB takes for a value of numpy's, or a set."""
    module = type(value).__module__.partition(".")[0]
    if module == "numpy" and hasattr(value, "dtype") and value.dtype.kind in "biufSU":
        return value.tolist()
    if module in ("pandas", "polars") and hasattr(value, "to_list"):
        return value.to_list()
    return sorted(value, key=repr) if isinstance(value, set | frozenset) else value


def _as_frame(reader: Any, limit: int | None) -> tuple[Any, bool]:
    """Take rows from a reader, and tell whether there were more."""
    batches, count = [], 0
    for batch in reader:
        batches.append(batch)
        count += batch.num_rows
        if limit is not None and count > limit:
            break
    table = load("pyarrow").Table.from_batches(batches, schema=reader.schema)
    cut = limit is not None and count > limit
    table = table.slice(0, limit) if cut else table
    if library() == "polars":
        return load("polars").from_arrow(table), cut
    return table, cut
