"""A client of the reactive protocol for tests: holds cells, sends edits, executes what it is told.

Written from the page of the protocol alone. It believes nothing but the messages: statuses and the
graph are what the events add up to, and `Player.disagreements` compares them with what the kernel
says when asked.
"""

from __future__ import annotations

import itertools
import json
import time
import uuid
import zlib
from dataclasses import dataclass, field
from queue import Empty
from typing import TYPE_CHECKING, Any

from jupyter_client.jsonutil import json_default
from jupyter_client.manager import KernelManager

from .sockets import socket_files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Message = dict[str, Any]

PATIENCE = 30.0
"""Seconds after which an expected message counts as never sent."""


class RefusedError(Exception):
    """The kernel answered `refused` to the opening of a comm."""

    def __init__(self, error: Message):
        super().__init__(f"{error['code']}: {error['message']}")
        self.code = error["code"]


class RequestError(Exception):
    """The kernel answered a request with an error."""

    def __init__(self, error: Message):
        super().__init__(f"{error['code']}: {error['message']}")
        self.code = error["code"]


@dataclass
class Cell:
    """A cell as the player's notebook holds it, with what its runs left."""

    source: str
    id: str = field(default_factory=lambda: f"cell-{uuid.uuid4().hex[:8]}")
    cell_type: str = "code"
    tags: list[str] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    runs: int = 0
    execution_count: int | None = None

    def message(self) -> Message:
        return {
            "id": self.id,
            "cell_type": self.cell_type,
            "source": self.source,
            "tags": list(self.tags),
        }

    @property
    def outputs(self) -> list[tuple[str, ...]]:
        return outputs_of(self.messages)

    @property
    def text(self) -> str:
        """What the last run printed."""
        return "".join(output[1] for output in self.outputs if output[0] == "stdout")

    @property
    def error(self) -> str | None:
        """The name of the error that the last run raised."""
        return next((output[1] for output in self.outputs if output[0] == "error"), None)


def pack_escaped(value: Any) -> bytes:
    """Pack as a browser does: an unpaired surrogate travels as an escape."""
    return json.dumps(value, default=json_default, allow_nan=False).encode()


def digest(cells: Iterable[Cell]) -> str:
    text = "".join(f"{cell.id}\x1f{cell.cell_type}\x1f{cell.source}\x1e" for cell in cells)
    whole = "".join("\ufffd" if "\ud800" <= char <= "\udfff" else char for char in text)
    return format(zlib.crc32(whole.encode()), "08x")


class Connection:
    """One client's sockets to a kernel, under a session id of their own, or one that was lost."""

    def __init__(self, manager: KernelManager, session_id: str | None = None):
        session = manager.session.clone()
        session.session = session_id or uuid.uuid4().hex
        session.pack = pack_escaped
        self.client = manager.client(session=session)
        self.client.start_channels()
        self.client.wait_for_ready(timeout=PATIENCE)

    def close(self) -> None:
        self.client.stop_channels()

    def send(self, msg_type: str, content: Message, **parts: Any) -> str:
        """Send one message on the shell channel; `parts` go into `metadata` or the header."""
        message = self.client.session.msg(msg_type, content, metadata=parts.get("metadata"))
        if parts.get("subshell"):
            message["header"]["subshell_id"] = parts["subshell"]
        self.client.shell_channel.send(message)
        msg_id: str = message["header"]["msg_id"]
        return msg_id

    def execute(self, source: str, cell_id: str | None = None) -> str:
        content = {
            "code": source,
            "silent": False,
            "store_history": True,
            "user_expressions": {},
            "allow_stdin": True,
            "stop_on_error": False,
        }
        return self.send(
            "execute_request", content, metadata={"cellId": cell_id} if cell_id else {}
        )

    def catch_up(self) -> None:
        """Pass over what was published and not read: past some 2,000 messages, more is dropped."""
        while self.client.iopub_channel.msg_ready():
            self.client.get_iopub_msg()

    def start_subshell(self) -> str:
        request = self.client.session.msg("create_subshell_request", {})
        self.client.control_channel.send(request)
        while True:
            reply = self.client.get_control_msg(timeout=PATIENCE)
            if reply["parent_header"].get("msg_id") == request["header"]["msg_id"]:
                subshell: str = reply["content"]["subshell_id"]
                return subshell

    def reach(self, subshell: str | None = None) -> None:
        """Return once the kernel has handled everything sent here before, to one shell."""
        msg_id = self.send("kernel_info_request", {}, subshell=subshell)
        while self.client.get_shell_msg(timeout=PATIENCE)["parent_header"].get("msg_id") != msg_id:
            pass


class Kernel:
    """A kernel process and the connections to it."""

    def __init__(self, **options: Any):
        self.manager = KernelManager(kernel_name="reactive", **socket_files())
        self.manager.start_kernel(**options)
        self.connections: list[Connection] = []

    def connect(self, session_id: str | None = None) -> Connection:
        connection = Connection(self.manager, session_id)
        self.connections.append(connection)
        return connection

    def drop(self, connection: Connection) -> None:
        """Lose a connection: no comm is closed."""
        self.connections.remove(connection)
        connection.close()

    def interrupt(self) -> None:
        self.manager.interrupt_kernel()

    def close(self) -> None:
        for connection in self.connections:
            connection.close()
        self.manager.shutdown_kernel(now=True)


class Player:
    """A client with a notebook of its own on one comm.

    Parameters
    ----------
    connection
        The sockets to play over.
    cells
        The notebook.
    subshell
        Id of the subshell that is to handle the comm; the main shell by default.
    obey
        Whether `execute` events are carried out as they come; else they wait in `told`.
    fields
        Fields of the `comm_open` data that differ from a first open of a front end.

    Raises
    ------
    RefusedError
        When the kernel refuses the opening.
    """

    def __init__(
        self,
        connection: Connection,
        cells: Iterable[Cell] = (),
        /,
        *,
        subshell: str | None = None,
        obey: bool = True,
        **fields: Any,
    ):
        self.connection = connection
        self.cells = list(cells)
        self.obey = obey
        self.events: list[Message] = []
        self.status: dict[str, Message] = {}
        self.nodes: dict[str, Message] = {}
        self.edges: dict[tuple[str, str], list[str]] = {}
        self.problems: list[Message] = []
        self.mode = ""
        self.clients: list[Message] = []
        self.revision = -1
        self.told: list[str] = []
        self.replies: dict[str, Message] = {}
        self.finished: dict[str, Message] = {}
        self.executing: dict[str, Cell | None] = {}
        self.executed: dict[str, Message] = {}
        self.console: list[Message] = []
        self.open = True
        self._subshell = subshell
        self._numbers = itertools.count(1)
        self._comm = uuid.uuid4().hex
        data = {
            "protocol": 1,
            "client": {"name": "player", "version": "1", "kind": "frontend"},
            "path": "notebook.ipynb",
            "cells": [cell.message() for cell in self.cells],
            "mode": None,
            "shared": False,
            "session": None,
            "revision": None,
        }
        self.welcome: Message = {}
        self._send("comm_open", target_name="reactive_kernel", data={**data, **fields})
        self.pump(lambda: bool(self.welcome) or not self.open)
        assert self.welcome, "the kernel closed the comm without a word"
        if self.welcome["type"] == "refused":
            self.pump(lambda: not self.open)
            raise RefusedError(self.welcome["error"])

    def __getitem__(self, cell_id: str) -> Cell:
        return next(cell for cell in self.cells if cell.id == cell_id)

    # Messages

    def _send(self, msg_type: str, **content: Any) -> None:
        content["comm_id"] = self._comm
        self.connection.send(msg_type, content, subshell=self._subshell)

    def post(self, data: Any) -> None:
        """Send `data` as it is."""
        self._send("comm_msg", data=data)

    def begin(self, kind: str, **fields: Any) -> int:
        """Send a request and return its number, without waiting."""
        number = next(self._numbers)
        self.post({"type": kind, "request": number, **fields})
        return number

    def reply(self, number: Any) -> Message:
        """Wait for the reply to a request."""
        key = json.dumps(number)
        self.pump(lambda: key in self.replies)
        reply = self.replies.pop(key)
        if reply["status"] != "ok":
            raise RequestError(reply["error"])
        return reply

    def request(self, kind: str, **fields: Any) -> Message:
        return self.reply(self.begin(kind, **fields))

    def leave(self) -> None:
        """Close the comm, without waiting until the kernel knows."""
        self._send("comm_close", data={})
        self.open = False

    def close(self) -> None:
        self.leave()
        self.connection.reach(self._subshell)

    def pump(self, until: Callable[[], bool]) -> None:
        """Handle messages until a condition holds."""
        deadline = time.monotonic() + PATIENCE
        while not until():
            self._handle(self._next(max(0.0, deadline - time.monotonic())))

    def _next(self, patience: float) -> Message:
        try:
            message: Message = self.connection.client.get_iopub_msg(timeout=patience)
        except Empty:
            raise TimeoutError(f"nothing more came; the last: {self.events[-6:]}") from None
        return message

    def _handle(self, message: Message) -> None:
        kind, content = message["msg_type"], message["content"]
        if kind in ("comm_msg", "comm_close"):
            if content["comm_id"] == self._comm:
                if kind == "comm_close":
                    self.open = False
                else:
                    self._receive(content["data"])
            return
        parent = message["parent_header"].get("msg_id")
        if parent in self.executing:
            self._show(parent, self.executing[parent], message)

    def _receive(self, data: Message) -> None:
        self.events.append(data)
        kind = data["type"]
        if "revision" in data:
            assert data["revision"] >= self.revision, "a revision went back"
            self.revision = data["revision"]
        handler = getattr(self, f"_on_{kind}", None)
        if handler is not None:
            handler(data)

    def _on_refused(self, data: Message) -> None:
        self.welcome = data

    def _on_welcome(self, data: Message) -> None:
        self.welcome = data
        self.mode = data["mode"]
        self.clients = data["clients"]
        self.status = dict(data["status"])
        self.nodes = dict(data["graph"]["nodes"])
        self.edges = edges_of(data["graph"])
        self.problems = data["graph"]["problems"]
        if not data["adopted"]:
            held = {cell.id: cell for cell in self.cells}
            self.cells = [held.get(cell["id"], Cell("")) for cell in data["cells"]]
            for mine, theirs in zip(self.cells, data["cells"], strict=True):
                mine.id, mine.cell_type = theirs["id"], theirs["cell_type"]
                mine.source, mine.tags = theirs["source"], theirs.get("tags", [])

    def _on_reply(self, data: Message) -> None:
        self.replies[json.dumps(data["request"])] = data

    def _on_status(self, data: Message) -> None:
        self.status.update(data["cells"])

    def _on_mode(self, data: Message) -> None:
        self.mode = data["mode"]

    def _on_clients(self, data: Message) -> None:
        self.clients = data["clients"]

    def _on_graph(self, data: Message) -> None:
        for cell_id, node in data["nodes"].items():
            if node is None:
                self.nodes.pop(cell_id, None)
            else:
                self.nodes[cell_id] = node
        for edge in data["removed"]:
            self.edges.pop((edge["from"], edge["to"]), None)
        self.edges.update(edges_of(data))
        self.problems = data["problems"]

    def _on_edited(self, data: Message) -> None:
        for op in data["ops"]:
            self.take(op)

    def _on_execute(self, data: Message) -> None:
        for cell_id in (data["cell_id"], *data.get("then", [])):
            self.told.append(cell_id)
            if self.obey:
                self.execute(self[cell_id])

    def _on_run_finished(self, data: Message) -> None:
        self.finished[data["run"]] = data

    # Executing

    def execute(self, cell: Cell, source: str | None = None) -> str:
        """Send the `execute_request` of a cell, with its own source unless another is given."""
        msg_id = self.connection.execute(cell.source if source is None else source, cell.id)
        self.executing[msg_id] = cell
        return msg_id

    def type_in_console(self, source: str, cell_id: str | None = None) -> list[tuple[str, ...]]:
        """Execute code that is no cell of the notebook and return its outputs."""
        msg_id = self.connection.execute(source, cell_id)
        self.executing[msg_id] = None
        self.console = []
        self.outcome(msg_id)
        return outputs_of(self.console)

    def wait_for_prompt(self) -> None:
        """Wait until a cell that was sent asks for input."""
        self.pump(lambda: bool(self.executing))
        self.connection.client.get_stdin_msg(timeout=PATIENCE)

    def answer_prompt(self, text: str) -> None:
        self.connection.client.input(text)

    def outcome(self, msg_id: str) -> Message:
        """Wait for an execution to end and return its `execute_reply`."""
        self.pump(lambda: msg_id in self.executed)
        return self.executed[msg_id]

    def _show(self, msg_id: str, cell: Cell | None, message: Message) -> None:
        if message["content"].get("execution_state") == "idle":
            del self.executing[msg_id]
            self.executed[msg_id] = self._take_reply(msg_id)
        elif cell is None:
            self.console.append(message)
        elif message["msg_type"] == "execute_input":
            cell.messages = []
            cell.runs += 1
            cell.execution_count = message["content"]["execution_count"]
        else:
            cell.messages.append(message)

    def _take_reply(self, msg_id: str) -> Message:
        while True:
            reply: Message = self.connection.client.get_shell_msg(timeout=PATIENCE)
            if reply["parent_header"].get("msg_id") == msg_id:
                return reply

    def begin_run(self, cells: str | list[Cell], **fields: Any) -> Message:
        """Start a run and return the reply, which tells the plan."""
        what = cells if isinstance(cells, str) else [cell.id for cell in cells]
        return self.request("run", cells=what, **fields)

    def end_run(self, run: str) -> Message:
        """Wait until a run and all executions sent for it have ended; return `run_finished`."""
        self.pump(lambda: run in self.finished and not self.executing)
        return self.finished[run]

    def run(self, cells: str | list[Cell], **fields: Any) -> Message:
        return self.end_run(self.begin_run(cells, **fields)["run"])

    # The document

    def index(self, cell: Cell) -> int:
        return next(index for index, held in enumerate(self.cells) if held.id == cell.id)

    def take(self, op: Message) -> None:
        """Apply an operation to the own cells."""
        if op["op"] == "create_cell":
            new = op["cell"]
            cell = Cell(new["source"], new["id"], new["cell_type"], new.get("tags", []))
            self.cells.insert(op["index"], cell)
            return
        cell = self[op["cell_id"]]
        if op["op"] == "update_cell":
            for name in ("source", "cell_type", "tags"):
                setattr(cell, name, op.get(name, getattr(cell, name)))
            return
        self.cells.remove(cell)
        if op["op"] == "move_cell":
            self.cells.insert(op["index"], cell)

    def edit(self, *ops: Message) -> Message:
        """Send operations that the player's own cells already show."""
        return self.request("edit", ops=list(ops))

    def create(self, source: str | Cell, index: int | None = None) -> Cell:
        cell = source if isinstance(source, Cell) else Cell(source)
        place = len(self.cells) if index is None else index
        self.cells.insert(place, cell)
        self.edit({"op": "create_cell", "cell": cell.message(), "index": place})
        return cell

    def update(self, cell: Cell, source: str) -> None:
        cell.source = source
        self.edit({"op": "update_cell", "cell_id": cell.id, "source": source})

    def delete(self, cell: Cell) -> None:
        self.cells.remove(cell)
        self.edit({"op": "delete_cell", "cell_id": cell.id})

    def move(self, cell: Cell, index: int) -> None:
        self.cells.remove(cell)
        self.cells.insert(index, cell)
        self.edit({"op": "move_cell", "cell_id": cell.id, "index": index})

    # What the kernel said

    def state(self, cell: Cell) -> str:
        state: str = self.status[cell.id]["state"]
        return state

    def states(self, *cells: Cell) -> list[str]:
        return [self.state(cell) for cell in cells or self.cells]

    def reasons(self, cell: Cell) -> list[tuple[str, str | None, str | None]]:
        return [(why["kind"], why["name"], why["cell"]) for why in self.status[cell.id]["reasons"]]

    def heard(self, kind: str) -> list[Message]:
        """All events of a type, in the order in which they came."""
        return [event for event in self.events if event["type"] == kind]

    def history(self, cell: Cell) -> Iterator[Message]:
        """All statuses of a cell that events told."""
        return (
            event["cells"][cell.id] for event in self.heard("status") if cell.id in event["cells"]
        )

    def in_step(self) -> bool:
        """Tell whether the kernel has the same cells, once all that it had to tell has come."""
        self.request("status")
        match: bool = self.request("check", digest=digest(self.cells))["match"]
        return match

    def disagreements(self) -> dict[str, tuple[Any, Any]]:
        """What the events add up to where it differs from what the kernel says when asked."""
        status = self.request("status")["cells"]
        graph = self.request("graph")["graph"]
        held = {cell.id for cell in self.cells}
        mine = {cell_id: status for cell_id, status in self.status.items() if cell_id in held}
        pairs = {
            "digest": (self.in_step(), True),
            "status": (mine, status),
            "nodes": (self.nodes, graph["nodes"]),
            "edges": (self.edges, edges_of(graph)),
            "problems": (self.problems, graph["problems"]),
        }
        return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def edges_of(graph: Message) -> dict[tuple[str, str], list[str]]:
    return {(edge["from"], edge["to"]): edge["names"] for edge in graph["edges"]}


def outputs_of(messages: list[Message]) -> list[tuple[str, ...]]:
    """What a cell shows, from the messages that were published for it.

    What is printed may come in several messages, as time wants it, and is shown as one.
    """
    outputs: list[tuple[str, ...]] = []
    for message in messages:
        kind, content = message["msg_type"], message["content"]
        if kind == "stream":
            name, text = content["name"], content["text"]
            if outputs and outputs[-1][0] == name:
                text = outputs.pop()[1] + text
            outputs.append((name, text))
        elif kind == "error":
            outputs.append(("error", content["ename"], content["evalue"]))
        elif kind in ("execute_result", "display_data"):
            outputs.append((kind, content["data"].get("text/plain", "")))
    return outputs
