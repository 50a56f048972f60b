"""Pictures of values: equal for values that nobody can tell apart, identity included.

They are what the stories compare by, and owe nothing to the package's own fingerprints. A picture
is a list of lines, one for each part of the values, so where two differ can be read off.
"""

from __future__ import annotations

import array
import collections
import contextlib
import dis
import functools
import gc
import itertools
import random
import re
import types
import weakref
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

Parts = Iterator[tuple[str, Any]]

_ATOMS: Final = (
    *(type(None), type(...), bool, int, float, complex, str, bytes, range, slice),
    np.generic,
)
_CONTAINERS: Final = (list, tuple, set, frozenset, dict, collections.deque)
_IN_ONE_PIECE: Final = (
    *(types.MemberDescriptorType, types.GetSetDescriptorType, weakref.WeakKeyDictionary),
    *(array.array, bytearray, random.Random),
    *(np.random.Generator, pd.DataFrame, pd.Series, pd.Index),
)
_BY_ATTRIBUTES: Final[dict[type, tuple[str, ...]]] = {
    types.FunctionType: ("__defaults__", "__kwdefaults__", "__closure__", "__dict__"),
    types.MethodType: ("__func__", "__self__"),
    types.BuiltinFunctionType: ("__self__",),
    staticmethod: ("__func__",),
    classmethod: ("__func__",),
    property: ("fget", "fset", "fdel"),
    functools.cached_property: ("func",),
    # What it has cached shows in what calling it gives.
    functools._lru_cache_wrapper: ("__wrapped__",),
    **dict.fromkeys((np.ndarray, np.ma.MaskedArray, np.recarray), ("base",)),
}
_BY_REFERENTS: Final = (
    *map(type, ({}.keys(), {}.values(), {}.items())),
    *(types.MappingProxyType, types.MethodWrapperType),
    *(types.WrapperDescriptorType, types.MethodDescriptorType, types.ClassMethodDescriptorType),
)
_BY_REDUCE: Final = tuple(
    map(
        type,
        [
            *(iter([]), reversed([]), iter(()), reversed(()), iter(""), iter(set())),
            *(iter({}), reversed({}), iter({}.values()), iter({}.items())),
            *(iter(range(1)), iter(range(1 << 70))),
            *(map(str, ()), zip(), enumerate(()), filter(None, ())),
            *(itertools.count(), itertools.chain(), itertools.islice((), 0)),
        ],
    )
)
_OF_CLASS: Final = {
    "__dict__",
    "__slotnames__",
    "__weakref__",
    "__module__",
    "__annotations__",
    "_abc_impl",
}


class Picture:
    """Looks at values by name.

    Parameters
    ----------
    values : mapping of str to object
        The values.

    Attributes
    ----------
    lines : list of str
        What is seen.
    objects : dict of int to object
        Every object in the values that has an identity, by its `id`.
    used : set of str
        The global names that functions in the values use.
    """

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.lines: list[str] = []
        self.objects: dict[int, Any] = {}
        self.used: set[str] = set()
        self._places: dict[int, str] = {}
        self._alive: list[Any] = []
        for name in sorted(values):
            self._look(values[name], name)

    def difference(self, other: Picture) -> str | None:
        """Say where two pictures differ first, or None."""
        for ours, theirs in itertools.zip_longest(self.lines, other.lines):
            if ours != theirs:
                return f"{ours!s:.200}; {theirs!s:.200}"
        return None

    def _look(self, value: Any, where: str) -> None:
        kind = type(value)
        if isinstance(value, _ATOMS) or (kind is tuple and all(type(v) is int for v in value)):
            self.lines.append(f"{where}: {kind.__name__} {value!r}")
            return
        if isinstance(value, types.ModuleType) or _is_of_library(value):
            self.lines.append(f"{where}: {value!r}".partition(" at 0x")[0])
            return
        place = self._places.get(id(value))
        if place is not None:
            self.lines.append(f"{where}: is {place}")
            return
        self._places[id(value)] = where
        # What is made for the look alone must not leave its id to another.
        self._alive.append(value)
        self.lines.append(f"{where}: {kind.__qualname__} {_detail(value)}")
        if isinstance(value, types.FunctionType):
            self.used |= names_used(value.__code__)
        for name, part in _parts(value):
            self._look(part, f"{where}.{name}")
        if isinstance(value, tuple | frozenset):
            # Nobody should ask whether two of them are one.
            del self._places[id(value)]
        else:
            self.objects[id(value)] = value


@functools.lru_cache(maxsize=4096)
def names_used(code: types.CodeType) -> frozenset[str]:
    """Return the global names that code reads or deletes."""
    used = {
        instruction.argval
        for instruction in dis.get_instructions(code)
        if instruction.opname.startswith(("LOAD_NAME", "LOAD_GLOBAL", "LOAD_FROM", "DELETE_NAME"))
        or instruction.opname == "LOAD_CLASSDEREF"
    }
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            used |= names_used(constant)
    return frozenset(used)


def _is_of_library(value: Any) -> bool:
    """Tell whether a value is a class or function of a library, which nobody changes."""
    if isinstance(value, types.BuiltinFunctionType):
        return value.__self__ is None or isinstance(value.__self__, types.ModuleType)
    if isinstance(value, types.FunctionType):
        return value.__module__ != "__main__" and "<locals>" not in value.__qualname__
    return isinstance(value, type) and value.__module__ != "__main__"


def _detail(value: Any) -> str:
    """Describe what a value is beside its parts."""
    match value:
        case types.FunctionType():
            return _describe(value.__code__)
        case set() | frozenset():
            # What a story puts into sets shows itself in full.
            return repr(sorted(value, key=repr))
        case list() | tuple() | dict():
            return str(len(value))
        case collections.deque():
            return f"{len(value)} of {value.maxlen}"
        case random.Random():
            return str(hash(value.getstate()))
        case np.ndarray():
            return f"{value.dtype} {value.shape} {value.tolist()!r}"
        case np.random.Generator():
            return repr(value.bit_generator.state)
        case pd.DataFrame() | pd.Series():
            return f"{value.to_json()} {getattr(value, 'dtypes', None)!r}"
        case array.array() | bytearray() | pd.Index():
            return repr(value)
        case types.GeneratorType():
            frame = value.gi_frame
            return _describe(value.gi_code) + (f" at {frame.f_lasti}" if frame else " ended")
        case type() | types.BuiltinFunctionType() | types.MethodWrapperType():
            return value.__qualname__
    return ""


def _parts(value: Any) -> Parts:
    """Go through what is in a value."""
    if isinstance(value, dict):
        for number, (key, part) in enumerate(value.items()):
            yield f"key {number}", key
            yield str(key).partition(" at 0x")[0], part
    elif isinstance(value, _CONTAINERS) and not isinstance(value, set | frozenset):
        yield from _numbered(value)
    yield from _own_parts(value)


def _own_parts(value: Any) -> Parts:
    kind = type(value)
    if kind in _BY_ATTRIBUTES:
        yield from _attributes(value, *_BY_ATTRIBUTES[kind])
    elif isinstance(value, _BY_REFERENTS):
        yield from _numbered(gc.get_referents(value))
    elif isinstance(value, _BY_REDUCE):
        yield from _numbered(_reduced(value))
    elif isinstance(value, types.CellType):
        with contextlib.suppress(ValueError):
            yield "contents", value.cell_contents
    elif isinstance(value, functools.partial):
        yield from _attributes(value, "func", "args", "keywords")
        # Asking it for attributes would give it a dict, and a partial of it would be another.
        yield from _numbered(filter(None, gc.get_referents(value)[4:]))
    elif isinstance(value, types.GeneratorType):
        if value.gi_frame is not None:
            yield from value.gi_frame.f_locals.items()
            yield from _attributes(value, "gi_yieldfrom")
    elif isinstance(value, type):
        yield from _of_class(value)
    elif kind not in _CONTAINERS and not isinstance(value, _IN_ONE_PIECE):
        yield from _of_instance(value)


def _of_class(value: type) -> Parts:
    yield from _numbered(value.__bases__)
    for name, part in vars(value).items():
        if name not in _OF_CLASS and not isinstance(part, types.GetSetDescriptorType):
            yield name, part


def _reduced(value: Any) -> Any:
    try:
        return value.__reduce__()
    except RuntimeError as error:
        # What it goes through has changed: this is all that it will say.
        return [str(error)]
    except TypeError:
        # Python 3.14 reduces the iterators of itertools no more.
        return [re.sub(" at 0x.*", "", repr(value)), *gc.get_referents(value)]


def _of_instance(value: Any) -> Parts:
    kind = type(value)
    if isinstance(value, collections.defaultdict):
        yield "default", value.default_factory
    if kind.__module__ not in (
        "__main__",
        "types",
        "collections",
        "_collections",
        "functools",
        "dataclasses",
    ):
        raise TypeError(f"pictures are to learn what a {kind} is")
    yield "class", kind
    yield from getattr(value, "__dict__", {}).items()
    for base in kind.__mro__:
        for name, member in vars(base).items():
            if isinstance(member, types.MemberDescriptorType) and base.__module__ == "__main__":
                yield name, getattr(value, name, None)


def _attributes(value: Any, *names: str) -> Parts:
    for name in names:
        yield name, getattr(value, name)


def _numbered(parts: Iterable[Any]) -> Parts:
    for number, part in enumerate(parts):
        yield str(number), part


@functools.lru_cache(maxsize=4096)
def _describe(code: types.CodeType) -> str:
    constants = [c for c in code.co_consts if not isinstance(c, types.CodeType)]
    inner = [_describe(c) for c in code.co_consts if isinstance(c, types.CodeType)]
    return f"{code.co_name} {hash(code.co_code)} {code.co_names} {constants} {inner}"
