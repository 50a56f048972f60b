"""The tables of one connection, as versions: what all databases have in common.

A database holds one version of each table, whichever was written last. Who needs another has it
restored, where the notebook's own database has a copy of it, or made again by its writer.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from reactive_kernel.effects.sql import (
    PREFIX,
    TEMPORARY,
    default_schema,
    lookup,
    state_name,
    table_name,
)
from reactive_kernel.effects.sql_statements import Statement, Table, look_at, macro
from reactive_kernel.heap import Heap
from reactive_kernel.versions import NO_CALLS, Version

from .engine import Engine
from .place import Place


@dataclass(frozen=True, slots=True)
class Notebook:
    """What tables have to know of the notebook.

    Parameters
    ----------
    outside : mapping of str to Version
        What is known of tables that no cell above writes.
    heap : Heap or None
        Where copies count.
    variables : mapping of str to object
        The notebook's globals.
    """

    outside: Mapping[str, Version]
    heap: Heap | None
    variables: Mapping[str, object]


Names = tuple[str, ...]
"""Names under which something is looked up, one after the other."""


@dataclass(slots=True)
class Need:
    """What a statement uses, by its names in the notebook.

    Parameters
    ----------
    reads, changes, drops : list of tuple of str
        Names of which the first that is there is read, changed or dropped.
    probes : list of str
        Names of which it matters whether they are there.
    creates : list of str
        Names that it makes anew.
    text : str
        The statement.
    tables : dict of str to Table
        What the names stand for.
    temporary : bool
        Whether what it creates is gone with the connection.
    session : bool
        Whether it changes what later statements mean.
    transaction : bool
        Whether it begins or ends a transaction.
    everything : bool
        Whether it may use whatever there is.
    unknown : bool
        Whether it may write whatever there is.
    changed, dropped : list of str
        What it changes and drops, once that is settled.
    """

    reads: list[Names] = field(default_factory=list)
    probes: list[str] = field(default_factory=list)
    creates: list[str] = field(default_factory=list)
    changes: list[Names] = field(default_factory=list)
    drops: list[Names] = field(default_factory=list)
    text: str = ""
    tables: dict[str, Table] = field(default_factory=dict)
    temporary: bool = False
    session: bool = False
    transaction: bool = False
    everything: bool = False
    unknown: bool = False
    changed: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)

    @property
    def names(self) -> set[str]:
        """All names of tables that it may mean."""
        several = (name for names in (*self.reads, *self.changes, *self.drops) for name in names)
        return {*filter(is_table, several), *self.probes, *self.creates}

    def settle(self, is_there: Callable[[str], bool]) -> None:
        """Take in which tables there are, and so which it means."""
        self.changed = [_first(names, is_there) for names in self.changes]
        self.dropped = [_first(names, is_there) for names in self.drops]

    def only(self, is_meant: Callable[[Table], bool]) -> Need:
        """Return what of it is about some tables."""

        def meant(name: str) -> bool:
            return not is_table(name) or is_meant(self.tables[name])

        def kept(names: Iterable[Names]) -> list[Names]:
            return [each for each in names if meant(each[0])]

        return replace(
            self,
            reads=kept(self.reads),
            changes=kept(self.changes),
            drops=kept(self.drops),
            probes=list(filter(meant, self.probes)),
            creates=list(filter(meant, self.creates)),
        )

    @property
    def written(self) -> list[str]:
        """All names that may be others afterwards, once that is settled."""
        return [*self.creates, *self.changed, *self.dropped]


class Tables(ABC):
    """The tables of one connection.

    Parameters
    ----------
    connection : str
        The name of the connection.
    notebook : Notebook
        The notebook.

    Attributes
    ----------
    held : dict of str to Version
        Which version of each table the database holds.
    """

    def __init__(self, connection: str, notebook: Notebook) -> None:
        self.connection = connection
        self.notebook = notebook
        self.held: dict[str, Version] = {}

    @abstractmethod
    def before(self, place: Place, engine: Engine, need: Need) -> list[str]:
        """Get ready for a statement.

        Parameters
        ----------
        place : Place
            The cell that runs it, which takes what it reads.
        engine : Engine
            The open connection.
        need : Need
            What the statement uses.

        Returns
        -------
        list of str
            Names of variables that it takes for tables.
        """

    @abstractmethod
    def after(self, engine: Engine, need: Need) -> None:
        """Take in that a statement has run."""

    @abstractmethod
    def commit(self) -> None:
        """Take in that what statements have done so far is not undone by a failure."""

    @abstractmethod
    def leave(self, place: Place, engine: Engine, *, clean: bool) -> None:
        """Take in that a cell which used the connection has run, and how it ended."""

    @abstractmethod
    def reset(self, engine: Engine) -> None:
        """Get ready for the end of a connection: what only it holds is gone then."""

    def need_of(self, found: Statement, engine: Engine, text: str = "") -> Need:
        """Tell what a statement uses, now that it is known what its names mean."""
        need = Need(
            text=text,
            temporary=found.temporary,
            session=found.session,
            transaction=found.transaction,
            everything=bool(found.everything or found.opaque),
            unknown=found.unknown,
        )
        schemas = engine.schemas()
        if not schemas[0]:
            schemas = [default_schema(engine.dialect)]
        frames = engine.takes_frames

        def candidates(table: Table) -> Names:
            placed = engine.placed(table)
            found = lookup(self.connection, placed, schemas, frames=frames)
            for schema in (TEMPORARY, *schemas):
                whole = Table(placed.catalog, placed.schema or schema, placed.name)
                need.tables.setdefault(table_name(self.connection, whole, ""), whole)
            return found

        def existing(tables: Iterable[Table]) -> list[Names]:
            return [tuple(filter(is_table, candidates(table))) for table in tables]

        def new(tables: Iterable[Table]) -> list[str]:
            temporary = found.temporary and frames
            schema = TEMPORARY if temporary else schemas[0]
            names = []
            for table in tables:
                candidates(table)
                names.append(table_name(self.connection, engine.placed(table), schema))
            return names

        need.reads = [candidates(table) for table in found.reads]
        if frames:
            called = [macro(Table("", "", name)) for name in sorted(found.functions)]
            need.reads += existing(called)
        need.probes = new(table for table in found.probes if table not in found.drops)
        need.creates = new(found.creates)
        need.changes = [*existing(found.mutates), *((name,) for name in new(found.may_create))]
        need.drops = existing(found.drops)
        return need

    def inside(self, definition: str, engine: Engine) -> Need:
        """Tell what whoever reads a view uses, or calls a macro."""
        return self.need_of(look_at(definition, engine.dialect), engine)

    def all_names(self, place: Place) -> set[str]:
        """Return the names of all tables that a cell may find, or that are known."""
        state = state_name(self.connection)
        names = {*place.bound, *self.notebook.outside, *self.held}
        return {name for name in names if name.startswith(state) and name != state}

    @staticmethod
    def version(
        name: str, place: Place, key: object, value: object, kind: str | None = None
    ) -> Version:
        """Make a version of a table, or of what else of that name there is."""
        layout = _KINDS.index(kind or "table")
        return Version(name, place.cell_id, key, None, frozenset(), layout, NO_CALLS, value)


_KINDS: Final = ("table", "view", "macro", "sequence")


def _first(names: Names, is_there: Callable[[str], bool]) -> str:
    """Return the first name that is there, or else that of what is not temporary."""
    return next(filter(is_there, names), names[min(1, len(names) - 1)])


def is_table(name: str) -> bool:
    """Tell whether a name is that of a table, and not of a variable."""
    return name.startswith(PREFIX)
