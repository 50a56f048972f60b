"""What a notebook shows when a plain kernel, just started, runs all of it: the truth."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.connect import write_connection_file
from protocol.player import PATIENCE, Cell, Message

from .shown import Shown, shown


class PlainKernels:
    """Starts plain kernels: forks of one process, since importing the libraries takes seconds.

    Parameters
    ----------
    folder
        Where connection files and sockets are kept.
    environment
        That of the kernels.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.folder = folder
        self.count = 0
        self.process = subprocess.Popen(
            [sys.executable, Path(__file__).with_name("forks.py")],
            stdin=subprocess.PIPE,
            env=dict(environment),
        )

    def close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(PATIENCE)

    def run_all(self, cells: Iterable[Cell], folder: Path, passed_over: Iterable[str]) -> Shown:
        """Run a notebook in a fresh kernel that lives in `folder`.

        Cells that fail do not end it; those `passed_over` are not run.
        """
        passed_over = set(passed_over)
        with self.start(folder) as client:
            return {
                cell.id: shown(execute(client, cell.source))
                for cell in cells
                if cell.cell_type == "code" and cell.id not in passed_over
            }

    @contextlib.contextmanager
    def start(self, folder: Path) -> Iterator[BlockingKernelClient]:
        """Start a kernel that lives as long as the context."""
        self.count += 1
        connection_file, _ = write_connection_file(
            str(self.folder / f"{self.count}.json"),
            transport="ipc",
            ip=str(self.folder / f"{self.count}"),
            key=os.urandom(16).hex().encode(),
        )
        wanted = json.dumps({"connection_file": connection_file, "folder": str(folder)})
        assert self.process.stdin is not None
        self.process.stdin.write(f"{wanted}\n".encode())
        self.process.stdin.flush()
        client = BlockingKernelClient(connection_file=connection_file)
        client.load_connection_file()
        # Without the heartbeat, which would call a kernel dead that is not yet up.
        client.start_channels(hb=False)
        try:
            client.wait_for_ready(timeout=PATIENCE)
            yield client
            client.shutdown()
        finally:
            client.stop_channels()


def execute(client: BlockingKernelClient, source: str) -> list[Message]:
    """Run one cell and return what it publishes."""
    msg_id = client.execute(source, stop_on_error=False)
    messages: list[Message] = []
    while True:
        message = client.get_iopub_msg(timeout=PATIENCE)
        if message["parent_header"].get("msg_id") == msg_id:
            if message["content"].get("execution_state") == "idle":
                return messages
            messages.append(message)
