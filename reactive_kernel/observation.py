"""Observes what a run of a cell did: what it wrote, what it changed in place.

Mutation is found by looking: the versions that a cell could reach are compared, before and
after, by their fingerprints. Versions that share an object are looked at together.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import filterfalse
from time import perf_counter
from typing import Any, Final
from weakref import WeakSet

from .adoption import Adoption, keep_keys, written_as_before
from .effects import only_looked_at, only_shows_attributes
from .heap import Copy, version_of
from .implicit import Use
from .notebook import ReactiveNotebook
from .surroundings import Surroundings
from .traces import Mode, Outcome, Read, Trace
from .values import (
    MOST_PARTS,
    Fingerprint,
    fingerprint,
    identity_of,
    may_hide_parts,
    parts_of,
    sample,
    state_of,
)
from .versions import ABSENT, EVERY_NAME, Absent, Failed, Version, is_implicit
from .visit import Visit

_BYTES_A_SECOND: Final = 10**10
_LEAST_TIME: Final = 0.005


class Observer:
    """Makes traces.

    Parameters
    ----------
    user_ns : dict
        The session's globals.
    notebook : ReactiveNotebook
        The notebook whose cells run.
    surroundings : Surroundings
        What they share beside variables.

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
        surroundings: Surroundings,
    ) -> None:
        self._user_ns = user_ns
        self._notebook = notebook
        self._surroundings = surroundings
        self._heap = notebook.heap
        self._adoption = Adoption(notebook, user_ns)
        self.look_share = 0.05

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
            if outcome == "clean" and self._stands_behind_failure(version, visit):
                self._heap.spend_behind_failure(version, visit.cell_id)
            else:
                self._heap.spend(version)
        reads_all = EVERY_NAME in visit.effects.reads
        surroundings = self._left(visit, outcome)
        left = surroundings.writes if surroundings is not None else {}
        # What settings and libraries hold from now on is held as by a variable.
        holding = {
            name: entry
            for name, entry in left.items()
            if isinstance(entry, Version) and entry.instance is not None
        }
        if outcome != "clean":
            reads = _reads(visit, lambda _: "made")
            return Trace(visit.source, outcome, reads, reads_all=reads_all, spoilt=left.keys())
        written = self._written(visit, changed)
        in_place = {
            version.name: version
            for version in mutated
            if version.name not in written | left.keys() and self._is_visible(version, visit)
        }
        same = written_as_before(visit.old, written, self._user_ns)
        new = written - same.keys()
        found = {
            name: fingerprint(self._user_ns[name], visit.pickles)
            for name in new
            if name in self._user_ns
        }
        # Names changed along are used as much as those that the source names.
        visit.reads.update(in_place)
        changed_now = {
            name: self._version(visit, name, was.value, fingerprint(was.value, visit.pickles))
            for name, was in in_place.items()
        }
        gone_on_with = dict(self._gone_on_with(visit, found, holding | changed_now))
        visit.is_new_heap = visit.why == "replay" or bool(gone_on_with)
        for version, copy in gone_on_with.items():
            # Whoever keeps or changes it from now on is to follow, or make it go another way.
            self._heap.spend(version)
            if version.name not in written and self._is_visible(version, visit):
                in_place[version.name] = visit.reads[version.name] = version
                changed_now[version.name] = self._version(
                    visit, version.name, copy.value, fingerprint(copy.value, visit.pickles)
                )
        along = mutated.union(gone_on_with)
        hidden, covered = self._hidden(visit, along), self._covered(visit, along)
        kept = self._kept(visit, found, holding | changed_now)
        reads = _reads(visit, lambda name: "identity" if name in kept else "value")
        writes = self._versions(visit, new, found, [*changed_now.values(), *left.values()])
        writes.update(left)
        for name, version in changed_now.items():
            # The object had gone another way before: only a replay can show what this run did.
            version.spent = in_place[name] in gone_on
            writes[name] = version
        if visit.why != "asked":
            keep_keys(visit, reads, writes)
        for entry in writes.values():
            if isinstance(entry, Version):
                self._heap.add(entry)
        if writes:
            writes.update(same)
        changed_in_place = set(in_place)
        if surroundings is not None:
            changed_in_place |= surroundings.mutated
        return Trace(
            visit.source,
            outcome,
            reads,
            writes or same,
            changed_in_place,
            reads_all,
            hidden=hidden,
            covered=covered,
        )

    def _left(self, visit: Visit, outcome: Outcome) -> Use | None:
        """Find what the run leaves of the state that no variable holds, or has spoilt of it.

        What it has used of it is added to what it read.
        """
        if visit.states is None:
            return None
        left = self._surroundings.leave(
            visit.states,
            visit.cell_id,
            visit.label,
            visit.source,
            visit.reads,
            visit.old,
            clean=outcome == "clean",
        )
        visit.reads.update(left.reads)
        if EVERY_NAME not in visit.effects.reads:
            for name in left.unused:
                del visit.reads[name]
        visit.compares_identity = left.touch.compares_identity
        visit.probed = left.probed
        return left

    def _written(self, visit: Visit, changed: set[str]) -> set[str]:
        written = changed | visit.effects.writes
        for module in visit.effects.star_imports:
            written.update(_public_names(module) & self._user_ns.keys())
        if visit.effects.dialects:
            # What it has written of tables is found by looking.
            written = set(filterfalse(is_implicit, written))
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
        comparable = {v for v in component if not (v.is_opaque or v.spent)}
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
        doubtful |= _in_common(used, component - comparable - doubtful, comparable - changed)
        return changed | doubtful

    def _hidden(self, visit: Visit, changed: Iterable[Version]) -> dict[str, WeakSet[Version]]:
        """Return the versions that would be changed along if they came to stand here."""
        hidden: dict[str, WeakSet[Version]] = {}
        for version in self._heap.component(changed):
            if self._notebook.graph.available(version.name, visit.label) is not version:
                hidden.setdefault(version.name, WeakSet()).add(version)
        return hidden

    def _covered(self, visit: Visit, changed: Iterable[Version]) -> dict[str, WeakSet[Version]]:
        """Return those that a cell which failed was to write: else they would stand here."""
        covered: dict[str, WeakSet[Version]] = {}
        for version in self._heap.component(changed):
            if isinstance(self._notebook.graph.find(version.name, visit.label)[1], Failed):
                covered.setdefault(version.name, WeakSet()).add(version)
        return covered

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
        opaque = None in found.values() or any(version.is_opaque for version in in_place.values())
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
                look = fingerprint(copy.value, visit.pickles)
                held |= parts_of(copy.value) if look is None else look.parts
            yield from copies.items()

    def _kept(
        self,
        visit: Visit,
        found: Mapping[str, Fingerprint | None],
        in_place: Mapping[str, Version],
    ) -> set[str]:
        """Return the names read of which the run has kept a part, or that it has changed.

        One that stores into what it read does so even where that held the same before, and keeps
        of the rest what that holds.
        """
        names = {
            name
            for name, bound in visit.reads.items()
            if isinstance(bound, Version) and bound.instance is not None
        }
        opaque = any(look is None for look in found.values()) or any(
            version.is_opaque for version in in_place.values()
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
        effects = visit.effects
        held: dict[str, frozenset[int]] = {}
        for name in names:
            bound = visit.reads[name]
            if isinstance(bound, Version):
                held[name] = copies[bound].parts if bound in copies else bound.parts
        changed = names & (effects.mutates | in_place.keys())
        kept = changed | {name for name in names if not parts.isdisjoint(held[name])}
        # What may have been stored where it already was.
        changing = changed if effects.inert else changed | (names - only_looked_at(visit.source))
        for name in changing:
            along = {o for o in names if o != name and not held[o].isdisjoint(held[name])}
            if along:
                kept |= along | {name}
        # One may be looked up in the other.
        compared = {name for name in names if _tells_identity(visit.reads[name])}
        if len(compared) > 1 and not compared <= only_shows_attributes(visit.source):
            return kept | compared
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
        found = fingerprint(version.value, visit.pickles)
        return found is None or found.digest != version.key or found.layout != version.layout

    def _is_visible(self, version: Version, visit: Visit) -> bool:
        if visit.reads.get(version.name) is version:
            return True
        return self._notebook.graph.find(version.name, visit.label)[1] is version

    def _stands_behind_failure(self, version: Version, visit: Visit) -> bool:
        if self._is_visible(version, visit):
            return False
        return self._notebook.graph.standing(version.name, visit.label)[1] is version

    def _versions(
        self,
        visit: Visit,
        written: Iterable[str],
        found: Mapping[str, Fingerprint | None],
        changed: Iterable[Version | Absent],
    ) -> dict[str, Version | Absent]:
        """Make versions of what a run bound, or keep those that it made once more."""
        adopted = self._adoption.adopted(visit, found, changed)
        writes: dict[str, Version | Absent] = {}
        for name in written:
            if name in adopted:
                writes[name] = adopted[name]
            elif name in found:
                value = self._user_ns[name]
                writes[name] = self._version(visit, name, value, found[name])
            else:
                writes[name] = ABSENT
        return writes

    def _version(
        self, visit: Visit, name: str, value: object, found: Fingerprint | None
    ) -> Version:
        version = version_of(name, visit.cell_id, value, found, self._user_ns)
        if found is None:
            reads = (entry for entry in visit.reads.values() if isinstance(entry, Version))
            opaque = [entry.parts for entry in reads if entry.is_opaque]
            if opaque and may_hide_parts(value):
                # It may have been made of one of those, as a picture's pixels of the picture.
                version.parts = version.parts.union(*opaque)
        return version


def _tells_identity(bound: Version | Absent) -> bool:
    return isinstance(bound, Version) and bound.tells_identity


def _one_holds_the_other(version: Version, other: Version) -> bool:
    return identity_of(version.value) in other.parts or identity_of(other.value) in version.parts


def _in_common(used: set[Version], others: set[Version], unchanged: set[Version]) -> set[Version]:
    """Return those of others that have something in common with what a run has used.

    That has changed, for all that can be told, unless it was looked at in an unchanged version.
    """
    others = {v for v in others if any(not v.parts.isdisjoint(each.parts) for each in used)}
    if not others:
        return others
    in_use = set().union(*(state_of(version.value) for version in used))
    for version in unchanged:
        in_use = in_use - version.parts
    return {version for version in others if not version.parts.isdisjoint(in_use)}


def _reads(visit: Visit, mode_of: Callable[[str], Mode]) -> dict[str, Read]:
    probes = visit.effects.probes | visit.probed
    return {
        name: Read(entry, "bound" if name in probes else mode_of(name))
        for name, entry in visit.reads.items()
    }


def _public_names(module: str) -> set[str]:
    found = sys.modules.get(module.lstrip("."))
    if found is None:
        return set()
    names = getattr(found, "__all__", None)
    if names is None:
        names = [name for name in vars(found) if not name.startswith("_")]
    return set(names)
