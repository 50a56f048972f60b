"""Fingerprints: equal for values that no reader can tell apart.

A fingerprint covers type, structure and sharing within the value, and nothing that differs from
run to run (addresses, hash order, line numbers). Values that cannot be looked into have none.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final

from . import buffers, codes, instances

_MOST_PARTS: Final = 20_000
_ATOMS: Final = frozenset({type(None), bool, int, float, complex, str, bytes})
_PRINTED: Final = frozenset(
    {
        "builtins.ellipsis",
        "builtins.NotImplementedType",
        "builtins.range",
        "datetime.date",
        "datetime.datetime",
        "datetime.time",
        "datetime.timedelta",
        "datetime.timezone",
        "decimal.Decimal",
        "fractions.Fraction",
        "uuid.UUID",
        "re.Pattern",
        "zoneinfo.ZoneInfo",
        "pathlib.PosixPath",
        "pathlib.WindowsPath",
        "pathlib.PurePosixPath",
        "pathlib.PureWindowsPath",
        "pathlib._local.PosixPath",
        "pathlib._local.WindowsPath",
    }
)
_WITHOUT_CONTENT: Final = frozenset({"_thread.lock", "_thread.RLock", "collections._tuplegetter"})
_ONE_OF_ITS_NAME: Final = frozenset({"logging.Logger", "logging.RootLogger"})


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What a look at a value gave.

    Parameters
    ----------
    digest : bytes
        128 bits; equal for values that no reader can tell apart, but by identity.
    parts : frozenset of int
        The identities (`id`) of the objects in it that can be changed in place; empty for a
        value that nobody can tell from its equal.
    layout : int
        A hash of those of them that were visited one by one: it differs where an object was
        put in the place of its equal.
    """

    digest: bytes
    parts: frozenset[int]
    layout: int = 0


class OpaqueError(Exception):
    """A part of the value cannot be looked into."""


class _TooLargeError(Exception):
    pass


def fingerprint(value: object) -> Fingerprint | None:
    """Look at a value.

    Parameters
    ----------
    value : object
        Any value.

    Returns
    -------
    Fingerprint or None
        None if it, or something in it, cannot be looked into.
    """
    walk = Walk()
    try:
        walk.visit(value)
    except _TooLargeError:
        digest = buffers.pickled(value)
        return None if digest is None else Fingerprint(digest, frozenset(buffers.parts_of(value)))
    except Exception:
        # Opaque; or changed by another thread meanwhile, nested too deep, or of a class whose
        # attributes are not what they are for others.
        return None
    layout = hash(frozenset(walk.parts))
    return Fingerprint(walk.digest(), frozenset(walk.parts | walk.inner_parts), layout)


class Walk:
    """Goes through a value and takes its digest.

    Attributes
    ----------
    parts : set of int
        The identities of what was visited and can be changed in place.
    inner_parts : set of int
        The same of what was not visited one by one.
    """

    def __init__(self) -> None:
        self._hash = blake2b(digest_size=16)
        self._count = 0
        self._seen: dict[int, int] = {}
        self._alive: list[object] = []
        self.parts: set[int] = set()
        self.inner_parts: set[int] = set()

    def digest(self) -> bytes:
        """Return the digest of all that was put and visited."""
        return self._hash.digest()

    def put(self, text: str) -> None:
        """Take in a text."""
        encoded = text.encode("utf8", "surrogatepass")
        self._hash.update(b"%d:" % len(encoded))
        self._hash.update(encoded)

    def visit(self, value: Any) -> None:
        """Take in a value.

        Raises
        ------
        OpaqueError
            If it cannot be looked into.
        """
        self._count += 1
        if self._count > _MOST_PARTS:
            raise _TooLargeError
        kind = type(value)
        if kind in _ATOMS:
            self._atom(kind, value)
            return
        known = self._seen.get(id(value))
        if known is not None:
            self.put(f"seen {known}")
            return
        visit = self._visitor(kind)
        if visit is None:
            self._named(kind, value)
            return
        if kind is not tuple and kind is not frozenset:
            self._seen[id(value)] = len(self._seen)
            # Bound methods and the like are made anew at each look: nothing may take their id.
            self._alive.append(value)
        self.put(kind.__name__)
        visit(self, value)

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
        """Take in a value, or only its type where it cannot be looked into."""
        before = self._hash.copy()
        try:
            self.visit(value)
        except OpaqueError:
            self._hash = before
            self.put(f"a {type(value).__qualname__}")

    def changeable(self, value: object) -> None:
        """Take in that a value can be changed in place."""
        self.parts.add(id(value))

    def _atom(self, kind: type, value: Any) -> None:
        if kind is str:
            self._hash.update(b"s")
            self.put(value)
        elif kind is bytes:
            self._hash.update(b"bytes%d:" % len(value))
            self._hash.update(value)
        elif kind is int:
            self.put(f"int {value:x}")
        else:
            self.put(f"{kind.__name__} {value!r}")

    def _visitor(self, kind: type) -> Callable[[Walk, Any], None] | None:
        visit = _KINDS.get(kind)
        if visit is None and issubclass(kind, type):
            visit = codes.visit_class
        if visit is None and f"{kind.__module__}.{kind.__qualname__}" in _ONE_OF_ITS_NAME:
            return None
        if visit is None and kind.__module__.partition(".")[0] in buffers.LIBRARIES:
            visit = _library_value
        if visit is None and instances.is_plain(kind):
            visit = instances.visit
        return visit

    def _named(self, kind: type, value: object) -> None:
        name = f"{kind.__module__}.{kind.__qualname__}"
        self.put(name)
        if name in _PRINTED:
            self.put(repr(value))
        elif name in _ONE_OF_ITS_NAME:
            self.put(str(vars(value)["name"]))
        elif name not in _WITHOUT_CONTENT:
            raise OpaqueError


def _sequence(walk: Walk, value: Any) -> None:
    if type(value) is list:
        walk.changeable(value)
    walk.put(str(len(value)))
    walk.each(value)


def _set(walk: Walk, value: Any) -> None:
    if type(value) is set:
        walk.changeable(value)
    digests = []
    for member in value:
        found = fingerprint(member)
        if found is None:
            raise OpaqueError
        walk.inner_parts |= found.parts
        digests.append(found.digest)
    walk.visit(b"".join(sorted(digests)))


def _dict(walk: Walk, value: Any) -> None:
    walk.changeable(value)
    walk.put(str(len(value)))
    for key, member in value.items():
        walk.visit(key)
        walk.visit(member)


def _bytearray(walk: Walk, value: Any) -> None:
    walk.changeable(value)
    walk.visit(bytes(value))


def _slice(walk: Walk, value: Any) -> None:
    walk.each((value.start, value.stop, value.step))


def _mapping_proxy(walk: Walk, value: Any) -> None:
    walk.visit(dict(value))


def _module(walk: Walk, value: Any) -> None:
    walk.put(value.__name__)


def _library_value(walk: Walk, value: Any) -> None:
    digest = buffers.pickled(value)
    if digest is None:
        raise OpaqueError
    walk.visit(digest)
    walk.inner_parts |= buffers.parts_of(value)


_KINDS: Final[dict[type, Callable[[Walk, Any], None]]] = {
    tuple: _sequence,
    list: _sequence,
    set: _set,
    frozenset: _set,
    dict: _dict,
    bytearray: _bytearray,
    slice: _slice,
    types.MappingProxyType: _mapping_proxy,
    types.ModuleType: _module,
    **codes.KINDS,
    **instances.KINDS,
}
