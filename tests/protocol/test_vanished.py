"""A page that crashes, or whose connection is lost, closes no comm: the kernel finds out."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from .player import PATIENCE, Cell, Connection, Kernel, Player, RefusedError, RequestError


@pytest.fixture
def kernel() -> Iterator[Kernel]:
    with closing(Kernel()) as kernel:
        yield kernel


def subshells(connection: Connection) -> list[str]:
    request = connection.client.session.msg("list_subshell_request", {})
    connection.client.control_channel.send(request)
    while True:
        reply = connection.client.get_control_msg(timeout=PATIENCE)
        if reply["parent_header"].get("msg_id") == request["header"]["msg_id"]:
            found: list[str] = reply["content"]["subshell_id"]
            return found


def test_the_run_of_a_vanished_client_ends_and_the_next_works(kernel: Kernel) -> None:
    watching = Player(kernel.connect(), [Cell("x = 1", "one"), Cell("print(x)", "two")])
    connection = kernel.connect()
    vanishing = Player(connection, obey=False)
    run = vanishing.begin_run("all")["run"]
    watching.pump(lambda: watching.states() == ["queued", "queued"])
    kernel.drop(connection)
    watching.pump(lambda: run in watching.finished)
    assert watching.finished[run]["cancelled"] is True
    assert watching.states() == ["new", "new"]
    assert watching.run("all")["executed"] == ["one", "two"]
    assert watching["two"].text == "1\n"


def test_a_cell_that_runs_as_its_client_vanishes_comes_to_its_end(
    kernel: Kernel, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    sources = ["import os", f"while not os.path.exists({str(gate)!r}): pass", "done = True"]
    watching = Player(kernel.connect(), [Cell(source, f"c{i}") for i, source in enumerate(sources)])
    connection = kernel.connect()
    vanishing = Player(connection, obey=False)
    run = vanishing.begin_run("all")["run"]
    vanishing.pump(lambda: vanishing.told == ["c0", "c1", "c2"])
    for cell_id in vanishing.told:
        vanishing.execute(vanishing[cell_id])
    watching.pump(lambda: watching.states() == ["fresh", "running", "queued"])
    kernel.drop(connection)
    watching.pump(lambda: watching.states() == ["fresh", "running", "new"])
    gate.touch()
    watching.pump(lambda: run in watching.finished)
    assert watching.finished[run]["cancelled"] is True
    assert watching.states() == ["fresh", "fresh", "new"]
    assert watching.run("stale")["executed"] == ["c2"]


def test_nothing_of_a_vanished_client_is_left(kernel: Kernel) -> None:
    connection = kernel.connect()
    Player(connection, [Cell("x = 1")], path="first.ipynb", subshell=connection.start_subshell())
    again = kernel.connect()
    assert len(subshells(again)) == 1
    kernel.drop(connection)
    deadline = time.monotonic() + PATIENCE
    while True:
        # Refused for as long as the kernel follows the other document.
        try:
            player = Player(again, [Cell("y = 1")], path="second.ipynb")
            break
        except RefusedError:
            assert time.monotonic() < deadline
    assert player.welcome["adopted"] is True
    while subshells(again):
        assert time.monotonic() < deadline


def test_who_is_still_there_stays_a_client(kernel: Kernel) -> None:
    staying = Player(kernel.connect(), [Cell("x = 1", "one")])
    for _ in range(3):
        connection = kernel.connect()
        vanishing = Player(connection, obey=False)
        run = vanishing.begin_run("all")["run"]
        kernel.drop(connection)
        staying.pump(lambda run=run: run in staying.finished)  # type: ignore[misc]
    assert staying.run("all")["executed"] == ["one"]


def test_a_client_taken_for_vanished_is_told_so(kernel: Kernel) -> None:
    watching = Player(kernel.connect(), [Cell("x = 1", "one")])
    connection = kernel.connect()
    lost = Player(connection, obey=False)
    run = lost.begin_run("all")["run"]
    kernel.drop(connection)
    watching.pump(lambda: run in watching.finished)
    lost.connection = kernel.connect(connection.client.session.session)
    with pytest.raises(RequestError, match="Open a new one"):
        lost.request("status")
    session, revision = lost.welcome["session"], lost.revision
    back = Player(lost.connection, [Cell("x = 2", "one")], session=session, revision=revision)
    watching.pump(lambda: watching["one"].source == "x = 2")
    assert back.welcome["adopted"] is False
