"""Connections to whatever SQLAlchemy has a dialect for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final, Literal

from reactive_kernel.effects.sql_statements import MissingSqlError, Table
from reactive_kernel.effects.sql_text import Piece

from .engine import Column, Result
from .frames import frame_of
from .libraries import load

_DRIVERS: Final = {"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql"}
_STEPS: Final = 10_000
"""Instructions of SQLite's virtual machine, less than a millisecond's worth."""

_TRANSACTIONAL: Final = frozenset({"postgres", "sqlite"})


class Alchemy:
    """An open connection through SQLAlchemy.

    Parameters
    ----------
    url : str
        The URL, secrets and all.
    dialect : str
        Its dialect, by sqlglot's name.
    """

    takes_frames = False

    def __init__(self, url: str, dialect: str) -> None:
        self._sqlalchemy = load("sqlalchemy")
        self.dialect = dialect
        self.atomic = dialect in _TRANSACTIONAL
        scheme, separator, rest = url.partition("://")
        try:
            engine = self._sqlalchemy.create_engine(_DRIVERS.get(scheme, scheme) + separator + rest)
        except ImportError as error:
            raise MissingSqlError(error.name or scheme) from error
        # Outside of a transaction each statement stands at once; within one, all or none.
        self._connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        if dialect == "sqlite":
            driver = self._connection.connection.driver_connection
            driver.set_progress_handler(_let_interrupts_in, _STEPS)
        self._engine = engine
        self._is_open = False

    def schemas(self) -> list[str]:
        """Return the schemas in which a name without one is looked for, now."""
        if self.dialect == "postgres":
            result = self._connection.exec_driver_sql("SELECT unnest(current_schemas(false))")
            return [str(name) for (name,) in result] or ["public"]
        return [str(self._inspector().default_schema_name or "")]

    def placed(self, table: Table) -> Table:
        """Say in which catalog a table is, if that is not the one connected to."""
        return table

    def run(
        self,
        piece: Piece,
        values: Sequence[Any],
        frames: Mapping[str, object],
        limit: int | None,
    ) -> Result:
        """Run a statement."""
        del frames
        statement = self._sqlalchemy.text(piece.with_markers(":", "\\"))
        given = {f"p{number}": _plain(value) for number, value in enumerate(values)}
        several = [name for name, value in given.items() if isinstance(value, list)]
        if several:
            bind = self._sqlalchemy.bindparam
            statement = statement.bindparams(*(bind(name, expanding=True) for name in several))
        with self._interruptible():
            result = self._connection.execute(statement, given)
            word = piece.text.split(maxsplit=1)[0].lower()
            if word in ("begin", "start", "commit", "end", "rollback", "abort"):
                self._is_open = word in ("begin", "start") or " to " in piece.text.lower()
            if not result.returns_rows:
                return Result(rows=result.rowcount if result.rowcount >= 0 else None)
            columns = list(result.keys())
            rows = result.fetchall() if limit is None else result.fetchmany(limit + 1)
        cut = limit is not None and len(rows) > limit
        rows = rows[:limit]
        result.close()
        return Result(frame_of(columns, rows), len(rows), cut)

    def begin(self) -> None:
        """Begin a transaction."""
        self._execute("BEGIN")
        self._is_open = True

    def commit(self) -> None:
        """Keep what was done since `begin`."""
        self._is_open = False
        self._execute("COMMIT")

    def rollback(self) -> bool:
        """Undo what was done in a transaction that is open; tells whether one was."""
        if not self._is_open:
            return False
        self._is_open = False
        self._execute("ROLLBACK")
        return True

    def is_alive(self) -> bool:
        """Tell whether the connection still stands."""
        try:
            self._execute("SELECT 1")
        except self._sqlalchemy.exc.SQLAlchemyError:
            return False
        return True

    def kind(self, table: Table) -> Literal["table", "view"] | None:
        """Tell what there is of a name."""
        inspector, schema = self._inspector(), table.schema or None
        if self._folded(table.name) in map(self._folded, inspector.get_view_names(schema=schema)):
            return "view"
        return "table" if inspector.has_table(table.name, schema=schema) else None

    def definition(self, table: Table) -> str:
        """Return the statement that makes a view, or its query; empty where nobody says."""
        return self._inspector().get_view_definition(table.name, schema=table.schema or None) or ""

    def columns(self, table: Table) -> list[Column]:
        """Return the columns of a table or view."""
        columns = self._inspector().get_columns(table.name, schema=table.schema or None)
        return [(column["name"], str(column["type"])) for column in columns]

    def remove(self, table: Table) -> None:
        """Remove a table or view."""
        quote = self._engine.dialect.identifier_preparer.quote
        place = ".".join(quote(part) for part in (table.schema, table.name) if part)
        self._execute(f"DROP {self.kind(table)} {place}")

    def tables(self) -> list[Table]:
        """Return all tables and views."""
        inspector = self._inspector()
        return [
            Table("", schema, name)
            for schema in self._schemas(inspector)
            for name in (
                *inspector.get_table_names(schema=schema),
                *inspector.get_view_names(schema=schema),
            )
        ]

    def _inspector(self) -> Any:
        return self._sqlalchemy.inspect(self._connection)

    def _folded(self, name: str) -> str:
        return name.lower() if self.dialect == "sqlite" else name

    def _schemas(self, inspector: Any) -> list[str]:
        hidden = ("information_schema", "pg_catalog", "pg_toast")
        return [name for name in inspector.get_schema_names() if name not in hidden]

    def close(self) -> None:
        """End the connection."""
        self._connection.close()
        self._engine.dispose()

    @contextmanager
    def _interruptible(self) -> Iterator[None]:
        """Tell of an interrupt as Python does: SQLite takes the signal, and raises an error."""
        try:
            yield
        except self._sqlalchemy.exc.OperationalError as error:
            if self.dialect == "sqlite" and str(error.orig) == "interrupted":
                raise KeyboardInterrupt from None
            raise

    def _execute(self, text: str) -> None:
        self._connection.exec_driver_sql(text)


def _let_interrupts_in() -> None:
    """Do nothing: Python takes a signal when it is called, and SQLite then ends its statement."""


def _plain(value: Any) -> Any:
    """Return what drivers take for a value of numpy's, and lists for what is several."""
    module = type(value).__module__.partition(".")[0]
    if module == "numpy" and hasattr(value, "tolist"):
        return value.tolist()
    if module in ("pandas", "polars") and hasattr(value, "to_list"):
        return value.to_list()
    if module == "pandas" and hasattr(value, "to_pydatetime"):
        return value.to_pydatetime()
    if isinstance(value, set | frozenset):
        return sorted(value, key=repr)
    return list(value) if isinstance(value, tuple) else value
