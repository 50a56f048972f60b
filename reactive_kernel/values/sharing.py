"""Which values hang together: those that hold the same object."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Generic, Protocol, TypeVar
from weakref import WeakSet


class Holder(Protocol):
    """Something that holds objects."""

    @property
    def parts(self) -> Collection[int]:
        """The identities of the objects that can be changed in place."""


T = TypeVar("T", bound=Holder)


class Sharing(Generic[T]):
    """Finds who else holds an object. Holders are known as long as others keep them."""

    def __init__(self) -> None:
        self._holders: dict[int, WeakSet[T]] = {}

    def add(self, holder: T) -> None:
        """Take in a holder."""
        for part in holder.parts:
            self._holders.setdefault(part, WeakSet()).add(holder)

    def holders(self, parts: Iterable[int]) -> set[T]:
        """Return who holds one of some objects."""
        found: set[T] = set()
        for part in parts:
            holders = self._holders.get(part)
            if holders:
                found.update(holders)
            elif holders is not None:
                del self._holders[part]
        return found

    def component(self, holders: Iterable[T]) -> set[T]:
        """Return all that hang together with some holders, by any number of steps."""
        found: set[T] = set()
        pending = list(holders)
        seen: set[int] = set()
        while pending:
            holder = pending.pop()
            if holder in found:
                continue
            found.add(holder)
            for part in holder.parts:
                if part not in seen:
                    seen.add(part)
                    pending.extend(self.holders([part]))
        return found
