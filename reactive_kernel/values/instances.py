"""Fingerprints of instances: of classes written in Python, and of the standard containers."""

from __future__ import annotations

import array
import collections
import io
import random
import types
from collections.abc import Iterator
from typing import Any, Final

from .by_type import remembered
from .origin import made_here
from .walk import Visit, Walk

_POINTER: Final = tuple.__itemsize__
_MADE_BY_CODE: Final = 1 << 9
"""The flag of types on the heap, as class statements make them (``Py_TPFLAGS_HEAPTYPE``)."""


@remembered
def is_plain(kind: type) -> bool:
    """Tell whether all that an instance holds is in its ``__dict__`` and slots.

    So it is for a class written in Python whose bases are, too: there is no room in it for
    anything that an extension module keeps.
    """
    room = room_of(kind, object)
    written_in_python = (
        made_here(kind)
        or vars(kind).keys() >= {"__dict__", "__weakref__"}
        or any(isinstance(member, types.FunctionType) for _, member in _members(kind))
    )
    has_room_for_more = kind.__basicsize__ > room or kind.__itemsize__ != 0
    return written_in_python and not has_room_for_more and not any(map(_hides, kind.__mro__))


def _hides(base: type) -> bool:
    """Tell whether a class of Python's own, as `date`, keeps something beside a ``__dict__``."""
    size = object.__basicsize__ + (_POINTER if base.__dictoffset__ else 0)
    return not base.__flags__ & _MADE_BY_CODE and base.__basicsize__ > size


def room_of(kind: type, base: type) -> int:
    """Return the size of an instance in bytes, if it holds no more than Python code put there."""
    slots = sum(isinstance(member, types.MemberDescriptorType) for _, member in _members(kind))
    return base.__basicsize__ + _POINTER * (slots + 2)


def visit(walk: Walk, value: Any) -> None:
    """Take in an instance of a plain class."""
    walk.changeable(value)
    walk.visit(type(value))
    visit_attributes(walk, value)


def _members(kind: type) -> Iterator[tuple[str, object]]:
    for base in kind.__mro__[:-1]:
        yield from vars(base).items()


def visit_attributes(walk: Walk, value: Any) -> None:
    """Take in what is in an instance's ``__dict__`` and slots.

    The ``__dict__`` is a part of its own: somebody may hold that alone, as `vars` returns it.
    """
    own = dict_of(value)
    if own is not None:
        walk.visit(own)
    walk.named(_in_slots(value))


def dict_of(value: Any) -> dict[str, Any] | None:
    """Return an instance's ``__dict__``, without a run of its code; None where it has none."""
    try:
        return object.__getattribute__(value, "__dict__")  # type: ignore[no-any-return]
    except AttributeError:
        return None


def _in_slots(value: Any) -> Iterator[tuple[str, object]]:
    for name, member in _members(type(value)):
        if isinstance(member, types.MemberDescriptorType):
            try:
                yield name, member.__get__(value)
            except AttributeError:
                continue


def _ordered_dict(walk: Walk, value: Any) -> None:
    walk.changeable(value)
    walk.put(str(len(value)))
    for key in value:
        walk.visit(key)
        walk.visit(dict.__getitem__(value, key))
    visit_attributes(walk, value)


def _default_dict(walk: Walk, value: Any) -> None:
    walk.visit(value.default_factory)
    _ordered_dict(walk, value)


def _deque(walk: Walk, value: Any) -> None:
    walk.changeable(value)
    walk.put(f"{len(value)} of {value.maxlen}")
    walk.each(value)


def _simple_namespace(walk: Walk, value: Any) -> None:
    walk.changeable(value)
    visit_attributes(walk, value)


def _array(walk: Walk, value: Any) -> None:
    walk.changeable(value)
    walk.put(value.typecode)
    walk.visit(value.tobytes())


def _text(walk: Walk, value: Any) -> None:
    walk.changeable(value)
    walk.each((value.getvalue(), value.tell()))
    visit_attributes(walk, value)


def _random(walk: Walk, value: Any) -> None:
    walk.changeable(value)
    walk.visit(value.getstate())
    visit_attributes(walk, value)


def _alias(walk: Walk, value: Any) -> None:
    walk.each((getattr(value, "__origin__", None), value.__args__))


def visit_exception(walk: Walk, value: Any) -> None:
    """Take in an exception, without the frames that it came through."""
    walk.changeable(value)
    walk.visit(type(value))
    walk.each((value.args, value.__cause__, value.__context__, value.__suppress_context__))
    visit_attributes(walk, value)


KINDS: Final[dict[type, Visit]] = {
    collections.OrderedDict: _ordered_dict,
    collections.Counter: _ordered_dict,
    collections.defaultdict: _default_dict,
    collections.deque: _deque,
    types.SimpleNamespace: _simple_namespace,
    types.GenericAlias: _alias,
    types.UnionType: _alias,
    array.array: _array,
    io.StringIO: _text,
    io.BytesIO: _text,
    random.Random: _random,
}
