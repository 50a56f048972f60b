"""Observes what a run of a cell did: what it wrote, what it changed in place.

Mutation is found by looking: the versions that a cell could reach are compared, before and
after, by their fingerprints. Versions that share an object are looked at together.
"""

from __future__ import annotations

import math
import operator
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from time import perf_counter
from typing import Any, Final
from weakref import WeakSet

from .effects import Effects, only_looked_at
from .heap import Copies, Copy
from .implicit import (
    FIGURES,
    FileUse,
    KnownFiles,
    SharedState,
    States,
    hold_only,
    open_figures,
    touch_of_source,
)
from .notebook import ReactiveNotebook
from .plan import Why
from .traces import (
    ABSENT,
    EVERY_NAME,
    Absent,
    Mode,
    Outcome,
    Read,
    Trace,
    Version,
    same_meaning,
)
from .values import (
    MOST_PARTS,
    Fingerprint,
    calls_of,
    files_of,
    fingerprint,
    identity_of,
    parts_of,
    sample,
)

_PLAIN: Final = frozenset({bool, int, str})
_LARGE: Final = 2**22
_BYTES_A_SECOND: Final = 10**10
_LEAST_TIME: Final = 0.005


@dataclass(slots=True)
class Visit:
    """A cell at its place, about to run.

    Parameters
    ----------
    cell_id : str
        The cell.
    label : int
        Its label in the document.
    source : str
        What is to run.
    effects : Effects
        What that source says.
    reads : dict of str to Version or Absent
        What it finds bound.
    hidden : set of str
        Names unbound for the run, so that binding them is seen.
    before : dict of str to object
        The namespace as the run finds it.
    states : States or None
        What it finds of the state that cells share unseen; None for a cell that only stores.
    old : Trace or None
        That of the run before.
    why : {"asked", "needed", "affected", "replay"}
        Why it runs.
    brought_back : list of mapping of Version to Copy
        The copies that are bound in the place of spent versions and what hangs together with them.
    is_new_heap : bool
        Whether what it leaves is to be taken for new objects, though equal to those before.
    started : float
        When it began to run, in seconds.
    allowance : float
        How many bytes of values may be looked at because it ran.
    compares_identity : bool
        Whether it may ask if two values are one.
    """

    cell_id: str
    label: int
    source: str
    effects: Effects
    reads: dict[str, Version | Absent]
    hidden: set[str]
    before: dict[str, Any]
    states: States | None
    old: Trace | None
    why: Why
    brought_back: list[Copies] = field(default_factory=list)
    is_new_heap: bool = False
    started: float = field(default_factory=perf_counter)
    allowance: float = math.inf
    compares_identity: bool = False


class Observer:
    """Makes traces.

    Parameters
    ----------
    user_ns : dict
        The session's globals.
    notebook : ReactiveNotebook
        The notebook whose cells run.
    shared : SharedState
        What they share beside variables.
    files : KnownFiles
        What they write and read.

    Attributes
    ----------
    look_share : float
        What share of a cell's own time looking for its changes may take, if that is more than
        5 ms; past it, samples are looked at.
    """

    def __init__(
        self,
        user_ns: dict[str, Any],
        notebook: ReactiveNotebook,
        shared: SharedState,
        files: KnownFiles,
    ) -> None:
        self._user_ns = user_ns
        self._notebook = notebook
        self._shared = shared
        self.look_share = 0.05
        self._files = files
        self._heap = notebook.heap

    def observe(self, visit: Visit, outcome: Outcome, changed: set[str]) -> Trace:
        """Make the trace of a run that has just ended.

        Parameters
        ----------
        visit : Visit
            The run.
        outcome : {"clean", "failed", "interrupted"}
            How it ended.
        changed : set of str
            Names that hold another object than before.

        Returns
        -------
        Trace
        """
        time = max(_LEAST_TIME, self.look_share * (perf_counter() - visit.started))
        visit.allowance = time * _BYTES_A_SECOND
        mutated = self._mutated(visit)
        gone_on = {version for version in mutated if version.spent}
        for version in mutated:
            self._heap.spend(version)
        reads_all = EVERY_NAME in visit.effects.reads
        left = self._left(visit, outcome)
        if outcome != "clean":
            reads = _reads(visit, lambda _: "value")
            return Trace(visit.source, outcome, reads, reads_all=reads_all, spoilt=left.keys())
        written = self._written(visit, changed)
        in_place = {
            version.name: version
            for version in mutated
            if version.name not in written | left.keys() and self._is_visible(version, visit)
        }
        same = self._written_as_before(visit, written)
        written -= same.keys()
        found = {
            name: fingerprint(self._user_ns[name]) for name in written if name in self._user_ns
        }
        # Names changed along are used as much as those that the source names.
        visit.reads.update(in_place)
        changed_now = {
            name: self._version(visit.cell_id, name, was.value, fingerprint(was.value))
            for name, was in in_place.items()
        }
        gone_on_with = dict(self._gone_on_with(visit, found, changed_now))
        visit.is_new_heap = visit.why == "replay" or bool(gone_on_with)
        for version, copy in gone_on_with.items():
            # Whoever keeps or changes it from now on is to follow, or make it go another way.
            self._heap.spend(version)
            if version.name not in written and self._is_visible(version, visit):
                in_place[version.name] = visit.reads[version.name] = version
                changed_now[version.name] = self._version(
                    visit.cell_id, version.name, copy.value, fingerprint(copy.value)
                )
        hidden = self._hidden(visit, mutated.union(gone_on_with))
        kept = self._kept(visit, found, changed_now)
        reads = _reads(visit, lambda name: "identity" if name in kept else "value")
        writes = self._versions(visit, written, found)
        writes.update(left)
        writes.update(same)
        for name, version in changed_now.items():
            # The object had gone another way before: only a replay can show what this run did.
            version.spent = in_place[name] in gone_on
            writes[name] = version
        if visit.why != "asked":
            _keep_keys(visit, reads, writes)
        for entry in writes.values():
            if isinstance(entry, Version):
                self._heap.add(entry)
        return Trace(
            visit.source, outcome, reads, writes, in_place.keys(), reads_all, hidden=hidden
        )

    def _left(self, visit: Visit, outcome: Outcome) -> Mapping[str, Version | Absent]:
        """Return what the run leaves of the state that cells share unseen, or has spoilt of it.

        What it has used of it is added to what it read.
        """
        if visit.states is None:
            return {}
        use = self._shared.use(visit.states, visit.cell_id, visit.source, visit.reads, visit.old)
        visit.reads.update(use.reads)
        visit.compares_identity = use.touch.compares_identity
        figures = self._use_figures(visit, clean=outcome == "clean")
        files = self._use_files(visit, visit.states, clean=outcome == "clean")
        if outcome != "clean":
            self._shared.undo(visit.states)
            return dict.fromkeys(files.spoilt, ABSENT)
        return {**use.writes, **figures, **files.writes}

    def _use_figures(self, visit: Visit, *, clean: bool) -> Mapping[str, Version | Absent]:
        """Return what the run leaves of the figures that pyplot holds, if these are others."""
        bound = visit.reads.get(FIGURES, ABSENT)
        before: Any = bound.value if isinstance(bound, Version) else []
        now = open_figures()
        if len(now) == len(before) and all(map(operator.is_, now, before)):
            return {}
        if not clean:
            hold_only(before)
            return {}
        visit.reads[FIGURES] = bound
        if not now:
            return {FIGURES: ABSENT}
        return {FIGURES: self._version(visit.cell_id, FIGURES, now, fingerprint(now))}

    def _use_files(self, visit: Visit, states: States, *, clean: bool) -> FileUse:
        graph = self._notebook.graph
        code = touch_of_source(visit.source)
        for path in files_of(code.libraries) if code.imports else ():
            # An import reads its file once; the cell depends on it all the same.
            states.accesses.take_read(path)
        use = self._files.use(
            states.accesses,
            visit.cell_id,
            lambda name: graph.available(name, visit.label),
            graph.outside,
            visit.old,
            clean=clean,
        )
        visit.reads.update(use.reads)
        for name, version in use.outside.items():
            graph.update_outside(name, version)
        return use

    def _written(self, visit: Visit, changed: set[str]) -> set[str]:
        written = changed | visit.effects.writes
        for module in visit.effects.star_imports:
            written.update(_public_names(module) & self._user_ns.keys())
        return written - {EVERY_NAME}

    def _mutated(self, visit: Visit) -> set[Version]:
        """Find the versions, of whatever name and cell, that the run has changed."""
        effects = visit.effects
        names = effects.may_mutate & visit.reads.keys() if effects.inert else visit.reads
        reached = {
            version
            for version in map(visit.reads.__getitem__, names)
            if isinstance(version, Version) and version.instance is not None and not version.spent
        }
        reached.difference_update(*visit.brought_back)
        component = self._heap.component(reached)
        comparable = {v for v in component if isinstance(v.key, bytes) and not v.spent}
        changed = {v for v in comparable if self._has_changed(visit, v)}
        # What cannot be compared counts as changed by a cell that does more than store it, or
        # that changes something it holds.
        used = reached - comparable
        doubtful = {
            version
            for version in component - comparable
            if version in reached
            or any(version.parts & other.parts for other in changed)
            or any(_one_holds_the_other(version, other) for other in used)
        }
        return changed | doubtful

    def _hidden(self, visit: Visit, changed: Iterable[Version]) -> dict[str, WeakSet[Version]]:
        """Return the versions that would be changed along if they came to stand here."""
        hidden: dict[str, WeakSet[Version]] = {}
        for version in self._heap.component(changed):
            if self._notebook.graph.available(version.name, visit.label) is not version:
                hidden.setdefault(version.name, WeakSet()).add(version)
        return hidden

    def _gone_on_with(
        self,
        visit: Visit,
        found: Mapping[str, Fingerprint | None],
        in_place: Mapping[str, Version],
    ) -> Iterator[tuple[Version, Copy]]:
        """Find the copies that a run has changed, or kept a part of, and all hanging together.

        Of these it is the writer: those below that keep or change such a value are to follow to
        the new objects.
        """
        held: set[int] = set()
        held.update(*(look.parts for look in found.values() if look is not None))
        held.update(*(version.parts for version in in_place.values()))
        opaque = None in found.values() or any(
            not isinstance(version.key, bytes) for version in in_place.values()
        )
        pending = list(visit.brought_back)
        while pending:
            for copies in pending:
                parts = {part for copy in copies.values() for part in copy.parts}
                if (
                    opaque
                    or not held.isdisjoint(parts)
                    or not visit.effects.mutates.isdisjoint({v.name for v in copies})
                    or any(copy.has_changed(version.key) for version, copy in copies.items())
                ):
                    break
            else:
                return
            pending.remove(copies)
            for copy in copies.values():
                look = fingerprint(copy.value)
                held |= parts_of(copy.value) if look is None else look.parts
            yield from copies.items()

    def _kept(
        self,
        visit: Visit,
        found: Mapping[str, Fingerprint | None],
        in_place: Mapping[str, Version],
    ) -> set[str]:
        """Return the names read of which the run has kept a part, or that it has changed.

        One that stores into what it read does so even where that held the same before.
        """
        names = {
            name
            for name, bound in visit.reads.items()
            if isinstance(bound, Version) and bound.instance is not None
        }
        opaque = any(look is None for look in found.values()) or any(
            not isinstance(version.key, bytes) for version in in_place.values()
        )
        if opaque or visit.compares_identity:
            return names
        parts: set[int] = set()
        parts.update(*(look.parts for look in found.values() if look is not None))
        parts.update(*(version.parts for version in in_place.values()))
        if len(parts) >= MOST_PARTS:
            return names
        copies: dict[Version, Copy] = {}
        for each in visit.brought_back:
            copies.update(each)
        kept = names & (visit.effects.mutates | in_place.keys())
        for name in names - kept:
            bound = visit.reads[name]
            if isinstance(bound, Version):
                held = copies[bound].parts if bound in copies else bound.parts
                if not parts.isdisjoint(held):
                    kept.add(name)
        return kept

    def _has_changed(self, visit: Visit, version: Version) -> bool:
        """Tell whether the object of a version is not as it was.

        Past the time that a look may take, a sample decides of values that the cell only looks at,
        as far as its source tells.
        """
        if version.sample is not None and version.size > visit.allowance:
            names = visit.reads.keys() & {v.name for v in self._heap.component([version])}
            if names <= only_looked_at(visit.source):
                return sample(version.value) != version.sample
        visit.allowance -= version.size
        found = fingerprint(version.value)
        return found is None or found.digest != version.key or found.layout != version.layout

    def _is_visible(self, version: Version, visit: Visit) -> bool:
        if visit.reads.get(version.name) is version:
            return True
        return self._notebook.graph.find(version.name, visit.label)[1] is version

    def _written_as_before(
        self, visit: Visit, written: Collection[str]
    ) -> dict[str, Version | Absent]:
        """Return the versions of plain values that the run has written as the run before did."""
        same: dict[str, Version | Absent] = {}
        if visit.old is not None:
            old = visit.old.writes
            for name in written:
                was, value = old.get(name), self._user_ns.get(name)
                if (
                    isinstance(was, Version)
                    and type(value) in _PLAIN
                    and type(was.value) is type(value)
                    and was.value == value
                ):
                    same[name] = was
        return same

    def _versions(
        self,
        visit: Visit,
        written: Iterable[str],
        found: Mapping[str, Fingerprint | None],
    ) -> dict[str, Version | Absent]:
        """Make versions of what a run bound, or keep those that it made once more."""
        adopted = self._adopted(visit, found)
        writes: dict[str, Version | Absent] = {}
        for name in written:
            if name in adopted:
                writes[name] = adopted[name]
            elif name in found:
                value = self._user_ns[name]
                writes[name] = self._version(visit.cell_id, name, value, found[name])
            else:
                writes[name] = ABSENT
        return writes

    def _version(
        self, cell_id: str, name: str, value: object, found: Fingerprint | None
    ) -> Version:
        key: object = object()
        if found is None:
            parts, layout, size = frozenset(parts_of(value)), 0, 0
        else:
            key, parts, layout, size = found.digest, found.parts, found.layout, found.size
        calls = calls_of(value, self._user_ns)
        instance = object() if parts else None
        version = Version(name, cell_id, key, instance, parts, layout, calls, value, size)
        if size > _LARGE:
            version.sample = sample(value)
        return version

    def _adopted(self, visit: Visit, found: Mapping[str, Fingerprint | None]) -> dict[str, Version]:
        """Return the versions of the run before that stand, since it wrote their equals."""
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
            not visit.is_new_heap
            and kept.keys() == with_identity == _with_identity(old)
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
            if holders != self._holders_beside(visit, version, parts[name]):
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
        now = fingerprint([*(self._user_ns[name] for name in names), *values])
        before = fingerprint([*(kept[name].value for name in names), *values])
        return now is not None and before is not None and now.digest == before.digest

    def _holders_beside(
        self, visit: Visit, version: Version, parts: Collection[int]
    ) -> set[Version]:
        """Return who holds objects and has not got them from a version.

        Those are the cells above, and those that had run before it came to be: these may since have
        been moved below, or deleted and come back.
        """
        document, records = self._notebook.document, self._notebook.records
        older = self._heap.older_holders(parts, version)
        beside = set()
        for holder in self._heap.holders(parts):
            record = None if holder.cell == visit.cell_id else records.get(holder.cell)
            if record is None or record.trace is None or record.trace.writes.get(holder.name) is not holder:
                continue
            above = holder.cell in document and document.label(holder.cell) < visit.label
            if above or holder in older:
                beside.add(holder)
        return beside


def _one_holds_the_other(version: Version, other: Version) -> bool:
    return identity_of(version.value) in other.parts or identity_of(other.value) in version.parts


def _reads(visit: Visit, mode_of: Callable[[str], Mode]) -> dict[str, Read]:
    probes = visit.effects.probes
    return {
        name: Read(entry, "bound" if name in probes else mode_of(name))
        for name, entry in visit.reads.items()
    }


def _with_identity(trace: Trace) -> set[str]:
    return {
        name
        for name, version in trace.writes.items()
        if isinstance(version, Version) and version.instance is not None
    }


def _keep_keys(
    visit: Visit, reads: Mapping[str, Read], writes: Mapping[str, Version | Absent]
) -> None:
    """Key values that cannot be looked into by what made them: a replay made the same."""
    old = visit.old
    if old is None or not same_meaning(old.source, visit.source):
        return
    for name, read in old.reads.items():
        now = reads.get(name)
        if now is None or not Read(read.entry).same(now.entry):
            return
    for name, version in writes.items():
        was = old.writes.get(name)
        match version, was:
            case Version(), Version() if not isinstance(version.key, bytes):
                version.key = was.key


def _public_names(module: str) -> set[str]:
    found = sys.modules.get(module.lstrip("."))
    if found is None:
        return set()
    names = getattr(found, "__all__", None)
    if names is None:
        names = [name for name in vars(found) if not name.startswith("_")]
    return set(names)
