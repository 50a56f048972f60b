"""Fingerprints of large values of libraries: by pickling them, buffers out of band (PEP 574).

None of the libraries is imported here: a value of one can only exist where it is.
"""

from __future__ import annotations

import gc
import io
import pickle
import types
from hashlib import blake2b
from typing import Any, Final

import xxhash

LIBRARIES: Final = frozenset(
    {"numpy", "pandas", "polars", "pyarrow", "scipy", "sklearn", "networkx", "xarray"}
)
_MOST_PARTS: Final = 10_000
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
    types.FunctionType,
    types.CodeType,
)


def pickled(value: object) -> bytes | None:
    """Return a digest of a value's pickle.

    Parameters
    ----------
    value : object
        Any value.

    Returns
    -------
    bytes or None
        128 bits; None where it cannot be pickled.
    """
    digest = blake2b(digest_size=16)

    def take(buffer: pickle.PickleBuffer) -> bool:
        with buffer.raw() as raw:
            digest.update(xxhash.xxh3_128_digest(raw))
        return False

    stream = _Digesting(digest)
    try:
        pickle.Pickler(stream, protocol=5, buffer_callback=take).dump(value)
    except Exception:
        # Whatever a library's own code raises: the value cannot be looked into.
        return None
    return digest.digest()


class _Digesting(io.RawIOBase):
    """A file that keeps nothing but a digest of what is written to it."""

    def __init__(self, digest: Any) -> None:
        self._digest = digest

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._digest.update(xxhash.xxh3_128_digest(data))
        return len(data)


def parts_of(value: object) -> set[int]:
    """Return the identities of the objects in a value that may be changed in place.

    Found as the garbage collector finds them, into the base of an array's view too.
    """
    if _is_scalar(type(value)):
        return set()
    parts = {id(value)}
    pending = [value]
    while pending and len(parts) < _MOST_PARTS:
        part = pending.pop()
        inside = gc.get_referents(part)
        base = getattr(part, "base", None) if type(part).__module__ == "numpy" else None
        if base is not None:
            inside.append(base)
        for inner in inside:
            # By its type, since asking a proxy for its class may run code.
            if id(inner) not in parts and not issubclass(type(inner), _UNCHANGEABLE):
                parts.add(id(inner))
                pending.append(inner)
    return parts


def _is_scalar(kind: type) -> bool:
    return any(base.__module__ == "numpy" and base.__name__ == "generic" for base in kind.__mro__)
