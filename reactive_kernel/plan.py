"""What to run next, and the plan as predicted.

A run is a loop: take the first cell in notebook order that is to run, after what its unknown
inputs need; execute it; look again. The plan that a user sees is this loop predicted from what
the graph knows now. It shrinks where a cell left what stood before, and grows where a run
reveals a need.
"""

from __future__ import annotations

import heapq
import math
from collections import Counter
from collections.abc import Iterable
from typing import Final, Literal

from .document import Document
from .graph import DependencyGraph
from .heap import Heap
from .traces import Finding
from .versions import Failed, Unknown, Version

Mode = Literal["auto", "lazy"]
Asked = Literal["cells", "all", "stale"]
Scope = Literal["reactive", "only"]
Why = Literal["asked", "needed", "affected", "replay"]
Verdict = Literal["run", "wait", "unchanged", "blocked", "cancelled"]

EXECUTIONS_PER_RUN: Final = 3
REPLAYS_PER_RUN: Final = 10
"""Each reader of an iterator may need it anew."""


class Run:
    """One run under way.

    Parameters
    ----------
    run_id : str
        Its name in the protocol.
    scope : {"reactive", "only"}
        Whether cells beside the asked ones are run.
    mode : {"auto", "lazy"}
        Whether affected cells are run.
    asked : {"cells", "all", "stale"}
        What was asked for. With ``all`` and ``stale`` it leaves failed cells alone that it does
        not execute, and sees to what stands below the last cell; with ``stale`` it leaves out
        what turns out to be fresh.

    Attributes
    ----------
    todo : dict of str to str
        Cells still to run, and why.
    executed, failed, blocked, unchanged : list of str
        What became of the others, in the order in which it did.
    cancelled : bool
        Whether it was ended before its time.
    left_spent : set of str
        Cells that are to run again for what they leave below the last cell.
    held_back : set of str
        Stale cells that it leaves out, since what they use comes from cells that are held.
    passed_over : set of str
        Cells that were to make values again for cells which may not have needed them.
    counts : Counter of str
        How often it has executed each cell.
    replays : Counter of str
        How often of these to make values again.
    """

    def __init__(self, run_id: str, scope: Scope, mode: Mode, asked: Asked) -> None:
        self.id = run_id
        self.scope = scope
        self.mode = mode
        self.asked = asked
        self.todo: dict[str, Why] = {}
        self.why: dict[str, Why] = {}
        self.executed: list[str] = []
        self.failed: list[str] = []
        self.blocked: list[str] = []
        self.unchanged: list[str] = []
        self.cancelled = False
        self.left_spent: set[str] = set()
        self.held_back: set[str] = set()
        self.passed_over: set[str] = set()
        self.counts: Counter[str] = Counter()
        self.replays: Counter[str] = Counter()
        self._added: list[str] = []
        self._requeued: set[str] = set()
        self._order: list[tuple[int, str]] = []
        self._unplaced: list[str] = []
        self._relabelled = -1

    def is_spent(self, cell_id: str) -> bool:
        """Tell whether it has executed a cell as often as it may."""
        if cell_id not in self.counts:
            return False
        replays = self.replays[cell_id]
        own = self.counts[cell_id] - replays
        # A value that is made again brings those again that kept a part of it.
        brought = min(self.replays.total(), REPLAYS_PER_RUN)
        return own >= EXECUTIONS_PER_RUN + brought or replays >= REPLAYS_PER_RUN

    def first(self, document: Document) -> str | None:
        """Return the first cell of the plan in notebook order."""
        if self._relabelled != document.relabelled:
            self._relabelled = document.relabelled
            self._order = [(document.label(id_), id_) for id_ in self.todo if id_ in document]
            heapq.heapify(self._order)
            self._unplaced = []
        while self._unplaced:
            cell_id = self._unplaced.pop()
            if cell_id in document:
                heapq.heappush(self._order, (document.label(cell_id), cell_id))
        while self._order:
            label, cell_id = self._order[0]
            if cell_id in self.todo and cell_id in document:
                if document.label(cell_id) == label:
                    return cell_id
                self._unplaced.append(cell_id)
            heapq.heappop(self._order)
        return self.first(document) if self._unplaced else None

    def why_now(self, cell_id: str) -> Why:
        """Tell why a cell runs: ``asked`` only where it was named."""
        why = self.todo.get(cell_id, "asked")
        return "affected" if why == "asked" and self.asked == "stale" else why

    def take_added(self) -> list[str]:
        """Return the cells that came into the plan since the last call."""
        added, self._added = self._added, []
        return added

    def take_requeued(self) -> set[str]:
        """Return the cells that came into the plan or left it since the last call."""
        requeued, self._requeued = self._requeued, set()
        return requeued

    def add(self, cell_id: str, why: Why) -> None:
        """Put a cell into the plan."""
        self.todo[cell_id] = why
        self._requeued.add(cell_id)
        self._added.append(cell_id)
        self._unplaced.append(cell_id)
        self.why.setdefault(cell_id, why)
        for ended in (self.unchanged, self.blocked):
            if cell_id in ended:
                ended.remove(cell_id)

    def take_out(self, cell_id: str) -> None:
        """Take a cell out of the plan, if it is in it."""
        if self.todo.pop(cell_id, None) is not None:
            self._requeued.add(cell_id)

    def end(self, but: str | None = None) -> None:
        """Take all cells out of the plan but one."""
        for cell_id in list(self.todo):
            if cell_id != but:
                self.take_out(cell_id)

    def drop(self, cell_id: str, verdict: Verdict) -> None:
        """Take a cell out of the plan that is not going to run."""
        if self.todo.get(cell_id) == "replay":
            self.passed_over.add(cell_id)
        self.take_out(cell_id)
        if cell_id in self.counts:
            return
        if verdict == "blocked":
            self.blocked.append(cell_id)
        elif verdict == "unchanged":
            self.unchanged.append(cell_id)


class Planner:
    """Decides for runs over one graph; changes nothing but the runs.

    Parameters
    ----------
    document : Document
        The notebook.
    graph : DependencyGraph
        What is known of it.
    heap : Heap
        Tells what is there without a run.
    """

    def __init__(self, document: Document, graph: DependencyGraph, heap: Heap) -> None:
        self._document = document
        self._graph = graph
        self._heap = heap

    def begin(self, run: Run, asked: Iterable[str]) -> list[str]:
        """Predict a run of some cells.

        Parameters
        ----------
        run : Run
            A new run, which takes the plan.
        asked : iterable of str
            The cells asked for. Those with nothing to run are passed over, and frozen ones
            unless one alone is named; with ``stale``, those that are held or wait for such.

        Returns
        -------
        list of str
            The plan, in notebook order.
        """
        cells = [cell_id for cell_id in asked if self._graph[cell_id].state != "idle"]
        if run.asked == "stale":
            # From the top, since one that is held back holds back others.
            cells = [c for c in cells if not (self._is_held(c) or self._is_held_back(run, c))]
        elif run.asked == "all" or len(cells) > 1:
            cells = [c for c in cells if self._document[c].held != "frozen"]
        for cell_id in cells:
            run.add(cell_id, "asked")
        self._close(run, cells)
        return self.in_order(run.todo)

    def complete(self, run: Run) -> bool:
        """Look at what a run leaves below the last cell, once it has nothing else to do.

        Names are to stand as Run All would leave them; what no cell reads any more may be spent.

        Returns
        -------
        bool
            Whether the run goes on.
        """
        if run.asked == "cells" or run.cancelled:
            return False
        for name in self._graph.all_names():
            left = self._graph.available(name, math.inf)
            if not isinstance(left, Version) or left.cell not in self._document:
                continue
            if self._is_held(left.cell) or not self._is_gone(left, math.inf):
                continue
            if isinstance(self._graph.find(name, math.inf)[1], Unknown):
                # It waits for a cell that is held, and stands no longer.
                continue
            # Once: what it then leaves has been through the same cells as in Run All.
            if left.cell not in run.left_spent and not self._heap.is_as_run_all_leaves_it(left):
                run.add(left.cell, "replay")
                run.left_spent.add(left.cell)
        self._close(run, list(run.todo))
        return bool(run.todo)

    def in_order(self, cell_ids: Iterable[str]) -> list[str]:
        """Return cells of the document in notebook order."""
        return sorted(
            (cell_id for cell_id in cell_ids if cell_id in self._document),
            key=self._document.label,
        )

    def executed(
        self, run: Run, cell_id: str, readers: Iterable[str], turned: Iterable[str]
    ) -> None:
        """Take in that a cell of a run was executed and its trace recorded.

        Parameters
        ----------
        run : Run
            The run.
        cell_id : str
            The cell.
        readers : iterable of str
            The cells that used what it left, as far as was known before.
        turned : iterable of str
            The cells that were fresh and are stale because it ran.
        """
        run.take_out(cell_id)
        self._close(run, [cell_id])
        self._close(run, self._add_affected(run, [r for r in readers if r in self._document]))
        self._close(run, self._add_affected(run, turned, by_run=True))
        again = self._graph[cell_id].state == "stale" and not run.cancelled
        if again and not run.is_spent(cell_id):
            run.add(cell_id, run.why[cell_id])
            if not self._needs(run, cell_id):
                run.take_out(cell_id)
            self._close(run, [cell_id])
        self._drop_settled(run, cell_id)

    def verdict(self, run: Run, cell_id: str) -> Verdict:
        """Say what is to become of a cell of a run now.

        Returns
        -------
        {"run", "wait", "unchanged", "blocked", "cancelled"}
            ``wait`` where other cells of the plan decide.
        """
        if cell_id not in run.todo:
            if run.cancelled or cell_id not in self._document:
                return "cancelled"
            return "blocked" if cell_id in run.blocked else "unchanged"
        why = run.todo[cell_id]
        finding = self._graph[cell_id]
        if finding.state == "idle":
            return "unchanged"
        self._add_needs(run, cell_id)
        above = [run.todo[p] for p, _ in finding.inputs.values() if p in run.todo]
        if above:
            # Nothing but the wish to run this cell would make its inputs again.
            only_replays = all(why == "replay" for why in above)
            idle = why == "affected" and finding.state == "fresh" and only_replays
            return "unchanged" if idle else "wait"
        if run.scope == "only":
            return "run"
        if why == "replay":
            verdict = self._verdict_of_replay(run, cell_id)
            if verdict != "unchanged" or run.mode == "lazy":
                return verdict
            # Nothing needs its values any more; the run may have made it stale all the same.
            why = "affected"
        return self._verdict_by_inputs(run, cell_id, why)

    def _verdict_by_inputs(self, run: Run, cell_id: str, why: Why) -> Verdict:
        """Say what is to become of a cell once nothing that it reads is to be made any more."""
        finding = self._graph[cell_id]
        entries = [entry for _, entry in finding.inputs.values()]
        if any(isinstance(entry, Failed) for entry in entries):
            return "blocked"
        if why == "asked" and run.asked != "stale":
            return "run"
        if finding.state == "fresh":
            return "unchanged"
        if why in ("asked", "affected") and self._is_held_back(run, cell_id):
            return "unchanged"
        if finding.state == "failed" and (why == "affected" or not self._may_retry(run, cell_id)):
            return "unchanged"
        if why == "affected" and (
            not finding.has_run or any(isinstance(entry, Unknown) for entry in entries)
        ):
            return "unchanged"
        return "run"

    def above(self, run: Run, cell_id: str) -> list[str]:
        """Return the cells of a run above one, in notebook order."""
        label = self._document.label(cell_id)
        first = run.first(self._document)
        if first is None or self._document.label(first) >= label:
            return []
        return [c for c in self.in_order(run.todo) if self._document.label(c) < label]

    def drop(self, run: Run, cell_id: str, verdict: Verdict) -> None:
        """Take a cell out of a run, and with it what only it would have made run."""
        run.drop(cell_id, verdict)
        self._drop_settled(run, cell_id)

    def _close(self, run: Run, cell_ids: Iterable[str]) -> None:
        """Add what cells of the run need and affect, until nothing is to be added."""
        pending = [] if run.cancelled else list(cell_ids)
        while pending:
            cell_id = pending.pop()
            pending += self._add_needs(run, cell_id)
            pending += self._add_affected(run, self._readers(cell_id))

    def _readers(self, cell_id: str) -> Iterable[str]:
        edges = self._graph.edges
        return edges.successors(cell_id) if cell_id in edges else ()

    def _add_affected(
        self, run: Run, cell_ids: Iterable[str], *, by_run: bool = False
    ) -> list[str]:
        """Add those of some cells that are affected by the run; return them."""
        if run.mode == "lazy" or run.scope == "only" or run.cancelled:
            return []
        affected = [
            cell_id
            for cell_id in cell_ids
            if cell_id not in run.todo and self._is_affected(run, cell_id, by_run=by_run)
        ]
        for cell_id in affected:
            run.add(cell_id, "affected")
        return affected

    def _add_needs(self, run: Run, cell_id: str) -> list[str]:
        """Add what one cell of the run needs; return what that is."""
        added: list[str] = []
        pending = [cell_id]
        while pending:
            cell_id = pending.pop()
            if cell_id in run.todo:
                for need, why in self._needs(run, cell_id).items():
                    if need not in run.todo and not run.is_spent(need):
                        run.add(need, why)
                        pending.append(need)
                        added.append(need)
        return added

    def _needs(self, run: Run, cell_id: str) -> dict[str, Why]:
        """Return the cells above that are to run before a cell of the plan can."""
        needs: dict[str, Why] = {}
        takes_what_comes = run.scope == "only" or run.todo[cell_id] == "affected"
        for provider, entry in self._graph[cell_id].inputs.values():
            if provider is None or self._is_held(provider):
                continue
            if isinstance(entry, Version):
                if self._is_gone(entry, self._document.label(cell_id)):
                    needs[provider] = "replay"
            elif not takes_what_comes and (
                isinstance(entry, Unknown)
                or (isinstance(entry, Failed) and self._may_retry(run, provider))
            ):
                needs.setdefault(provider, "needed")
        return needs

    def _is_held(self, cell_id: str) -> bool:
        """Tell whether a cell runs for no other's sake: these take what it last left."""
        return self._document[cell_id].held is not None

    def _is_held_back(self, run: Run, cell_id: str) -> bool:
        """Tell whether a cell would be stale after running too, because of one that is held."""
        label = self._document.label(cell_id)
        for provider, entry in self._graph[cell_id].inputs.values():
            if provider is None or provider in run.todo:
                continue
            if (provider in run.held_back or self._is_held(provider)) and (
                isinstance(entry, Unknown)
                or (isinstance(entry, Version) and self._is_gone(entry, label))
            ):
                run.held_back.add(cell_id)
                return True
        return False

    def _is_gone(self, version: Version, label: float) -> bool:
        """Tell whether only running the writer again gives a version to a cell at a label."""
        return version.spent and not self._heap.can_bring_back(version, label)

    def _may_retry(self, run: Run, cell_id: str) -> bool:
        return run.asked == "cells" and cell_id not in run.counts and cell_id not in run.blocked

    def _is_affected(self, run: Run, cell_id: str, *, by_run: bool = False) -> bool:
        finding = self._graph[cell_id]
        if not finding.has_run or run.is_spent(cell_id) or self._is_held(cell_id):
            return False
        if cell_id in run.failed and self._gets_replays(run, finding):
            # It would spend what was made again for others once more.
            return False
        settled = finding.state in ("fresh", "failed")
        gets_from_run = by_run
        for provider, entry in finding.inputs.values():
            if provider is None:
                continue
            if provider in run.todo or (not settled and provider in run.counts):
                gets_from_run = True
            elif isinstance(entry, Unknown | Failed):
                return False
        return gets_from_run

    def _gets_replays(self, run: Run, finding: Finding) -> bool:
        """Tell whether all that a cell gets from a run was, or is to be, made again."""
        return all(
            run.replays[provider] > 0 or run.todo.get(provider) == "replay"
            for provider, _ in finding.inputs.values()
            if provider is not None and (provider in run.todo or provider in run.counts)
        )

    def _verdict_of_replay(self, run: Run, cell_id: str) -> Verdict:
        readers = [r for r in self._readers(cell_id) if r in run.todo]
        if cell_id in run.left_spent:
            return "run"
        if not any(self._waits_for_values_of(reader, cell_id) for reader in readers):
            # They were needed after all once: what runs between here and who needs them, and may
            # write them or not, is not to spend what this one reads in turns with it.
            return "run" if cell_id in run.passed_over else "unchanged"
        for reader in readers:
            # A reader that is fresh runs only if another of its inputs turns out different.
            if run.todo[reader] != "affected" or self._graph[reader].state != "fresh":
                return "run"
        return "wait"

    def _waits_for_values_of(self, reader: str, cell_id: str) -> bool:
        return any(
            provider == cell_id
            and (
                isinstance(entry, Unknown)
                or (
                    isinstance(entry, Version)
                    and self._is_gone(entry, self._document.label(reader))
                )
            )
            for provider, entry in self._graph[reader].inputs.values()
        )

    def _drop_settled(self, run: Run, cell_id: str) -> None:
        """Drop the cells that what became of one leaves nothing to run for."""
        pending = [cell_id]
        while pending:
            cell_id = pending.pop()
            around = [*self._readers(cell_id)]
            if cell_id not in run.counts:
                around += self._graph.edges.pred.get(cell_id, ())
            for other in around:
                if run.todo.get(other) in ("affected", "needed", "replay"):
                    verdict = self.verdict(run, other)
                    if verdict in ("unchanged", "blocked"):
                        run.drop(other, verdict)
                        pending.append(other)
