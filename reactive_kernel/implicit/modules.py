"""Attributes that cells set on modules and libraries' classes, which live once in a process."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from typing import Any, Final

from reactive_kernel.values import made_here

_MISSING: Final = object()


Owner = types.ModuleType | type
"""What cells may set attributes on."""


def owner_in(value: object) -> Owner | None:
    """Return a value if it is a module, or a class that the notebook has not made."""
    if isinstance(value, types.ModuleType | type) and not made_here(value):
        return value
    return None


class ModuleAttributes:
    """Knows which attributes cells have set on modules and classes, and sets them back."""

    def __init__(self) -> None:
        self._modules: dict[str, Owner] = {}
        self._original: dict[str, dict[str, Any]] = {}

    def __iter__(self) -> Iterator[str]:
        """Return the names of the state of what cells have set attributes on."""
        return iter(list(self._modules))

    @staticmethod
    def name_of(module: Owner) -> str:
        """Return the name of the state of a module or class."""
        if isinstance(module, type):
            return f"class:{module.__module__}.{module.__qualname__}"
        return f"module:{module.__name__}"

    def changes(self, module: Owner, before: Mapping[str, Any]) -> dict[str, Any]:
        """Return what has become of a module's attributes, and keep what they were at first.

        Parameters
        ----------
        module : module or type
            The module or class.
        before : mapping of str to object
            Its attributes then.

        Returns
        -------
        dict of str to object
            Those that are others now.
        """
        now = vars(module)
        changed = {
            attribute: now.get(attribute, _MISSING)
            for attribute in before.keys() | now.keys()
            if before.get(attribute, _MISSING) is not now.get(attribute, _MISSING)
        }
        if changed:
            name = self.name_of(module)
            self._modules[name] = module
            original = self._original.setdefault(name, {})
            for attribute in changed:
                original.setdefault(attribute, before.get(attribute, _MISSING))
        return changed

    def restore(self, name: str, attributes: Mapping[str, Any]) -> None:
        """Set what cells have set on a module, and all else as it was at first.

        Parameters
        ----------
        name : str
            Of its state.
        attributes : mapping of str to object
            What cells above have left.
        """
        module = self._modules[name]
        for attribute, original in self._original[name].items():
            value = attributes.get(attribute, original)
            if vars(module).get(attribute, _MISSING) is value:
                continue
            if value is _MISSING:
                delattr(module, attribute)
            else:
                setattr(module, attribute, value)
