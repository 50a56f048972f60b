"""Whose a module, class or function is: the notebook's, or a library's.

What is a library's lives once in a process, and is what its name says.
"""

from __future__ import annotations

import sys
import types
from typing import Any, Final

_HEAP_TYPE: Final = 1 << 9
_SAID_OF_WHAT_EXEC_MAKES: Final = frozenset({"builtins", "types"})


def made_here(value: Any) -> bool:
    """Tell whether the notebook has made a module, class or function.

    Parameters
    ----------
    value : module, type or function
        The object.
    """
    if type(value) is types.ModuleType:
        return sys.modules.get(vars(value).get("__name__", "")) is not value
    module, name = value.__module__, value.__qualname__
    if module == "__main__":
        return True
    if type(value) is not types.FunctionType:
        # What `exec` in a namespace of its own and `make_dataclass` make does not tell its place.
        is_python = bool(value.__flags__ & _HEAP_TYPE)
        return is_python and module in _SAID_OF_WHAT_EXEC_MAKES and not _is_found(value)
    if "<locals>" in name:
        return True
    home = sys.modules.get(module or "")
    return home is None or (value.__globals__ is not vars(home) and not _is_found(value))


def _is_found(value: Any) -> bool:
    """Tell whether an object is where it says."""
    place: Any = sys.modules.get(value.__module__ or "")
    for name in value.__qualname__.split("."):
        place = getattr(place, "__dict__", {}).get(name)
    return place is value
