"""What can be reached from a value, as the garbage collector finds it."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, Literal, TypeAlias

from .identity import identity_of

MOST_PARTS: Final = 1_000_000
"""How many objects are looked at, at most: a value with more may hold others."""

Step: TypeAlias = Callable[[Any], Iterable[object]] | Literal["referents"] | None
"""What is inside objects of a type; None where nobody needs to look at them at all."""


def levels(value: object, step_of: Callable[[type], Step]) -> Iterator[list[Any]]:
    """Go from a value to what is in it, and in that, and so on.

    Parameters
    ----------
    value : object
        Where to start.
    step_of : callable
        Returns how to go on from objects of a type, by their type alone: asking a proxy for its
        class may run code.

    Yields
    ------
    list of object
        What was not reached before, in one more step; the value itself is the first.
    """
    steps: dict[type, Step] = {type(value): step_of(type(value))}
    seen = {identity_of(value)}
    level: list[Any] = [value]
    while level:
        yield level
        if len(seen) >= MOST_PARTS:
            return
        by_collector: list[Any] = []
        inside: list[Any] = []
        for part in level:
            step = steps[type(part)]
            if step == "referents":
                by_collector.append(part)
            elif step is not None:
                inside += step(part)
        inside += gc.get_referents(*by_collector)
        level = []
        for part in inside:
            kind = type(part)
            if kind not in steps:
                steps[kind] = step_of(kind)
            if steps[kind] is not None and identity_of(part) not in seen:
                seen.add(identity_of(part))
                level.append(part)
