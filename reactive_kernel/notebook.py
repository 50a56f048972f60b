"""ReactiveNotebook: document, graph and runs as one value; operations in, changes out.

It knows nothing of Jupyter's wires, of threads, or of how code is executed: whoever holds it
applies operations, executes what a run names, hands back the trace, and takes the changes.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

import msgspec

from .document import Cell, CreateCell, DeleteCell, Document, Held, Operation
from .effects import NO_NAMES, is_own
from .graph import DependencyGraph, Names, Problem
from .heap import Heap
from .plan import Asked, Mode, Planner, Run, Scope, Verdict
from .traces import Reason, Record, State, Trace
from .versions import BUILTINS, EVERY_NAME, Absent, Entry, Version, is_implicit

_REMEMBERED_DELETIONS: Final = 200

_OUTSIDE: Final = ("random:", "file:", "sql:")

ReadKind = Literal["cell", "builtin", "outside", "missing"]


class Status(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a page shows of a cell, as the protocol's STATUS.

    Parameters
    ----------
    state : str
        The protocol's STATE.
    reasons : tuple of Reason
        Why the cell is not fresh.
    execution_count : int or None
        That of its last run in this kernel.
    msg_id : str or None
        While it runs, that of the request that runs it.
    held : {"frozen", "manual"} or None
        Whether it runs only when it is asked for.
    """

    state: State
    reasons: tuple[Reason, ...]
    execution_count: int | None
    msg_id: str | None
    held: Held | None = None


class Node(msgspec.Struct, frozen=True):
    """A code cell in the graph."""

    reads: frozenset[str]
    writes: frozenset[str]
    mutates: frozenset[str]


@dataclass(slots=True)
class Changes:
    """What has changed since somebody last asked.

    Parameters
    ----------
    status : dict of str to Status
        Of the cells whose status is another.
    nodes : dict of str to Node or None
        Nodes that are new or other, and None for those that are gone.
    edges : dict of (str, str) to tuple of str
        Edges that are new or have other names.
    removed : list of (str, str)
        Edges that are gone.
    problems : list of Problem or None
        All of them, if any is another.
    """

    status: dict[str, Status] = field(default_factory=dict)
    nodes: dict[str, Node | None] = field(default_factory=dict)
    edges: dict[tuple[str, str], Names] = field(default_factory=dict)
    removed: list[tuple[str, str]] = field(default_factory=list)
    problems: list[Problem] | None = None

    @property
    def touch_graph(self) -> bool:
        """Whether anything but statuses has changed."""
        return bool(self.nodes or self.edges or self.removed or self.problems is not None)


@dataclass(frozen=True, slots=True)
class ReadSource:
    """A name that a cell reads, and where it comes from."""

    name: str
    cell: str | None
    kind: ReadKind


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a cell is where it is; cells in notebook order, names sorted.

    Of `mutates`, `unsure` are those that cannot be looked at, and count as changed.
    """

    reads: tuple[ReadSource, ...]
    writes: Names
    mutates: Names
    unsure: Names
    upstream: tuple[str, ...]
    downstream: tuple[str, ...]
    status: Status


class ReactiveNotebook:
    """A notebook that knows what depends on what, and what is out of date.

    Parameters
    ----------
    session_names : iterable of str
        Names that the kernel's session has of its own, such as ``In``.

    Attributes
    ----------
    document : Document
        The cells.
    graph : DependencyGraph
        What is found of them.
    heap : Heap
        The objects that their runs have left.
    records : mapping of str to Record
        What they last ran with; those of deleted cells are kept for a while.
    mode : {"auto", "lazy"}
        Whether a run executes the cells that it affects.
    runs : dict of str to Run
        The runs under way.
    """

    def __init__(self, session_names: Iterable[str] = ()) -> None:
        self.document = Document()
        self.records: dict[str, Record] = {}
        self.session_names = frozenset(session_names)
        self.graph = DependencyGraph(self.document, self.records, self.session_names)
        self.mode: Mode = "auto"
        self.runs: dict[str, Run] = {}
        self.heap = Heap(self.graph)
        self._planner = Planner(self.document, self.graph, self.heap)
        self._running: tuple[str, str] | None = None
        self._deleted: OrderedDict[str, None] = OrderedDict()
        self._published: dict[str, Status] = {}
        self._published_nodes: dict[str, Node] = {}
        self._restated: set[str] = set()

    # -- the document

    def apply(self, operations: Iterable[Operation]) -> list[Operation]:
        """Apply operations, all of them or none.

        Parameters
        ----------
        operations : iterable of Operation
            In order.

        Returns
        -------
        list of Operation
            Those that changed something, with indexes given.

        Raises
        ------
        DocumentError
            Where one cannot apply; nothing has changed then.
        """
        done = self.document.apply(operations)
        touched = dict.fromkeys(_subject(operation) for operation in done)
        for operation in done:
            if isinstance(operation, DeleteCell):
                self._deleted[operation.cell_id] = None
                self._deleted.move_to_end(operation.cell_id)
        self.graph.update(touched)
        self._restated.update(touched)
        for cell_id in touched:
            if cell_id in self.document:
                self._deleted.pop(cell_id, None)
            else:
                for run in self.runs.values():
                    if cell_id in run.todo:
                        self._drop(run, cell_id, "cancelled")
        while len(self._deleted) > _REMEMBERED_DELETIONS:
            forgotten, _ = self._deleted.popitem(last=False)
            self.records.pop(forgotten, None)
        return done

    def replace(self, cells: Sequence[Cell]) -> list[Operation]:
        """Make the document these cells, by the smallest edit that leads there."""
        return self.apply(self.document.edit_to(cells))

    # -- runs

    def begin_run(
        self, run_id: str, cells: Iterable[str] | Literal["all", "stale"], scope: Scope
    ) -> Run:
        """Start a run.

        Parameters
        ----------
        run_id : str
            A name that no other run has.
        cells : iterable of str, "all" or "stale"
            The cells asked for; ``stale`` are those that are stale or new.
        scope : {"reactive", "only"}
            Whether the run takes in what they need and affect.

        Returns
        -------
        Run
            With the plan in `Run.todo`.

        Raises
        ------
        DocumentError
            ``unknown_cell`` where the document has not one of them.
        """
        if cells == "stale":
            self._want(c.id for c in self.document if self.graph[c.id].state == "blocked")
        run = self.predict_run(cells, scope, run_id)
        self.runs[run_id] = run
        return run

    def predict_run(
        self, cells: Iterable[str] | Literal["all", "stale"], scope: Scope, run_id: str = ""
    ) -> Run:
        """Return what `begin_run` would, without starting it.

        Raises
        ------
        DocumentError
            ``unknown_cell`` where the document has not one of them.
        """
        what: Asked = "cells"
        if cells in ("all", "stale"):
            what = cells
        run = Run(run_id, scope, self.mode, what)
        if cells == "all":
            asked = [cell.id for cell in self.document]
        elif cells == "stale":
            states = ("stale", "new")
            asked = [c.id for c in self.document if self.graph[c.id].state in states]
        else:
            asked = [self.document[cell_id].id for cell_id in cells]
        self._planner.begin(run, asked)
        return run

    def plan(self, run: Run) -> list[str]:
        """Return the cells that a run still has to do, in notebook order."""
        return self._planner.in_order(run.todo)

    def verdict(self, run: Run, cell_id: str) -> Verdict:
        """Say what is to become of a cell of a run now, and drop it where it is not to run."""
        verdict = self._planner.verdict(run, cell_id)
        if verdict in ("unchanged", "blocked") and cell_id in run.todo:
            self._drop(run, cell_id, verdict)
        return verdict

    def is_before_its_turn(self, run: Run, cell_id: str) -> bool:
        """Tell whether a cell above one that could run now is to run first.

        What a cell changes in place is gone for those above it.
        """
        above = self._planner.above(run, cell_id) if run.scope == "reactive" else []
        while above:
            if any(self.verdict(run, each) == "run" for each in above):
                return True
            # What one needs may have come in, and what none needs may have gone.
            now = self._planner.above(run, cell_id)
            if now == above:
                return False
            above = now
        return False

    @property
    def is_executing(self) -> bool:
        """Whether a cell executes now."""
        return self._running is not None

    def started(self, cell_id: str, msg_id: str) -> None:
        """Take in that a cell is executing now."""
        self._running = (cell_id, msg_id)
        self._restated.add(cell_id)

    def not_started(self, cell_id: str) -> None:
        """Take in that a cell is not executing after all."""
        self._running = None
        self._restated.add(cell_id)

    def finished(
        self, cell_id: str, trace: Trace, execution_count: int | None, run: Run | None
    ) -> None:
        """Take in that a cell has run.

        Parameters
        ----------
        cell_id : str
            The cell, which may have been deleted meanwhile.
        trace : Trace
            What its run used and left.
        execution_count : int or None
            The kernel's count at that run.
        run : Run or None
            The run that it was part of.
        """
        self._running = None
        self.records[cell_id] = Record(trace, None, execution_count)
        self._restated.add(cell_id)
        if cell_id not in self.document:
            self._deleted[cell_id] = None
            if run is not None:
                run.take_out(cell_id)
            return
        readers = list(self.graph.edges.succ.get(cell_id, ()))
        self.graph.take_turned()
        self.graph.update([cell_id])
        turned = self.graph.take_turned()
        self.heap.relieve(self._awaited)
        if run is None:
            return
        run.counts[cell_id] += 1
        if run.todo.get(cell_id) == "replay":
            run.replays[cell_id] += 1
        if cell_id not in run.executed:
            run.executed.append(cell_id)
        if trace.outcome == "failed" and cell_id not in run.failed:
            run.failed.append(cell_id)
        dropped = set(run.blocked)
        self._planner.executed(run, cell_id, readers, turned)
        self._remember_blocked(run, dropped)
        if (
            run.is_spent(cell_id)
            and run.scope == "reactive"
            and self.graph[cell_id].state == "stale"
        ):
            trace.unsettled = True
            self.graph.update([cell_id])

    def complete(self, run: Run) -> bool:
        """Tell whether a run that has nothing left to do goes on all the same."""
        return self._planner.complete(run)

    def end_run(self, run: Run) -> None:
        """End a run; what it has not done stays as it is."""
        run.end()
        self._restated |= run.take_requeued()
        self.runs.pop(run.id, None)
        self.heap.relieve(self._awaited)

    def _drop(self, run: Run, cell_id: str, verdict: Verdict) -> None:
        dropped = set(run.blocked)
        self._planner.drop(run, cell_id, verdict)
        self._remember_blocked(run, dropped)

    def _awaited(self) -> set[Entry]:
        """Return what the cells that are still to run are going to read."""
        return {
            entry
            for run in self.runs.values()
            for cell_id in run.todo
            if cell_id in self.document
            for _, entry in self.graph[cell_id].inputs.values()
        }

    def _remember_blocked(self, run: Run, before: set[str]) -> None:
        self._want(cell_id for cell_id in run.blocked if cell_id not in before)

    def _want(self, blocked: Iterable[str]) -> None:
        """Keep that blocked cells were to run, or mending the cause would never run them."""
        for cell_id in list(blocked):
            record = self.records.setdefault(cell_id, Record())
            record.wanted = self.document[cell_id].source
            self.graph.update([cell_id])

    # -- what there is to see

    def status(self, cell_id: str) -> Status:
        """Return the status of a cell of the document."""
        finding = self.graph[cell_id]
        record = self.records.get(cell_id)
        state, msg_id = finding.state, None
        if self._running is not None and self._running[0] == cell_id:
            state, msg_id = "running", self._running[1]
        else:
            for run in self.runs.values():
                if cell_id in run.todo:
                    state = "queued"
        count = record.execution_count if record else None
        return Status(state, finding.reasons, count, msg_id, self.document[cell_id].held)

    def statuses(self) -> dict[str, Status]:
        """Return the status of every cell."""
        return {cell.id: self.status(cell.id) for cell in self.document}

    def node(self, cell_id: str) -> Node | None:
        """Return a cell's node; None for a cell that has nothing to run."""
        finding = self.graph[cell_id]
        if finding.state == "idle":
            return None
        effects = self.graph.effects(cell_id)
        inputs = frozenset(n for n, given in finding.inputs.items() if _is_shown(n, given[0]))
        reads = ((inputs - effects.probes) | effects.shown_reads) - {EVERY_NAME}
        return Node(reads, frozenset(finding.writes), frozenset(finding.mutates))

    def nodes(self) -> dict[str, Node]:
        """Return every node."""
        nodes = {cell.id: self.node(cell.id) for cell in self.document}
        return {cell_id: node for cell_id, node in nodes.items() if node is not None}

    def taken(self) -> tuple[Mapping[str, Status], Mapping[str, Node]]:
        """Return the statuses and the nodes that all changes taken so far add up to."""
        return self._published, self._published_nodes

    def explain(self, cell_id: str) -> Explanation:
        """Tell what a cell reads, from where, and what depends on it.

        Raises
        ------
        DocumentError
            ``unknown_cell``.
        """
        self.document[cell_id]
        node = self.node(cell_id) or Node(NO_NAMES, NO_NAMES, NO_NAMES)
        mutates = tuple(sorted(node.mutates))
        return Explanation(
            tuple(self._source_of(cell_id, name) for name in sorted(node.reads)),
            tuple(sorted(node.writes)),
            mutates,
            self._unsure(cell_id, mutates),
            self._in_order(self._reachable(cell_id, self.graph.edges.pred)),
            self._in_order(self._reachable(cell_id, self.graph.edges.succ)),
            self.status(cell_id),
        )

    def _unsure(self, cell_id: str, names: Names) -> Names:
        """Return the names of values that a cell may have changed, and that have no fingerprint."""
        provides = self.graph[cell_id].provides
        left = ((name, provides.get(name)) for name in names)
        return tuple(name for name, entry in left if isinstance(entry, Version) and entry.is_opaque)

    def take_changes(self) -> Changes:
        """Return what has changed since the last call."""
        changes = Changes()
        touched = self.graph.take_touched()
        requeued = (run.take_requeued() for run in self.runs.values())
        restated = touched.cells.union(self._restated, *requeued)
        self._restated = set()
        for cell_id in restated:
            if cell_id in self.document:
                status = self.status(cell_id)
                if status != self._published.get(cell_id):
                    changes.status[cell_id] = self._published[cell_id] = status
            else:
                self._published.pop(cell_id, None)
        for cell_id in touched.cells:
            self._take_node(cell_id, changes)
        for edge, names in touched.edges.items():
            now = self.graph.edge(*edge)
            if now is None and names is not None:
                changes.removed.append(edge)
            elif now is not None and now != names:
                changes.edges[edge] = now
        if touched.problems:
            changes.problems = self.graph.problems()
        return changes

    def _take_node(self, cell_id: str, changes: Changes) -> None:
        node = self.node(cell_id) if cell_id in self.document else None
        if node != self._published_nodes.get(cell_id):
            changes.nodes[cell_id] = node
            if node is None:
                del self._published_nodes[cell_id]
            else:
                self._published_nodes[cell_id] = node

    def _source_of(self, cell_id: str, name: str) -> ReadSource:
        provider, entry = self.graph.find(name, self.document.label(cell_id))
        if provider is not None and not isinstance(entry, Absent):
            return ReadSource(name, provider, "cell")
        if provider is None and name in BUILTINS:
            return ReadSource(name, None, "builtin")
        if provider is None and (name in self.session_names or is_implicit(name)):
            return ReadSource(name, None, "outside")
        return ReadSource(name, self.graph.missing(cell_id, name), "missing")

    def _in_order(self, cell_ids: Iterable[str]) -> tuple[str, ...]:
        return tuple(self._planner.in_order(cell_ids))

    def _reachable(self, cell_id: str, neighbours: Mapping[str, Iterable[str]]) -> set[str]:
        found: set[str] = set()
        pending = [cell_id]
        while pending:
            for other in neighbours.get(pending.pop(), ()):
                if other not in found:
                    found.add(other)
                    pending.append(other)
        return found


def _is_shown(name: str, provider: str | None) -> bool:
    """Tell whether people are to see that a cell uses a name: not settings that no cell sets."""
    if provider is not None or not is_implicit(name):
        return True
    return name.startswith(_OUTSIDE) and not is_own(name)


def _subject(operation: Operation) -> str:
    return operation.cell.id if isinstance(operation, CreateCell) else operation.cell_id
