"""What a kernel has of SQL before a SQL cell or a connection appears: next to nothing."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from reactive_kernel.effects.sql import PREFIX
from reactive_kernel.implicit import EAR

from .place import Bound, Place

if TYPE_CHECKING:
    from reactive_kernel.graph import DependencyGraph
    from reactive_kernel.heap import Heap

    from .connections import Connections
    from .running import Shown


class Databases:
    """The connections of a kernel, made when the first is used.

    Parameters
    ----------
    variables : dict of str to object
        The notebook's globals.
    configured : mapping of str to str
        The URLs of the connections that the kernel's configuration names.
    """

    def __init__(
        self,
        variables: dict[str, Any],
        configured: Mapping[str, str] | None = None,
    ) -> None:
        self._variables = variables
        self._configured = configured or {}
        self._followed: tuple[DependencyGraph, Heap] | None = None
        self._connections: Connections | None = None
        self._place: Place | None = None

    @property
    def is_used(self) -> bool:
        """Whether a connection has been used."""
        return self._connections is not None

    @property
    def connections(self) -> Connections:
        """All that is known of connections."""
        if self._connections is None:
            # Modules of the kernel are nothing that a cell has read.
            with EAR.deaf():
                from .connections import Connections
            self._connections = Connections(self._variables, self._configured)
            self._connections.place = self._place
            if self._followed is not None:
                self._connections.follow(*self._followed)
        return self._connections

    def follow(self, graph: DependencyGraph, heap: Heap) -> None:
        """Follow a notebook: each cell is to find the tables that its place sees."""
        self._followed = (graph, heap)
        if self._connections is not None:
            self._connections.follow(graph, heap)

    def enter(self, label: float, cell_id: str = "") -> None:
        """Take in that a cell is about to run; code of a console has no id.

        Parameters
        ----------
        label : float
            Its place in the document, which others may change while it runs.
        cell_id : str
            The cell.
        """
        self._place = Place(cell_id, self.bound_at(label))
        if self._connections is not None:
            self._connections.place = self._place

    def bound_at(self, label: float) -> dict[str, Bound]:
        """Return what the cells above a place have left of tables and connections."""
        if self._followed is None or "sqlglot" not in sys.modules:
            # No cell of it is SQL.
            return {}
        graph = self._followed[0]
        found = {
            name: graph.available(name, label)
            for name in graph.all_names()
            if name.startswith(PREFIX)
        }
        return {name: bound for name, bound in found.items() if bound is not None}

    def leave(self, *, clean: bool) -> Place | None:
        """Take in that the cell has run.

        Parameters
        ----------
        clean : bool
            Whether it has come to its end.

        Returns
        -------
        Place or None
            What it has done with tables; None if it has run no SQL.
        """
        place, self._place = self._place, None
        if self._connections is None:
            return None
        self._connections.leave(clean=clean)
        return place if place is not None and place.used else None

    def run(self, line: str, body: str = "") -> Shown:
        """Run a SQL cell, or a line of SQL. See `running.run`."""
        connections = self.connections
        with EAR.deaf():
            from .running import run
        return run(connections, line, body)

    def complete(
        self, code: str, cursor: int, bound: Mapping[str, Bound], *, look: bool
    ) -> dict[str, Any] | None:
        """Complete SQL, as the content of a ``complete_reply``; None where there is none.

        Parameters
        ----------
        code : str
            The cell.
        cursor : int
            Where the cursor is.
        bound : mapping of str to Version or Absent
            What cells have left of tables and connections.
        look : bool
            Whether databases may be asked for what is in them.
        """
        from .completion import complete

        found = complete(code, cursor, self.connections, bound, look=look)
        if found is None:
            return None
        place = {"start": found.start, "end": found.end}
        types = [{**match._asdict(), **place, "signature": ""} for match in found.matches]
        return {
            "matches": [match.text for match in found.matches],
            "cursor_start": found.start,
            "cursor_end": found.end,
            "metadata": {"_jupyter_types_experimental": types},
            "status": "ok",
        }

    def close(self) -> None:
        """Close all connections."""
        if self._connections is not None:
            self._connections.close()
