"""Traces and the fold: is a cell fresh, and if not, why.

A cell's *trace* says what its last run used and what it left: verifying traces with early
cutoff, in the words of "Build Systems à la Carte" (Mokhov, Mitchell, Peyton Jones, ICFP 2018).
Judging a cell is comparing its trace with what the cells above hold now. Nothing is marked by
hand, so nothing can stay marked, or unmarked, by mistake.
"""

from __future__ import annotations

import types
from collections.abc import Collection, Iterable, Mapping
from typing import Final, Literal, Protocol

import msgspec

from .document import Cell
from .effects import NO_NAMES, Effects, effects_of, variables_in
from .versions import (
    ABSENT,
    EVERY_NAME,
    NO_CALLS,
    Absent,
    Entry,
    Failed,
    Input,
    Unknown,
    Version,
    is_implicit,
)

State = Literal["new", "fresh", "stale", "queued", "running", "failed", "blocked", "idle"]
ReasonKind = Literal[
    "never_ran",
    "edited",
    "input_changed",
    "input_missing",
    "replaced_writer",
    "upstream_stale",
    "upstream_failed",
    "nondeterministic",
    "syntax_error",
    "interrupted",
]
Outcome = Literal["clean", "failed", "interrupted"]
Mode = Literal["value", "identity", "bound", "made"]


class Environment(Protocol):
    """What the names hold at one place of the notebook."""

    def find(self, name: str) -> Input:
        """Return what the nearest cell above that has a say gives the name."""

    def standing(self, name: str) -> Input:
        """Return the same, but for cells that have failed, which leave what was there before."""

    def names(self) -> Iterable[str]:
        """Return every name that some cell above has a say in."""


class Read(msgspec.Struct, frozen=True):
    """A version that a run used, and by what it is compared."""

    entry: Version | Absent
    mode: Mode = "value"

    def same(self, now: Version | Absent) -> bool:
        """Tell whether a run that got ``now`` instead would have seen no difference."""
        was = self.entry
        if now is was:
            return True
        if isinstance(now, Absent) or isinstance(was, Absent):
            return isinstance(now, Absent) and isinstance(was, Absent)
        if self.mode == "bound":
            # In a database, what is to be replaced or dropped has to be of the right kind.
            return not is_implicit(now.name) or now.layout == was.layout
        if self.mode == "made" and now.made is was.made:
            return True
        if self.mode == "identity" and now.instance is not was.instance:
            return False
        return now.key == was.key


class Trace(msgspec.Struct):
    """What one run of a cell used and left.

    Parameters
    ----------
    source : str
        What ran.
    outcome : {"clean", "failed", "interrupted"}
        How it ended.
    reads : mapping of str to Read
        Every name that the run may have taken from above.
    writes : mapping of str to Version or Absent
        What the names it bound, deleted or mutated hold after it; empty unless it was clean.
    mutated : collection of str
        Those of `writes` whose object was there before the run.
    reads_all : bool
        Whether the run may have looked at names that nothing says.
    unsettled : bool
        Whether runs of the cell do not lead to rest.
    spoilt : collection of str
        The names, of files, that a run which was not clean may have left half done.
    hidden : mapping of str to collection of Version
        Versions that the run would have changed too, had they stood at its place.
    covered : mapping of str to collection of Version
        The same of those that stood there but for a cell that had failed.
    """

    source: str
    outcome: Outcome
    reads: Mapping[str, Read]
    writes: Mapping[str, Version | Absent] = {}
    mutated: Collection[str] = ()
    reads_all: bool = False
    unsettled: bool = False
    spoilt: Collection[str] = ()
    hidden: Mapping[str, Collection[Version]] = {}
    covered: Mapping[str, Collection[Version]] = {}


class Record(msgspec.Struct):
    """What is known of a cell beside its text; it outlives the cell for a while.

    Parameters
    ----------
    trace : Trace or None
        That of the last run.
    wanted : str or None
        The source with which a run would have executed the cell, had nothing above it failed.
    execution_count : int or None
        The kernel's count at the last run.
    """

    trace: Trace | None = None
    wanted: str | None = None
    execution_count: int | None = None


class Reason(msgspec.Struct, frozen=True):
    """Why a cell is not fresh."""

    kind: ReasonKind
    name: str | None = None
    cell: str | None = None


class Finding(msgspec.Struct, frozen=True):
    """What judging a cell found.

    Parameters
    ----------
    state : str
        One of ``idle``, ``new``, ``fresh``, ``stale``, ``failed`` and ``blocked``.
    reasons : tuple of Reason
        Why it is not fresh.
    inputs : mapping of str to Input
        The names it uses (if fresh) or would use (if not), and where they come from.
    provides : mapping of str to Entry
        What it gives the cells below.
    watches : collection of str
        The names on which this finding depends.
    writes : collection of str
        The names it binds or deletes, as far as its source or its trace tells.
    mutates : collection of str
        Those whose object it changes in place.
    has_run : bool
        Whether it has run, or was blocked in a run, with its present source.
    """

    state: State
    reasons: tuple[Reason, ...] = ()
    inputs: Mapping[str, Input] = {}
    provides: Mapping[str, Entry] = {}
    watches: Collection[str] = ()
    writes: Collection[str] = ()
    mutates: Collection[str] = ()
    has_run: bool = False


IDLE: Final = Finding("idle")
_NO_EFFECTS: Final = Effects(empty=True)
_NOTHING: Final[Mapping[str, Version]] = types.MappingProxyType({})


def effects_of_cell(cell: Cell) -> Effects:
    """Tell what running a cell may do; a cell that is no code does nothing."""
    return effects_of(cell.source) if cell.cell_type == "code" else _NO_EFFECTS


def same_meaning(source: str, other: str) -> bool:
    """Tell whether two sources differ in comments and layout at most."""
    return source == other or effects_of(source).meaning == effects_of(other).meaning


def judge(cell: Cell, effects: Effects, record: Record, environment: Environment) -> Finding:
    """Compare a cell's trace with what the cells above hold now.

    Parameters
    ----------
    cell : Cell
        The cell.
    effects : Effects
        What its source says it does.
    record : Record
        What its last run was.
    environment : Environment
        What the names hold at its place.

    Returns
    -------
    Finding
    """
    if effects.empty:
        return IDLE
    trace = record.trace
    if trace is not None and not same_meaning(trace.source, cell.source):
        trace = None
    reasons: list[Reason] = []
    if trace is not None:
        inputs = {name: environment.find(name) for name in trace.reads}
        reasons = _differences(trace, inputs, environment)
        if not reasons and trace.outcome == "clean" and not trace.unsettled:
            may_write = effects.may_writes
            if EVERY_NAME in may_write:
                may_write -= {EVERY_NAME}
            return Finding(
                "fresh",
                inputs=inputs,
                provides=trace.writes,
                watches=_watched(inputs, trace),
                writes=_bound(may_write, trace),
                mutates=trace.mutated,
                has_run=True,
            )
    return _not_fresh(cell, effects, record, trace, reasons, environment)


def _not_fresh(
    cell: Cell,
    effects: Effects,
    record: Record,
    trace: Trace | None,
    reasons: list[Reason],
    environment: Environment,
) -> Finding:
    # What no source tells: a cell that has drawn random numbers draws them again.
    implicit = filter(is_implicit, trace.reads) if trace is not None else ()
    inputs, called = expand(effects, environment, implicit)
    if trace is not None:
        along = {n: environment.find(n) for n in trace.mutated if n not in inputs}
        inputs.update({n: given for n, given in along.items() if not isinstance(given[1], Failed)})
    failures = [
        Reason("upstream_failed", name, inputs[name][0])
        for name in sorted(n for n, (_, entry) in inputs.items() if isinstance(entry, Failed))
    ]
    settled = trace is not None and trace.outcome == "failed" and not reasons
    state: State
    if failures:
        state = "blocked"
        known = {(reason.name, reason.cell) for reason in failures}
        reasons = failures + [r for r in reasons if (r.name, r.cell) not in known]
    elif settled:
        state = "failed"
    else:
        state = "new" if record.trace is None else "stale"
    reasons += _own_reasons(effects, record, trace)
    writes = _bound(effects.may_writes | called if called else effects.may_writes, trace)
    may_write = set(writes)
    may_write.update(n for n in effects.mutates if not _is_module(inputs.get(n)))
    if trace is not None:
        may_write |= trace.writes.keys()
        may_write.update(trace.spoilt)
    elif state != "blocked":
        # Not yet seen running: a method of a value from above may change it.
        may_write.update(name for name in effects.may_mutate if _mutable(inputs.get(name)))
        if record.trace is not None:
            # What no source tells of is waited for as well.
            may_write.update(filter(is_implicit, record.trace.writes))
    entry_type = Failed if state in ("failed", "blocked") else Unknown
    provides: dict[str, Entry] = {
        name: entry_type(cell.id, effects.calls.get(name, NO_CALLS)) for name in may_write
    }
    if entry_type is Unknown:
        for name in effects.imports & provides.keys():
            provides[name] = Unknown(cell.id, NO_CALLS, imported=True)
    watched = (
        inputs if trace is None else {**inputs, **trace.reads, **trace.hidden, **trace.covered}
    )
    everything = effects.reads if EVERY_NAME in effects.reads else ()
    return Finding(
        state,
        reasons=tuple(reasons),
        inputs=inputs,
        provides=provides,
        watches=watched.keys() | everything if everything else watched.keys(),
        writes=writes,
        mutates=effects.mutates if trace is None else effects.mutates | set(trace.mutated),
        has_run=trace is not None
        or (record.wanted is not None and same_meaning(record.wanted, cell.source)),
    )


def _bound(names: frozenset[str], trace: Trace | None) -> frozenset[str]:
    """Return the names that a cell binds or deletes, with those that its run has shown."""
    if trace is None or names.issuperset(trace.writes):
        return names
    return names | (trace.writes.keys() - set(trace.mutated))


def _own_reasons(effects: Effects, record: Record, trace: Trace | None) -> list[Reason]:
    reasons = []
    if record.trace is None:
        reasons.append(Reason("never_ran"))
    elif trace is None:
        reasons.append(Reason("edited"))
    else:
        if trace.outcome == "interrupted":
            reasons.append(Reason("interrupted"))
        if trace.unsettled:
            reasons.append(Reason("nondeterministic"))
    if effects.problem is not None:
        reasons.append(Reason("syntax_error"))
    return reasons


def _differences(
    trace: Trace, inputs: Mapping[str, Input], environment: Environment
) -> list[Reason]:
    reasons = []
    for name, read in trace.reads.items():
        provider, now = inputs[name]
        if isinstance(now, Unknown):
            reasons.append(Reason("upstream_stale", name, provider))
        elif isinstance(now, Failed):
            reasons.append(Reason("upstream_failed", name, provider))
        elif not read.same(now):
            reasons.append(Reason(_kind_of_change(read.entry, now), name, provider))
    for name, versions in trace.hidden.items():
        provider, now = environment.standing(name)
        if now in versions:
            reasons.append(Reason("replaced_writer", name, provider))
    for name, versions in trace.covered.items():
        provider, now = environment.find(name)
        if now in versions:
            reasons.append(Reason("replaced_writer", name, provider))
    if trace.reads_all:
        for name in environment.names():
            if name not in trace.reads:
                provider, now = environment.find(name)
                kind: ReasonKind = (
                    "upstream_stale" if isinstance(now, Unknown) else "replaced_writer"
                )
                reasons.append(Reason(kind, name, provider))
    return sorted(reasons, key=lambda reason: reason.name or "")


def _kind_of_change(was: Version | Absent, now: Version | Absent) -> ReasonKind:
    if isinstance(now, Absent):
        return "input_missing"
    if isinstance(was, Absent) or was.cell != now.cell:
        return "replaced_writer"
    return "input_changed"


def _watched(inputs: Mapping[str, Input], trace: Trace) -> Collection[str]:
    names = inputs.keys() | trace.hidden.keys() | trace.covered.keys()
    return names | {EVERY_NAME} if trace.reads_all else names


def _mutable(given: Input | None) -> bool:
    match given:
        case (_, Version() as version):
            return version.instance is not None
        case (_, Unknown() as unknown):
            return not unknown.imported
    return False


def _is_module(given: Input | None) -> bool:
    """Tell whether a name holds a module: what is set on one is a name of its own."""
    match given:
        case (_, Version() as version):
            return type(version.value) is types.ModuleType
        case (_, Unknown() as unknown):
            return unknown.imported
    return False


def expand(
    effects: Effects, environment: Environment, implicit: Iterable[str] = ()
) -> tuple[dict[str, Input], frozenset[str]]:
    """Find what a run at this place would read, through what it calls too.

    Parameters
    ----------
    effects : Effects
        What the cell's source says.
    environment : Environment
        What the names hold at its place.
    implicit : iterable of str
        What it is known to use of the state that no variable holds.

    Returns
    -------
    inputs : dict of str to Input
        Each name it would read, and where that comes from.
    called : frozenset of str
        Names that the functions it may call bind or delete.
    """
    inputs: dict[str, Input] = {}
    called: set[str] = set()
    pending = [*effects.reads, *effects.probes, *implicit]
    for candidates in effects.lookups:
        for name in candidates:
            pending.append(name)
            if not isinstance(environment.find(name)[1], Absent):
                break
    while pending:
        name = pending.pop()
        if name in inputs:
            continue
        if name == EVERY_NAME:
            pending.extend(environment.names())
            continue
        inputs[name] = found = environment.find(name)
        if name in effects.queries and isinstance(found[1], Version):
            expression = found[1].value
            pending.extend(variables_in(expression) if type(expression) is str else ())
        if not effects.inert:
            calls = found[1].calls
            pending.extend(calls.reads)
            called |= calls.writes
    return inputs, frozenset(called) if called else NO_NAMES


class FoldedEnvironment:
    """The environment of the plain fold: one dict from top to bottom."""

    def __init__(self, outside: Mapping[str, Version]) -> None:
        self._outside = outside
        self._given: dict[str, tuple[int, str, Entry]] = {}
        self._standing: dict[str, tuple[int, str, Entry]] = {}
        self._count = 0

    def find(self, name: str) -> Input:
        """Return what the cells folded so far give the name."""
        return self._nearest(self._given, name)

    def standing(self, name: str) -> Input:
        """Return what those of them that have not failed give the name."""
        return self._nearest(self._standing, name)

    def _nearest(self, given: Mapping[str, tuple[int, str, Entry]], name: str) -> Input:
        nearest = max(
            (given[key] for key in (name, EVERY_NAME) if key in given),
            key=lambda each: each[0],
            default=None,
        )
        return (nearest[1], nearest[2]) if nearest else (None, self._outside.get(name, ABSENT))

    def names(self) -> Iterable[str]:
        """Return every name that a cell folded so far has a say in."""
        return [name for name in self._given if name != EVERY_NAME]

    def give(self, cell_id: str, provides: Mapping[str, Entry]) -> None:
        """Put what a cell provides into the environment of those below it."""
        self._count += 1
        for name, entry in provides.items():
            self._given[name] = (self._count, cell_id, entry)
            if not isinstance(entry, Failed):
                self._standing[name] = self._given[name]


def fold(
    cells: Iterable[Cell], records: Mapping[str, Record], outside: Mapping[str, Version] = _NOTHING
) -> dict[str, Finding]:
    """Judge every cell, from the top: the definition of status, and the oracle of the tests.

    Parameters
    ----------
    cells : iterable of Cell
        The notebook, in order.
    records : mapping of str to Record
        What is known of its cells.
    outside : mapping of str to Version
        What names hold that no cell has a say in.

    Returns
    -------
    dict of str to Finding
        What was found, by cell id.
    """
    environment = FoldedEnvironment(outside)
    findings = {}
    for cell in cells:
        finding = judge(cell, effects_of_cell(cell), records.get(cell.id, Record()), environment)
        findings[cell.id] = finding
        environment.give(cell.id, finding.provides)
    return findings
