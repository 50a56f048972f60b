"""Runs the statements of a SQL cell, one after the other."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

from reactive_kernel.effects.sql import state_name
from reactive_kernel.effects.sql_statements import MissingSqlError, Statement, look_at
from reactive_kernel.effects.sql_text import OWN, Piece, read_options, statements
from reactive_kernel.implicit import EAR

from .connection import reason
from .engine import Result
from .errors import SqlError
from .logs import Fate, Logged

if TYPE_CHECKING:
    from .connection import Connection
    from .connections import Connections
    from .place import Place

_PATTERN: Final = frozenset("*?[")
_LONGEST_SHOWN: Final = 200


@dataclass(frozen=True, slots=True)
class Shown:
    """What a SQL cell gives.

    Parameters
    ----------
    frame : object or None
        The rows of the last statement that gave any; None for none, or where a variable took them.
    summary : str
        How many rows there were, and how long it took.
    """

    frame: object | None
    summary: str


def run(connections: Connections, line: str, body: str = "") -> Shown:
    """Run a SQL cell, or a line of SQL.

    Parameters
    ----------
    connections : Connections
        The connections.
    line : str
        What follows the name of the magic.
    body : str
        The lines below.

    Returns
    -------
    Shown

    Raises
    ------
    SqlError
        Where a statement fails; it names the statement and the place.
    """
    options, first = read_options(line)
    pieces = statements(f"{first}\n{body}")
    if not pieces:
        raise SqlError("There is no statement in the cell.")
    began = perf_counter()
    connection, place = connections.use(options.connection)
    place.used = True
    state = state_name(options.connection)
    if state not in place.writes:
        place.reads.setdefault(state, connections.found(options.connection, place))
    result = _Run(connections, connection, place, options.limit).all(pieces)
    milliseconds = 1000 * (perf_counter() - began)
    if options.target is not None:
        connections.variables[options.target] = result.frame
        return Shown(None, _summary(result, milliseconds))
    return Shown(result.frame, _summary(result, milliseconds))


class _Run:
    """One run of some statements on one connection."""

    def __init__(
        self, connections: Connections, connection: Connection, place: Place, limit: int | None
    ) -> None:
        self._connections = connections
        self._connection = connection
        self._place = place
        self._limit = limit

    def all(self, pieces: list[Piece]) -> Result:
        """Run all, and return the result of the last that had one; all or none, if that can be."""
        engine, tables = self._connection.engine, self._connection.tables
        looks = [self._look(piece) for piece in pieces]
        atomic = engine.atomic and not any(found.transaction for found in looks)
        result = Result()
        try:
            if atomic:
                engine.begin()
            for piece, found in zip(pieces, looks, strict=True):
                one = self._one(piece, found, several=len(pieces) > 1)
                result = one if one.frame is not None or result.frame is None else result
                if not atomic:
                    tables.commit()
            if atomic:
                self._guarded(pieces[-1], engine.commit, several=len(pieces) > 1)
                tables.commit()
        except BaseException:
            engine.rollback()
            raise
        if not atomic and engine.rollback():
            raise SqlError("The cell leaves a transaction open: end it in the cell that begins it.")
        return result

    def _look(self, piece: Piece) -> Statement:
        return look_at(piece.with_markers(":"), self._connection.engine.dialect)

    def _one(self, piece: Piece, found: Statement, *, several: bool) -> Result:
        connection, place, variables = self._connection, self._place, self._connections.variables
        if connection.name == OWN and found.trigger:
            raise SqlError(
                "Triggers change tables unseen: the notebook's own database takes none. "
                "Connect a database of your own for them."
            )
        values = [_evaluate(each.expression, variables) for each in piece.places]
        tables, engine = connection.tables, connection.engine
        need = tables.need_of(found, engine, piece.text)
        names = self._guarded(piece, lambda: tables.before(place, engine, need), several=several)
        frames = {name: variables[name] for name in names if name in variables}
        place.variables.update(frames)
        _tell_files(found, values)
        result: Result = self._guarded(
            piece, lambda: engine.run(piece, values, frames, self._limit), several=several
        )
        tables.after(engine, need)
        if found.session:
            state = self._connections.state(connection.name, place)
            assert state is not None
            logged = Logged(piece, tuple(values), _fate(connection, found))
            self._connections.set_state(connection, place, state.after(logged))
        return result

    def _guarded(self, piece: Piece, do: Any, *, several: bool) -> Any:
        """Do what a database may refuse, and tell of that as the user's statement."""
        try:
            return do()
        except (SqlError, MissingSqlError):
            raise
        except Exception as error:
            place = f"line {piece.line}"
            where = f"statement {piece.number}, {place}" if several else place
            text = piece.text[:_LONGEST_SHOWN]
            told = self._connections.hide(f"{where}: {reason(error)}\n\n{text}")
            raise SqlError(told) from None


def _fate(connection: Connection, found: Statement) -> Fate:
    """Tell what becomes of a statement that has changed a connection, with a new one."""
    if connection.name == OWN:
        return "lost" if found.opaque else "again"
    return "stays" if found.opaque or found.defines else "again"


def _evaluate(expression: str, variables: dict[str, Any]) -> Any:
    return eval(compile(expression, "<parameter>", "eval"), variables)


def _tell_files(found: Statement, values: Iterable[object]) -> None:
    """Say which files a statement uses: a database opens them without Python's knowing."""
    for path in found.files_written:
        EAR.take_written(path)
    given = [str(value) for value in values if isinstance(value, str | os.PathLike)]
    for path in (*found.files_read, *filter(os.path.exists, given)):
        if "://" in path:
            continue
        if _PATTERN.isdisjoint(path):
            EAR.take_read(path)
            continue
        for each in glob.iglob(path, recursive=True):
            EAR.take_read(each)
        # A file more would be read too.
        folder = os.path.dirname(path[: min(map(path.find, _PATTERN & set(path)))])
        EAR.take_read(folder or ".")


def _summary(result: Result, milliseconds: float) -> str:
    time = f"{milliseconds:.0f} ms" if milliseconds < 1000 else f"{milliseconds / 1000:.1f} s"
    if result.rows is None:
        return f"done in {time}"
    rows = "1 row" if result.rows == 1 else f"{result.rows} rows"
    if result.frame is None:
        return f"{rows} changed in {time}"
    return f"first {rows} in {time}" if result.cut else f"{rows} in {time}"
