"""A player that counts what was run in vain, and what ran without being in the plan first shown."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final, Literal

import numpy as np
from core.player import Player

from reactive_kernel.plan import Run, Scope

from .pictures import Picture, names_used

_DRAWING: Final = {"random", "np", "rnd", "pick"}
_DYNAMIC: Final = {"exec", "eval", "globals", "vars", "locals", "dir"}


@dataclass
class Tally:
    """What was counted.

    Attributes
    ----------
    executions : int
        How many cells were executed.
    wasted : list of str
        A line for each execution that could not have left anything else than the one before.
    unplanned : Counter of str
        Executions that were not in the plan as a run began, by why they came into it.
    """

    executions: int = 0
    wasted: list[str] = field(default_factory=list)
    unplanned: Counter[str] = field(default_factory=Counter)

    def add(self, other: Tally) -> None:
        """Count what another has counted, too."""
        self.executions += other.executions
        self.wasted += other.wasted
        self.unplanned += other.unplanned


@dataclass
class Execution:
    """What an execution found, and whether it held on to any of it.

    Parameters
    ----------
    source : str
        What ran.
    found : Picture
        Its inputs as they were before it.
    holds : bool
        Whether it has changed an object that it found, has bound one to a name, or may have
        asked whether two are one.
    failed : bool
        Whether it failed: who asks for a cell below means it to be tried again.
    """

    source: str
    found: Picture
    holds: bool = False
    failed: bool = False

    def repeats(self, last: Execution) -> bool:
        """Tell whether it could not but do what an execution before it had done.

        What holds on to an object is to run again for another that is equal: this is what
        keeps names together that share one.
        """
        if (
            last.failed
            or self.source != last.source
            or self.found.difference(last.found) is not None
        ):
            return False
        return not last.holds or list(self.found.objects) == list(last.found.objects)


class WatchedPlayer(Player):
    """Looks at each execution."""

    def __init__(self, tally: Tally) -> None:
        super().__init__()
        self.tally = tally
        self._last: dict[str, Execution] = {}
        self._asked: set[str] = set()
        self._planned: set[str] = set()
        self._announced: set[str] = set()

    def begin(self, cells: Iterable[str] | Literal["all", "stale"], scope: Scope) -> Run:
        run = super().begin(cells, scope)
        self._asked = set(self.ids if cells == "all" else () if cells == "stale" else cells)
        self._planned = set(run.todo)
        self._announced = set(run.take_added())
        return run

    def execute(self, cell_id: str, run: Run | None = None) -> None:
        assert run is not None
        why = run.todo[cell_id]
        self._announced.update(run.take_added())
        assert cell_id in self._announced, f"{cell_id} ran and was in no plan"
        if cell_id not in self._planned:
            self.tally.unplanned[why] += 1
        last = self._last.get(cell_id)
        super().execute(cell_id, run)
        execution = self._last[cell_id]
        asked = cell_id in self._asked and run.counts[cell_id] == 1
        if last is not None and why != "replay" and not asked and execution.repeats(last):
            self.tally.wasted.append(f"{cell_id}, {why}: {execution.source!r}")

    def evaluate(self, cell_id: str) -> tuple[str, str | None]:
        self.tally.executions += 1
        source, before = self.source(cell_id), dict(self.user_ns)
        execution = self._last[cell_id] = Execution(source, self._inputs(source))
        result = super().evaluate(cell_id)
        found = execution.found.objects
        bound = {n: v for n, v in self.user_ns.items() if before.get(n, self) is not v}
        execution.failed = result[1] is not None
        execution.holds = (
            " is " in source
            or any(number in found for number in Picture(_variables(bound)).objects)
            or execution.found.difference(self._inputs(source)) is not None
        )
        return result

    def _inputs(self, source: str) -> Picture:
        """Look at all that a cell can find, through the functions that it can call too."""
        variables = _variables(self.user_ns)
        names = _names_read(source)
        seen: set[str] = set()
        while names is not None and not names <= seen:
            seen |= names
            present = {n: variables[n] for n in seen & variables.keys()}
            names = frozenset(seen | Picture(present).used)
        inputs = variables if names is None else {n: variables.get(n, "absent") for n in seen}
        if seen & _DRAWING:
            inputs[":random"] = hash(random.getstate())
            inputs[":numpy"] = hash(np.random.get_state()[1].tobytes())
        return Picture(inputs)


def _variables(namespace: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in namespace.items() if not name.startswith("__")}


@lru_cache(maxsize=4096)
def _names_read(source: str) -> frozenset[str] | None:
    """Return the names that code reads; None if they cannot be told."""
    try:
        names = names_used(compile(source, "cell", "exec"))
    except SyntaxError:
        return frozenset()
    return None if names & _DYNAMIC else frozenset(names)
