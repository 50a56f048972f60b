"""Versions as objects on the heap: which hang together, which are spent, and copies of them.

Values that share an object hang together: they are a *component*, and are copied and brought back
as one. Before a cell changes some, copies are kept where that is cheap. A version that is spent
is then there again for whoever needs it, without a run of its writer; where there is no copy, the
writer runs again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from weakref import WeakKeyDictionary, WeakSet

from .graph import DependencyGraph
from .values import (
    MOST_PARTS,
    Fingerprint,
    Sharing,
    calls_of,
    copy_together,
    fingerprint,
    parts_of,
    sample,
)
from .versions import Absent, Entry, Version, is_implicit


@dataclass(slots=True)
class Copy:
    """An object that stands for that of a version while a cell runs.

    Parameters
    ----------
    value : object
        The object.
    parts : frozenset of int
        The identities of what can be changed in it.
    layout : int
        As in `Version`.
    """

    value: Any
    parts: frozenset[int]
    layout: int

    def has_changed(self, key: object) -> bool:
        """Tell whether it is no longer equal to the version with a key."""
        found = fingerprint(self.value)
        return found is None or found.digest != key or found.layout != self.layout


Copies = Mapping[Version, Copy]


class _Snapshot:
    """Copies of versions that hang together, made together."""

    def __init__(self, versions: list[Version], values: list[Any]) -> None:
        self.values: WeakKeyDictionary[Version, Any] = WeakKeyDictionary()
        self.values.update(zip(versions, values, strict=True))
        self.size = sum(version.size for version in versions)
        parts = {part for version in versions for part in version.parts}
        looks = [fingerprint(value) for value in values]
        self._shares = any(look is not None and not parts.isdisjoint(look.parts) for look in looks)
        self._looks: WeakKeyDictionary[Version, Fingerprint | None] = WeakKeyDictionary()
        self._looks.update(zip(versions, looks, strict=True))

    def is_as_it_was(self) -> bool:
        """Tell whether what no copy has of its own, a class, is still as it was."""
        return not self._shares or all(
            _are_alike(fingerprint(value), self._looks[version])
            for version, value in self.values.items()
        )


class Heap:
    """The objects of all versions, and copies of them.

    Parameters
    ----------
    graph : DependencyGraph
        Tells which version stands where.
    limit : int or None
        How many bytes of versions that do not stand at the end of the notebook, and of copies, are
        kept; by estimate. None for any number.
    """

    def __init__(self, graph: DependencyGraph, limit: int | None = None) -> None:
        self.limit = limit
        self._graph = graph
        self._sharing: Sharing[Version] = Sharing()
        self._versions: WeakSet[Version] = WeakSet()
        self._spent: WeakSet[Version] = WeakSet()
        self._spenders: WeakKeyDictionary[Version, frozenset[str]] = WeakKeyDictionary()
        self._snapshots: WeakKeyDictionary[Version, list[_Snapshot]] = WeakKeyDictionary()
        self._grown = 0

    def add(self, version: Version) -> None:
        """Take in a version that a run has left."""
        if version.parts:
            self._sharing.add(version)
        if version.size >= _WORTH_COUNTING and not is_implicit(version.name):
            self._versions.add(version)
            self._grown += version.size

    def holders(self, parts: Iterable[int]) -> set[Version]:
        """Return the versions that hold one of some objects."""
        return self._sharing.holders(parts)

    def older_holders(self, parts: Iterable[int], version: Version) -> set[Version]:
        """Return those of the holders that came before a version."""
        return self._sharing.holders(parts, before=version)

    def component(self, versions: Iterable[Version]) -> set[Version]:
        """Return all versions that hang together with some."""
        return self._sharing.component(versions)

    def spend(self, version: Version) -> None:
        """Take in that the object of a version has been changed."""
        version.spent = True
        self._spent.add(version)
        self._spenders.pop(version, None)

    def spend_behind_failure(self, version: Version, cell_id: str) -> None:
        """Take in that a cell has changed, as in Run All, what a cell that failed was to replace.

        It gets no new version by that.
        """
        spenders = self._spenders.get(version, frozenset())
        # On one that has changed otherwise, or by the same cell, it is not as in Run All.
        as_in_run_all = not version.spent or (spenders and cell_id not in spenders)
        self.spend(version)
        if as_in_run_all:
            self._spenders[version] = spenders | {cell_id}

    def is_as_run_all_leaves_it(self, version: Version) -> bool:
        """Tell whether a spent version was changed by nothing but cells that would do so again."""
        spenders = self._spenders.get(version, frozenset())
        return bool(spenders) and all(
            self._graph.changes_behind_failure(cell_id, version) for cell_id in spenders
        )

    def keep(self, versions: Iterable[Version], label: float) -> None:
        """Copy versions that a cell at a label is expected to change, where that is cheap."""
        for group in self._groups(versions, label):
            if not any(version.spent for version in group) and self._find(group) is None:
                self._copy(group)

    def copies(self, versions: Iterable[Version], label: float) -> list[Copies]:
        """Return copies that stand for spent versions, and for all that hang together with them.

        Parameters
        ----------
        versions : iterable of Version
            What a cell at a label reads.
        label : float
            Its place.

        Returns
        -------
        list of mapping of Version to Copy
            One for each component of which a version is spent and of which copies are there.
        """
        found = []
        for group in self._groups(versions, label):
            if any(version.spent for version in group):
                copies = self._bring_back(group)
                if copies is not None:
                    found.append(copies)
        return found

    def can_bring_back(self, version: Version, label: float) -> bool:
        """Tell whether a cell at a label can have a spent version without a run of its writer."""
        if version not in self._snapshots:
            return False
        groups = list(self._groups([version], label))
        return bool(groups) and all(self._find(group) is not None for group in groups)

    def spent_at(self, label: float) -> list[Version]:
        """Return the spent versions that stand at a label."""
        return [version for version in self._spent if self._stands(version, label)]

    def kept(self) -> Iterator[tuple[Version, int, bool]]:
        """Return what is kept: versions with their sizes in bytes, and whether as copies."""
        for version in list(self._versions):
            if not version.is_dropped:
                yield version, version.size, False
        for snapshot in self._all_snapshots():
            for version in list(snapshot.values):
                yield version, version.size, True

    def relieve(self, awaited: Callable[[], Collection[Entry]]) -> None:
        """Drop the largest of what is not in use, if more is kept than may be.

        Parameters
        ----------
        awaited : callable
            Returns what is about to be used.
        """
        if self.limit is None or self._grown < self.limit / 8:
            return
        used = awaited()
        droppable: list[Version | _Snapshot] = [
            version
            for version in self._versions
            if not (version.is_dropped or version in used or self._stands(version, _END))
        ]
        droppable += [
            snapshot
            for snapshot in self._all_snapshots()
            if not any(v in used or (v.spent and self._stands(v, _END)) for v in snapshot.values)
        ]
        droppable.sort(key=lambda each: -each.size)
        total = sum(each.size for each in droppable)
        for each in droppable:
            if total <= self.limit:
                break
            total -= each.size
            if isinstance(each, _Snapshot):
                self._forget(each)
            else:
                each.drop()
                self.spend(each)
        if not used:
            self._grown = 0

    def _groups(self, versions: Iterable[Version], label: float) -> Iterator[list[Version]]:
        """Return the components of versions, as far as they stand at a label."""
        pending = [version for version in versions if version.instance is not None]
        done: set[Version] = set()
        for version in pending:
            if version not in done:
                component = self._sharing.component([version])
                done |= component
                group = {v for v in component if v is version or self._stands(v, label)}
                if all(self._is_settled(v, label) for v in group):
                    yield sorted(group, key=lambda member: member.name)

    def _is_settled(self, version: Version, label: float) -> bool:
        """Tell whether a version stands for sure: not because the cell that hides it failed."""
        return self._graph.find(version.name, label)[1] is version

    def _stands(self, version: Version, label: float) -> bool:
        return self._graph.available(version.name, label) is version

    def _copy(self, group: list[Version]) -> None:
        if any(
            version.is_opaque
            or len(version.parts) >= MOST_PARTS
            # What it is bound to is no name: nobody would find the copy there.
            or is_implicit(version.name)
            for version in group
        ):
            return
        values = copy_together([version.value for version in group])
        if values is None:
            return
        snapshot = _Snapshot(group, values)
        self._grown += snapshot.size
        for version in group:
            self._snapshots.setdefault(version, []).append(snapshot)

    def _find(self, group: Collection[Version]) -> _Snapshot | None:
        """Return copies that cover a component and are as they were."""
        first = next(iter(group))
        for snapshot in self._snapshots.get(first, []):
            if all(version in snapshot.values for version in group):
                if snapshot.is_as_it_was():
                    return snapshot
                self._forget(snapshot)
                return None
        return None

    def _bring_back(self, group: list[Version]) -> Copies | None:
        snapshot = self._find(group)
        if snapshot is None:
            return None
        values = copy_together([snapshot.values[version] for version in group])
        if values is None:
            return None
        copies = {}
        for version, value in zip(group, values, strict=True):
            found = fingerprint(value)
            if found is None or found.digest != version.key:
                return None
            copies[version] = Copy(value, found.parts, found.layout)
        return copies

    def _forget(self, snapshot: _Snapshot) -> None:
        for version in list(snapshot.values):
            self._snapshots[version].remove(snapshot)
            if not self._snapshots[version]:
                del self._snapshots[version]

    def _all_snapshots(self) -> list[_Snapshot]:
        found = {id(s): s for snapshots in list(self._snapshots.values()) for s in snapshots}
        return list(found.values())


def version_of(
    name: str, cell_id: str, value: object, found: Fingerprint | None, user_ns: dict[str, Any]
) -> Version:
    """Make the version that a run has left of a name.

    Parameters
    ----------
    name : str
        The name.
    cell_id : str
        The cell that ran.
    value : object
        What the name holds.
    found : Fingerprint or None
        That of the value; None if nobody can look into it.
    user_ns : dict
        The notebook's globals.

    Returns
    -------
    Version
    """
    key: object = object()
    if found is None:
        parts, layout, size = frozenset(parts_of(value)), 0, 0
    else:
        key, parts, layout, size = found.digest, found.parts, found.layout, found.size
    calls = calls_of(value, user_ns)
    instance = object() if parts else None
    version = Version(name, cell_id, key, instance, parts, layout, calls, value, size)
    version.tells_identity = found is not None and found.tells_identity
    if size > _LARGE:
        version.sample = sample(value)
    return version


def as_it_is(bound: Version | Absent) -> Version | Absent:
    """Return what is bound; a spent version's object is by now equal to no version."""
    if isinstance(bound, Absent) or not bound.spent:
        return bound
    return Version(
        bound.name, bound.cell, object(), object(), frozenset(), 0, bound.calls, bound.value
    )


_END: Final = float("inf")
_LARGE: Final = 2**22
_WORTH_COUNTING: Final = 10_000


def _are_alike(look: Fingerprint | None, other: Fingerprint | None) -> bool:
    if look is None or other is None:
        return False
    return (look.digest, look.layout) == (other.digest, other.layout)
