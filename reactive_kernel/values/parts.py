"""The objects in a value that may be changed in place, as the garbage collector finds them."""

from __future__ import annotations

import builtins
import gc
import sys
import types
from datetime import date, time, timedelta, tzinfo
from itertools import islice
from typing import Any, Final

from .by_type import remembered
from .figures import figure_of, is_artist
from .identity import identity_of
from .origin import made_here
from .reach import MOST_PARTS, Step, inside_function, inside_own, levels

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
_UNCHANGING_HOLDERS: Final = frozenset({tuple, frozenset, types.BuiltinFunctionType})
_TAKES_PART_IN_COLLECTION: Final = 1 << 14
"""`Py_TPFLAGS_HAVE_GC`: the garbage collector can ask objects of the type what they hold."""


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


_OF_CODE: Final = (_inside_function, inside_own)
