"""Fingerprints of instances of classes that build on a builtin type: named tuples and the like."""

from __future__ import annotations

import collections
from collections.abc import Callable
from typing import Any, Final

from .by_type import remembered
from .instances import room_of, visit_attributes
from .walk import Visit, Walk

_CONTENTS: Final[dict[type, Callable[[Any], object]]] = {
    tuple: lambda value: list(tuple.__iter__(value)),
    list: lambda value: list(list.__iter__(value)),
    collections.OrderedDict: lambda value: collections.OrderedDict(_ordered_items(value)),
    collections.defaultdict: lambda value: (value.default_factory, dict(_items(value))),
    dict: lambda value: dict(_items(value)),
    set: lambda value: list(set.__iter__(value)),
    frozenset: lambda value: list(frozenset.__iter__(value)),
    collections.deque: lambda value: (value.maxlen, list(collections.deque.__iter__(value))),
    str: str.__str__,
    int: int.__int__,
    float: float.__float__,
    bytes: lambda value: memoryview(value).tobytes(),
}
_NEVER_CHANGE: Final = (tuple, frozenset, str, int, float, bytes)


@remembered
def visit_of(kind: type) -> Visit | None:
    """Return how instances of a class are gone through, if it builds on a builtin type.

    Returns
    -------
    Visit or None
        None where it does not, or where an instance holds what only an extension module knows.
    """
    base = next((base for base in kind.__mro__ if base in _CONTENTS), None)
    if base is None or kind.__basicsize__ > room_of(kind, base):
        return None
    content = _CONTENTS[base]
    has_attributes = kind.__dictoffset__ != 0 or kind.__basicsize__ > base.__basicsize__
    changeable = has_attributes or base not in _NEVER_CHANGE

    def visit(walk: Walk, value: Any) -> None:
        if changeable:
            walk.changeable(value)
        walk.visit(type(value))
        # Not changeable itself, since it was made here: what it holds is.
        walk.contents(content(value))
        visit_attributes(walk, value)

    return visit


def _items(value: Any) -> Any:
    return dict.items(value)


def _ordered_items(value: Any) -> Any:
    # An order of its own, which a dict's items are not in.
    names = collections.OrderedDict.__iter__(value)
    return [(name, dict.__getitem__(value, name)) for name in names]
