"""What goes wrong in a SQL cell, told without its connection's secrets."""

from __future__ import annotations


class SqlError(Exception):
    """A SQL cell cannot be run, or a statement of it has failed.

    Parameters
    ----------
    message : str
        What the user is told.
    """

    def _render_traceback_(self) -> list[str]:
        """Return what IPython shows: nothing of the code that ran the statement is the user's."""
        return [f"SqlError: {self}"]
