"""Tells whether a run has made once more what the run before made.

Then the versions of the run before stand, and nothing below is out of date: early cutoff.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from collections.abc import Set as AbstractSet
from itertools import combinations
from typing import Any, Final

from .notebook import ReactiveNotebook
from .traces import Read, Trace, same_meaning
from .values import Fingerprint, fingerprint, parts_of
from .versions import Absent, Version, is_implicit
from .visit import Visit

_PLAIN: Final = frozenset({bool, int, str})


def written_as_before(
    old: Trace | None, written: AbstractSet[str], user_ns: Mapping[str, Any]
) -> Mapping[str, Version | Absent]:
    """Return the versions of plain values that a run has written as the run before did.

    Parameters
    ----------
    old : Trace or None
        That of the run before.
    written : set of str
        What this one has written.
    user_ns : mapping of str to object
        The notebook's globals.

    Returns
    -------
    mapping of str to Version
        If that is all it has written, the `writes` of the run before themselves.
    """
    if old is None:
        return {}
    if written == old.writes.keys() and _all_hold(old.writes, user_ns):
        return old.writes
    same: dict[str, Version | Absent] = {}
    for name in written:
        value = user_ns.get(name)
        kind = type(value)
        if kind in _PLAIN:
            was = old.writes.get(name)
            if isinstance(was, Version) and type(was.value) is kind and was.value == value:
                same[name] = was
    return same


def _all_hold(writes: Mapping[str, Version | Absent], user_ns: Mapping[str, Any]) -> bool:
    """Tell whether names hold the plain values of these versions, of which there may be many."""
    values = list(map(user_ns.get, writes))
    were = [version.value for version in writes.values() if isinstance(version, Version)]
    kinds = list(map(type, were))
    return _PLAIN.issuperset(kinds) and kinds == list(map(type, values)) and were == values


def keep_keys(
    visit: Visit, reads: Mapping[str, Read], writes: Mapping[str, Version | Absent]
) -> None:
    """Say of what a replay has left that it is the same as before, or at least made so.

    Values that cannot be looked into are keyed by what made them.
    """
    old = visit.old
    if old is None or not same_meaning(old.source, visit.source):
        return
    same = True
    for name, read in old.reads.items():
        now = reads.get(name)
        if now is None and is_implicit(name) and isinstance(read.entry, Absent):
            # An import comes near more when it happens.
            continue
        if now is None and name in old.mutated and name not in visit.effects.reads:
            # It was brought along only since something that the cell uses hung together with it.
            continue
        if now is None or not Read(read.entry, "made").same(now.entry):
            return
        same = same and Read(read.entry).same(now.entry)
    for name, version in writes.items():
        was = old.writes.get(name)
        if isinstance(version, Version) and isinstance(was, Version):
            version.made = was.made
            if same and version.is_opaque:
                version.key = was.key


class Adoption:
    """Finds versions of the run before that stand.

    Parameters
    ----------
    notebook : ReactiveNotebook
        The notebook.
    user_ns : dict of str to object
        Its globals.
    """

    def __init__(self, notebook: ReactiveNotebook, user_ns: Mapping[str, Any]) -> None:
        self._document = notebook.document
        self._records = notebook.records
        self._heap = notebook.heap
        self._user_ns = user_ns

    def adopted(
        self,
        visit: Visit,
        found: Mapping[str, Fingerprint | None],
        changed: Iterable[Version | Absent],
    ) -> dict[str, Version]:
        """Return the versions of the run before that stand, since this one wrote their equals.

        Parameters
        ----------
        visit : Visit
            The run.
        found : mapping of str to Fingerprint or None
            What it has bound.
        changed : iterable of Version or Absent
            What it has left beside that, which may hold what it has bound.

        Returns
        -------
        dict of str to Version
        """
        old = visit.old
        if old is None:
            return {}
        adopted: dict[str, Version] = {}
        kept: dict[str, Version] = {}
        for name, look in found.items():
            version = old.writes.get(name)
            if isinstance(version, Version) and look is not None and version.key == look.digest:
                if version.instance is None and not version.spent:
                    adopted[name] = version
                elif version.instance is not None and not version.spent and name not in old.mutated:
                    kept[name] = version
        with_identity = {name for name, look in found.items() if look is None or look.parts}
        if (
            kept
            and not visit.is_new_heap
            and kept.keys() == with_identity == _with_identity(old)
            and not _is_held(found, changed)
            and self._same_sharing(visit, kept, found)
        ):
            adopted.update(kept)
        return adopted

    def _same_sharing(
        self, visit: Visit, kept: Mapping[str, Version], found: Mapping[str, Fingerprint | None]
    ) -> bool:
        """Tell whether equal values hang together, and with others, as those before did.

        What cells below have made of those before stays true.
        """
        parts = {name: look.parts for name, look in found.items() if look is not None}
        others: set[Version] = set()
        for name, version in kept.items():
            holders = self._holders_beside(visit, version, version.parts)
            # An array is equal to a view of another, which holds that one too.
            if len(version.parts) != len(parts[name]) or holders != self._holders_beside(
                visit, version, parts[name]
            ):
                return False
            others |= holders
        if len(kept) + len(others) < 2:
            return True
        names = sorted(kept)
        for name, other in combinations(names, 2):
            was = kept[name].parts.isdisjoint(kept[other].parts)
            if was != parts[name].isdisjoint(parts[other]):
                return False
        values = [version.value for version in others if not version.is_dropped]
        now = fingerprint([*(self._user_ns[name] for name in names), *values], visit.pickles)
        before = fingerprint([*(kept[name].value for name in names), *values], visit.pickles)
        return now is not None and before is not None and now.digest == before.digest

    def _holders_beside(
        self, visit: Visit, version: Version, parts: Collection[int]
    ) -> set[Version]:
        """Return who holds objects and has not got them from a version.

        Those are the cells above, and those that had run before it came to be: these may since have
        been moved below, or deleted and come back.
        """
        document = self._document
        older = self._heap.older_holders(parts, version)
        beside = set()
        for holder in self._heap.holders(parts):
            if holder.cell != visit.cell_id and self._is_current(holder):
                above = holder.cell in document and document.label(holder.cell) < visit.label
                if above or holder in older:
                    beside.add(holder)
        return beside

    def _is_current(self, version: Version) -> bool:
        record = self._records.get(version.cell)
        trace = record.trace if record is not None else None
        return trace is not None and trace.writes.get(version.name) is version


def _is_held(found: Mapping[str, Fingerprint | None], changed: Iterable[Version | Absent]) -> bool:
    """Tell whether something that a run has bound is now held by what it has changed."""
    held: set[int] = set()
    for version in changed:
        if isinstance(version, Version):
            # What is set on a module is in no version's parts.
            held.update(version.parts or parts_of(version.value))
    return any(look is not None and not held.isdisjoint(look.parts) for look in found.values())


def _with_identity(trace: Trace) -> set[str]:
    return {
        name
        for name, version in trace.writes.items()
        if isinstance(version, Version) and version.instance is not None
    }
