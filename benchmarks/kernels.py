"""A live kernel, and how long it takes over a cell.

What comes back is read from the sockets as it is and hardly parsed: a client written in Python
would take longer over the messages than a kernel does.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import zmq
from jupyter_client.manager import KernelManager

PATIENCE = 600.0
"""Seconds after which a kernel counts as dead."""


@dataclass(frozen=True)
class Cell:
    id: str
    source: str


class KernelError(Exception):
    """A cell did not run to its end."""


class LiveKernel:
    """A kernel process with one client.

    Parameters
    ----------
    kernel_name
        That of its specification.
    """

    def __init__(self, kernel_name: str) -> None:
        self.manager = KernelManager(kernel_name=kernel_name)
        self.manager.start_kernel()
        self.client = self.manager.client()
        self.client.start_channels()
        self.process: psutil.Process | None = None

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

    def execute(self, source: str, cell_id: str | None) -> float:
        """Run code and return the seconds until its reply has come and the kernel is idle."""
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
        start = time.perf_counter()
        self.client.session.send(self.client.shell_channel.socket, message)
        reply = self._await(message["header"]["msg_id"])
        seconds = time.perf_counter() - start
        if reply["status"] != "ok":
            raise KernelError(f"{source!r}: {reply}")
        return seconds

    def _await(self, msg_id: str) -> dict[str, Any]:
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
                raise KernelError("the kernel is silent")
            if iopub in ready:
                _, parent, content = _frames(iopub.recv_multipart())
                idle = idle or (mine in parent and b'"idle"' in content)
            if shell in ready:
                _, parent, content = _frames(shell.recv_multipart())
                if mine in parent:
                    reply = json.loads(content)
        return reply


class ReactiveKernel(LiveKernel):
    """The reactive one, with a client that holds a notebook."""

    def __init__(self, kernel_name: str) -> None:
        super().__init__(kernel_name)
        self.comm: str | None = None

    def hold(self, cells: Sequence[Cell]) -> None:
        """Begin a notebook: the kernel holds its cells and forgets others."""
        notebook = [{"id": c.id, "cell_type": "code", "source": c.source} for c in cells]
        if self.comm is None:
            self.comm = uuid.uuid4().hex
            data = {
                "protocol": 1,
                "client": {"name": "benchmark", "version": "1", "kind": "frontend"},
                "path": "benchmark.ipynb",
                "cells": notebook,
                "mode": "auto",
                "shared": False,
                "session": None,
                "revision": None,
            }
            content = {"comm_id": self.comm, "target_name": "reactive_kernel", "data": data}
            self._send("comm_open", content)
        else:
            data = {"type": "replace", "request": 1, "cells": notebook}
            self._send("comm_msg", {"comm_id": self.comm, "data": data})

    def _send(self, kind: str, content: dict[str, Any]) -> None:
        message = self.client.session.msg(kind, content)
        self.client.session.send(self.client.shell_channel.socket, message)
        # Comm messages have no reply: the next request's comes after them.
        request = self.client.session.msg("kernel_info_request", {})
        self.client.session.send(self.client.shell_channel.socket, request)
        self._await(request["header"]["msg_id"])


def _frames(parts: list[bytes]) -> tuple[bytes, bytes, bytes]:
    """Return the header, the parent's header and the content of a message from the wire."""
    start = parts.index(b"<IDS|MSG>")
    header, parent, _metadata, content = parts[start + 2 : start + 6]
    return header, parent, content
