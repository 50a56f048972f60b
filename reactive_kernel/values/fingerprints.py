"""Fingerprints: equal for values that no reader can tell apart.

A fingerprint covers type, structure and sharing within the value, and nothing that differs from
run to run (addresses, hash order, line numbers). Values that cannot be looked into have none.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import Any, Final

_MOST_PARTS: Final = 50_000
_ATOMS: Final = (type(None), bool, int, float, complex, str, bytes)
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
        "pathlib.PosixPath",
        "pathlib.WindowsPath",
        "pathlib.PurePosixPath",
        "pathlib.PureWindowsPath",
        "pathlib._local.PosixPath",
        "pathlib._local.WindowsPath",
    }
)
_NOT_OF_THE_CLASS: Final = frozenset(
    {
        "__dict__",
        "__weakref__",
        "__firstlineno__",
        "__static_attributes__",
        "__dataclass_fields__",
        "__dataclass_params__",
        "__annotate_func__",
        "__annotations_cache__",
        "_abc_impl",
    }
)


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What a look at a value gave.

    Parameters
    ----------
    digest : bytes
        128 bits; equal for values that no reader can tell apart, but by identity.
    has_identity : bool
        Whether somebody who keeps the value can tell it from its equal: it, or something in
        it, can be changed in place.
    """

    digest: bytes
    has_identity: bool


class _OpaqueError(Exception):
    """A part of the value cannot be looked into, or it is too large."""


def fingerprint(value: object) -> Fingerprint | None:
    """Look at a value.

    Parameters
    ----------
    value : object
        Any value.

    Returns
    -------
    Fingerprint or None
        None if it, or something in it, cannot be looked into or is too large for it.
    """
    walk = _Walk()
    try:
        walk.visit(value)
    except (_OpaqueError, RecursionError, RuntimeError):
        # RuntimeError: another thread changes a container meanwhile.
        return None
    return Fingerprint(walk.digest(), walk.has_identity)


class _Walk:
    def __init__(self) -> None:
        self._hash = blake2b(digest_size=16)
        self._parts = 0
        self._seen: dict[int, int] = {}
        self.has_identity = False

    def digest(self) -> bytes:
        return self._hash.digest()

    def put(self, text: str) -> None:
        encoded = text.encode("utf8", "surrogatepass")
        self._hash.update(b"%d:" % len(encoded))
        self._hash.update(encoded)

    def visit(self, value: Any) -> None:
        self._parts += 1
        if self._parts > _MOST_PARTS:
            raise _OpaqueError
        kind = type(value)
        if kind in _ATOMS:
            self._atom(kind, value)
            return
        known = self._seen.get(id(value))
        if known is not None:
            self.put(f"seen {known}")
            return
        visit = _KINDS.get(kind)
        if visit is None and issubclass(kind, type):
            visit = _class
        if visit is not None:
            if kind is not tuple and kind is not frozenset:
                self._seen[id(value)] = len(self._seen)
            self.put(kind.__name__)
            visit(self, value)
        elif f"{kind.__module__}.{kind.__qualname__}" in _PRINTED:
            self.put(f"{kind.__module__}.{kind.__qualname__}")
            self.put(repr(value))
        else:
            raise _OpaqueError

    def _atom(self, kind: type, value: Any) -> None:
        if kind is str:
            self.put("str")
            self.put(value)
        elif kind is bytes:
            self._hash.update(b"bytes%d:" % len(value))
            self._hash.update(value)
        elif kind is int:
            self.put(f"int {value:x}")
        else:
            self.put(f"{kind.__name__} {value!r}")

    def each(self, values: Iterable[object]) -> None:
        for value in values:
            self.visit(value)

    def named(self, items: Iterable[tuple[str, object]]) -> None:
        for name, value in items:
            self.put(name)
            self.visit(value)


def _sequence(walk: _Walk, value: Any) -> None:
    if type(value) is list:
        walk.has_identity = True
    walk.put(str(len(value)))
    walk.each(value)


def _set(walk: _Walk, value: Any) -> None:
    if type(value) is set:
        walk.has_identity = True
    digests = []
    for member in value:
        found = fingerprint(member)
        if found is None:
            raise _OpaqueError
        walk.has_identity |= found.has_identity
        digests.append(found.digest)
    walk.visit(b"".join(sorted(digests)))


def _dict(walk: _Walk, value: Any) -> None:
    walk.has_identity = True
    walk.put(str(len(value)))
    for key, member in value.items():
        walk.visit(key)
        walk.visit(member)


def _bytearray(walk: _Walk, value: Any) -> None:
    walk.has_identity = True
    walk.visit(bytes(value))


def _slice(walk: _Walk, value: Any) -> None:
    walk.each((value.start, value.stop, value.step))


def _module(walk: _Walk, value: Any) -> None:
    walk.put(value.__name__)


def _builtin(walk: _Walk, value: Any) -> None:
    walk.put(value.__qualname__)
    owner = value.__self__
    if owner is not None and not isinstance(owner, types.ModuleType):
        walk.visit(owner)
    else:
        walk.put(str(value.__module__))


def _function(walk: _Walk, value: Any) -> None:
    if value.__module__ != "__main__" and "<locals>" not in value.__qualname__:
        # A library's: modules live once in a process.
        walk.put(f"{value.__module__}.{value.__qualname__}")
        return
    closure = value.__closure__ or ()
    if closure or value.__defaults__ or value.__kwdefaults__ or value.__dict__:
        walk.has_identity = True
    walk.put(f"{value.__module__} {value.__name__} {value.__qualname__} {value.__doc__}")
    walk.visit(_code_key(value.__code__))
    walk.each((value.__defaults__, value.__kwdefaults__))
    walk.each(map(_contents, closure))
    walk.named(value.__dict__.items())
    # From Python 3.14 on annotations are made by a function, which is not ours to call (PEP 649).
    annotate = getattr(value, "__annotate__", None)
    walk.visit(annotate if annotate is not None else value.__annotations__)


def _contents(cell: types.CellType) -> object:
    try:
        return cell.cell_contents
    except ValueError:
        return "empty cell"


def _method(walk: _Walk, value: Any) -> None:
    walk.each((value.__func__, value.__self__))


def _wrapper(walk: _Walk, value: Any) -> None:
    walk.visit(value.__func__)


def _property(walk: _Walk, value: Any) -> None:
    walk.each((value.fget, value.fset, value.fdel, value.__doc__))


def _slot(walk: _Walk, value: Any) -> None:
    walk.put(value.__qualname__)


def _class(walk: _Walk, value: Any) -> None:
    if value.__module__ != "__main__":
        walk.put(f"{value.__module__}.{value.__qualname__}")
        return
    walk.has_identity = True
    walk.put(value.__qualname__)
    walk.each((type(value), value.__bases__))
    walk.named(
        (name, member) for name, member in vars(value).items() if name not in _NOT_OF_THE_CLASS
    )


@lru_cache(maxsize=4096)
def _code_key(code: types.CodeType) -> str:
    """Describe code without its place: file and line numbers."""
    constants = (
        _code_key(constant)
        if isinstance(constant, types.CodeType)
        else f"{type(constant).__name__} {constant!r}"
        if not isinstance(constant, frozenset)
        else f"frozenset {sorted(map(repr, constant))}"
        for constant in code.co_consts
    )
    parts = (
        code.co_code.hex(),
        code.co_names,
        code.co_varnames,
        code.co_freevars,
        code.co_cellvars,
        code.co_flags,
        code.co_argcount,
        code.co_posonlyargcount,
        code.co_kwonlyargcount,
        code.co_name,
        getattr(code, "co_exceptiontable", b""),
        *constants,
    )
    return blake2b(repr(parts).encode("utf8", "surrogatepass"), digest_size=16).hexdigest()


_KINDS: Final[dict[type, Callable[[_Walk, Any], None]]] = {
    tuple: _sequence,
    list: _sequence,
    set: _set,
    frozenset: _set,
    dict: _dict,
    bytearray: _bytearray,
    slice: _slice,
    types.ModuleType: _module,
    types.BuiltinFunctionType: _builtin,
    types.FunctionType: _function,
    types.MethodType: _method,
    staticmethod: _wrapper,
    classmethod: _wrapper,
    property: _property,
    types.MemberDescriptorType: _slot,
    types.GetSetDescriptorType: _slot,
    type: _class,
}
