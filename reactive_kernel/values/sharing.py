"""Which values hang together: those that hold the same object."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import count
from typing import Generic, Protocol, TypeVar
from weakref import WeakValueDictionary

from .identity import identity_of


class Holder(Protocol):
    """Something that holds objects."""

    @property
    def parts(self) -> Collection[int]:
        """The identities of the objects that can be changed in place."""


T = TypeVar("T", bound=Holder)


class Sharing(Generic[T]):
    """Finds who else holds an object. Holders are known as long as others keep them.

    Who hangs together with whom is found once, when a holder comes: a figure has thousands of
    parts.
    """

    def __init__(self) -> None:
        self._numbers = count()
        self._holders: WeakValueDictionary[int, T] = WeakValueDictionary()
        self._number_of: dict[int, int] = {}
        self._by_part: dict[int, list[int]] = {}
        self._neighbours: dict[int, set[int]] = {}
        self._entered = 0
        self._kept = 0

    def add(self, holder: T) -> None:
        """Take in a holder."""
        if not holder.parts or self._number(holder) is not None:
            return
        dead = len(self._neighbours) > 2 * len(self._holders) + 100
        if dead or self._entered > 2 * self._kept + 100_000:
            self._forget_the_dead()
        self._enter(holder)

    def holders(self, parts: Iterable[int], before: T | None = None) -> set[T]:
        """Return who holds one of some objects, or those of them that came before another."""
        numbers = {n for part in parts for n in self._by_part.get(part, ())}
        if before is not None:
            last = self._number(before)
            numbers = {n for n in numbers if last is not None and n < last}
        return self._living(numbers)

    def component(self, holders: Iterable[T]) -> set[T]:
        """Return all that hang together with some holders, by any number of steps."""
        found = set(holders)
        pending = [number for number in map(self._number, found) if number is not None]
        seen = set(pending)
        while pending:
            new = self._neighbours[pending.pop()] - seen
            seen |= new
            for number in new:
                # What the dead have held may be gone, and other objects be where it was.
                holder = self._holders.get(number)
                if holder is not None:
                    found.add(holder)
                    pending.append(number)
        return found

    def _enter(self, holder: T) -> None:
        number = next(self._numbers)
        neighbours: set[int] = set()
        self._entered += len(holder.parts)
        for part in holder.parts:
            others = self._by_part.setdefault(part, [])
            neighbours.update(others)
            others.append(number)
        self._holders[number] = holder
        self._number_of[identity_of(holder)] = number
        self._neighbours[number] = neighbours
        for other in neighbours:
            self._neighbours[other].add(number)

    def _number(self, holder: T) -> int | None:
        number = self._number_of.get(identity_of(holder))
        known = number is not None and self._holders.get(number) is holder
        return number if known else None

    def _living(self, numbers: Iterable[int]) -> set[T]:
        found = map(self._holders.get, numbers)
        return {holder for holder in found if holder is not None}

    def _forget_the_dead(self) -> None:
        living = list(self._holders.values())
        self._holders.clear()
        self._number_of.clear()
        self._by_part.clear()
        self._neighbours.clear()
        self._entered = 0
        for holder in living:
            self._enter(holder)
        self._kept = self._entered
