"""Tables of databases that outlive the notebook: followed by what cells do, never restored."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from weakref import WeakSet

from reactive_kernel.effects.sql_statements import Table
from reactive_kernel.versions import ABSENT, NO_CALLS, Version

from .engine import Column, Engine
from .place import Bound, Place
from .tables import Need, Notebook, Tables, is_table


@dataclass(frozen=True, slots=True)
class Outside:
    """A table of another database, as a version's value.

    Parameters
    ----------
    columns : list of (str, str)
        Its columns and their types.
    kind : {"table", "view"}
        What it is.
    """

    columns: list[Column]
    kind: str = "table"


class OutsideTables(Tables):
    """Keeps which version of each table a database holds.

    What is in a table that no cell writes is looked at by nobody: it counts as another when the
    user says so. A table that a cell has made is removed before it is made anew.

    Parameters
    ----------
    connection : str
        The name of the connection.
    notebook : Notebook
        The notebook.
    is_beside : bool
        Whether these are tables beside others of the same connection.
    """

    def __init__(self, connection: str, notebook: Notebook, *, is_beside: bool = False) -> None:
        super().__init__(connection, notebook)
        self._is_beside = is_beside
        self._seen: set[str] = set()
        self._place: Place | None = None
        self._versions: defaultdict[str, WeakSet[Version]] = defaultdict(WeakSet)
        self._made: set[str] = set()
        self._views: dict[str, Table] = {}
        self._temporary: set[str] = set()
        self._begin(None)

    def _begin(self, place: Place | None) -> None:
        self._place = place
        self._written: set[str] = set()
        self._created: set[str] = set()
        self._dropped: set[str] = set()
        self._new: set[str] = set()
        self._committed: set[str] = set()
        self._looks: dict[str, Outside] = {}

    def all_names(self, place: Place) -> set[str]:
        """Return the names of all tables that a cell may find, or that are known."""
        return self._seen if self._is_beside else super().all_names(place)

    def before(self, place: Place, engine: Engine, need: Need) -> list[str]:
        """Get ready for a statement."""
        self._seen |= need.names
        if place is not self._place:
            self._begin(place)
        for name in need.creates:
            kind = engine.kind(need.tables[name])
            if kind is not None and name in self._made and self._is_absent(place, name):
                # What this cell, or one that is gone, has made.
                self._remove(engine, need.tables[name], name)
                kind = None
            if kind is None:
                self._new.add(name)
        if need.everything:
            outside = self.notebook.outside
            for name in self.all_names(place):
                bound = place.bound.get(name) or outside.get(name)
                if bound is not None:
                    place.reads.setdefault(name, bound)
        need.settle(lambda name: engine.kind(need.tables[name]) is not None)
        frames = self._read(place, engine, need)
        for name in (*need.probes, *need.changed, *need.dropped):
            self._take_read(place, engine, need, name)
        return frames

    def after(self, engine: Engine, need: Need) -> None:
        """Take in that a statement has run."""
        self._dropped.update(need.dropped)
        self._dropped.difference_update(need.creates)
        self._created.update(need.creates)
        self._written.update(need.written)
        if need.temporary:
            self._temporary.update(need.creates)
        if need.unknown and self._place is not None:
            self._written.update(self.all_names(self._place))
        for name in (*need.creates, *need.changed):
            table = need.tables[name]
            kind = engine.kind(table)
            if kind is not None:
                self._looks[name] = Outside(engine.columns(table), kind)
            if name in need.creates and kind == "view":
                self._views[name] = table

    def commit(self) -> None:
        """Take in that what statements have done so far is not undone by a failure."""
        self._committed |= self._written

    def leave(self, place: Place, engine: Engine, *, clean: bool) -> None:
        """Take in that a cell which used the connection has run, and how it ended."""
        del engine
        if place is self._place:
            self._made |= self._new & self._created & self._committed
            self._made -= self._dropped & self._committed
            for name in self._committed:
                self._leave_one(place, name, clean=clean)
        self._begin(None)

    def reset(self, engine: Engine) -> None:
        """Take in that only what is not temporary is there after a connection too."""
        del engine
        for name in self._temporary:
            self.held.pop(name, None)
            for version in self._versions[name]:
                version.spent = True
        self._temporary.clear()

    def _leave_one(self, place: Place, name: str, *, clean: bool) -> None:
        self.held.pop(name, None)
        if not clean:
            place.spoilt.add(name)
        elif name in self._dropped:
            place.writes[name] = ABSENT
        else:
            look = self._looks.get(name, Outside([]))
            version = self.version(name, place, object(), look, look.kind)
            place.writes[name] = self.held[name] = version
            self._versions[name].add(version)
            if name not in self._created:
                place.mutated.add(name)
        for version in self._versions[name]:
            version.spent = version is not self.held.get(name)

    def _remove(self, engine: Engine, table: Table, name: str) -> None:
        """Remove what a cell has made, with the views that cells have made of it."""
        for view, of in list(self._views.items()):
            inside = self.inside(engine.definition(of), engine) if engine.kind(of) else None
            if view != name and inside is not None and any(name in each for each in inside.reads):
                self._remove(engine, of, view)
        engine.remove(table)
        self.held.pop(name, None)
        for version in self._versions[name]:
            version.spent = True

    def _is_absent(self, place: Place, name: str) -> bool:
        return not isinstance(place.bound.get(name), Version)

    def _read(self, place: Place, engine: Engine, need: Need) -> list[str]:
        """Take in what a statement reads, through views too; return the variables among it."""
        frames: list[str] = []
        pending = [(names, need) for names in need.reads]
        seen: set[tuple[str, ...]] = set()
        while pending:
            names, of = pending.pop()
            if names in seen:
                continue
            seen.add(names)
            for name in names:
                if not is_table(name):
                    frames.append(name)
                    break
                kind = engine.kind(of.tables[name])
                if kind is not None or len(names) == 1:
                    self._take_read(place, engine, of, name)
                if kind == "view":
                    inside = self.inside(engine.definition(of.tables[name]), engine)
                    pending += [(each, inside) for each in inside.reads]
                if kind is not None:
                    break
        return frames

    def _take_read(self, place: Place, engine: Engine, need: Need, name: str) -> None:
        if name not in place.reads and name not in self._written:
            place.reads[name] = self._bound(place, engine, need, name)

    def _bound(self, place: Place, engine: Engine, need: Need, name: str) -> Bound:
        """Return the version that a cell finds of a table."""
        bound = place.bound.get(name)
        if isinstance(bound, Version) and self.held.get(name) is not bound:
            # The database holds another by now.
            return self.version(name, place, object(), None)
        if bound is not None:
            return bound
        known = self.notebook.outside.get(name) or place.outside.get(name)
        if known is None:
            if engine.kind(need.tables[name]) is None:
                return ABSENT
            known = Version(name, "", object(), None, frozenset(), 0, NO_CALLS, None)
            place.outside[name] = known
        return known
