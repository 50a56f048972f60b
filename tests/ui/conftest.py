"""A real JupyterLab in a real browser."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from typing import TYPE_CHECKING

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from playwright.sync_api import sync_playwright

from .notebook_page import NotebookPage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import Self

    from playwright.sync_api import BrowserContext

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

BROWSER_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

SERVER_ARGUMENTS = (
    "--allow-root",
    "--no-browser",
    "--IdentityProvider.token=",
    "--LabApp.expose_app_in_browser=True",
    "--JupyterNotebookApp.expose_app_in_browser=True",
    "--LabApp.news_url=None",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
)


@pytest.fixture(scope="session")
def notebooks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the server serves."""
    return tmp_path_factory.mktemp("notebooks")


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder for what belongs to JupyterLab itself."""
    return tmp_path_factory.mktemp("jupyter")


@pytest.fixture(scope="session")
def server(notebooks: Path, home: Path) -> Iterator[str]:
    """The address of a JupyterLab server with folders of its own."""
    with JupyterLab(notebooks, home) as server:
        yield server.address


class JupyterLab:
    """A server that can be stopped and started again at the same address.

    Parameters
    ----------
    folder
        What it serves.
    home
        Where it keeps what belongs to JupyterLab itself.
    collaboration
        Whether jupyter-collaboration is switched on.
    options
        More arguments.
    """

    def __init__(
        self, folder: Path, home: Path, *options: str, collaboration: bool = False
    ) -> None:
        self.folder = folder
        self.log = home / "log"
        folders = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
        self.environment = {**os.environ, **{name: str(home / name) for name in folders}}
        settings = home / "JUPYTER_CONFIG_DIR/lab/user-settings"
        for plugin, text in (
            ("@jupyterlab/apputils-extension/notification", '{"fetchNews": "false"}'),
            ("@reactive-kernel/labextension/settings", '{"tour": false}'),
        ):
            path = settings / f"{plugin}.jupyterlab-settings"
            path.parent.mkdir(parents=True)
            path.write_text(text)
        if not collaboration:
            disable_collaboration(home / "JUPYTER_CONFIG_DIR")
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{port}"
        self.options = (f"--port={port}", "--ServerApp.port_retries=0", *SERVER_ARGUMENTS, *options)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        with self.log.open("a") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "jupyterlab", *self.options],
                cwd=self.folder,
                env=self.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        wait_until_up(self.address, self.process, self.log)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(30)


def disable_collaboration(folder: Path) -> None:
    """Switch jupyter-collaboration off, which is on wherever it is installed."""
    extensions = {"jupyter_server_ydoc": False, "jupyter_server_fileid": False}
    config = {"ServerApp": {"jpserver_extensions": extensions}}
    (folder / "jupyter_server_config.json").write_text(json.dumps(config))
    names = ("@jupyter/collaboration-extension", "@jupyter/docprovider-extension")
    (folder / "labconfig").mkdir()
    page_config = {"disabledExtensions": dict.fromkeys(names, True)}
    (folder / "labconfig/page_config.json").write_text(json.dumps(page_config))


def wait_until_up(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Return as soon as the server answers."""
    end = time.monotonic() + 60
    while not answers(address):
        if time.monotonic() > end or process.poll() is not None:
            pytest.fail(f"JupyterLab does not come up:\n{log.read_text()}")
        time.sleep(0.1)


def answers(address: str) -> bool:
    try:
        urllib.request.urlopen(f"{address}/api", timeout=5).close()
    except (urllib.error.URLError, ConnectionError):
        return False
    return True


@pytest.fixture(scope="session")
def browser() -> Iterator[BrowserContext]:
    """One browser for all tests, so that it loads JupyterLab once."""
    names = (os.environ.get("CHROMIUM", ""), *BROWSERS)
    path = next(filter(None, map(shutil.which, names)), None)
    if path is None:
        pytest.fail("No Chromium or Chrome found; set CHROMIUM to the path of one.")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=BROWSER_ARGUMENTS)
        context = chromium.new_context(viewport={"width": 1200, "height": 900})
        context.set_default_timeout(60_000)
        yield context
        context.close()
        chromium.close()


@pytest.fixture
def page(
    server: str, browser: BrowserContext, notebooks: Path, request: pytest.FixtureRequest
) -> Iterator[NotebookPage]:
    """A page on which a test opens its notebook; JupyterLab is loaded only once."""
    name = request.node.name.replace("[", "-").replace("]", "")
    shown = browser.pages[0] if browser.pages else browser.new_page()
    page = NotebookPage(shown, server, notebooks / f"{name}.ipynb")
    failed = request.session.testsfailed
    yield page
    if request.session.testsfailed > failed:
        page.page.close()
    else:
        page.leave()


@pytest.fixture
def other(page: NotebookPage, browser: BrowserContext) -> Iterator[NotebookPage]:
    """A page beside the first, which joins it."""
    shown = browser.new_page()
    yield NotebookPage(shown, page.server, page.path)
    if not shown.is_closed():
        shown.close()


class Gate:
    """What cells wait for until a test opens it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.wait = f"import os, time\nwhile not os.path.exists({str(path)!r}): time.sleep(0.01)"

    def open(self) -> None:
        self.path.touch()


@pytest.fixture
def gate(tmp_path: Path) -> Gate:
    return Gate(tmp_path / "gate")


@pytest.fixture
def edit_without_page(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[[NotebookPage, list[dict[str, object]]], None]]:
    """Edit the notebook of a page as a client of the kernel that is none, and has no cells."""
    clients: list[BlockingKernelClient] = []

    def edit(page: NotebookPage, ops: list[dict[str, object]]) -> None:
        name = f"*/JUPYTER_RUNTIME_DIR/kernel-{page.kernel_id}.json"
        file = next(tmp_path_factory.getbasetemp().glob(name))
        client = BlockingKernelClient(connection_file=str(file))
        clients.append(client)
        client.load_connection_file()
        client.start_channels()
        opening = {
            "protocol": 1,
            "client": {"name": "test", "version": "1", "kind": "headless"},
            "path": page.path.name,
            "cells": [],
            "mode": None,
            "shared": False,
            "session": None,
            "revision": None,
        }
        comm = {"comm_id": uuid.uuid4().hex, "target_name": "reactive_kernel"}
        for kind, data in (
            ("comm_open", opening),
            ("comm_msg", {"type": "edit", "request": 1, "ops": ops}),
        ):
            client.shell_channel.send(client.session.msg(kind, {**comm, "data": data}))

    yield edit
    for client in clients:
        client.stop_channels()
