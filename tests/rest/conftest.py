"""A real Jupyter server with real kernels."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import nbformat
import pytest
from jupyter_client.manager import KernelManager
from nbformat import NotebookNode, v4
from protocol.player import Cell, Connection, Player

from reactive_kernel.client import RestNotebook

TOKEN = "secret"
PATIENCE = 60.0

FULL_DISK = """
from pathlib import Path
from tornado.web import HTTPError

def save(model, path, contents_manager, **others):
    if (Path(contents_manager.root_dir) / path).with_suffix(".full").exists():
        raise HTTPError(507, "The disk is full.")

c.ContentsManager.pre_save_hook = save
"""
"""Configuration of a server on which a notebook with a file `.full` beside it cannot be saved."""


class Server:
    """A running Jupyter server, its folder, and what it is asked over HTTP."""

    def __init__(self, folder: Path, home: Path, config: str = "") -> None:
        self.folder = folder
        names = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
        self.runtime = home / "JUPYTER_RUNTIME_DIR"
        environment = {**os.environ, **{name: str(home / name) for name in names}}
        (home / "JUPYTER_CONFIG_DIR").mkdir()
        (home / "JUPYTER_CONFIG_DIR/jupyter_server_config.py").write_text(config)
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}/base"
        self.log = home / "log"
        arguments = (
            f"--port={port}",
            f"--ServerApp.root_dir={folder}",
            "--ServerApp.jpserver_extensions=reactive_kernel.server=True",
            "--ServerApp.base_url=/base/",
            f"--IdentityProvider.token={TOKEN}",
            "--allow-root",
            "--no-browser",
        )
        with self.log.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "jupyter_server", *arguments],
                env=environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self.http = httpx.Client(
            base_url=self.url, headers={"Authorization": f"token {TOKEN}"}, timeout=PATIENCE
        )
        self.wait_for(self._answers)

    def _answers(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        try:
            return self.http.get("/api").is_success
        except httpx.TransportError:
            return False

    def wait_for(self, condition: Callable[[], Any]) -> Any:
        """Wait until a condition holds, and return what it returned."""
        end = time.monotonic() + PATIENCE
        while not (found := condition()):
            assert time.monotonic() < end, self.log.read_text()[-5000:]
            time.sleep(0.02)
        return found

    def ask(self, method: str, address: str, body: Any = None, **options: Any) -> httpx.Response:
        """Make a request of the extension."""
        if body is not None:
            options["json"] = body
        return self.http.request(method, f"/reactive-kernel/api/{address}", **options)

    def sessions(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.http.get("/api/sessions").json()
        return found

    def start_session(self, path: str, kernel: str = "reactive") -> str:
        """Start a kernel for a notebook, as a page does, and return its id."""
        body = {"path": path, "name": path, "type": "notebook", "kernel": {"name": kernel}}
        response = self.http.post("/api/sessions", json=body)
        assert response.status_code == 201, response.text
        kernel_id: str = response.json()["kernel"]["id"]
        return kernel_id

    def end_sessions(self) -> None:
        for session in self.sessions():
            self.http.delete(f"/api/sessions/{session['id']}")

    def connect(self, kernel_id: str) -> Connection:
        """Connect to a kernel past the server."""
        manager = KernelManager(
            connection_file=str(self.runtime / f"kernel-{kernel_id}.json"), owns_kernel=False
        )
        manager.load_connection_file()
        return Connection(manager)

    def close(self) -> None:
        self.end_sessions()
        self.http.close()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)


class Book:
    """One notebook on the server, for one test."""

    def __init__(self, server: Server, path: str) -> None:
        self.server = server
        self.path = path
        self.file = server.folder / path
        self.client = RestNotebook(server.url, path, TOKEN)
        self.connections: list[Connection] = []

    def write(self, *cells: str | NotebookNode, **metadata: Any) -> Book:
        """Write the file; cells get the ids `a`, `b`, and so on."""
        nodes = [
            v4.new_code_cell(cell, id=chr(ord("a") + i)) if isinstance(cell, str) else cell
            for i, cell in enumerate(cells)
        ]
        self.file.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(v4.new_notebook(cells=nodes, metadata=metadata), self.file)
        return self

    def read(self) -> NotebookNode:
        """Read the file, when nobody is writing it."""
        return self.server.wait_for(self._read_whole)

    def _read_whole(self) -> NotebookNode | None:
        try:
            return nbformat.read(self.file, as_version=4)
        except nbformat.reader.NotJSONError:
            return None

    def sources(self) -> list[str]:
        return [cell.source for cell in self.read().cells]

    def ask(
        self, method: str, address: str = "", body: Any = None, **options: Any
    ) -> httpx.Response:
        return self.server.ask(method, f"notebooks/{self.path}{address}", body, **options)

    def start(self, kernel: str = "reactive") -> str:
        return self.server.start_session(self.path, kernel)

    def connect(self, kernel_id: str) -> Connection:
        """Connect to a kernel, for a page that is to open while it is busy."""
        connection = self.server.connect(kernel_id)
        self.connections.append(connection)
        return connection

    def open_page(
        self, kernel_id: str, connection: Connection | None = None, **fields: Any
    ) -> Player:
        """Open the notebook as a page does: with what is in its file."""
        connection = connection or self.connect(kernel_id)
        cells = [Cell(cell.source, cell.id, cell.cell_type) for cell in self.read().cells]
        return Player(connection, cells, path=self.path, **fields)

    def states(self) -> dict[str, str]:
        return {cell.id: cell.status.state for cell in self.client.view().cells}

    def outputs(self) -> dict[str, str]:
        """The text that each cell of the file shows."""
        return {
            cell.id: "".join(
                output.get("text") or output.get("ename") or output["data"]["text/plain"]
                for output in cell.get("outputs", ())
            )
            for cell in self.read().cells
        }


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("served"), tmp_path_factory.mktemp("home"), FULL_DISK)
    yield server
    server.close()


@pytest.fixture
def book(server: Server) -> Iterator[Book]:
    """A notebook of the test's own, in a folder whose name needs quoting."""
    book = Book(server, f"of tests/{uuid.uuid4().hex[:8]} ü.ipynb")
    yield book
    for connection in book.connections:
        connection.close()
    server.end_sessions()
