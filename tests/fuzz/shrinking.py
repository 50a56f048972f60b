"""Cuts a story down while it still fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import count
from typing import Final

from .steps import Create, Step, Update

MOST_TRIES: Final = 3000


def shrink(steps: Sequence[Step], fails: Callable[[list[Step]], bool]) -> list[Step]:
    """Leave out steps, then lines of cells, as long as a story fails.

    Parameters
    ----------
    steps : sequence of Step
        A story that fails. Its first step sets the seed; it goes only if nothing is drawn.
    fails : callable
        Tells whether a story fails.
    """
    tries = count()

    def still_fails(smaller: list[Step]) -> bool:
        return next(tries) < MOST_TRIES and fails(smaller)

    steps = list(steps)
    before: list[Step] = []
    while steps != before:
        before = steps
        for smaller in (_without_steps, _without_lines):
            steps = _smallest(steps, smaller, still_fails)
    if "random" not in repr(steps[1:]) and fails(steps[1:]):
        return steps[1:]
    return steps


def _smallest(
    steps: list[Step],
    smaller: Callable[[list[Step]], Iterator[list[Step]]],
    fails: Callable[[list[Step]], bool],
) -> list[Step]:
    """Take the first smaller story that fails, again and again."""
    while True:
        found = next((each for each in smaller(steps) if fails(each)), None)
        if found is None:
            return steps
        steps = found


def _without_steps(steps: list[Step]) -> Iterator[list[Step]]:
    size = len(steps) // 2
    while size:
        for start in range(len(steps) - size, 0, -size):
            yield steps[:start] + steps[start + size :]
        size //= 2


def _without_lines(steps: list[Step]) -> Iterator[list[Step]]:
    for number, step in enumerate(steps[1:], start=1):
        if isinstance(step, Create | Update):
            lines = step.source.split("\n")
            for line in range(len(lines)):
                less = "\n".join(lines[:line] + lines[line + 1 :])
                if less != step.source:
                    yield [*steps[:number], replace(step, source=less), *steps[number + 1 :]]
