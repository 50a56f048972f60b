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

    def forget(self, holder: T) -> None:
        """Leave a holder out from now on: what it holds is no longer what it was."""
        for part in holder.parts:
            holders = self._holders.get(part)
            if holders is not None:
                holders.discard(holder)
                if not holders:
                    del self._holders[part]

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
                    pending.extend(self._holders.get(part, ()))
        return found
