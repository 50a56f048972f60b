"""Going through a value part by part, taking its digest."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from hashlib import blake2b
from typing import Any, Final, TypeAlias

from .buffers import DigestOf, Pickles
from .identity import identity_of
from .reach import ATOMS

_MOST_PARTS: Final = 20_000


class OpaqueError(Exception):
    """A part of the value cannot be looked into.

    Parameters
    ----------
    kind : type
        Its type.
    """

    def __init__(self, kind: type) -> None:
        super().__init__(kind)
        self.kind = kind


class TooLargeError(Exception):
    """The value has too many parts to be visited one by one."""


class Walk:
    """Goes through a value and takes its digest.

    Parameters
    ----------
    find : callable
        Returns how values of a type are gone through.
    pickles : Pickles
        Those of values of libraries that are as they are now.
    digest_of : DigestOf
        What stands for classes and functions in further ones.

    Attributes
    ----------
    parts : dict of int to None
        The identities of what was visited and can be changed in place, in that order.
    inner_parts : set of int
        The same of what was not visited one by one.
    size : int
        How many bytes were taken in.
    tells_identity : bool
        Whether something in it is equal to nothing but itself.
    """

    def __init__(
        self, find: Callable[[type], Visit], pickles: Pickles, digest_of: DigestOf
    ) -> None:
        self._find = find
        self.pickles = pickles
        self.digest_of = digest_of
        self._hash = blake2b(digest_size=16)
        self._count = 0
        self._seen: dict[int, int] = {}
        self._alive: list[object] = []
        self.parts: dict[int, None] = {}
        self.inner_parts: set[int] = set()
        self.size = 0
        self.tells_identity = False

    def digest(self) -> bytes:
        """Return the digest of all that was put and visited."""
        return self._hash.digest()

    def put(self, text: str) -> None:
        """Take in a text."""
        encoded = text.encode("utf8", "surrogatepass")
        self._hash.update(b"%d:" % len(encoded))
        self._hash.update(encoded)
        self.size += len(encoded)

    def visit(self, value: Any) -> None:
        """Take in a value.

        Raises
        ------
        OpaqueError
            If it cannot be looked into.
        TooLargeError
            If there is too much of it.
        """
        self._count += 1
        if self._count > _MOST_PARTS:
            raise TooLargeError
        kind = type(value)
        if kind in ATOMS:
            self._atom(kind, value)
            return
        known = self._seen.get(identity_of(value))
        if known is not None:
            self.put(f"seen {known}")
            return
        visit = self._find(kind)
        if kind is not tuple and kind is not frozenset:
            self._seen[identity_of(value)] = len(self._seen)
            # Bound methods and the like are made anew at each look: nothing may take their id.
            self._alive.append(value)
        self.put(kind.__name__)
        visit(self, value)

    def contents(self, value: Any) -> None:
        """Take in what a container holds that was made to be looked at."""
        if isinstance(value, dict):
            self.put(f"{len(value)} items")
            for key, member in value.items():
                self.visit(key)
                self.visit(member)
        elif isinstance(value, list):
            self.put(f"{len(value)} members")
            self.each(value)
        elif isinstance(value, tuple):
            for part in value:
                self.contents(part)
        else:
            self.visit(value)

    def each(self, values: Iterable[object]) -> None:
        """Take in values, one after the other."""
        for value in values:
            self.visit(value)

    def named(self, items: Iterable[tuple[str, object]]) -> None:
        """Take in values with their names."""
        for name, value in items:
            self.put(name)
            self.visit(value)

    def or_its_type(self, value: object) -> None:
        """Take in a value, or only its type where a part of it is what a library has compiled.

        What of Python's own cannot be looked into, as iterators and connections, is used up.
        """
        before = self._hash.copy()
        try:
            self.visit(value)
        except OpaqueError as error:
            if error.kind.__module__.partition(".")[0] in sys.stdlib_module_names:
                raise
            self._hash = before
            self.put(f"a {type(value).__qualname__}")

    def changeable(self, value: object) -> None:
        """Take in that a value can be changed in place."""
        self.parts[identity_of(value)] = None
        if type(value).__eq__ is object.__eq__:
            self.tells_identity = True

    def _atom(self, kind: type, value: Any) -> None:
        if kind is str:
            self._hash.update(b"s")
            self.put(value)
        elif kind is bytes:
            self._hash.update(b"bytes%d:" % len(value))
            self._hash.update(value)
            self.size += len(value)
        elif kind is int:
            self.put(f"int {value:x}")
        else:
            self.put(f"{kind.__name__} {value!r}")


Visit: TypeAlias = Callable[[Walk, Any], None]
"""Takes in what a value holds, beside its type."""
