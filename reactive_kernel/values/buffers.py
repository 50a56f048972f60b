"""Fingerprints of large values of libraries: by pickling them, buffers out of band (PEP 574).

None of the libraries is imported here: a value of one can only exist where it is.
"""

from __future__ import annotations

import builtins
import contextlib
import gc
import io
import pickle
import sys
import types
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta, tzinfo
from hashlib import blake2b
from itertools import islice
from typing import Any, Final, TypeAlias

import xxhash

from .by_type import remembered
from .figures import figure_of, is_artist, stater_of
from .frames import is_frame, reduce_without_notes, state_of_frame, takes_notes
from .hooks import SlotNames, has_hooks
from .identity import identity_of
from .origin import made_here
from .reach import MOST_PARTS, Step, inside_function, inside_own, levels

LIBRARIES: Final = frozenset(
    {"numpy", "pandas", "polars", "pyarrow", "scipy", "sklearn", "networkx", "xarray"}
    | {"matplotlib", "mpl_toolkits"}
)
_UNCHANGEABLE: Final = (
    type(None),
    bool,
    int,
    float,
    complex,
    str,
    bytes,
    types.CodeType,
    types.FrameType,
    types.TracebackType,
    date,
    time,
    timedelta,
    tzinfo,
)
_TAKES_PART_IN_COLLECTION: Final = 1 << 14
"""`Py_TPFLAGS_HAVE_GC`: the garbage collector can ask objects of the type what they hold."""

_DEEPEST: Final = 3000
"""Calls of a pickler within each other for which the stack of C has room, with the kernel's."""

_UNCHANGING_HOLDERS: Final = frozenset({tuple, frozenset, types.BuiltinFunctionType})


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


def parts_of(value: Any) -> set[int]:
    """Return the identities of the objects in a value that may be changed in place.

    Found as the garbage collector finds them, into the base of an array's view too.
    """
    return inside(value)[0]


def state_of(value: Any) -> set[int]:
    """Return the same without classes, functions and modules.

    These are in many values that have nothing else in common.
    """
    return {
        identity_of(part)
        for level in levels(value, _step_of)
        for part in level
        if _may_change(part) and _step_of(type(part)) not in _OF_CODE
    }


def may_hide_parts(value: object) -> bool:
    """Tell whether a value may hold what only a library's extension knows of."""
    return any(
        _hides_parts(kind) for level in levels(value, _step_of) for kind in set(map(type, level))
    )


@remembered
def _hides_parts(kind: type) -> bool:
    if kind.__flags__ & _TAKES_PART_IN_COLLECTION:
        return False
    # Types of extensions have no module where their names tell none.
    own = vars(builtins).get(kind.__name__) is kind or kind in vars(types).values()
    root = kind.__module__.partition(".")[0]
    return not own if root == "builtins" else root not in sys.stdlib_module_names


def inside(value: Any) -> tuple[set[int], bool]:
    """Return the same, and whether one of the objects is equal to nothing but itself."""
    kind: type = type(value)
    if _step_of(kind) is None:
        return set(), False
    parts = {identity_of(value)}
    kinds: set[Any] = set()
    for level in levels(value, _step_of):
        changing = [part for part in level if _may_change(part)]
        parts.update(map(identity_of, changing))
        kinds.update(map(type, changing))
    return parts, any(kind.__eq__ is object.__eq__ for kind in kinds)


def _may_change(part: Any) -> bool:
    kind: type = type(part)
    if _step_of(kind) is inside_own:
        return made_here(part)
    # A method written in C is none of them, but what it belongs to may be.
    return kind not in _UNCHANGING_HOLDERS


@remembered
def _step_of(kind: type) -> Step:
    # By its type, since asking a proxy for its class may run code.
    if issubclass(kind, _UNCHANGEABLE) and not made_here(kind):
        return None
    of_numpy = {base.__name__ for base in kind.__mro__ if base.__module__ == "numpy"}
    # A structured scalar, of type `void`, is a view of its array. The names in its type can be set.
    if "generic" in of_numpy and "void" not in of_numpy:
        return None
    if "dtype" in of_numpy:
        return "referents" if "void" in kind.__name__.lower() else None
    if kind is types.FunctionType:
        return _inside_function
    if kind is types.ModuleType or issubclass(kind, type):
        return inside_own
    if "ndarray" in of_numpy:
        return _inside_array
    if kind.__module__ == "numpy":
        return _inside_view
    return _inside_artist if is_artist(kind) else "referents"


def _inside_function(function: Any) -> list[object]:
    """Return what fingerprints go through: that of the function alone has these parts as well."""
    inside = inside_function(function)
    if getattr(function, "__annotate__", None) is None:
        inside.append(function.__annotations__)
    return inside


_OF_CODE: Final = (_inside_function, inside_own)


def _inside_artist(artist: Any) -> list[Any]:
    figure = figure_of(artist)
    return gc.get_referents(artist) if figure is None else [figure]


def _inside_array(array: Any) -> list[Any]:
    """Return also what the garbage collector does not tell: the base of a view, and objects.

    And the type of one with fields: cells set their names, for all arrays that have it.
    """
    # By the attributes of arrays themselves, since a class of its own may compute others.
    members = sys.modules["numpy"].ndarray
    inside = gc.get_referents(array)
    inside.append(members.base.__get__(array))
    kind = members.dtype.__get__(array)
    if kind.names is not None:
        inside.append(kind)
    if kind.hasobject:
        inside += islice(members.flat.__get__(array), MOST_PARTS)
    return inside


def _inside_view(value: Any) -> list[Any]:
    """Return also the array that an iterator over one, or a structured scalar, is a view of."""
    return [*gc.get_referents(value), getattr(value, "base", None)]
