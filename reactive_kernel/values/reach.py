"""What can be reached from a value, as the garbage collector finds it."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, Literal, TypeAlias

from traitlets.config import Configurable

from .by_type import remembered
from .identity import identity_of
from .origin import made_here

ATOMS: Final = frozenset({type(None), bool, int, float, complex, str, bytes})
"""Types whose values hold nothing, and never change."""

WITHOUT_CODE: Final = frozenset({"numpy", "pandas", "polars", "pyarrow", "matplotlib"})
"""Libraries whose values take long to go through. `held_code` finds the notebook's own in them."""

MOST_PARTS: Final = 1_000_000
"""How many objects are looked at, at most: a value with more may hold others."""

_OF_THE_KERNEL: Final = frozenset({"ipykernel", "reactive_kernel"})

Step: TypeAlias = Callable[[Any], Iterable[object]] | Literal["referents"] | None
"""What is inside objects of a type; None where nobody needs to look at them at all."""


def levels(value: object, step_of: Callable[[type], Step]) -> Iterator[list[Any]]:
    """Go from a value to what is in it, and in that, and so on.

    Parameters
    ----------
    value : object
        Where to start.
    step_of : callable
        Returns how to go on from objects of a type that is not among `ATOMS`, by their type alone:
        asking a proxy for its class may run code.

    Yields
    ------
    list of object
        What was not reached before, in one more step; the value itself is the first.
    """

    def step_from(kind: type) -> Step:
        return None if leads_to_kernel(kind) else step_of(kind)

    steps: dict[type, Step] = dict.fromkeys(ATOMS)
    kind: type = type(value)
    if kind not in steps:
        steps[kind] = step_from(kind)
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
                steps[kind] = step_from(kind)
            if kind is tuple and ATOMS.issuperset(map(type, part)):
                # Of pairs of numbers there may be many.
                continue
            if steps[kind] is not None and identity_of(part) not in seen:
                seen.add(identity_of(part))
                level.append(part)


@remembered
def is_of_kernel(kind: type) -> bool:
    """Tell whether objects of a type are parts of the kernel, which last as long as it does.

    Parameters
    ----------
    kind : type
        The type.
    """
    package = kind.__module__.partition(".")[0]
    return package in _OF_THE_KERNEL or (package == "IPython" and issubclass(kind, Configurable))


@remembered
def leads_to_kernel(kind: type) -> bool:
    """Tell whether objects of a type lead to the kernel, and to all that it has looked at.

    The streams that cells print to do, as threads, tasks and the comms of widgets come to know.
    """
    return (
        is_of_kernel(kind)
        or kind.__module__.partition(".")[0] == "zmq"
        or issubclass(kind, asyncio.AbstractEventLoop)
    )


def inside_function(function: Any) -> list[object]:
    """Return what a function holds, and not what all of its module use."""
    return [
        function.__closure__,
        function.__defaults__,
        function.__kwdefaults__,
        function.__dict__,
    ]


def inside_own(value: Any) -> list[Any]:
    """Return what is in a module or class that the notebook has made, and nothing of others."""
    return gc.get_referents(value) if made_here(value) else []
