"""The dependency graph: what the fold found, kept up to date by what an operation touches.

An optimisation, and specified as one: after every operation, findings and edges equal those of
the plain `traces.fold` over the whole document. For each name the cells that have a say in it
and those that use it are kept in notebook order, so that a change is taken to exactly the
readers between a cell and the next writer below it.
"""

from __future__ import annotations

import heapq
import math
from bisect import bisect_left, bisect_right, insort
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import networkx as nx

from .document import Cell, Document
from .effects import Effects, is_outdated, is_own
from .traces import Environment, Finding, Record, effects_of_cell, judge
from .versions import (
    ABSENT,
    BUILTINS,
    EVERY_NAME,
    Absent,
    Entry,
    Failed,
    Input,
    Unknown,
    Version,
    is_implicit,
)

Names = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something about a cell that its user should know.

    Parameters
    ----------
    kind : {"defined_below", "syntax_error", "opaque"}
        What it is.
    cells : tuple of str
        Ids of the cells it is about, the one it shows at first.
    names : tuple of str
        The names it is about, sorted.
    message : str
        A sentence for the user.
    """

    kind: str
    cells: tuple[str, ...]
    names: Names
    message: str


@dataclass(slots=True)
class Touched:
    """What has changed since somebody last asked.

    Parameters
    ----------
    cells : set of str
        Ids of cells whose finding is another, or that are gone.
    edges : dict of (str, str) to tuple of str or None
        For each edge that is another, the names it had (None: there was none).
    problems : bool
        Whether any problem is another.
    """

    cells: set[str] = field(default_factory=set)
    edges: dict[tuple[str, str], Names | None] = field(default_factory=dict)
    problems: bool = False


class _NameIndex:
    """For each name, ids of cells in notebook order."""

    def __init__(self, labels: Mapping[str, int]) -> None:
        self._label = labels.__getitem__
        self._cells: dict[str, list[str]] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._cells

    def __iter__(self) -> Iterator[str]:
        return iter(self._cells)

    def add(self, name: str, cell_id: str) -> None:
        cells = self._cells.setdefault(name, [])
        if cells and self._label(cells[-1]) > self._label(cell_id):
            insort(cells, cell_id, key=self._label)
        else:
            cells.append(cell_id)

    def discard(self, name: str, cell_id: str) -> None:
        cells = self._cells[name]
        del cells[bisect_left(cells, self._label(cell_id), key=self._label)]
        if not cells:
            del self._cells[name]

    def above(self, name: str, label: float) -> list[str]:
        """Return the cells of a name above a place, the nearest last."""
        cells = self._cells.get(name, [])
        return cells[: bisect_left(cells, label, key=self._label)]

    def nearest(self, name: str, label: float) -> str | None:
        """Return the last cell of a name above a place."""
        cells = self._cells.get(name)
        if not cells:
            return None
        i = bisect_left(cells, label, key=self._label)
        return cells[i - 1] if i else None

    def below(self, name: str, label: float, stop: float = math.inf) -> list[str]:
        """Return the cells of a name below a place, down to ``stop`` and with it."""
        cells = self._cells.get(name)
        if not cells:
            return []
        first = bisect_right(cells, label, key=self._label)
        return cells[first : bisect_right(cells, stop, first, key=self._label)]

    def next(self, name: str, label: float) -> str | None:
        """Return the first cell of a name below a place."""
        cells = self._cells.get(name)
        if not cells:
            return None
        i = bisect_right(cells, label, key=self._label)
        return cells[i] if i < len(cells) else None


class _Place:
    """The environment above one label."""

    def __init__(self, graph: DependencyGraph, label: float) -> None:
        self._graph = graph
        self._label = label

    def find(self, name: str) -> Input:
        return self._graph.find(name, self._label)

    def standing(self, name: str) -> Input:
        return self._graph.standing(name, self._label)

    def names(self) -> Iterable[str]:
        return self._graph.names(self._label)


class DependencyGraph:
    """Findings and edges of a document's code cells.

    Parameters
    ----------
    document : Document
        The notebook; whoever changes it tells the graph by `update`.
    records : mapping of str to Record
        What is known of its cells; whoever changes one tells the graph by `update`.
    session_names : collection of str
        Names that the kernel's session has of its own, such as ``In``.

    Attributes
    ----------
    edges : networkx.DiGraph
        From the cell that gives a name its value to the cell that uses it; the attribute
        ``names`` of an edge is a sorted tuple.
    outside : dict of str to Version
        What names hold that no cell has a say in: files that others made.
    """

    def __init__(
        self,
        document: Document,
        records: Mapping[str, Record],
        session_names: Collection[str] = (),
    ) -> None:
        self._document = document
        self._records = records
        self._session_names = session_names
        self._findings: dict[str, Finding] = {}
        self._effects: dict[str, tuple[Cell, Effects]] = {}
        self._labels: dict[str, int] = {}
        self._relabelled = document.relabelled
        self._writers = _NameIndex(self._labels)
        self._readers = _NameIndex(self._labels)
        self._problems: dict[str, list[Problem]] = {}
        self._touched = Touched()
        self._unbound: set[str] = set()
        self._moved_names: set[str] = set()
        self._queue: list[tuple[int, str]] = []
        self._queued: set[str] = set()
        self._turned: list[str] = []
        self.edges: nx.DiGraph[str] = nx.DiGraph()
        self.outside: dict[str, Version] = {}

    def __getitem__(self, cell_id: str) -> Finding:
        return self._findings[cell_id]

    def __contains__(self, cell_id: object) -> bool:
        return cell_id in self._findings

    def effects(self, cell_id: str) -> Effects:
        """Return what the source of a cell of the document says."""
        return self._effects[cell_id][1]

    def find(self, name: str, label: float) -> Input:
        """Return what the nearest cell above a label that has a say gives a name."""
        provider, key = self._writers.nearest(name, label), name
        if EVERY_NAME in self._writers:
            unknown = self._writers.nearest(EVERY_NAME, label)
            if unknown is not None and (
                provider is None or self._labels[unknown] > self._labels[provider]
            ):
                provider, key = unknown, EVERY_NAME
        if provider is None:
            return None, self.outside.get(name, ABSENT)
        return provider, self._findings[provider].provides[key]

    def standing(self, name: str, label: float) -> Input:
        """Return the same, but for cells that have failed, which leave what was there before."""
        provider, entry = self.find(name, label)
        while provider is not None and isinstance(entry, Failed):
            provider, entry = self.find(name, self._labels[provider])
        return provider, entry

    def changes_behind_failure(self, cell_id: str, version: Version) -> bool:
        """Tell whether a fresh cell has changed a version that a failed one was to replace."""
        finding = self._findings.get(cell_id)
        if finding is None or finding.state != "fresh":
            return False
        trace = self._records[cell_id].trace
        return trace is not None and version in trace.covered.get(version.name, ())

    def above(self, label: float) -> Environment:
        """Return the environment of a place."""
        return _Place(self, label)

    def names(self, label: float) -> Iterable[str]:
        """Return every name that some cell above a label has a say in."""
        return [
            name
            for name in self._writers
            if name != EVERY_NAME and self._writers.nearest(name, label) is not None
        ]

    def available(self, name: str, label: float) -> Version | Absent | None:
        """Return the version to bind at a place, the best there is.

        That is the one which the fold finds; for a cell that is not fresh, what its last run
        left; else what stands above that cell.

        Returns
        -------
        Version, Absent or None
            None where no cell above has left anything.
        """
        for provider in reversed(self._writers.above(name, label)):
            entry = self._findings[provider].provides[name]
            if isinstance(entry, Version | Absent):
                return entry
            if isinstance(entry, Unknown):
                trace = self._records[provider].trace if provider in self._records else None
                if trace is not None and name in trace.writes:
                    return trace.writes[name]
        return None

    def problems(self) -> list[Problem]:
        """Return all problems, in notebook order."""
        return [
            problem
            for cell_id in sorted(self._problems, key=self._labels.__getitem__)
            for problem in self._problems[cell_id]
        ]

    def edge(self, provider: str, reader: str) -> Names | None:
        """Return the names on an edge, or None where there is no such edge."""
        names: Names | None = self.edges.get_edge_data(provider, reader, {}).get("names")
        return names

    def all_edges(self) -> list[tuple[str, str, Names]]:
        """Return every edge with its names."""
        return list(self.edges.edges(data="names"))

    def missing(self, cell_id: str, name: str) -> str | None:
        """Return the first cell below that defines a name which a cell finds missing."""
        below = self._definers_below(cell_id, name)
        return below[0] if below else None

    def take_touched(self) -> Touched:
        """Return what has changed since the last call."""
        touched, self._touched = self._touched, Touched()
        return touched

    def take_names(self) -> set[str]:
        """Return the names in which some cell has another say since the last call."""
        names, self._unbound = self._unbound, set()
        return names

    def take_turned(self) -> list[str]:
        """Return the cells that were fresh and have become stale since the last call."""
        turned, self._turned = self._turned, []
        return turned

    def all_names(self) -> list[str]:
        """Return every name that some cell has a say in."""
        return [name for name in self._writers if name != EVERY_NAME]

    def update(self, cell_ids: Iterable[str]) -> None:
        """Take in that cells were created, edited, deleted, moved, or have run.

        Parameters
        ----------
        cell_ids : iterable of str
            Their ids.
        """
        cell_ids = list(cell_ids)
        for cell_id in cell_ids:
            moved = (
                cell_id not in self._document
                or self._labels.get(cell_id) != self._document.label(cell_id)
                or self._relabelled != self._document.relabelled
            )
            if moved and cell_id in self._labels:
                self._take_out(cell_id)
        if self._relabelled != self._document.relabelled:
            # The order of the cells that stay is the same; only the numbers are others.
            self._labels.update({id_: self._document.label(id_) for id_ in self._labels})
            self._relabelled = self._document.relabelled
            self._queue = [(self._labels[id_], id_) for id_ in self._queued]
            heapq.heapify(self._queue)
        for cell_id in cell_ids:
            if cell_id in self._document:
                self._labels[cell_id] = self._document.label(cell_id)
                self._push([cell_id])
        self._settle()
        self._check_problems()

    def update_outside(self, name: str, version: Version | Absent) -> None:
        """Take in what a name holds that no cell has a say in."""
        if isinstance(version, Version):
            self.outside[name] = version
        else:
            self.outside.pop(name, None)
        self._push(self._readers.below(name, -math.inf, self._first_writer(name)))
        if EVERY_NAME in self._readers:
            self._push(self._readers.below(EVERY_NAME, -math.inf))
        self._settle()

    def _take_out(self, cell_id: str) -> None:
        finding = self._findings[cell_id]
        for name in finding.provides:
            self._writers.discard(name, cell_id)
            self._push_readers(name, cell_id)
        for name in finding.watches:
            self._readers.discard(name, cell_id)
        for provider in self.edges.pred.get(cell_id, {}):
            self._edge_was(provider, cell_id)
        for reader in self.edges.succ.get(cell_id, {}):
            self._edge_was(cell_id, reader)
        if cell_id in self.edges:
            self.edges.remove_node(cell_id)
        self._touched.problems |= self._problems.pop(cell_id, None) is not None
        self._touched.cells.add(cell_id)
        self._queued.discard(cell_id)
        del self._findings[cell_id], self._effects[cell_id], self._labels[cell_id]

    def _settle(self) -> None:
        """Judge what is queued, from the top; a change only ever reaches cells below."""
        while self._queue:
            label, cell_id = heapq.heappop(self._queue)
            # Where it has moved since, it is queued at its new place.
            if cell_id in self._queued and self._labels[cell_id] == label:
                self._queued.remove(cell_id)
                self._judge(cell_id)

    def _judge(self, cell_id: str) -> None:
        cell = self._document[cell_id]
        old = self._findings.get(cell_id, _NOTHING)
        known = self._effects.get(cell_id)
        if known is None or known[0] != cell or is_outdated(known[1]):
            self._effects[cell_id] = (cell, effects_of_cell(cell))
        new = judge(
            cell,
            self._effects[cell_id][1],
            self._records.get(cell_id, _NO_RECORD),
            self.above(self._labels[cell_id]),
        )
        self._findings[cell_id] = new
        self._touched.cells.add(cell_id)
        if old.state == "fresh" and new.state == "stale":
            self._turned.append(cell_id)
        if old.provides != new.provides:
            self._take_provided(cell_id, old.provides, new.provides)
        if old.watches != new.watches:
            for name in set(old.watches).difference(new.watches):
                self._readers.discard(name, cell_id)
            for name in set(new.watches).difference(old.watches):
                self._readers.add(name, cell_id)
        self._link(cell_id, new)
        self._find_problems(cell_id)

    def _take_provided(
        self, cell_id: str, old: Mapping[str, Entry], new: Mapping[str, Entry]
    ) -> None:
        for name in old.keys() - new.keys():
            self._writers.discard(name, cell_id)
            self._push_readers(name, cell_id)
        for name, entry in new.items():
            was = old.get(name)
            if was is None:
                self._writers.add(name, cell_id)
            if was is None or (was is not entry and (was != entry)):
                self._push_readers(name, cell_id)

    def _push_readers(self, name: str, cell_id: str) -> None:
        """Queue the cells that use what a cell says of a name."""
        label = self._labels[cell_id]
        self._unbound.add(name)
        self._moved_names.add(name)
        if name == EVERY_NAME:
            self._push(id_ for id_ in self._labels if self._labels[id_] > label)
            return
        following = self._writers.next(name, label)
        while following is not None and self._has_failed(following, name):
            # What stands above a cell that has failed stands below it too.
            following = self._writers.next(name, self._labels[following])
        stop = math.inf if following is None else self._labels[following]
        self._push(self._readers.below(name, label, stop))
        if EVERY_NAME in self._readers:
            self._push(self._readers.below(EVERY_NAME, label))

    def _has_failed(self, cell_id: str, name: str) -> bool:
        return isinstance(self._findings[cell_id].provides.get(name), Failed)

    def _push(self, cell_ids: Iterable[str]) -> None:
        for cell_id in cell_ids:
            if cell_id not in self._queued:
                self._queued.add(cell_id)
                heapq.heappush(self._queue, (self._labels[cell_id], cell_id))

    def _link(self, cell_id: str, finding: Finding) -> None:
        named: dict[str, list[str]] = {}
        for name, (provider, entry) in finding.inputs.items():
            if provider is not None and not isinstance(entry, Absent):
                named.setdefault(provider, []).append(name)
        if finding.state != "idle":
            if cell_id not in self.edges:
                self.edges.add_node(cell_id)
        elif cell_id in self.edges:
            for reader in self.edges.succ[cell_id]:
                self._edge_was(cell_id, reader)
            for provider in self.edges.pred[cell_id]:
                self._edge_was(provider, cell_id)
            self.edges.remove_node(cell_id)
            return
        else:
            return
        for provider in [p for p in self.edges.pred[cell_id] if p not in named]:
            self._edge_was(provider, cell_id)
            self.edges.remove_edge(provider, cell_id)
        for provider, names in named.items():
            sorted_names = tuple(sorted(names))
            was = self.edge(provider, cell_id)
            if was != sorted_names:
                self._touched.edges.setdefault((provider, cell_id), was)
                self.edges.add_edge(provider, cell_id, names=sorted_names)

    def _edge_was(self, provider: str, reader: str) -> None:
        self._touched.edges.setdefault((provider, reader), self.edge(provider, reader))

    def _check_problems(self) -> None:
        """Look again at the cells that miss a name in which a cell below has another say."""
        names, self._moved_names = self._moved_names, set()
        for name in names:
            for cell_id in self._readers.below(name, -math.inf, self._first_writer(name)):
                self._find_problems(cell_id)

    def _first_writer(self, name: str) -> float:
        first = self._writers.next(name, -math.inf)
        return math.inf if first is None else self._labels[first]

    def _find_problems(self, cell_id: str) -> None:
        problems = list(self._problems_of(cell_id))
        if problems != self._problems.get(cell_id, []):
            self._touched.problems = True
            if problems:
                self._problems[cell_id] = problems
            else:
                del self._problems[cell_id]

    def _problems_of(self, cell_id: str) -> Iterator[Problem]:
        finding = self._findings[cell_id]
        if finding.state == "idle":
            return
        effects = self.effects(cell_id)
        if effects.problem is not None:
            where = "" if effects.problem.line is None else f" (line {effects.problem.line})"
            message = f"The cell does not parse: {effects.problem.message}{where}."
            yield Problem("syntax_error", (cell_id,), (), message)
        for sentence in effects.opaque:
            yield Problem("opaque", (cell_id,), (), sentence)
        if finding.state == "fresh":
            # It can do without.
            return
        missing = [
            name
            for name, (provider, _) in finding.inputs.items()
            if provider is None and name not in BUILTINS and name not in self._session_names
        ]
        if not missing:
            return
        tables = self._missing_tables(effects, finding)
        definers = {
            name: self._definers_below(cell_id, name)
            for name in missing
            if not is_implicit(name) or name in tables
        }
        names = tuple(sorted(name for name, cells in definers.items() if cells))
        if names:
            below = sorted(
                {definer for name in names for definer in definers[name]},
                key=self._labels.__getitem__,
            )
            message = (
                f"{_listing(names)} {'is' if len(names) == 1 else 'are'} defined only below "
                "this cell, so that it fails when the notebook runs from the top: move the "
                "cell that defines it up."
            )
            yield Problem("defined_below", (cell_id, *below), names, message)

    def _missing_tables(self, effects: Effects, finding: Finding) -> set[str]:
        """Return names of tables, of the notebook's own database, that SQL in a cell misses."""
        missing: set[str] = set()
        for names in effects.lookups:
            given = (finding.inputs.get(name) for name in names)
            if all(each is None or isinstance(each[1], Absent) for each in given):
                missing.update(filter(is_own, names))
        return missing

    def _definers_below(self, cell_id: str, name: str) -> list[str]:
        return [
            below
            for below in self._writers.below(name, self._labels[cell_id])
            if not isinstance(self._findings[below].provides[name], Absent)
        ]


_NOTHING = Finding("idle")
_NO_RECORD = Record()


def _listing(names: Names) -> str:
    quoted = [f"`{name}`" for name in names]
    return ", ".join(quoted[:-1]) + " and " + quoted[-1] if len(quoted) > 1 else quoted[0]
