"""Passwords are nowhere in what a kernel sends, writes or logs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

import nbformat
import pytest
from protocol.player import PATIENCE, Cell, Kernel, Player

from .servers import PASSWORD, Postgres

OTHER = "t0ml-s3cret"
TRACES = (b"w@rd", b"w%40rd", b"w%2540rd", b"s3cret")
"""What is left of the passwords however they are quoted or escaped."""


def found_in(content: bytes) -> list[bytes]:
    return [trace for trace in TRACES if trace in content]


def test_the_traces_are_those_of_the_passwords() -> None:
    for password in (PASSWORD, OTHER):
        for form in (password, quote(password, safe=""), repr(password), quote(quote(password))):
            assert found_in(form.encode())


@pytest.fixture
def environment(
    server: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> dict[str, str]:
    """One that holds a password, with another in a file of the configuration."""
    other = server.url_with_password.replace(quote(PASSWORD, safe=""), OTHER)
    (tmp_path / "connections.toml").write_text(f'other = "{other}"\n', encoding="utf-8")
    changes = {"ANNS_PASSWORD": PASSWORD, "JUPYTER_CONFIG_PATH": str(tmp_path)}
    for name, value in changes.items():
        monkeypatch.setenv(name, value)
    return {**os.environ, "IPYTHONDIR": str(tmp_path / "ipython")}


def sources(server: Postgres) -> list[str]:
    nowhere = server.url.replace(str(server.folder), "/nowhere")
    return [
        "%xmode Verbose",
        f"%reactive connect db {server.url}",
        "%%sql db\ncreate temp table t as select 1 as a",
        "%%sql db rows <<\nselect * from t",
        "rows",
        "%%sql db\nselect * from nosuch",
        "%%sql db\nselect a / 0 from t where a = {{ 1 }}",
        "%%sql db\nselect * from t where a = {{ nosuch }}",
        "%%sql other\nselect 1",
        f"%reactive connect nowhere {nowhere}",
        "%%sql nowhere\nselect 1",
        "%reactive connect unknown postgresql://ann:${NO_SUCH_VARIABLE}@/postgres",
        "%reactive memory",
        "%reactive refresh",
    ]


def test_nothing_sent_or_logged_holds_a_password(
    server: Postgres, environment: dict[str, str], tmp_path: Path
) -> None:
    log = tmp_path / "log"
    with log.open("wb") as output:
        kernel = Kernel(env=environment, stdout=output, stderr=output, extra_arguments=["--debug"])
        received: list[bytes] = []
        try:
            connection = kernel.connect()
            unpack = connection.client.session.unpack

            def recorded(content: bytes) -> Any:
                received.append(bytes(content))
                return unpack(content)

            connection.client.session.unpack = recorded
            page = Player(connection, [Cell(source) for source in sources(server)])
            page.run("all")
            states = [page.state(cell) for cell in page.cells]
            server.stop()
            try:
                page.run([page.cells[3]])
                assert page.state(page.cells[3]) == "failed"
            finally:
                server.start()
            page.run([page.cells[3]])
            for kind in ("graph", "status", "variables", "provenance"):
                page.request(kind)
            for cell in page.cells:
                page.request("explain", cell_id=cell.id)
            for code in ("%%sql db\nselect * from ", "%%sql other\nselect * from ", "%%sql o"):
                msg_id = connection.client.complete(code, len(code))
                reply: Any = {"parent_header": {}}
                while reply["parent_header"].get("msg_id") != msg_id:
                    reply = connection.client.get_shell_msg(timeout=PATIENCE)
        finally:
            kernel.close()
    assert states == [
        *("fresh", "fresh", "fresh", "fresh", "fresh"),
        *("failed", "failed", "failed", "failed", "failed"),
        *("blocked", "failed", "fresh", "fresh"),
    ]
    everything = b"\n".join(received)
    assert b"ANNS_PASSWORD" in everything
    assert b"authentication failed" in everything
    assert b"cannot be opened again" in everything
    assert found_in(everything) == []
    assert found_in(log.read_bytes()) == []
    history = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert any(path.name == "history.sqlite" for path in history)
    holding = [path.name for path in history if found_in(path.read_bytes())]
    assert holding == ["connections.toml"]


def test_no_notebook_written_holds_a_password(
    server: Postgres, environment: dict[str, str], tmp_path: Path
) -> None:
    path = tmp_path / "book.ipynb"
    cells = [nbformat.v4.new_code_cell(source) for source in sources(server)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    done = subprocess.run(
        [
            *(sys.executable, "-m", "reactive_kernel.client.command", "run", str(path)),
            *("--inplace", "--kernel-name", "reactive", "--allow-errors"),
        ],
        env=environment,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert len(path.read_bytes()) > 5000
    assert found_in(path.read_bytes() + done.stdout + done.stderr) == []
