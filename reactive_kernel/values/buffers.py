"""Fingerprints of large values of libraries: by pickling them, buffers out of band (PEP 574).

None of the libraries is imported here: a value of one can only exist where it is.
"""

from __future__ import annotations

import contextlib
import io
import pickle
import sys
import types
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final, TypeAlias

import xxhash

from .figures import is_artist, stater_of
from .frames import is_frame, reduce_without_notes, state_of_frame, takes_notes
from .hooks import SlotNames, has_hooks
from .identity import identity_of
from .origin import made_here

LIBRARIES: Final = frozenset(
    {"numpy", "pandas", "polars", "pyarrow", "scipy", "sklearn", "networkx", "xarray"}
    | {"matplotlib", "mpl_toolkits"}
)
_DEEPEST: Final = 3000
"""Calls of a pickler within each other for which the stack of C has room, with the kernel's."""


@dataclass(frozen=True, slots=True)
class Pickled:
    """A value's pickle.

    Parameters
    ----------
    digest : bytes
        128 bits.
    size : int
        How many bytes it has.
    artists : mapping of int to int
        The places in it of what matplotlib draws, by their identities.
    """

    digest: bytes
    size: int
    artists: Mapping[int, int]


Pickles: TypeAlias = dict[int, tuple[object, Pickled | None]]
"""Values of libraries, by their identities, and their pickles."""


DigestOf: TypeAlias = Callable[[object], bytes | None]
"""Returns what stands for a class or function of the notebook, of which a pickle has the name."""


def pickled(value: object, digest_of: DigestOf) -> Pickled | None:
    """Take the digest of a value's pickle.

    Parameters
    ----------
    value : object
        Any value.
    digest_of : DigestOf
        What stands for classes and functions of the notebook.

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

    pickler = _Pickler(stream, take, digest_of)
    try:
        with no_deeper():
            pickler.dump(value)
    except Exception:
        # Whatever a library's own code raises: the value cannot be looked into.
        return None
    finally:
        pickler.slot_names.forget()
    return Pickled(stream.digest(), stream.size + pickler.size, pickler.artists)


@contextlib.contextmanager
def no_deeper() -> Iterator[None]:
    """Have what is nested too deep for the stack of C raise, also where the notebook allows more.

    Raises
    ------
    RecursionError
        Then, or if the code that runs is as deep already.
    """
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(min(limit, _DEEPEST))
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)


class _Pickler(pickle.Pickler):
    """Writes a digest in the place of each class and function of the notebook."""

    def __init__(
        self,
        stream: _Digesting,
        take: Callable[[pickle.PickleBuffer], bool],
        digest_of: DigestOf,
    ) -> None:
        super().__init__(stream, protocol=5, buffer_callback=take)
        self._digest_of = digest_of
        self._are_artists: dict[type, bool] = {}
        self.artists: dict[int, int] = {}
        self.size = 0
        self.slot_names = SlotNames()

    def reducer_override(self, value: Any) -> Any:
        kind: type = type(value)
        known = self._are_artists.get(kind)
        if known is not None:
            if known:
                self.artists[identity_of(value)] = len(self.artists)
            return NotImplemented
        if kind is types.FunctionType or type in kind.__mro__:
            if not made_here(value):
                return NotImplemented
            digest = self._digest_of(value)
            if digest is None:
                raise pickle.PicklingError("a class or function that cannot be looked into")
            return bytes, (digest,)
        if kind.__module__ == "__main__":
            if has_hooks(kind):
                raise pickle.PicklingError("what runs code of the notebook")
            self.slot_names.note(kind)
        if is_frame(kind):
            return kind, (), state_of_frame(value, self._digest_by_itself, self._digest_of_bytes)
        if takes_notes(kind):
            return reduce_without_notes(value)
        state_of = stater_of(kind)
        if state_of is not None:
            return kind, (), state_of(value)
        self._are_artists[kind] = is_artist(kind)
        return self.reducer_override(value)

    def _digest_by_itself(self, part: object) -> bytes:
        """Take the digest of a part, whatever others have in common with it."""
        found = pickled(part, self._digest_of)
        if found is None:
            raise pickle.PicklingError("a part that cannot be looked into")
        self.size += found.size
        return found.digest

    def _digest_of_bytes(self, array: Any) -> bytes:
        self.size += array.nbytes
        return xxhash.xxh3_128_digest(array)


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
