"""Binds a cell's versions before it runs, and observes what it did.

The namespace of a Python session is one flat dict; a notebook is a sequence of versions of its
names. Before a cell runs, each name is bound to the version visible at its place, and what is
not visible there is unbound. What differs between two places is all that is touched.
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from .effects import Effects, effects_of
from .notebook import ReactiveNotebook
from .traces import (
    ABSENT,
    EVERY_NAME,
    Absent,
    Mode,
    Outcome,
    Read,
    Trace,
    Version,
    expand,
    same_meaning,
)
from .values import Fingerprint, calls_of, fingerprint

_SESSION_NAMES: Final = frozenset(
    {
        *("_", "__", "___", "_i", "_ii", "_iii", "_ih", "_oh", "_dh", "In", "Out"),
        *("exit", "quit", "open", "get_ipython", "_exit_code", "__session__"),
        *("__annotations__", "__builtin__", "__builtins__", "__warningregistry__"),
    }
)
_NUMBERED: Final = re.compile(r"_i?\d+")
_GONE: Final = object()


@dataclass(slots=True)
class Visit:
    """A cell at its place, about to run.

    Parameters
    ----------
    cell_id : str
        The cell.
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
    replay : bool
        Whether it runs to make values again that are spent.
    """

    cell_id: str
    source: str
    effects: Effects
    reads: dict[str, Version | Absent]
    hidden: set[str]
    before: dict[str, Any]
    replay: bool


class Namespace:
    """The user's names, bound as one place of the notebook sees them.

    Parameters
    ----------
    user_ns : dict
        The session's globals.
    notebook : ReactiveNotebook
        The notebook whose versions are bound.
    outside : mapping of str to object
        What was bound before any cell ran: a cell that finds no writer above sees these.
    """

    def __init__(
        self, user_ns: dict[str, Any], notebook: ReactiveNotebook, outside: Mapping[str, Any]
    ) -> None:
        self._user_ns = user_ns
        self._notebook = notebook
        self._outside = outside
        self._place: float = math.inf
        self._relabelled = notebook.document.relabelled
        self._loose: set[str] = set()
        self._consoles: dict[str, Any] = {}

    def enter(self, cell_id: str, source: str, *, replay: bool = False) -> Visit:
        """Bind what a cell sees, and get ready to observe it.

        Parameters
        ----------
        cell_id : str
            A cell of the document.
        source : str
            What is to run, which may differ from the document.
        replay : bool
            Whether it runs to make values again that are spent.

        Returns
        -------
        Visit
            To be handed to `leave`.
        """
        document, graph = self._notebook.document, self._notebook.graph
        label = document.label(cell_id)
        self._move_to(label)
        effects = effects_of(source)
        inputs, called = expand(effects, _At(self._notebook, label))
        reads: dict[str, Version | Absent] = {}
        for name, (_, entry) in inputs.items():
            bound = entry
            if not isinstance(bound, Version | Absent):
                bound = graph.available(name, label) or ABSENT
            reads[name] = _as_it_is(bound)
        may_write = effects.may_writes | called
        trace = self._trace_of(cell_id)
        if trace is not None and same_meaning(trace.source, source):
            may_write |= trace.writes.keys()
        hidden = {name for name in may_write if name not in reads and not _of_session(name)}
        for name in hidden:
            self._user_ns.pop(name, None)
        return Visit(cell_id, source, effects, reads, hidden, dict(self._user_ns), replay)

    def leave(self, visit: Visit, outcome: Outcome) -> Trace:
        """Observe what a cell did.

        Parameters
        ----------
        visit : Visit
            What `enter` returned.
        outcome : {"clean", "failed", "interrupted"}
            How the run ended.

        Returns
        -------
        Trace
        """
        changed = self._changed_since(visit)
        self._loose |= visit.hidden | changed
        mutated = self._mutated(visit)
        for name in mutated:
            visit_version = visit.reads[name]
            assert isinstance(visit_version, Version)
            visit_version.spent = True
        reads_all = EVERY_NAME in visit.effects.reads
        if outcome != "clean":
            return Trace(visit.source, outcome, _reads(visit, "value"), reads_all=reads_all)
        written = self._written(visit, changed)
        in_place = mutated - written
        # A cell that leaves something may have kept a part of what it read in it.
        reads = _reads(visit, "identity" if written or in_place else "value")
        writes = self._versions(visit, reads, written)
        for name in in_place:
            was = visit.reads[name]
            assert isinstance(was, Version)
            writes[name] = self._version(visit.cell_id, name, was.value, was.instance)
        if visit.replay:
            self._keep_keys(visit, reads, writes)
        self._loose |= writes.keys()
        return Trace(visit.source, outcome, reads, writes, in_place, reads_all)

    def rest(self) -> None:
        """Bind the names as Run All would leave them, and with them what a console has set."""
        self._move_to(math.inf)
        for name, value in self._consoles.items():
            if self._notebook.graph.available(name, math.inf) is None:
                self._user_ns[name] = value

    def before_console(self) -> dict[str, Any]:
        """Get ready for code that belongs to no cell.

        Returns
        -------
        dict
            To be handed to `after_console`.
        """
        self.rest()
        return dict(self._user_ns)

    def after_console(self, before: dict[str, Any]) -> None:
        """Take in what code that belongs to no cell has bound."""
        for name in _changes(before, self._user_ns):
            if name in self._user_ns:
                self._consoles[name] = self._user_ns[name]
            else:
                self._consoles.pop(name, None)
            self._loose.add(name)

    def _move_to(self, label: float) -> None:
        document, graph = self._notebook.document, self._notebook.graph
        names = self._loose | graph.take_names()
        self._loose = set()
        if self._relabelled != document.relabelled:
            self._relabelled = document.relabelled
            names.update(graph.all_names())
        else:
            low, high = sorted((self._place, label))
            for cell_id in document.between(low, high):
                names.update(graph[cell_id].provides)
        if label != math.inf:
            names.update(self._consoles)
        self._place = label
        for name in names:
            self._bind(name, label)

    def _bind(self, name: str, label: float) -> None:
        entry = self._notebook.graph.available(name, label)
        if entry is None and _of_session(name):
            return
        value = entry.value if isinstance(entry, Version) else _GONE
        if entry is None:
            value = self._outside.get(name, _GONE)
        if value is _GONE:
            self._user_ns.pop(name, None)
        elif self._user_ns.get(name, _GONE) is not value:
            self._user_ns[name] = value

    def _trace_of(self, cell_id: str) -> Trace | None:
        record = self._notebook.records.get(cell_id)
        return record.trace if record else None

    def _changed_since(self, visit: Visit) -> set[str]:
        if visit.effects.inert:
            # Nothing ran that its source does not show.
            names: Iterable[str] = visit.effects.may_writes
            before, now = visit.before, self._user_ns
            return {n for n in names if before.get(n, _GONE) is not now.get(n, _GONE)}
        return {
            name
            for name in _changes(visit.before, self._user_ns)
            if not _of_session(name) or name in visit.effects.may_writes
        }

    def _written(self, visit: Visit, changed: set[str]) -> set[str]:
        written = changed | visit.effects.writes
        for module in visit.effects.star_imports:
            written.update(_public_names(module) & self._user_ns.keys())
        return written - {EVERY_NAME}

    def _mutated(self, visit: Visit) -> set[str]:
        """Find the versions whose object the run has changed."""
        if visit.effects.inert and not visit.effects.mutates:
            return set()
        effects = visit.effects
        mutated = set()
        for name, version in visit.reads.items():
            if isinstance(version, Absent) or version.instance is None or version.spent:
                continue
            if isinstance(version.key, bytes):
                found = fingerprint(version.value)
                if found is None or found.digest != version.key:
                    mutated.add(name)
            elif name in effects.mutates or (
                # An augmented assignment that gave back the same object.
                name in effects.may_mutate
                and name in effects.may_writes
                and self._user_ns.get(name) is version.value
            ):
                mutated.add(name)
        return mutated

    def _versions(
        self, visit: Visit, reads: Mapping[str, Read], written: set[str]
    ) -> dict[str, Version | Absent]:
        """Make versions of what a run bound, or keep those that it made once more."""
        found = {
            name: fingerprint(self._user_ns[name]) for name in written if name in self._user_ns
        }
        adopted = self._adopted(visit, reads, found)
        writes: dict[str, Version | Absent] = {}
        for name in written:
            if name in adopted:
                writes[name] = adopted[name]
            elif name in found:
                writes[name] = self._version(
                    visit.cell_id, name, self._user_ns[name], None, found[name]
                )
            else:
                writes[name] = ABSENT
        return writes

    def _version(
        self,
        cell_id: str,
        name: str,
        value: object,
        instance: object | None,
        found: Fingerprint | None = None,
    ) -> Version:
        found = found or fingerprint(value)
        if found is None:
            key: object = object()
            instance = instance or object()
        else:
            key = found.digest
            instance = (instance or object()) if found.has_identity else None
        return Version(name, cell_id, key, instance, calls_of(value, self._user_ns), value)

    def _adopted(
        self,
        visit: Visit,
        reads: Mapping[str, Read],
        found: Mapping[str, Fingerprint | None],
    ) -> dict[str, Version]:
        """Return the versions of the run before that stand, since it wrote their equals."""
        old = self._trace_of(visit.cell_id)
        if old is None:
            return {}
        adopted: dict[str, Version] = {}
        kept: dict[str, Version] = {}
        with_identity = {n for n, f in found.items() if f is None or f.has_identity}
        for name, look in found.items():
            version = old.writes.get(name)
            if isinstance(version, Version) and look is not None and version.key == look.digest:
                if version.instance is None:
                    adopted[name] = version
                elif not version.spent and name not in old.mutated:
                    kept[name] = version
        old_with_identity = {
            name
            for name, version in old.writes.items()
            if isinstance(version, Version) and version.instance is not None
        }
        if (
            not visit.replay
            and kept.keys() == with_identity == old_with_identity
            and self._same_inputs(old, reads)
            and self._same_sharing(kept)
        ):
            adopted.update(kept)
        return adopted

    def _same_sharing(self, kept: Mapping[str, Version]) -> bool:
        if len(kept) < 2:
            return True
        names = sorted(kept)
        now = fingerprint(tuple(self._user_ns[name] for name in names))
        before = fingerprint(tuple(kept[name].value for name in names))
        return now is not None and now == before

    def _same_inputs(self, old: Trace, reads: Mapping[str, Read]) -> bool:
        """Tell whether what the run before may have kept is what this one got."""
        return all(
            read.mode != "identity" or (name in reads and read.same(reads[name].entry))
            for name, read in old.reads.items()
        )

    def _keep_keys(
        self,
        visit: Visit,
        reads: Mapping[str, Read],
        writes: Mapping[str, Version | Absent],
    ) -> None:
        """Key values that cannot be looked into by what made them: a replay made the same."""
        old = self._trace_of(visit.cell_id)
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


def _reads(visit: Visit, mode: Mode) -> dict[str, Read]:
    probes = visit.effects.probes
    return {
        name: Read(entry, "bound" if name in probes else mode)
        for name, entry in visit.reads.items()
    }


class _At:
    def __init__(self, notebook: ReactiveNotebook, label: float) -> None:
        self._graph = notebook.graph
        self._label = label

    def find(self, name: str) -> Any:
        return self._graph.find(name, self._label)

    def names(self) -> Iterable[str]:
        return self._graph.names(self._label)


def _as_it_is(bound: Version | Absent) -> Version | Absent:
    """Return what is bound; a spent version's object is by now equal to no version."""
    if isinstance(bound, Absent) or not bound.spent:
        return bound
    return Version(bound.name, bound.cell, object(), object(), bound.calls, bound.value)


def _changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> set[str]:
    changed = {name for name, value in now.items() if before.get(name, _GONE) is not value}
    if len(now) - len(changed) < len(before):
        changed.update(name for name in before if name not in now)
    return changed


def _of_session(name: str) -> bool:
    return name in _SESSION_NAMES or (name[0] == "_" and _NUMBERED.fullmatch(name) is not None)


def _public_names(module: str) -> set[str]:
    found = sys.modules.get(module.lstrip("."))
    if found is None:
        return set()
    names = getattr(found, "__all__", None)
    if names is None:
        names = [name for name in vars(found) if not name.startswith("_")]
    return set(names)
