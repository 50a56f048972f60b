"""What a kernel does with its clients' messages and requests, in one order.

This is the one place where threads are thought about. A client's messages may be handled on a
subshell, in a thread of its own, while the main thread executes a cell. Everything here happens
under one lock, which is never held while a user's code runs; the user's namespace is touched in
the main thread only.
"""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any, Literal

from . import protocol
from .clients import Client, Clients
from .document import DocumentError, Operation, UpdateCell
from .garbage import no_collections
from .memory import report
from .merge import rebase
from .namespace import Namespace
from .notebook import Node, ReactiveNotebook
from .plan import Mode, Run
from .protocol import Message, ProtocolError
from .provenance import provenance
from .runs import ActiveRun, Runs
from .sql.databases import Databases
from .traces import Outcome, Trace
from .values import preview
from .versions import Absent, Version, is_implicit
from .visit import Visit

_log = logging.getLogger(__name__)


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
    run : Run
        The run that it is part of.
    alone : bool
        Whether nobody asked for that run, and the request alone is it.
    visit : Visit or None
        From when its names are bound.
    """

    request: Request
    run: Run
    alone: bool = False
    visit: Visit | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """A cell sent ahead that is not to run."""

    run: str
    verdict: Literal["unchanged", "blocked", "cancelled"]


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
    memory_limit : int
        How many bytes of values are kept beside those that stand at the end; 0 for any number.
    look_share : float
        What share of a cell's time looking for its changes may take.
    flush : callable
        Sends what clients' ``send`` was called with.
    later : callable
        Calls a function in a little while, in another thread.
    databases : Databases or None
        The connections of SQL cells; None for those that a notebook has by itself.
    """

    def __init__(
        self,
        user_ns: dict[str, Any],
        outside: dict[str, Any],
        mode: Mode,
        memory_limit: int,
        look_share: float,
        flush: Callable[[], None],
        later: Callable[[Callable[[], None]], None],
        databases: Databases | None = None,
    ) -> None:
        self.id = uuid.uuid4().hex
        self._lock = threading.RLock()
        self._flush = flush
        self._later = later
        self._gathering = False
        self._notebook = ReactiveNotebook(outside)
        self._notebook.mode = mode
        self._notebook.heap.limit = memory_limit or None
        self._databases = databases or Databases(user_ns)
        self._namespace = Namespace(user_ns, self._notebook, outside, self._databases)
        self._namespace.observer.look_share = look_share
        self._path = ""
        self._clients = Clients()
        self._runs = Runs(self._notebook, self._clients, self._publish, self._publish_soon)
        self._console: dict[str, Any] = {}

    @contextmanager
    def _step(self) -> Iterator[None]:
        """Do one thing after the other; what clients are told of one goes out together."""
        with self._lock:
            try:
                yield
            finally:
                self._flush()

    def _taking_in(self) -> AbstractContextManager[None]:
        """Get ready for a message, which may be of ten thousand cells."""
        return nullcontext() if self._notebook.is_executing else no_collections()

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
        with self._step(), self._taking_in():
            try:
                return self._open(data, session, send)
            except ProtocolError as error:
                refusal = {"code": error.code, "message": error.message}
                send({"type": "refused", "error": refusal})
                return None

    def close(self, client: Client) -> None:
        """Forget a client, and end the runs that it was to execute."""
        with self._step():
            if client in self._clients:
                self._clients.discard(client)
                self._tell_clients()
            for active in self._runs:
                if active.executor is client:
                    self._runs.cancel(active)

    def receive(self, client: Client, data: object) -> None:
        """Answer a client's message, whatever it is."""
        with self._step(), self._taking_in():
            request = data.get("request") if isinstance(data, dict) else None
            if client not in self._clients:
                message = (
                    "This comm is no longer followed: another of the same connection has taken its "
                    "place, or the connection was lost. Open a new one."
                )
                client.reply_error(request, "bad_message", message)
                return
            try:
                reply = self._answer(client, protocol.read_request(data))
            except (ProtocolError, DocumentError) as error:
                client.reply_error(request, error.code, error.message)
            except Exception as error:
                # A bug here must not cost the user the kernel.
                _log.exception("could not answer a message")
                client.reply_error(request, "internal_error", repr(error))
            else:
                if reply is not None:
                    client.reply(request, reply)

    def _open(self, data: object, session: str, send: Callable[[Message], None]) -> Client | None:
        opening = protocol.read_open(data)
        vanished = self._clients.of(session)
        if vanished is not None and opening.path == self._path:
            # A page holds a notebook once: the earlier one has vanished without a word.
            self.close(vanished)
        alone = not self._clients
        if not alone and opening.path != self._path and opening.session != self.id:
            raise ProtocolError(
                "other_document",
                f"This kernel follows {self._path!r}: give {opening.path!r} a kernel of its own.",
            )
        info = opening.client
        client = Client(
            uuid.uuid4().hex,
            info.name,
            info.kind,
            session,
            send,
            opening.shared,
            opening.batches,
        )
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
        apply = not alone and not (opening.shared and any(other.shared for other in self._clients))
        self._clients.add(client)
        statuses, nodes = self._notebook.taken()
        send(
            {
                "type": "welcome",
                "protocol": protocol.PROTOCOL_VERSION,
                "client_id": client.id,
                "session": self.id,
                "revision": document.revision,
                "mode": self._notebook.mode,
                "cells": [protocol.cell_message(cell) for cell in document],
                "status": protocol.status_messages(statuses),
                "graph": self._graph(nodes),
                "clients": self._clients.message(),
                "adopted": alone,
                "apply": apply,
            }
        )
        self._tell_clients(but=client)
        return client

    def command(self, words: Sequence[str]) -> str:
        """Answer a ``%reactive`` command.

        Raises
        ------
        ValueError
            Where there is no such command.
        """
        with self._step():
            match words:
                case ["memory"]:
                    return report(self._notebook.heap, self._notebook.document)
                case ["refresh"]:
                    return self._refresh(None)
                case ["refresh", name]:
                    return self._refresh(name)
        raise ValueError(
            f"There is no command {' '.join(words)!r}: there are `memory`, "
            "`connect NAME URL`, `disconnect NAME` and `refresh [NAME]`."
        )

    def _refresh(self, name: str | None) -> str:
        told = self._databases.connections.refresh(name)
        self._publish()
        return told

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
                self._look_outside()
                match = request.digest == notebook.document.digest()
                return {"match": match, "revision": notebook.document.revision}
            case protocol.RunCells(dry=True):
                self._look_outside()
                return self._plan(notebook.predict_run(request.cells, request.scope))
            case protocol.RunCells():
                self._start_run(client, request)
                return None
            case protocol.Cancel():
                if request.run not in self._runs:
                    raise ProtocolError("unknown_run", f"There is no run {request.run!r}.")
                active = self._runs.get(request.run)
                if active is not None:
                    self._runs.cancel(active)
                return {}
            case protocol.SetMode():
                if request.mode != notebook.mode:
                    notebook.mode = request.mode
                    self._clients.broadcast({"type": "mode", "mode": request.mode})
                return {"mode": request.mode}
            case protocol.Rename():
                self._path = request.path
                return {}
        return self._look(request)

    def _look(self, request: protocol.Question) -> Message:
        notebook = self._notebook
        match request:
            case protocol.GetGraph():
                graph = self._graph(notebook.nodes())
                return {"graph": graph, "revision": notebook.document.revision}
            case protocol.GetStatus():
                self._look_outside()
                cells = protocol.status_messages(notebook.statuses())
                return {"cells": cells, "revision": notebook.document.revision}
            case protocol.Explain():
                return protocol.explanation_message(notebook.explain(request.cell_id))
            case protocol.GetVariables():
                return {"variables": self._variables()}
            case protocol.GetProvenance():
                document = notebook.document
                return {"cells": provenance(document), "revision": document.revision}

    def _edit(self, client: Client, done: list[Operation]) -> Message:
        if done:
            self._broadcast_edit(client, done)
            self._publish()
            self._runs.advance_all()
        return {"revision": self._notebook.document.revision}

    def _start_run(self, client: Client, request: protocol.RunCells) -> None:
        self._look_outside()
        run = self._notebook.begin_run(self._runs.new_id(), request.cells, request.scope)
        planned = self._plan(run)
        active = self._runs.start(run, client, planned["plan"], request.look_ahead)
        self._publish()
        client.reply(request.request, {"run": run.id, **planned})
        self._runs.advance(active)

    def _plan(self, run: Run) -> Message:
        """Return what a reply tells of a run before anything was executed."""
        plan = self._notebook.plan(run)
        return {"plan": plan, "why": {cell_id: run.why[cell_id] for cell_id in plan}}

    def _look_outside(self) -> None:
        """Look for what others have changed; not while a cell is doing so."""
        if not (self._runs or self._notebook.is_executing):
            self._namespace.look_outside()
            self._publish()

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
                        "shape": shown.shape,
                        "preview": shown.preview,
                    }
                )
        return variables + self._tables()

    def _tables(self) -> list[Message]:
        bound = self.bound_tables()
        if not bound:
            return []
        from .sql.listing import tables

        document = self._notebook.document
        return [
            {
                "name": name,
                "cell": cell if cell in document else None,
                "type": shown.type,
                "size": shown.size,
                "shape": shown.shape,
                "preview": shown.preview,
            }
            for name, cell, shown in tables(bound)
        ]

    def bound_tables(self) -> Mapping[str, Version | Absent]:
        """Return what the cells have left of tables and connections."""
        with self._step():
            return self._databases.bound_at(float("inf"))

    # -- execution, in the main thread

    def begin(self, request: Request) -> Execution | Verdict | None:
        """Say what is to become of an ``execute_request`` that names a cell.

        Returns
        -------
        Execution, Verdict or None
            None where the document has no such code cell: it runs as in any kernel.
        """
        with self._step():
            active = self._runs.take_sent(request.session, request.cell_id)
            begun: Execution | Verdict | None
            if active is not None:
                begun = self._begin_in_run(active, request)
            else:
                begun = self._begin_alone(request)
            if isinstance(begun, Execution):
                self._notebook.started(request.cell_id, request.msg_id)
                self._publish_soon()
            return begun

    def enter(self, execution: Execution) -> None:
        """Bind what a cell sees, just before it runs."""
        with self._step():
            cell_id = execution.request.cell_id
            why = execution.run.why_now(cell_id)
            execution.visit = self._namespace.enter(cell_id, execution.request.code, why)

    def leave(self, execution: Execution, outcome: Outcome, execution_count: int | None) -> None:
        """Take in what a cell did, just after it ran."""
        with self._step():
            run, cell_id = execution.run, execution.request.cell_id
            assert execution.visit is not None
            try:
                trace = self._namespace.leave(execution.visit, outcome)
            except Exception:
                # A bug here must not cost the user the kernel, nor show a cell as fresh.
                _log.exception("could not observe what a cell did")
                outcome = "interrupted"
                trace = Trace(execution.request.code, outcome, {})
            self._notebook.finished(
                cell_id, trace, execution_count, None if execution.alone else run
            )
            self._publish_soon()
            if execution.alone:
                run.executed = [cell_id]
                run.failed = [cell_id] if outcome == "failed" else []
                self._end_alone(run, cancelled=outcome == "interrupted")
            active = self._runs.get(run.id)
            if active is not None:
                active.executing = None
            if outcome == "interrupted":
                self.interrupt()
            self._runs.advance_all()

    def rest(self) -> None:
        """Bind the names as Run All would leave them, unless a run goes on."""
        with self._step():
            if not self._runs:
                self._namespace.rest()

    def abandon(self, execution: Execution) -> None:
        """Take in that a cell which was to run did not."""
        with self._step():
            self._notebook.not_started(execution.request.cell_id)
            self._publish()
            active = self._runs.get(execution.run.id)
            if active is not None:
                active.executing = None
                self._runs.cancel(active)
            elif execution.alone:
                self._end_alone(execution.run, cancelled=True)

    def _end_alone(self, run: Run, *, cancelled: bool) -> None:
        run.cancelled = cancelled
        self._publish()
        self._runs.conclude(run)

    def interrupt(self) -> None:
        """End all runs, since the user has interrupted the kernel."""
        with self._step():
            for active in self._runs:
                self._runs.cancel(active)

    def not_executed(self, session: str, cell_id: str) -> None:
        """Take in that the kernel has aborted a request without asking."""
        with self._step():
            active = self._runs.take_sent(session, cell_id)
            if active is not None:
                self._runs.cancel(active)

    def before_console(self) -> None:
        """Bind the names for code that belongs to no cell."""
        with self._step():
            self._console = self._namespace.before_console()

    def after_console(self) -> None:
        """Take in what code that belongs to no cell has done."""
        with self._step():
            self._namespace.after_console(self._console)
            self._console = {}

    def _begin_alone(self, request: Request) -> Execution | None:
        document = self._notebook.document
        known = request.cell_id in document
        if not known or document[request.cell_id].cell_type != "code":
            return None
        self._take_code(request)
        run = Run(self._runs.new_id(), "only", self._notebook.mode, "cells")
        self._runs.announce(run.id, self._clients.of(request.session), [request.cell_id])
        return Execution(request, run, alone=True)

    def _begin_in_run(self, active: ActiveRun, request: Request) -> Execution | Verdict:
        run, cell_id = active.run, request.cell_id
        sent_source = active.sent.pop(cell_id, None)
        if cell_id in run.todo and self._notebook.document[cell_id].source == sent_source:
            # Where the cell was edited since, the request may have been sent before that.
            self._take_code(request)
        verdict = self._notebook.verdict(run, cell_id)
        if verdict == "run" and self._notebook.is_before_its_turn(run, cell_id):
            verdict = "wait"
        active.learn(needed=verdict == "run")
        if verdict == "run":
            active.executing = cell_id
            return Execution(request, run)
        if verdict == "wait":
            self._runs.queue(active, cell_id)
            verdict = "unchanged"
        self._publish_soon()
        self._runs.advance(active)
        return Verdict(run.id, verdict)

    def _take_code(self, request: Request) -> None:
        """Take the code of a request as an edit, where the document has another."""
        if self._notebook.document[request.cell_id].source == request.code:
            return
        done = self._notebook.apply([UpdateCell(request.cell_id, source=request.code)])
        self._broadcast_edit(self._clients.of(request.session), done)
        self._publish()

    # -- sending

    def _graph(self, nodes: Mapping[str, Node]) -> Message:
        graph = self._notebook.graph
        return protocol.graph_message(nodes, graph.all_edges(), graph.problems())

    def _publish(self) -> None:
        """Tell every client what has changed."""
        changes = self._notebook.take_changes()
        if not self._clients:
            return
        revision = self._notebook.document.revision
        if changes.status:
            cells = protocol.status_messages(changes.status)
            self._clients.broadcast({"type": "status", "revision": revision, "cells": cells})
        if changes.touch_graph:
            problems = self._notebook.graph.problems()
            self._clients.broadcast(protocol.graph_event(revision, changes, problems))

    def _publish_soon(self) -> None:
        """Tell every client what has changed, in a run together with what changes next."""
        if not (self._runs and self._clients.can_wait()):
            self._publish()
        elif not self._gathering:
            self._gathering = True
            self._later(self._publish_gathered)

    def _publish_gathered(self) -> None:
        with self._step():
            self._gathering = False
            self._publish()

    def _tell_clients(self, *, but: Client | None = None) -> None:
        """Tell every client but one who holds the notebook."""
        event = {"type": "clients", "clients": self._clients.message()}
        for client in self._clients:
            if client is not but:
                client.send(event)

    def _broadcast_edit(self, origin: Client | None, done: list[Operation]) -> None:
        event = {
            "type": "edited",
            "revision": self._notebook.document.revision,
            "origin": origin.id if origin else "",
            "ops": [protocol.operation_message(operation) for operation in done],
        }
        for client in self._clients:
            if client is not origin:
                client.send({**event, "apply": self._clients.applies(client, origin)})
