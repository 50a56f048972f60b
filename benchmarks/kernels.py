"""A live kernel, and how long it takes over a cell.

What comes back is read from the sockets as it is and hardly parsed: a client written in Python
would take longer over the messages than a kernel does.
"""

from __future__ import annotations

import json
import os
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import zmq
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager

PATIENCE = 600.0
"""Seconds after which a kernel counts as dead."""

SILENT = f"the kernel has said nothing for {PATIENCE:.0f} seconds"


@dataclass(frozen=True)
class Cell:
    id: str
    source: str

    def message(self) -> dict[str, str]:
        return {"id": self.id, "cell_type": "code", "source": self.source}


@dataclass(frozen=True)
class Answer:
    """What a message to the kernel led to.

    Parameters
    ----------
    seconds : float
        From the message to the answer, by the client's clock.
    sent, received : int
        Bytes of the message's content, and of all comm messages up to the answer.
    data : dict
        The answer.
    """

    seconds: float
    sent: int
    received: int
    data: dict[str, Any]


class KernelError(Exception):
    """A cell did not run to its end."""


class LiveKernel:
    """A kernel process with one client.

    Parameters
    ----------
    kernel_name : str
        That of its specification.
    hash_seed : int or None
        That of its strings: kernels with different ones look names up at different speeds.
    specs : Path or None
        Where its specification is, if not where Jupyter's are.
    """

    def __init__(
        self, kernel_name: str = "python3", hash_seed: int | None = None, specs: Path | None = None
    ) -> None:
        found = KernelSpecManager(**({} if specs is None else {"kernel_dirs": [str(specs)]}))
        self.manager = KernelManager(kernel_name=kernel_name, kernel_spec_manager=found)
        seed = {} if hash_seed is None else {"PYTHONHASHSEED": str(hash_seed)}
        self.manager.start_kernel(env={**os.environ, **seed})
        self.client = self.manager.client()
        self.client.start_channels()
        self.process: psutil.Process | None = None
        self.comm_header: dict[str, str] = {}

    def wait_until_ready(self) -> None:
        self.client.wait_for_ready(timeout=PATIENCE)
        provisioner: Any = self.manager.provisioner
        self.process = psutil.Process(provisioner.pid)

    def close(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)

    def hold(self, cells: Sequence[Cell]) -> None:  # noqa: ARG002
        """Begin a notebook: what ran before is gone. A plain kernel knows no cells."""
        self.execute("%reset -f", None)

    def processor_time(self) -> float:
        """Return the seconds that the process has spent on processors."""
        assert self.process is not None
        try:
            # In nanoseconds, where psutil tells hundredths of seconds.
            tasks = Path(f"/proc/{self.process.pid}/task").glob("*/schedstat")
            return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9
        except (OSError, IndexError):
            times = self.process.cpu_times()
            return times.user + times.system

    def memory(self) -> float:
        """Return the bytes that only the process holds."""
        assert self.process is not None
        return float(self.process.memory_full_info().uss)

    def execute(self, source: str, cell_id: str | None) -> float:
        """Run code and return the seconds until its reply has come and the kernel is idle."""
        start = time.perf_counter()
        reply = self.wait_for(self.send_cell(source, cell_id))
        seconds = time.perf_counter() - start
        if reply["status"] != "ok":
            raise KernelError(f"{source!r}: {reply}")
        return seconds

    def evaluate(self, expression: str) -> str:
        """Return the ``repr`` of an expression."""
        message = self.client.session.msg(
            "execute_request", {"code": "", "user_expressions": {"value": expression}}
        )
        self.client.session.send(self.client.shell_channel.socket, message)
        value = self.wait_for(message["header"]["msg_id"])["user_expressions"]["value"]
        if value["status"] != "ok":
            raise KernelError(f"{expression!r}: {value}")
        text: str = value["data"]["text/plain"]
        return text

    def send_cell(self, source: str, cell_id: str | None) -> str:
        """Send a request to execute code, and return its id."""
        content = {
            "code": source,
            "silent": False,
            "store_history": True,
            "user_expressions": {},
            "allow_stdin": False,
            "stop_on_error": False,
        }
        metadata = {} if cell_id is None else {"cellId": cell_id}
        message = self.client.session.msg("execute_request", content, metadata=metadata)
        self.client.session.send(self.client.shell_channel.socket, message)
        msg_id: str = message["header"]["msg_id"]
        return msg_id

    def wait_for(self, msg_id: str) -> dict[str, Any]:
        """Read until a request's reply has come and the kernel is idle; return the reply."""
        shell, iopub = self.client.shell_channel.socket, self.client.iopub_channel.socket
        poller = zmq.Poller()
        poller.register(shell, zmq.POLLIN)
        poller.register(iopub, zmq.POLLIN)
        mine = msg_id.encode()
        reply: dict[str, Any] | None = None
        idle = False
        while reply is None or not idle:
            ready = dict(poller.poll(PATIENCE * 1000))
            if not ready:
                raise KernelError(SILENT)
            if iopub in ready:
                _, parent, content = _frames(iopub.recv_multipart())
                idle = idle or (mine in parent and b'"idle"' in content)
            if shell in ready:
                _, parent, content = _frames(shell.recv_multipart())
                if mine in parent:
                    reply = json.loads(content)
        return reply

    def send_comm(self, kind: str, content: dict[str, Any], awaited: bytes) -> Answer:
        """Send a message and wait for a comm message of that type."""
        message = self.client.session.msg(kind, content)
        message["header"].update(self.comm_header)
        # What a client packs is its own work.
        frames = self.client.session.serialize(message)
        start = time.perf_counter()
        self.client.shell_channel.socket.send_multipart(frames)
        received = 0
        while True:
            _, _, raw = _frames(self._receive(self.client.iopub_channel.socket))
            if b'"comm_id"' not in raw:
                continue
            received += len(raw)
            if awaited in raw:
                seconds = time.perf_counter() - start
                return Answer(seconds, len(frames[-1]), received, json.loads(raw)["data"])

    def _receive(self, socket: zmq.Socket[bytes]) -> list[bytes]:
        if not socket.poll(PATIENCE * 1000):
            raise KernelError(SILENT)
        return socket.recv_multipart()


class ReactiveKernel(LiveKernel):
    """The reactive one, with a client that holds a notebook."""

    def __init__(self, kernel_name: str = "reactive", hash_seed: int | None = None) -> None:
        super().__init__(kernel_name, hash_seed)
        self.comm: str | None = None

    def hold(self, cells: Sequence[Cell]) -> None:
        """Begin a notebook: the kernel holds its cells and forgets others."""
        if self.comm is None:
            self.open(cells)
        else:
            self.ask({"type": "replace", "cells": [cell.message() for cell in cells]})

    def open(self, cells: Sequence[Cell]) -> Answer:
        """Open a comm, in the place of one that may be open."""
        self.comm = uuid.uuid4().hex
        data = {
            "protocol": 1,
            "client": {"name": "benchmark", "version": "1", "kind": "frontend"},
            "path": "benchmark.ipynb",
            "cells": [cell.message() for cell in cells],
            "mode": "auto",
            "shared": False,
            "session": None,
            "revision": None,
        }
        content = {"comm_id": self.comm, "target_name": "reactive_kernel", "data": data}
        return self.send_comm("comm_open", content, b'"welcome"')

    def ask(self, data: dict[str, Any]) -> Answer:
        """Send a request and wait for its reply."""
        content = {"comm_id": self.comm, "data": {**data, "request": 1}}
        answer = self.send_comm("comm_msg", content, b'"reply"')
        if answer.data["status"] != "ok":
            raise KernelError(f"{data!r}: {answer.data}")
        return answer

    def use_subshell(self) -> None:
        """Have comm messages handled beside cells, as JupyterLab does."""
        request = self.client.session.msg("create_subshell_request", {})
        self.client.session.send(self.client.control_channel.socket, request)
        while True:
            reply = self.client.get_control_msg(timeout=PATIENCE)
            if reply["parent_header"].get("msg_id") == request["header"]["msg_id"]:
                self.comm_header = {"subshell_id": reply["content"]["subshell_id"]}
                return

    def run(self, cells: Sequence[str], sources: Mapping[str, str]) -> list[str]:
        """Run cells and what they affect, and return those that were executed.

        A cell's request is sent as soon as the kernel tells of it.
        """
        content = {"type": "run", "cells": list(cells), "request": 1}
        message = self.client.session.msg("comm_msg", {"comm_id": self.comm, "data": content})
        self.client.session.send(self.client.shell_channel.socket, message)
        shell = self.client.shell_channel.socket
        while True:
            _, _, raw = _frames(self._receive(self.client.iopub_channel.socket))
            while shell.poll(0):
                shell.recv_multipart()
            data = json.loads(raw).get("data", {}) if b'"comm_id"' in raw else {}
            if data.get("type") == "execute":
                self.send_cell(sources[data["cell_id"]], data["cell_id"])
            elif data.get("type") == "run_finished":
                executed: list[str] = data["executed"]
                return executed


def _frames(parts: list[bytes]) -> tuple[bytes, bytes, bytes]:
    """Return the header, the parent's header and the content of a message from the wire."""
    start = parts.index(b"<IDS|MSG>")
    header, parent, _metadata, content = parts[start + 2 : start + 6]
    return header, parent, content
