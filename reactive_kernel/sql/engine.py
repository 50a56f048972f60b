"""What a connection can do, whatever database it leads to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from reactive_kernel.effects.sql_statements import Table
from reactive_kernel.effects.sql_text import Piece


@dataclass(frozen=True, slots=True)
class Result:
    """What a statement gave.

    Parameters
    ----------
    frame : object or None
        Its rows; None for a statement that gives none.
    rows : int or None
        How many these are, or how many it has changed; None where nobody says.
    cut : bool
        Whether there were more than were asked for.
    """

    frame: object | None = None
    rows: int | None = None
    cut: bool = False


Column = tuple[str, str]
"""The name of a column, and its type."""


class Engine(Protocol):
    """An open connection."""

    dialect: str
    """The SQL that it speaks, by sqlglot's name."""

    takes_frames: bool
    """Whether variables can be used as tables."""

    atomic: bool
    """Whether a transaction undoes all that its statements have done to tables."""

    def schemas(self) -> list[str]:
        """Return the schemas in which a name without one is looked for, now."""

    def placed(self, table: Table) -> Table:
        """Say in which catalog a table is, if that is not the one connected to."""

    def run(
        self,
        piece: Piece,
        values: Sequence[Any],
        frames: Mapping[str, object],
        limit: int | None,
    ) -> Result:
        """Run a statement.

        Parameters
        ----------
        piece : Piece
            The statement.
        values : sequence
            What goes into its places.
        frames : mapping of str to object
            Variables that it uses as tables.
        limit : int or None
            How many rows are taken at most.
        """

    def begin(self) -> None:
        """Begin a transaction."""

    def commit(self) -> None:
        """Keep what was done since `begin`."""

    def rollback(self) -> bool:
        """Undo what was done in a transaction that is open; tells whether one was."""

    def is_alive(self) -> bool:
        """Tell whether the connection still stands."""

    def kind(self, table: Table) -> Literal["table", "view"] | None:
        """Tell what there is of a name."""

    def definition(self, table: Table) -> str:
        """Return the statement that makes a view, or its query; empty where nobody says."""

    def columns(self, table: Table) -> list[Column]:
        """Return the columns of a table or view."""

    def remove(self, table: Table) -> None:
        """Remove a table or view."""

    def tables(self) -> list[Table]:
        """Return all tables and views."""

    def close(self) -> None:
        """End the connection."""
