"""What copying and pickling instances has to do with their classes in the notebook."""

from __future__ import annotations

import types
from collections import deque
from collections.abc import Iterable
from typing import Final

_HOOKS: Final = (
    "__copy__",
    "__deepcopy__",
    "__getattr__",
    "__getattribute__",
    "__getnewargs__",
    "__getnewargs_ex__",
    "__getstate__",
    "__new__",
    "__reduce__",
    "__reduce_ex__",
    "__setattr__",
    "__setstate__",
)
_SLOT_NAMES: Final = "__slotnames__"
"""Where ``copyreg`` keeps them."""

_BUILTINS: Final = (list, dict, set, frozenset, tuple, deque, BaseException)
_HOOKS_OF_BUILTINS: Final = ("__init__", "__iter__", "__setitem__", "append", "extend", "items")


def has_hooks(kind: type) -> bool:
    """Tell whether copying or pickling an instance runs code of the notebook.

    Parameters
    ----------
    kind : type
        Its class.
    """
    names = _HOOKS + _HOOKS_OF_BUILTINS if issubclass(kind, _BUILTINS) else _HOOKS
    return _has_one_of(kind, names)


def hashes_itself(kind: type) -> bool:
    """Tell whether putting an instance into a dict or a set runs code of the notebook.

    Parameters
    ----------
    kind : type
        Its class.
    """
    return _has_one_of(kind, ("__hash__",))


class SlotNames:
    """Takes from classes what copying and pickling their instances leaves on them for later.

    The notebook may list what a class has; and copy an instance itself, which then leaves it.
    """

    def __init__(self) -> None:
        self._without: set[type] = set()

    def note(self, kind: type) -> None:
        """Take in a class before an instance is copied or pickled."""
        if _SLOT_NAMES not in vars(kind):
            self._without.add(kind)

    def forget(self) -> None:
        """Leave the classes as they were."""
        for kind in self._without:
            if _SLOT_NAMES in vars(kind):
                type.__delattr__(kind, _SLOT_NAMES)


def _has_one_of(kind: type, names: Iterable[str]) -> bool:
    members = (vars(base).get(name) for name in names for base in kind.__mro__[:-1])
    return any(map(_is_of_notebook, members))


def _is_of_notebook(hook: object) -> bool:
    hook = getattr(hook, "__func__", hook)
    return (
        type(hook) is types.FunctionType
        and hook.__globals__.get("__name__") == "__main__"
        # What named tuples and dataclasses come with is not the notebook's code.
        and hook.__code__.co_filename != "<string>"
    )
