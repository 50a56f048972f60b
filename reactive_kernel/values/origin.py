"""Whose a module, class or function is: the notebook's, or a library's.

What is a library's lives once in a process, and is what its name says.
"""

from __future__ import annotations

import sys
import types
from typing import Any

_notebooks: set[int] = set()
"""The identities of the globals of notebooks."""


def note_notebook(namespace: dict[str, Any]) -> None:
    """Take in the globals of a notebook."""
    _notebooks.add(id(namespace))


def is_on_its_own(function: types.FunctionType) -> bool:
    """Tell whether a function uses globals that are neither a notebook's nor a module's.

    A script that ``%run`` has run leaves such, and ``exec`` in a dict.
    """
    namespace = function.__globals__
    if id(namespace) in _notebooks:
        return False
    module = sys.modules.get(namespace.get("__name__") or "")
    return module is None or vars(module) is not namespace


def made_here(value: Any) -> bool:
    """Tell whether the notebook has made a module, class or function.

    Parameters
    ----------
    value : module, type or function
        The object.
    """
    if type(value) is types.ModuleType:
        # An import leaves a specification, also in a module that has since been imported anew.
        imported = vars(value).get("__spec__") is not None
        return not imported and sys.modules.get(vars(value).get("__name__", "")) is not value
    module, name = value.__module__, value.__qualname__
    if module == "__main__":
        return True
    if type(value) is not types.FunctionType:
        # What `exec` in a namespace of its own and functions that make classes have made does not
        # tell its place.
        return _is_written_in_python(value) and not _is_found(value)
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


def _is_written_in_python(kind: Any) -> bool:
    members = vars(kind)
    return members.keys() >= {"__dict__", "__weakref__"} or any(
        type(member) is types.FunctionType for member in members.values()
    )


def is_of_sys(value: object) -> bool:
    """Tell whether a value is one of the lists of `sys` that are settings of the process."""
    return value is sys.path or value is sys.argv
