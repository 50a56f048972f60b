"""Fingerprints of large values of libraries: by pickling them, buffers out of band (PEP 574).

None of the libraries is imported here: a value of one can only exist where it is.
"""

from __future__ import annotations

import gc
import io
import pickle
import types
from dataclasses import dataclass
from datetime import date, time, timedelta, tzinfo
from functools import lru_cache
from hashlib import blake2b
from itertools import islice
from typing import Any, Final

import xxhash

from .figures import figure_of
from .identity import identity_of

LIBRARIES: Final = frozenset(
    {"numpy", "pandas", "polars", "pyarrow", "scipy", "sklearn", "networkx", "xarray"}
    | {"matplotlib", "mpl_toolkits"}
)
MOST_PARTS: Final = 10_000
"""How many parts are looked at, at most: a value with more may hold others."""

_UNCHANGEABLE: Final = (
    type,
    type(None),
    bool,
    int,
    float,
    complex,
    str,
    bytes,
    types.ModuleType,
    types.BuiltinFunctionType,
    types.CodeType,
    types.FrameType,
    types.TracebackType,
    date,
    time,
    timedelta,
    tzinfo,
)


@dataclass(frozen=True, slots=True)
class Pickled:
    """A value's pickle.

    Parameters
    ----------
    digest : bytes
        128 bits.
    size : int
        How many bytes it has.
    """

    digest: bytes
    size: int


def pickled(value: object) -> Pickled | None:
    """Take the digest of a value's pickle.

    Parameters
    ----------
    value : object
        Any value.

    Returns
    -------
    Pickled or None
        None where it cannot be pickled.
    """
    stream = _Digesting()

    def take(buffer: pickle.PickleBuffer) -> bool:
        with buffer.raw() as raw:
            stream.write(raw)
        return False

    try:
        pickle.Pickler(stream, protocol=5, buffer_callback=take).dump(value)
    except Exception:
        # Whatever a library's own code raises: the value cannot be looked into.
        return None
    return Pickled(stream.digest(), stream.size)


class _Digesting(io.RawIOBase):
    """A file that keeps nothing but a digest of what is written to it."""

    def __init__(self) -> None:
        self._digest = blake2b(digest_size=16)
        self.size = 0

    def digest(self) -> bytes:
        return self._digest.digest()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._digest.update(xxhash.xxh3_128_digest(data))
        size = memoryview(data).nbytes
        self.size += size
        return size


def parts_of(value: Any) -> set[int]:
    """Return the identities of the objects in a value that may be changed in place.

    Found as the garbage collector finds them, into the base of an array's view too.
    """
    if not _may_change(value):
        return set()
    parts = {identity_of(value)}
    seen = set(parts)
    pending: list[Any] = [value]
    while pending and len(seen) < MOST_PARTS:
        part = pending.pop()
        inside: list[Any]
        figure = figure_of(part)
        if figure is not None:
            parts.add(identity_of(figure))
            continue
        if type(part) is types.FunctionType:
            inside = [part.__closure__, part.__defaults__, part.__kwdefaults__, part.__dict__]
        else:
            inside = gc.get_referents(part)
        if type(part).__module__ == "numpy":
            inside += _inside_array(part)
        for inner in inside:
            if identity_of(inner) not in seen and _may_change(inner):
                seen.add(identity_of(inner))
                pending.append(inner)
                if type(inner) is not tuple and type(inner) is not frozenset:
                    parts.add(identity_of(inner))
    return parts


def _inside_array(array: Any) -> list[Any]:
    """Return what the garbage collector does not tell: the base of a view, and objects in it."""
    base, dtype = getattr(array, "base", None), getattr(array, "dtype", None)
    inside = [] if base is None else [base]
    if getattr(dtype, "hasobject", False):
        inside += islice(array.flat, MOST_PARTS)
    return inside


def _may_change(value: Any) -> bool:
    kind: type = type(value)
    return not _is_unchangeable(kind)


@lru_cache(maxsize=4096)
def _is_unchangeable(kind: type) -> bool:
    # By its type, since asking a proxy for its class may run code.
    return issubclass(kind, _UNCHANGEABLE) or any(
        base.__module__ == "numpy" and base.__name__ in ("generic", "dtype")
        for base in kind.__mro__
    )
