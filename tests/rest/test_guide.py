"""What the guide says of REST, run as it stands there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from .conftest import TOKEN, Book, Server

GUIDE = (Path(__file__).parents[2] / "docs/guide.md").read_text()
SECTION = GUIDE.split("## From other programs")[1].split("\n## ")[0]


@pytest.fixture
def analysis(server: Server) -> Iterator[Book]:
    yield Book(server, "analysis.ipynb").write("x = 1")
    server.end_sessions()


def run(language: str, command: list[str], server: Server) -> str:
    (code,) = re.findall(rf"```{language}\n(.*?)```", SECTION, re.DOTALL)
    environment = {**os.environ, "URL": server.url, "TOKEN": TOKEN}
    done = subprocess.run(
        [*command, code], env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_example_with_curl(analysis: Book) -> None:
    told = run("sh", ["sh", "-eu", "-c"], analysis.server)
    assert '"source":"x = 1"' in told
    assert '"index":1' in told
    assert '"state":"running"' in told
    analysis.server.wait_for(lambda: "42\n" in analysis.outputs().values())


def test_the_example_in_python(analysis: Book) -> None:
    told = run("python", [sys.executable, "-c"], analysis.server)
    assert "404 The notebook has no cell with the id 'not-there'." in told
    assert "('answer = 43', 'stale')" in told
    assert analysis.sources() == ["x = 1", "answer = 43", "print(answer)"]
    assert "42\n" in analysis.outputs().values()


def test_the_table_names_what_there_is(server: Server) -> None:
    paths = server.ask("GET", "openapi.json").json()["paths"]
    for path in paths:
        named = path.strip("/").replace("{path}", "PATH").replace("{cell_id}", "ID")
        assert named.replace("{run_id}", "ID") in SECTION
