"""Plays stories, and holds what is shown to Run All after every run."""

from __future__ import annotations

import contextlib
import random
import re
import signal
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

import numpy as np
from core.player import Book, Player, run_source
from core.session_player import SessionPlayer

from reactive_kernel.sql.databases import Databases

from .pictures import Picture
from .steps import Run, Step, as_code, can_apply
from .watching import Tally, WatchedPlayer

SECONDS = 10
_ADDRESS = re.compile(r" at 0x\w+")


class StoryError(AssertionError):
    """A story has shown something wrong."""


class TooLongError(BaseException):
    """A story does not end. No cell of it is to catch this."""


By = Literal["core", "session", "forgetful session"]
"""A session sends cells ahead, as a kernel does; a forgetful one keeps no copies."""


def play(
    steps: Iterable[Step], by: By = "core", *, watched: bool = False, seconds: int = SECONDS
) -> Tally:
    """Play a story in process, and check the promise after every run of all that is marked.

    Parameters
    ----------
    steps : iterable of Step
        The story; steps that cannot be applied are left out.
    by : {"core", "session", "forgetful session"}
        Who plays it.
    watched : bool
        Whether the core's executions are counted. That keeps objects alive that would be gone.
    seconds : int
        How long it may take.

    Returns
    -------
    Tally
        What its executions were.

    Raises
    ------
    StoryError
        With the code that shows what is wrong.
    """
    tally = Tally()
    player: Book
    if by == "core":
        player = WatchedPlayer(tally) if watched else Player()
    else:
        player = SessionPlayer(memory_limit=int(by == "forgetful session"))
    done: list[Step] = []
    try:
        with time_limit(seconds), random_states_kept():
            for step in steps:
                if can_apply(step, player.ids):
                    done.append(step)
                    step.apply(player)
                    if isinstance(step, Run) and isinstance(step.cells, str):
                        check(player)
                        check_that_it_rests(player)
    except (TooLongError, Exception) as error:
        raise StoryError(f"{as_code(done)}\n# {type(error).__name__}: {error}") from error
    return tally


def check(player: Book) -> None:
    """Hold outputs and variables to Run All, which leaves out the cells that failed."""
    states = dict(zip(player.ids, player.states(), strict=True))
    allowed = {"fresh", "idle", "failed", "blocked"}
    assert set(states.values()) <= allowed, f"after the run: {states}"
    running = [cell_id for cell_id, state in states.items() if state not in ("failed", "blocked")]
    expected, variables, tables = _run_all(player, running)
    failed = next((cell_id for cell_id, state in states.items() if state == "failed"), None)
    if failed is not None:
        # The first failure is where Run All ends.
        above = running[: sum(player.ids.index(i) < player.ids.index(failed) for i in running)]
        expected[failed] = _run_all(player, [*above, failed])[0][failed]
    for cell_id, result in expected.items():
        if states[cell_id] != "idle":
            shown = player.outputs[cell_id]
            assert _same(shown, result), f"{cell_id} shows {shown}, Run All {result}"
    difference = picture_of(player.user_ns).difference(picture_of(variables))
    assert difference is None, f"variables, ours and Run All's: {difference}"
    if any("%%sql" in player.source(cell_id) for cell_id in player.ids):
        with player.console():
            ours = tables_of(player.databases)
        assert ours == tables, f"tables, ours and Run All's: {ours} {tables}"


def check_that_it_rests(player: Book) -> None:
    """Hold a run of what is stale, where nothing is, to execute nothing."""
    shown = dict(player.outputs)
    player.outputs.clear()
    player.run("stale")
    executed = list(player.outputs)
    player.outputs.update(shown)
    assert not executed, f"with nothing stale it runs {executed}"


def tables_of(databases: Databases) -> dict[str, str]:
    """Show all tables of a notebook's own database."""
    names: Any = databases.run(
        "SELECT database_name || '.' || schema_name || '.' || table_name AS name "
        "FROM duckdb_tables() ORDER BY name",
    ).frame
    frames = {name: databases.run(f"FROM {name}").frame for name in names.name}
    return {name: str(frame.to_csv()) for name, frame in frames.items()}


def _run_all(
    player: Book, cell_ids: Iterable[str]
) -> tuple[dict[str, tuple[str, str | None]], dict[str, Any], dict[str, str]]:
    namespace: dict[str, Any] = {"__name__": "__main__"}
    databases = Databases(namespace)
    with random_states_kept():
        shown = {i: run_source(player.source(i), namespace, databases) for i in cell_ids}
    has_sql = any("%%sql" in player.source(cell_id) for cell_id in shown)
    tables = tables_of(databases) if has_sql else {}
    databases.close()
    return shown, namespace, tables


def picture_of(namespace: Mapping[str, Any]) -> Picture:
    """Look at the variables of a notebook."""
    return Picture({n: v for n, v in namespace.items() if not n.startswith("__")})


@contextlib.contextmanager
def random_states_kept() -> Iterator[None]:
    """Leave the global generators as they were."""
    state, numpy_state = random.getstate(), np.random.get_state()
    try:
        yield
    finally:
        random.setstate(state)
        np.random.set_state(numpy_state)


@contextlib.contextmanager
def time_limit(seconds: int = SECONDS) -> Iterator[None]:
    """End what takes too long.

    Raises
    ------
    TooLongError
    """

    def end(number: int, frame: object) -> None:
        raise TooLongError(f"no end after {seconds} seconds")

    before = signal.signal(signal.SIGALRM, end)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def _same(shown: tuple[str, str | None], expected: tuple[str, str | None]) -> bool:
    """Compare what cells show; where an object is in memory is the same in no two runs."""
    texts = (_ADDRESS.sub("", text) for text, _ in (shown, expected))
    return len(set(texts)) == 1 and shown[1] == expected[1]
