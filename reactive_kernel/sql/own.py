"""The tables of the notebook's own database, restored for each place as far as copies reach."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Final, TypeVar
from weakref import WeakKeyDictionary, WeakSet

from reactive_kernel.effects import Calls
from reactive_kernel.effects.sql_statements import Table
from reactive_kernel.versions import ABSENT, Version

from .duck import Duck
from .engine import Engine
from .objects import Object, catalog, fingerprint, make, remove, take_content
from .outside import OutsideTables
from .place import Bound, Place
from .tables import Names, Need, Notebook, Tables, is_table

T = TypeVar("T")

_ORDER: Final = ("sequence", "table", "macro", "view")


class OwnTables(Tables):
    """Restores, before a statement, what it names; looks afterwards at what it has changed.

    Parameters
    ----------
    connection : str
        The name of the connection.
    notebook : Notebook
        The notebook.
    """

    def __init__(self, connection: str, notebook: Notebook) -> None:
        super().__init__(connection, notebook)
        self._place: Place | None = None
        self._unknown: set[str] = set()
        self._found: dict[str, Bound] = {}
        self._touched: set[str] = set()
        self._made: set[str] = set()
        self._texts: dict[str, str] = {}
        self._things: Mapping[str, Object] = {}
        self._consoles: dict[str, Bound] = {}
        self._needs = (Need(), Need())
        self._beside = OutsideTables(connection, notebook, is_beside=True)
        self._versions_of: WeakKeyDictionary[Object, WeakSet[Version]] = WeakKeyDictionary()

    def before(self, place: Place, engine: Engine, need: Need) -> list[str]:
        """Get ready for a statement."""
        duck = _duck(engine)
        self._come_to(place)
        self._needs = need.only(_is_attached), need.only(_is_own)
        beside, need = self._needs
        frames = self._beside.before(place, duck, beside)
        # What is restored within a transaction would be undone with it.
        whatever = need.everything or need.transaction
        names: set[str] | None = None if whatever else need.names
        self._bind(place, duck, names)
        if any(_reaches_others(thing) for thing in self._things.values()):
            self._bind(place, duck, None)
        need.settle(self._things.__contains__)
        frames += self._read(place, duck, need)
        if need.written and any(thing.refers for thing in self._things.values()):
            # Rows that others refer to cannot go, nor can rows refer to what is not there.
            for name in self._things:
                self._take_read(place, name)
        for name in self._things.keys() & (self._things if need.unknown else need.written):
            held = self.held.get(name)
            if held is not None:
                self._keep(duck, held)
        for name in self._things if need.unknown else need.written:
            self._bound(place, name)
        return frames

    def after(self, engine: Engine, need: Need) -> None:
        """Take in that a statement has run."""
        beside, need = self._needs
        self._beside.after(engine, beside)
        self._texts.update(dict.fromkeys(need.creates, need.text))
        if not (need.written or need.everything or need.session or need.transaction):
            return
        things = catalog(_duck(engine))
        self._touched.update(self._things if need.unknown else need.written)
        self._take_changes(things)
        self._made.update(need.creates)

    def commit(self) -> None:
        """Take in what has been done beside the own database; the rest is found by looking."""
        self._beside.commit()

    def leave(self, place: Place, engine: Engine, *, clean: bool) -> None:
        """Take in that a cell which used the connection has run, and how it ended."""
        duck = _duck(engine)
        self._come_to(place)
        self._beside.leave(place, engine, clean=clean)
        if not clean:
            # The statement that failed may have left something.
            self._take_changes(catalog(duck))
        for name in self._touched:
            left = self._left(place, duck, name, self._things.get(name), clean=clean)
            held = self.held.pop(name, None)
            if isinstance(left, Version):
                self.held[name] = left
            if held is not None and held is not left and not _is_restorable(held):
                if isinstance(left, Version) and _are_equal(held, left):
                    self._share(held, left)
                else:
                    self._let_go(held)
        if not place.cell_id:
            self._consoles.update(place.writes)
        self._place = None

    def reset(self, engine: Engine) -> None:
        """Get ready for the end of a connection: what only it holds is gone then."""
        duck = _duck(engine)
        for version in self.held.values():
            # However large: what is too much is let go later, and what stands in the end is not.
            if not self._keep(duck, version, whatever_size=True):
                self._let_go(version)
        self.held.clear()
        self._unknown.clear()
        self._things = {}

    def _come_to(self, place: Place) -> None:
        if place is not self._place:
            self._place = place
            self._found, self._touched, self._made, self._texts = {}, set(), set(), {}

    def _take_changes(self, things: Mapping[str, Object]) -> None:
        """Take in what there is now, and what of it is another at a glance."""
        for name in self._things.keys() | things.keys():
            before, now = self._things.get(name), things.get(name)
            if before is None or now is None or before.look != now.look:
                self._touched.add(name)
        self._things = things

    # What a cell finds

    def _read(self, place: Place, duck: Duck, need: Need) -> list[str]:
        """Take in what a statement reads, through views too; return the variables among it."""
        frames: list[str] = []
        for name in (*need.probes, *need.changed, *need.dropped):
            self._take_read(place, name)
        pending = list(need.reads)
        seen: set[tuple[str, ...]] = set()
        while pending:
            names = pending.pop()
            if names in seen:
                continue
            seen.add(names)
            self._bind(place, duck, set(filter(is_table, names)))
            for name in names:
                if not is_table(name):
                    frames.append(name)
                    break
                self._take_read(place, name)
                thing = self._things.get(name)
                if thing is not None:
                    if thing.is_lazy:
                        pending += self._inside(place, thing, duck)
                    break
        return frames

    def _inside(self, place: Place, thing: Object, duck: Duck) -> list[Names]:
        """Return what whoever reads a view, or calls a macro, reads."""
        reads: list[Names] = []
        for definition in thing.definitions:
            inside = self.inside(definition, duck)
            reads += inside.reads
            if inside.everything:
                self._bind(place, duck, None)
                reads += [(name,) for name in self.all_names(place)]
        return reads

    def _take_read(self, place: Place, name: str) -> None:
        if name not in self._made:
            place.reads.setdefault(name, self._bound(place, name))

    def _bound(self, place: Place, name: str) -> Bound:
        """Return the version that a cell finds of a table."""
        if name not in self._found:
            bound = place.bound.get(name) or ABSENT
            if isinstance(bound, Version) and self.held.get(name) is not bound:
                # It could not be restored.
                bound = self.version(name, place, object(), None)
            self._found[name] = bound
        return self._found[name]

    # What a cell leaves

    def _left(
        self, place: Place, duck: Duck, name: str, thing: Object | None, *, clean: bool
    ) -> Bound:
        """Take in what a cell has left of a name; return the version that the database holds."""
        was = self._bound(place, name)
        if thing is None:
            if clean and isinstance(was, Version):
                place.writes[name] = ABSENT
            return ABSENT
        key = fingerprint(duck, thing)
        if isinstance(was, Version):
            if was.key == key and name not in self._made:
                return was
            if clean and name not in self._made:
                place.mutated.add(name)
                place.reads.setdefault(name, was)
        if not clean:
            self._unknown.add(name)
            return ABSENT
        version = self.version(name, place, key, thing, thing.kind)
        self._versions_of[thing] = WeakSet([version])
        if thing.kind == "macro":
            thing.made_by = self._texts.get(name, "")
        if thing.is_lazy:
            version.calls = Calls(frozenset(self._used_by(thing, duck)))
        place.writes[name] = version
        return version

    def _used_by(self, view: Object, duck: Duck) -> Iterable[str]:
        """Return the names that whoever reads a view reads."""
        for definition in view.definitions:
            for names in self.inside(definition, duck).reads:
                for name in names:
                    yield name
                    if name in self._things:
                        break

    # Restoring

    def _wanted(self, place: Place, name: str) -> Version | None:
        """Return what is to be there of a name, if it can be."""
        bound = place.bound.get(name)
        if bound is None and not place.cell_id:
            bound = self._consoles.get(name)
        if not isinstance(bound, Version):
            return None
        return bound if bound is self.held.get(name) or _is_restorable(bound) else None

    def _bind(self, place: Place, duck: Duck, names: set[str] | None) -> None:
        """Make tables what a place sees; None stands for all of them."""
        if names is None:
            names = self.all_names(place) | self._unknown
        others: set[str] = set()
        for name in self._with_inside(place, names - self._touched):
            wanted, held = self._wanted(place, name), self.held.get(name)
            if name in self._unknown:
                others.add(name)
            elif wanted is not held:
                bound = place.bound.get(name)
                if isinstance(bound, Version) and held is not None and _are_equal(bound, held):
                    self._share(bound, held)
                    self.held[name] = bound
                else:
                    others.add(name)
        if others:
            self._exchange(place, duck, others)

    def _with_inside(self, place: Place, names: Collection[str]) -> set[str]:
        """Return names with those that views among them are made from."""
        found: set[str] = set()
        pending = list(names)
        while pending:
            name = pending.pop()
            if name not in found and name not in self._touched:
                found.add(name)
                bound = place.bound.get(name)
                if isinstance(bound, Version):
                    pending += filter(is_table, bound.calls.reads)
        return found

    def _exchange(self, place: Place, duck: Duck, names: Collection[str]) -> None:
        things = catalog(duck)
        present = [things[name] for name in names if name in things]
        for name in names:
            stays = self.held.get(name) is self._wanted(place, name)
            held = self.held.pop(name, None)
            # What the cell itself has left before is what it is about to make anew.
            if held is not None and (
                held.cell == place.cell_id or not self._keep(duck, held, whatever_size=stays)
            ):
                self._let_go(held)
        present.sort(key=_place_in_order, reverse=True)
        blocked = _each_once(present, lambda thing: remove(duck, thing))
        everything = {*names, *self._unknown, *things, *self.all_names(place)} - self._touched
        if blocked and not everything.issubset(names):
            # Others hang on them.
            self._exchange(place, duck, everything)
            return
        self._unknown.difference_update(names)
        found = (self._wanted(place, name) for name in names)
        wanted = [version for version in found if version is not None]
        wanted.sort(key=lambda version: _place_in_order(_object(version)))
        lacking = _each_once(wanted, lambda version: self._restore(duck, version))
        if lacking and not everything.issubset(names):
            # They hang on others.
            self._exchange(place, duck, everything)
            return
        for version in lacking:
            self._let_go(version)
        self._things = catalog(duck)

    def _restore(self, duck: Duck, version: Version) -> None:
        thing = _object(version)
        try:
            with duck.holding(self._variables(version)):
                make(duck, thing)
        except Exception:
            if version.name in catalog(duck):
                remove(duck, thing)
            raise
        self.held[version.name] = version

    def _variables(self, version: Version) -> dict[str, object]:
        variables = self.notebook.variables
        return {name: variables[name] for name in version.calls.reads if name in variables}

    def _share(self, version: Version, other: Version) -> None:
        """Have equal versions share one object, of which the database holds the rows."""
        there = [each for each in (version, other) if not each.is_dropped]
        thing = _object(next(filter(_is_restorable, there), there[0]))
        for each in (version, other):
            each.value, each.spent = thing, False
            self._versions_of[thing].add(each)

    def _let_go(self, version: Version) -> None:
        """Take in that a table is nowhere any more, whosever versions it was."""
        thing = version.value
        for each in list(self._versions_of[thing]) if isinstance(thing, Object) else [version]:
            each.drop()

    def _keep(self, duck: Duck, version: Version, *, whatever_size: bool = False) -> bool:
        """Have a copy of a table that the database holds; tell whether there is one."""
        if version.is_dropped:
            return False
        if _is_restorable(version):
            return True
        heap = self.notebook.heap
        assert heap is not None
        thing, limit = _object(version), heap.limit
        if not whatever_size and limit is not None and 8 * thing.size * len(thing.columns) > limit:
            return False
        size = take_content(duck, thing)
        if size is None:
            return False
        version.size = size
        heap.add(version)
        return True


def _duck(engine: Engine) -> Duck:
    assert isinstance(engine, Duck)
    return engine


def _object(version: Version) -> Object:
    thing = version.value
    assert isinstance(thing, Object)
    return thing


def _is_attached(table: Table) -> bool:
    """Tell whether a table is in a database beside the notebook's own."""
    return table.catalog != ""


def _is_own(table: Table) -> bool:
    return table.catalog == ""


def _is_restorable(version: Version) -> bool:
    thing = version.value
    return isinstance(thing, Object) and (thing.kind != "table" or thing.content is not None)


def _are_equal(version: Version, other: Version) -> bool:
    same = isinstance(version.key, bytes) and version.key == other.key
    return same and not (version.is_dropped and other.is_dropped)


def _reaches_others(thing: Object) -> bool:
    """Tell whether changing a table uses others that no statement names."""
    return thing.refers or "nextval(" in thing.sql


def _place_in_order(thing: Object) -> int:
    return _ORDER.index(thing.kind)


def _each_once(things: Iterable[T], do: Callable[[T], None]) -> list[T]:
    """Do something with each, in whatever order that can be done; return with which it cannot."""
    pending = list(things)
    while pending:
        failed = []
        for thing in pending:
            try:
                do(thing)
            except Exception:  # noqa: PERF203
                # It hangs on another, which comes later.
                failed.append(thing)
        if len(failed) == len(pending):
            return failed
        pending = failed
    return []
