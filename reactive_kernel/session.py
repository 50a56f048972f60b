"""Clients, comms, order, broadcasting and runs under way.

This is the one place where threads are thought about. A client's messages may be handled on a
subshell, in a thread of its own, while the main thread executes a cell. Everything here happens
under one lock, which is never held while a user's code runs; the user's namespace is touched in
the main thread only.
"""

from __future__ import annotations

import heapq
import logging
import threading
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from . import protocol
from .document import DocumentError, Operation, UpdateCell
from .merge import rebase
from .namespace import Namespace
from .notebook import ReactiveNotebook
from .observation import Visit
from .plan import Mode, Run
from .protocol import Message, ProtocolError
from .traces import Outcome, Trace, Version, is_implicit
from .values import preview

LOOK_AHEAD: Final = 16
"""How many cells are sent ahead that may turn out not to be needed."""

_log = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class Client:
    """One open comm.

    Parameters
    ----------
    id : str
        Its name in the protocol.
    kind : {"frontend", "headless", "server"}
        What it is.
    session : str
        The ``session`` of its messages' headers.
    send : callable
        Sends it a message.
    """

    id: str
    kind: str
    session: str
    send: Callable[[Message], None]


@dataclass(slots=True, eq=False)
class Request:
    """An ``execute_request`` that names a cell."""

    session: str
    msg_id: str
    cell_id: str
    code: str


@dataclass(slots=True, eq=False)
class Execution:
    """A cell that is to run now.

    Parameters
    ----------
    request : Request
        What asked for it.
    run_id : str
        The run that it is part of.
    run : Run or None
        That run; None where nobody asked for one, and the request alone is it.
    visit : Visit or None
        From when its names are bound.
    """

    request: Request
    run_id: str
    run: Run | None
    visit: Visit | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """A cell sent ahead that is not to run."""

    run: str
    verdict: Literal["unchanged", "blocked", "cancelled"]


@dataclass(slots=True, eq=False)
class _Active:
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
    ahead : int
        How many of these were not certain to run.
    executing : str or None
        The cell that runs now.
    """

    run: Run
    executor: Client
    unsent: list[tuple[int, str]] = field(default_factory=list)
    sent: dict[str, str] = field(default_factory=dict)
    ahead: int = 0
    executing: str | None = None

    def queue(self, notebook: ReactiveNotebook, cell_id: str) -> None:
        """Put a cell among those to be sent."""
        if cell_id in notebook.document:
            heapq.heappush(self.unsent, (notebook.document.label(cell_id), cell_id))

    def next_unsent(self) -> str | None:
        """Take the first cell to be sent, in notebook order."""
        while self.unsent:
            _, cell_id = heapq.heappop(self.unsent)
            told = cell_id in self.sent or cell_id == self.executing
            if cell_id in self.run.todo and not told:
                return cell_id
        return None

    def is_under_way(self) -> bool:
        """Whether something is to happen that brings the run on."""
        return self.executing is not None or any(id_ in self.run.todo for id_ in self.sent)


class Session:
    """The notebook that a kernel follows, and the clients that hold it.

    Parameters
    ----------
    user_ns : dict
        The user's globals.
    outside : dict
        What was bound in them before any code ran.
    mode : {"auto", "lazy"}
        The mode of a notebook that has none of its own.
    """

    def __init__(self, user_ns: dict[str, Any], outside: dict[str, Any], mode: Mode) -> None:
        self.id = uuid.uuid4().hex
        self._lock = threading.RLock()
        self._notebook = ReactiveNotebook(outside)
        self._notebook.mode = mode
        self._namespace = Namespace(user_ns, self._notebook, outside)
        self._path = ""
        self._clients: list[Client] = []
        self._active: dict[str, _Active] = {}
        self._sent: dict[tuple[str, str], list[_Active]] = {}
        self._known_runs: set[str] = set()
        self._console: dict[str, Any] = {}

    # -- clients

    def open(self, data: object, session: str, send: Callable[[Message], None]) -> Client | None:
        """Take in a client.

        Parameters
        ----------
        data : object
            That of its ``comm_open``.
        session : str
            The ``session`` of the message's header.
        send : callable
            Sends the client a message.

        Returns
        -------
        Client or None
            None if it was refused, and told so.
        """
        with self._lock:
            try:
                return self._open(data, session, send)
            except ProtocolError as error:
                refusal = {"code": error.code, "message": error.message}
                send({"type": "refused", "error": refusal})
                return None

    def close(self, client: Client) -> None:
        """Forget a client, and end the runs that it was to execute."""
        with self._lock:
            if client in self._clients:
                self._clients.remove(client)
            for active in list(self._active.values()):
                if active.executor is client:
                    self._cancel(active)

    def receive(self, client: Client, data: object) -> None:
        """Answer a client's message, whatever it is."""
        with self._lock:
            request = data.get("request") if isinstance(data, dict) else None
            if client not in self._clients:
                message = "Another comm of the same connection has taken the place of this one."
                self._reply_error(client, request, "bad_message", message)
                return
            try:
                reply = self._answer(client, protocol.read_request(data))
            except (ProtocolError, DocumentError) as error:
                self._reply_error(client, request, error.code, error.message)
            except Exception as error:
                # A bug here must not cost the user the kernel.
                _log.exception("could not answer a message")
                self._reply_error(client, request, "internal_error", repr(error))
            else:
                if reply is not None:
                    self._reply(client, request, reply)

    def _open(self, data: object, session: str, send: Callable[[Message], None]) -> Client | None:
        opening = protocol.read_open(data)
        for client in [c for c in self._clients if c.session == session]:
            # A page holds a notebook once: the earlier one has vanished without a word.
            self.close(client)
        alone = not self._clients
        if not alone and opening.path != self._path:
            raise ProtocolError(
                "other_document",
                f"This kernel follows {self._path!r}: give {opening.path!r} a kernel of its own.",
            )
        client = Client(uuid.uuid4().hex, opening.client.kind, session, send)
        edits: list[Operation] = []
        document = self._notebook.document
        if alone:
            self._notebook.replace(opening.cells)
            self._path = opening.path
            self._notebook.mode = opening.mode or self._notebook.mode
        elif opening.session == self.id and opening.revision is not None:
            base = document.at_revision(opening.revision)
            if base is not None:
                edits = self._notebook.apply(rebase(base, opening.cells, document))
        if edits:
            self._broadcast_edit(client, edits)
        self._publish()
        self._clients.append(client)
        send(
            {
                "type": "welcome",
                "protocol": protocol.PROTOCOL_VERSION,
                "client_id": client.id,
                "session": self.id,
                "revision": document.revision,
                "mode": self._notebook.mode,
                "cells": [protocol.cell_message(cell) for cell in document],
                "status": self._statuses(),
                "graph": self._graph(),
                "adopted": alone,
            }
        )
        return client

    # -- requests

    def _answer(self, client: Client, request: protocol.Request) -> Message | None:
        notebook = self._notebook
        match request:
            case protocol.Edit():
                operations = [protocol.read_operation(op) for op in request.ops]
                return self._edit(client, notebook.apply(operations))
            case protocol.Replace():
                return self._edit(client, notebook.replace(protocol.read_cells(request.cells)))
            case protocol.Check():
                match = request.digest == notebook.document.digest()
                return {"match": match, "revision": notebook.document.revision}
            case protocol.RunCells():
                self._start_run(client, request)
                return None
            case protocol.Cancel():
                if request.run not in self._known_runs:
                    raise ProtocolError("unknown_run", f"There is no run {request.run!r}.")
                if request.run in self._active:
                    self._cancel(self._active[request.run])
                return {}
            case protocol.SetMode():
                if request.mode != notebook.mode:
                    notebook.mode = request.mode
                    self._broadcast({"type": "mode", "mode": request.mode})
                return {"mode": request.mode}
        return self._look(request)

    def _look(self, request: protocol.Question) -> Message:
        notebook = self._notebook
        match request:
            case protocol.GetGraph():
                return {"graph": self._graph(), "revision": notebook.document.revision}
            case protocol.GetStatus():
                return {"cells": self._statuses(), "revision": notebook.document.revision}
            case protocol.Explain():
                return protocol.explanation_message(notebook.explain(request.cell_id))
            case protocol.GetVariables():
                return {"variables": self._variables()}

    def _edit(self, client: Client, done: list[Operation]) -> Message:
        if done:
            self._broadcast_edit(client, done)
            self._publish()
            self._advance_all()
        return {"revision": self._notebook.document.revision}

    def _start_run(self, client: Client, request: protocol.RunCells) -> None:
        run_id = uuid.uuid4().hex
        run = self._notebook.begin_run(run_id, request.cells, request.scope)
        self._known_runs.add(run_id)
        plan = self._notebook.plan(run)
        executor = client
        if client.kind == "server":
            executor = next((c for c in self._clients if c.kind == "frontend"), client)
        active = self._active[run_id] = _Active(run, executor)
        self._announce(run_id, client, plan)
        self._publish()
        reply = {"run": run_id, "plan": plan, "why": {cell: run.why[cell] for cell in plan}}
        self._reply(client, request.request, reply)
        self._advance(active)

    def _variables(self) -> list[Message]:
        graph = self._notebook.graph
        variables = []
        for name in sorted(graph.all_names()):
            version = graph.available(name, float("inf"))
            if isinstance(version, Version) and not is_implicit(name):
                shown = preview(version.value)
                variables.append(
                    {
                        "name": name,
                        "cell": version.cell if version.cell in self._notebook.document else None,
                        "type": shown.type,
                        "size": shown.size,
                        "preview": shown.preview,
                    }
                )
        return variables

    # -- execution, in the main thread

    def begin(self, request: Request) -> Execution | Verdict | None:
        """Say what is to become of an ``execute_request`` that names a cell.

        Returns
        -------
        Execution, Verdict or None
            None where the document has no such code cell: it runs as in any kernel.
        """
        with self._lock:
            active = self._take_sent(request.session, request.cell_id)
            if active is not None:
                return self._begin_in_run(active, request)
            document = self._notebook.document
            known = request.cell_id in document
            if not known or document[request.cell_id].cell_type != "code":
                return None
            self._take_code(request)
            run_id = uuid.uuid4().hex
            self._known_runs.add(run_id)
            origin = self._client_of(request.session)
            self._announce(run_id, origin, [request.cell_id])
            return Execution(request, run_id, None)

    def enter(self, execution: Execution) -> None:
        """Bind what a cell sees, just before it runs."""
        with self._lock:
            cell_id = execution.request.cell_id
            replay = execution.run is not None and execution.run.todo.get(cell_id) == "replay"
            execution.visit = self._namespace.enter(cell_id, execution.request.code, replay=replay)
            self._notebook.started(cell_id, execution.request.msg_id)
            self._publish()

    def leave(self, execution: Execution, outcome: Outcome, execution_count: int | None) -> None:
        """Take in what a cell did, just after it ran."""
        with self._lock:
            run, cell_id = execution.run, execution.request.cell_id
            assert execution.visit is not None
            try:
                trace = self._namespace.leave(execution.visit, outcome)
            except Exception:
                # A bug here must not cost the user the kernel, nor show a cell as fresh.
                _log.exception("could not observe what a cell did")
                outcome = "interrupted"
                trace = Trace(execution.request.code, outcome, {})
            self._notebook.finished(cell_id, trace, execution_count, run)
            self._publish()
            if run is None:
                failed = [cell_id] if outcome == "failed" else []
                self._conclude(
                    execution.run_id, [cell_id], failed, cancelled=outcome == "interrupted"
                )
            elif run.id in self._active:
                self._active[run.id].executing = None
            if outcome == "interrupted":
                self.interrupt()
            self._advance_all()
            if not self._active:
                self._namespace.rest()

    def abandon(self, execution: Execution) -> None:
        """Take in that a cell which was to run did not."""
        with self._lock:
            active = self._active.get(execution.run_id)
            if active is not None:
                active.executing = None
                self._cancel(active)
            elif execution.run is None:
                self._conclude(execution.run_id, [], [], cancelled=True)

    def interrupt(self) -> None:
        """End all runs, since the user has interrupted the kernel."""
        with self._lock:
            for active in list(self._active.values()):
                self._cancel(active)

    def not_executed(self, session: str, cell_id: str) -> None:
        """Take in that the kernel has aborted a request without asking."""
        with self._lock:
            active = self._take_sent(session, cell_id)
            if active is not None and active.run.id in self._active:
                self._cancel(active)

    def before_console(self) -> None:
        """Bind the names for code that belongs to no cell."""
        with self._lock:
            self._console = self._namespace.before_console()

    def after_console(self) -> None:
        """Take in what code that belongs to no cell has done."""
        with self._lock:
            self._namespace.after_console(self._console)
            self._console = {}

    def _begin_in_run(self, active: _Active, request: Request) -> Execution | Verdict:
        run, cell_id = active.run, request.cell_id
        sent_source = active.sent.pop(cell_id, None)
        if cell_id in run.todo and request.code != sent_source:
            # What was sent before a later edit is that edit's past, not an edit.
            self._take_code(request)
        verdict = self._notebook.verdict(run, cell_id)
        if verdict == "run":
            active.executing = cell_id
            return Execution(request, run.id, run)
        if verdict == "wait":
            active.queue(self._notebook, cell_id)
            verdict = "unchanged"
        self._publish()
        self._advance(active)
        return Verdict(run.id, verdict)

    def _take_code(self, request: Request) -> None:
        """Take the code of a request as an edit, where the document has another."""
        if self._notebook.document[request.cell_id].source == request.code:
            return
        done = self._notebook.apply([UpdateCell(request.cell_id, source=request.code)])
        self._broadcast_edit(self._client_of(request.session), done)
        self._publish()

    # -- runs

    def _advance_all(self) -> None:
        for active in list(self._active.values()):
            self._advance(active)

    def _advance(self, active: _Active) -> None:
        """Send the cells of a run that can be sent; end it where nothing is left."""
        run = active.run
        if run.id not in self._active:
            return
        held: list[str] = []
        while True:
            for cell_id in run.take_added():
                active.queue(self._notebook, cell_id)
            following = active.next_unsent()
            if following is None:
                break
            cell_id = following
            verdict = self._notebook.verdict(run, cell_id)
            if cell_id not in run.todo:
                continue
            asked = run.todo[cell_id] == "asked"
            if not asked and active.ahead >= LOOK_AHEAD:
                held.append(cell_id)
                break
            if verdict == "run" or self._can_follow(active, cell_id):
                self._send(active, cell_id, ahead=not asked)
            else:
                held.append(cell_id)
        for cell_id in held:
            active.queue(self._notebook, cell_id)
        if not active.is_under_way():
            if not run.todo and self._notebook.complete(run):
                self._advance(active)
                return
            self._end(active)
        self._publish()

    def _can_follow(self, active: _Active, cell_id: str) -> bool:
        """Tell whether all that decides on a cell is on its way already."""
        todo = active.run.todo
        return todo[cell_id] != "replay" and all(
            provider not in todo or provider in active.sent or provider == active.executing
            for provider, _ in self._notebook.graph[cell_id].inputs.values()
        )

    def _send(self, active: _Active, cell_id: str, *, ahead: bool) -> None:
        active.sent[cell_id] = self._notebook.document[cell_id].source
        active.ahead += ahead
        self._sent.setdefault((active.executor.session, cell_id), []).append(active)
        active.executor.send({"type": "execute", "run": active.run.id, "cell_id": cell_id})

    def _take_sent(self, session: str, cell_id: str) -> _Active | None:
        """Return the run for which a client was told to execute a cell."""
        sent = self._sent.get((session, cell_id))
        if not sent:
            return None
        # A client passes over what it is told of a cell that it has deleted; what it is told
        # later must not be taken for that.
        active = next((a for a in sent if cell_id in a.run.todo and cell_id in a.sent), sent[0])
        sent.remove(active)
        if not sent:
            del self._sent[session, cell_id]
        active.ahead -= active.run.why.get(cell_id) != "asked"
        return active

    def _cancel(self, active: _Active) -> None:
        run = active.run
        run.cancelled = True
        run.todo = {id_: why for id_, why in run.todo.items() if id_ == active.executing}
        self._advance(active)

    def _end(self, active: _Active) -> None:
        run = active.run
        del self._active[run.id]
        run.unchanged += self._notebook.plan(run)
        self._notebook.end_run(run)
        self._publish()
        self._conclude(
            run.id,
            run.executed,
            run.failed,
            blocked=run.blocked,
            unchanged=run.unchanged,
            cancelled=run.cancelled,
        )

    def _announce(self, run_id: str, origin: Client | None, plan: Sequence[str]) -> None:
        self._broadcast(
            {
                "type": "run_started",
                "run": run_id,
                "origin": origin.id if origin else "",
                "plan": plan,
            }
        )

    def _conclude(
        self,
        run_id: str,
        executed: Sequence[str],
        failed: Sequence[str],
        *,
        blocked: Sequence[str] = (),
        unchanged: Sequence[str] = (),
        cancelled: bool,
    ) -> None:
        self._broadcast(
            {
                "type": "run_finished",
                "run": run_id,
                "executed": list(executed),
                "failed": list(failed),
                "blocked": list(blocked),
                "unchanged": list(unchanged),
                "cancelled": cancelled,
            }
        )

    # -- sending

    def _statuses(self) -> Message:
        return {
            cell_id: protocol.status_message(status)
            for cell_id, status in self._notebook.statuses().items()
        }

    def _graph(self) -> Message:
        graph = self._notebook.graph
        return protocol.graph_message(self._notebook.nodes(), graph.all_edges(), graph.problems())

    def _publish(self) -> None:
        """Tell every client what has changed."""
        changes = self._notebook.take_changes()
        revision = self._notebook.document.revision
        if changes.status:
            cells = {
                cell_id: protocol.status_message(status)
                for cell_id, status in changes.status.items()
            }
            self._broadcast({"type": "status", "revision": revision, "cells": cells})
        if changes.touch_graph:
            problems = self._notebook.graph.problems()
            self._broadcast(protocol.graph_event(revision, changes, problems))

    def _client_of(self, session: str) -> Client | None:
        return next((client for client in self._clients if client.session == session), None)

    def _broadcast_edit(self, origin: Client | None, done: list[Operation]) -> None:
        event = {
            "type": "edited",
            "revision": self._notebook.document.revision,
            "origin": origin.id if origin else "",
            "ops": [protocol.operation_message(operation) for operation in done],
        }
        for client in self._clients:
            if client is not origin:
                client.send(event)

    def _broadcast(self, event: Message) -> None:
        for client in self._clients:
            client.send(event)

    def _reply(self, client: Client, request: object, reply: Message) -> None:
        client.send({"type": "reply", "request": request, "status": "ok", **reply})

    def _reply_error(self, client: Client, request: object, code: str, message: str) -> None:
        error = {"code": code, "message": message}
        client.send({"type": "reply", "request": request, "status": "error", "error": error})
