"""Runs under way: who executes them, what was sent ahead, and how they end."""

from __future__ import annotations

import heapq
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from .clients import Client, Clients
from .notebook import ReactiveNotebook
from .plan import Run

LOOK_AHEAD: Final = 16
"""How many cells that may turn out not to be needed are sent ahead at first.

Each of them that does run makes it one more; one that does not makes it as few as at first.
"""

SENT_AT_ONCE: Final = 100
"""How many cells the executor is told of that have not begun; more follow when half have.

A client that is told more than it takes in does not hear of some of them: ZeroMQ's publishers
keep 1,000 messages for each subscriber, and drop the rest.
"""


@dataclass(slots=True, eq=False)
class ActiveRun:
    """A run under way, and who executes it.

    Parameters
    ----------
    run : Run
        The run.
    executor : Client
        Who sends its requests.
    unsent : list of (int, str)
        A heap of labels and ids of cells that the executor has not been told of.
    sent : dict of str to str
        Cells it was told of and that have not begun, with their source at that moment.
    uncertain : set of str
        Those of them that were not certain to run.
    at_first : int
        How many of them there may be at first.
    look_ahead : int
        How many of them there may be; more are sent when there are half as many.
    executing : str or None
        The cell that runs now.
    """

    run: Run
    executor: Client
    unsent: list[tuple[int, str]] = field(default_factory=list)
    sent: dict[str, str] = field(default_factory=dict)
    uncertain: set[str] = field(default_factory=set)
    at_first: int = LOOK_AHEAD
    look_ahead: int = field(init=False)
    executing: str | None = None

    def __post_init__(self) -> None:
        self.look_ahead = self.at_first

    def next_unsent(self) -> str | None:
        """Take the first cell to be sent, in notebook order."""
        while self.unsent:
            _, cell_id = heapq.heappop(self.unsent)
            told = cell_id in self.sent or cell_id == self.executing
            if cell_id in self.run.todo and not told:
                return cell_id
        return None

    def learn(self, *, needed: bool) -> None:
        """Take in whether a cell that was sent ahead runs."""
        self.look_ahead = min(self.look_ahead + 1, SENT_AT_ONCE) if needed else self.at_first

    def is_under_way(self) -> bool:
        """Whether something is to happen that brings the run on."""
        return self.executing is not None or self.awaited() > 0

    def awaited(self) -> int:
        """Return how many cells the executor was told of that are still to begin."""
        # It passes over those that were deleted since.
        return len(self.run.todo.keys() & self.sent.keys())


class Runs:
    """The runs of one notebook.

    Parameters
    ----------
    notebook : ReactiveNotebook
        The notebook.
    clients : Clients
        Who is told of them.
    publish : callable
        Tells every client what has changed in the notebook.
    publish_soon : callable
        Does so now or in a little while.
    """

    def __init__(
        self,
        notebook: ReactiveNotebook,
        clients: Clients,
        publish: Callable[[], None],
        publish_soon: Callable[[], None],
    ) -> None:
        self._notebook = notebook
        self._clients = clients
        self._publish = publish
        self._publish_soon = publish_soon
        self._active: dict[str, ActiveRun] = {}
        self._sent: dict[tuple[str, str], list[ActiveRun]] = {}
        self._known: set[str] = set()

    def __contains__(self, run_id: object) -> bool:
        """Tell whether there is, or was, such a run."""
        return run_id in self._known

    def __iter__(self) -> Iterator[ActiveRun]:
        return iter(list(self._active.values()))

    def __bool__(self) -> bool:
        return bool(self._active)

    def get(self, run_id: str) -> ActiveRun | None:
        """Return a run if it is under way."""
        return self._active.get(run_id)

    def new_id(self) -> str:
        """Return a name for a run."""
        run_id = uuid.uuid4().hex
        self._known.add(run_id)
        return run_id

    def start(
        self, run: Run, origin: Client, plan: list[str], look_ahead: int | None = None
    ) -> ActiveRun:
        """Take in a run, and announce it; it sends nothing before `advance`."""
        executor, at_first = self._clients.executor(origin), look_ahead or LOOK_AHEAD
        active = self._active[run.id] = ActiveRun(run, executor, at_first=at_first)
        self.announce(run.id, origin, plan)
        return active

    def take_sent(self, session: str, cell_id: str) -> ActiveRun | None:
        """Return the run for which a client was told to execute a cell, once for each time."""
        sent = self._sent.get((session, cell_id))
        if not sent:
            return None
        # A client passes over what it is told of a cell that it has deleted; what it is told
        # later must not be taken for that.
        active = next((a for a in sent if cell_id in a.run.todo and cell_id in a.sent), sent[0])
        sent.remove(active)
        if not sent:
            del self._sent[session, cell_id]
        active.uncertain.discard(cell_id)
        return active

    def queue(self, active: ActiveRun, cell_id: str) -> None:
        """Put a cell among those to be sent."""
        if cell_id in self._notebook.document:
            heapq.heappush(active.unsent, (self._notebook.document.label(cell_id), cell_id))

    def advance_all(self) -> None:
        """Bring on every run that can be."""
        for active in self:
            self.advance(active)

    def advance(self, active: ActiveRun) -> None:
        """Send the cells of a run that can be sent; end it where nothing is left."""
        run = active.run
        if run.id not in self._active:
            return
        self._send_ahead(active)
        waiting: list[str] | None = None
        while not active.is_under_way():
            todo = list(run.todo)
            if todo == waiting or not (todo or self._notebook.complete(run)):
                self._end(active)
                break
            # What was found of one cell may have decided on others that were looked at before it.
            waiting = todo
            self._send_ahead(active)
        self._publish_soon()

    def _send_ahead(self, active: ActiveRun) -> None:
        """Tell the executor of the cells that can be sent."""
        run = active.run
        if active.awaited() > SENT_AT_ONCE // 2:
            return
        room = active.look_ahead
        if len(active.uncertain) > room // 2:
            room = 0
        sent: list[str] = []
        held: list[str] = []
        while active.awaited() < SENT_AT_ONCE:
            for cell_id in run.take_added():
                self.queue(active, cell_id)
            following = active.next_unsent()
            if following is None:
                break
            verdict = self._notebook.verdict(run, following)
            if following not in run.todo:
                continue
            asked = run.todo[following] == "asked"
            if not asked and len(active.uncertain) >= room:
                held.append(following)
                break
            if verdict == "run" or self._can_follow(active, following):
                self._note_sent(active, following)
                sent.append(following)
            else:
                held.append(following)
        active.executor.execute(run.id, sent)
        for cell_id in held:
            self.queue(active, cell_id)

    def cancel(self, active: ActiveRun) -> None:
        """End a run; the cell that executes now comes to its own end."""
        run = active.run
        if run.id not in self._active:
            return
        run.cancelled = True
        run.end(but=active.executing)
        self.advance(active)

    def announce(self, run_id: str, origin: Client | None, plan: list[str]) -> None:
        """Tell every client that a run begins."""
        origin_id = origin.id if origin else ""
        self._clients.broadcast(
            {"type": "run_started", "run": run_id, "origin": origin_id, "plan": plan}
        )

    def conclude(self, run: Run) -> None:
        """Tell every client how a run ended."""
        self._clients.broadcast(
            {
                "type": "run_finished",
                "run": run.id,
                "executed": run.executed,
                "failed": run.failed,
                "blocked": run.blocked,
                "unchanged": run.unchanged,
                "cancelled": run.cancelled,
            }
        )

    def _can_follow(self, active: ActiveRun, cell_id: str) -> bool:
        """Tell whether all that decides on a cell is on its way already."""
        todo = active.run.todo
        return todo[cell_id] != "replay" and all(
            provider not in todo or provider in active.sent or provider == active.executing
            for provider, _ in self._notebook.graph[cell_id].inputs.values()
        )

    def _note_sent(self, active: ActiveRun, cell_id: str) -> None:
        active.sent[cell_id] = self._notebook.document[cell_id].source
        if active.run.todo[cell_id] != "asked":
            active.uncertain.add(cell_id)
        self._sent.setdefault((active.executor.session, cell_id), []).append(active)

    def _end(self, active: ActiveRun) -> None:
        run = active.run
        del self._active[run.id]
        run.unchanged += self._notebook.plan(run)
        self._notebook.end_run(run)
        self._publish()
        self.conclude(run)
