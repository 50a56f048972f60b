"""All connections of a kernel: what they are at each place of the notebook."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from reactive_kernel.effects import set_dialect
from reactive_kernel.effects.sql import PREFIX, state_name
from reactive_kernel.effects.sql_text import OWN
from reactive_kernel.heap import as_it_is
from reactive_kernel.versions import ABSENT, NO_CALLS, Version

from .addresses import Address
from .configuration import configured
from .connection import Connection, hide
from .errors import SqlError
from .logs import State
from .outside import OutsideTables
from .own import OwnTables
from .place import Bound, Place
from .tables import Notebook

if TYPE_CHECKING:
    from reactive_kernel.graph import DependencyGraph
    from reactive_kernel.heap import Heap


class Connections:
    """The connections that SQL cells use.

    Parameters
    ----------
    variables : dict of str to object
        The notebook's globals.
    trait : mapping of str to str
        The URLs of the connections that the kernel's configuration names.

    Attributes
    ----------
    place : Place or None
        The cell that runs.
    """

    def __init__(
        self,
        variables: dict[str, Any],
        trait: Mapping[str, str],
    ) -> None:
        self.variables = variables
        self._configured: Mapping[str, str] | None = None
        self._trait = trait
        self._graph: DependencyGraph | None = None
        self._heap: Heap | None = None
        self.place: Place | None = None
        self._connections: dict[tuple[str, str], Connection] = {}
        self._used: list[Connection] = []
        self._consoles: dict[str, State | None] = {}
        self._secrets: set[str] = set()

    def follow(self, graph: DependencyGraph, heap: Heap) -> None:
        """Follow a notebook: each cell is to find the tables that its place sees."""
        self._graph, self._heap = graph, heap
        self.close()

    def close(self) -> None:
        """Close all connections."""
        for connection in self._connections.values():
            connection.close()
        self._connections.clear()

    # -- cells

    def leave(self, *, clean: bool) -> None:
        """Take in that the cell has run, and how it ended."""
        place, self.place = self.place, None
        used, self._used = self._used, []
        if place is None:
            return
        for connection in used:
            if connection.is_open:
                connection.tables.leave(place, connection.engine, clean=clean)
            if not clean and state_name(connection.name) in place.writes:
                connection.forget_state()
        if not place.cell_id:
            for name, left in place.writes.items():
                if name.endswith("/"):
                    self._consoles[name] = _state_of(left)

    # -- connections

    def use(self, name: str) -> tuple[Connection, Place]:
        """Open a connection as the cell that runs finds it.

        Parameters
        ----------
        name : str
            The connection.

        Returns
        -------
        connection : Connection
            Open, and in the state that the cells above have left.
        place : Place
            What takes what the cell does.

        Raises
        ------
        SqlError
            Where there is no such connection, or it cannot be opened.
        """
        place = self._place_now()
        state = self.state(name, place)
        if state is None:
            raise SqlError(
                f"There is no connection {name!r}: make it by `%reactive connect {name} URL`, "
                "or in connections.toml."
            )
        connection = self._connection(name, state.address)
        connection.come_to(state)
        if connection not in self._used:
            self._used.append(connection)
        return connection, place

    def connect(self, name: str, url: str) -> str:
        """Say where a connection leads, and try it.

        Returns
        -------
        str
            A sentence for the user.

        Raises
        ------
        SqlError
            Where that cannot be, or the URL holds a secret.
        """
        if name == OWN:
            raise SqlError(f"{OWN!r} is the notebook's own database: choose another name.")
        address = Address(url)
        address.check_public()
        state = State(address)
        place = self._place_now()
        place.used = True
        set_dialect(name, address.dialect)
        self._connection(name, address).come_to(state)
        self._leave_state(name, place, state)
        return f"{name} is {address.public}"

    def disconnect(self, name: str) -> str:
        """Drop a connection for the cells below."""
        place = self._place_now()
        if self.state(name, place) is None:
            raise SqlError(f"There is no connection {name!r}.")
        place.used = True
        place.reads.setdefault(state_name(name), self.found(name, place))
        place.writes[state_name(name)] = ABSENT
        if self.place is None:
            self._consoles[state_name(name)] = None
        return f"{name} is closed"

    def refresh(self, name: str | None) -> str:
        """Take the tables of a database that no cell writes for others than they were.

        Parameters
        ----------
        name : str or None
            The connection; None for all.

        Returns
        -------
        str
            A sentence for the user.
        """
        if self._graph is None:
            return "No client has opened this notebook: nothing is marked."
        prefix = "sql:" if name is None else state_name(name)
        known = [each for each in self._graph.outside if each.startswith(prefix)]
        for each in known:
            version = Version(each, "", object(), None, frozenset(), 0, NO_CALLS, None)
            self._graph.update_outside(each, version)
        return f"{len(known)} tables of databases count as changed."

    def set_state(self, connection: Connection, place: Place, state: State) -> None:
        """Take in that a statement has changed what later ones on its connection mean."""
        connection.set(state, self._leave_state(connection.name, place, state))

    def state(self, name: str, place: Place) -> State | None:
        """Return where a connection leads at a place, and what has been set on it."""
        key = state_name(name)
        bound = self._bound(key, place)
        if bound is not None:
            return _state_of(bound)
        if not place.cell_id and key in self._consoles:
            return self._consoles[key]
        if name == OWN:
            return State()
        url = self._known().get(name)
        if url is None:
            return None
        return State(Address(url))

    def names(self, bound: Mapping[str, Bound]) -> list[str]:
        """Return the names of all connections that there are at a place.

        Parameters
        ----------
        bound : mapping of str to Version or Absent
            What the cells above have left.
        """
        place = Place("", bound)
        made = [name[len(PREFIX) : -1] for name in (*bound, *self._consoles) if name[-1] == "/"]
        known = dict.fromkeys([OWN, *self._known(), *made])
        return [name for name in known if self.state(name, place) is not None]

    def opened(self, name: str, bound: Mapping[str, Bound]) -> Connection | None:
        """Return a connection to look at; None if it is not open."""
        state = self.state(name, Place("", bound))
        if state is None:
            return None
        connection = self._connections.get((name, state.address.url if state.address else ""))
        return connection if connection is not None and connection.is_open else None

    def hide(self, text: str) -> str:
        """Leave the secrets of all connections out of a text."""
        return hide(text, self._secrets)

    def _known(self) -> Mapping[str, str]:
        """Return the URLs of the connections that no cell has made."""
        if self._configured is None:
            self._configured = configured(self._trait)
            for name, url in self._configured.items():
                set_dialect(name, Address(url).dialect)
        return self._configured

    def _place_now(self) -> Place:
        # Without a notebook to follow, everything is as the statements before have left it.
        return self.place if self.place is not None else Place()

    def _bound(self, name: str, place: Place) -> Bound | None:
        """Return what a name of a connection holds for the rest of a cell."""
        if name in place.writes:
            return place.writes[name]
        return place.bound.get(name)

    def found(self, name: str, place: Place) -> Bound:
        """Return the version of a connection that a cell finds."""
        return as_it_is(self._bound(state_name(name), place) or ABSENT)

    def _leave_state(self, name: str, place: Place, state: State) -> Version:
        name = state_name(name)
        key = object() if state.is_lost else state.key
        version = Version(name, place.cell_id, key, None, frozenset(), 0, NO_CALLS, state)
        place.writes[name] = version
        if self.place is None:
            self._consoles[name] = state
        return version

    def _connection(self, name: str, address: Address | None) -> Connection:

        key = (name, address.url if address is not None else "")
        if key not in self._connections:
            notebook = self._notebook()
            kind = OwnTables if address is None and self._graph is not None else OutsideTables
            tables = kind(name, notebook)
            self._connections[key] = Connection(name, address, tables, self._secrets)
        return self._connections[key]

    def _notebook(self) -> Notebook:
        outside = {} if self._graph is None else self._graph.outside
        return Notebook(outside, self._heap, self.variables)


def _state_of(bound: Bound) -> State | None:

    value = bound.value if isinstance(bound, Version) else None
    return value if isinstance(value, State) else None
