"""Attributes that cells set on modules and libraries' classes, which live once in a process.

All that is set on what belongs to a library is one name, ``module:LIBRARY``: whoever uses the
library may come upon it, by whatever way.
"""

from __future__ import annotations

import ast
import types
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final, TypeAlias

from reactive_kernel.effects.parsing import SOURCES_KEPT, UnparsableError, parse
from reactive_kernel.values import made_here

_MISSING: Final = object()
_EXTENDED_BY: Final = {
    "register_dataframe_accessor": "DataFrame",
    "register_series_accessor": "Series",
    "register_index_accessor": "Index",
}
"""What functions of pandas set attributes on."""

Owner = types.ModuleType | type
"""What cells may set attributes on."""

Attributes: TypeAlias = Mapping[tuple[str, str], Any]
"""By the full name of its owner and its own, the value of each attribute."""


def owner_in(value: Any) -> Owner | None:
    """Return a value if it is a module, or a class that the notebook has not made."""
    # By its type, since asking a proxy for its class may run code.
    if not issubclass(type(value), types.ModuleType | type) or made_here(value):
        return None
    owner: Owner = value
    return owner


def library_of(owner: Owner) -> str:
    """Return the top-level package of a module or class."""
    name = owner.__module__ if isinstance(owner, type) else owner.__name__
    return name.partition(".")[0]


def state_of(library: str) -> str:
    """Return the name of what cells have set on a library."""
    return f"module:{library}"


def owners_set_on(source: str, values: Mapping[str, object]) -> Iterator[tuple[Owner, str]]:
    """Find what a cell sets attributes on.

    Parameters
    ----------
    source : str
        That of the cell.
    values : mapping of str to object
        What it finds bound.

    Yields
    ------
    module or type, str
        The owner, and the library by which the cell comes to it.
    """
    for name, *attributes in set_on(source):
        owner = owner_in(values.get(name))
        if owner is None:
            continue
        library = library_of(owner)
        for attribute in attributes:
            owner = owner_in(vars(owner).get(attribute)) if owner is not None else None
        if owner is not None:
            yield owner, library


def names_set_on(source: str) -> set[str]:
    """Return the names by which a cell comes to what it sets attributes on."""
    return {name for name, *_ in set_on(source)}


@lru_cache(maxsize=SOURCES_KEPT)
def set_on(source: str) -> tuple[tuple[str, ...], ...]:
    """Return the dotted names on which a cell sets or deletes attributes."""
    try:
        tree = parse(source).tree
    except UnparsableError:
        return ()
    return tuple(dict.fromkeys(filter(None, map(_target_of, ast.walk(tree)))))


def _target_of(node: ast.AST) -> tuple[str, ...]:
    """Return the dotted name on which an expression sets or deletes attributes, if it does."""
    match node:
        case ast.Attribute(value=owner, ctx=ast.Store() | ast.Del()):
            return _dotted(owner)
        case ast.Call(func=ast.Name("setattr" | "delattr"), args=[owner, *_]):
            return _dotted(owner)
        case ast.Subscript(value=namespace, ctx=ast.Store() | ast.Del()):
            match namespace:
                case ast.Call(func=ast.Name("vars"), args=[owner]):
                    return _dotted(owner)
                case ast.Attribute(value=owner, attr="__dict__"):
                    return _dotted(owner)
        case ast.Call(func=ast.Attribute(attr=attribute) as function):
            extended = _EXTENDED_BY.get(attribute)
            return (*_dotted(function)[:1], extended) if extended is not None else ()
    return ()


def _dotted(node: ast.expr) -> tuple[str, ...]:
    if isinstance(node, ast.Name):
        return (node.id,)
    above = _dotted(node.value) if isinstance(node, ast.Attribute) else ()
    return (*above, node.attr) if above and isinstance(node, ast.Attribute) else ()


class ModuleAttributes:
    """Knows which attributes cells have set on modules and classes, and sets them back."""

    def __init__(self) -> None:
        self._owners: dict[str, Owner] = {}
        self._original: dict[str, dict[tuple[str, str], Any]] = {}

    def __iter__(self) -> Iterator[str]:
        """Return the names of the state of the libraries on which cells have set something."""
        return iter(list(self._original))

    def owners(self) -> list[Owner]:
        """Return what cells have set something on."""
        return list(self._owners.values())

    def changes(self, owner: Owner, library: str, before: Mapping[str, Any]) -> Attributes:
        """Return what has become of an owner's attributes, and keep what they were at first.

        Parameters
        ----------
        owner : module or type
            The module or class.
        library : str
            To whose state they belong.
        before : mapping of str to object
            Its attributes then.

        Returns
        -------
        mapping of (str, str) to object
            Those that are others now.
        """
        now = vars(owner)
        changed = {
            attribute: now.get(attribute, _MISSING)
            for attribute in before.keys() | now.keys()
            if before.get(attribute, _MISSING) is not now.get(attribute, _MISSING)
        }
        if not changed:
            return {}
        key = _full_name(owner)
        original = self._original.setdefault(state_of(library), {})
        if self._owners.get(key) is not owner:
            # A module that was imported anew has other attributes than the one before.
            self._owners[key] = owner
            for known in [each for each in original if each[0] == key]:
                del original[known]
        for attribute in changed:
            original.setdefault((key, attribute), before.get(attribute, _MISSING))
        return {(key, attribute): value for attribute, value in changed.items()}

    def restore(self, state: str, attributes: Attributes) -> None:
        """Set what cells have set on a library, and all else as it was at first.

        Parameters
        ----------
        state : str
            Its name.
        attributes : mapping of (str, str) to object
            What cells above have left.
        """
        for (key, attribute), original in self._original[state].items():
            owner = self._owners[key]
            value = attributes.get((key, attribute), original)
            if vars(owner).get(attribute, _MISSING) is value:
                continue
            if value is _MISSING:
                delattr(owner, attribute)
            else:
                setattr(owner, attribute, value)


def _full_name(owner: Owner) -> str:
    if isinstance(owner, type):
        return f"{owner.__module__}.{owner.__qualname__}"
    return owner.__name__
