"""What is told about types, remembered for as long as they live."""

from __future__ import annotations

import functools
import weakref
from collections.abc import Callable
from typing import TypeVar

from .identity import identity_of

Told = TypeVar("Told")


def remembered(tell: Callable[[type], Told]) -> Callable[[type], Told]:
    """Have a function tell something about each type once.

    A type that a notebook makes anew goes, with all that it holds, where a cache as those of
    `functools` would keep it.
    """
    known: dict[int, Told] = {}
    alive: dict[int, weakref.ref[type]] = {}

    def forget(identity: int, _: weakref.ref[type]) -> None:
        del known[identity], alive[identity]

    @functools.wraps(tell)
    def told(kind: type) -> Told:
        identity = identity_of(kind)
        try:
            return known[identity]
        except KeyError:
            found = known[identity] = tell(kind)
            alive[identity] = weakref.ref(kind, functools.partial(forget, identity))
            return found

    return told
