"""Fingerprints of what matplotlib draws: a figure is one value with all that is in it."""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any, Final

from .by_type import remembered
from .origin import made_here

_ROOTS: Final = ("matplotlib.", "mpl_toolkits.")


def is_artist(kind: type) -> bool:
    """Tell whether values of a type may belong to a figure."""
    return kind.__module__.startswith(_ROOTS) and hasattr(kind, "get_figure")


def figure_of(value: Any) -> Any:
    """Return the figure that an artist belongs to.

    Parameters
    ----------
    value : object
        Any value.

    Returns
    -------
    matplotlib.figure.Figure or None
        None for what is no artist, or belongs to no figure.
    """
    if not is_artist(type(value)):
        return None
    figure = value.get_figure()
    while figure is not None and getattr(figure, "get_figure", None) is not None:
        parent = figure.get_figure()
        if parent is None or parent is figure:
            return figure
        figure = parent
    return figure


@remembered
def stater_of(kind: type) -> Callable[[Any], dict[str, Any]] | None:
    """Return what gives the state of a part of a figure whose pickle differs from its equal's.

    One counts how often it was pickled, others say at which address their parents are.

    Parameters
    ----------
    kind : type
        The type of the part.

    Returns
    -------
    callable or None
        None where its own way to be pickled will do.
    """
    if not kind.__module__.startswith(_ROOTS):
        return None
    if kind.__name__ == "CallbackRegistry":
        return _state_of_registry
    nodes = (base.__name__ == "TransformNode" for base in kind.__mro__)
    return _state_of_node if any(nodes) else None


def _state_of_registry(registry: Any) -> dict[str, Any]:
    return {"callbacks": [_told(callback) for callback in callbacks_of(registry)]}


def _state_of_node(node: Any) -> dict[str, Any]:
    return {name: part for name, part in vars(node).items() if name != "_parents"}


def callbacks_of(registry: Any) -> list[Any]:
    """Return what is called when something happens, but for matplotlib's own.

    Parameters
    ----------
    registry : matplotlib.cbook.CallbackRegistry
        Where that is kept.

    Returns
    -------
    list of callable
    """
    if not registry.callbacks:
        return []
    references = (each for by_id in registry.callbacks.values() for each in by_id.values())
    callbacks = (reference() for reference in references)
    return [
        callback
        for callback in callbacks
        if not str(getattr(callback, "__module__", "")).startswith(_ROOTS)
    ]


def _told(callback: Any) -> object:
    """Return a function of the notebook; of others, as what they are known."""
    function = getattr(callback, "__func__", callback)
    if type(function) is types.FunctionType and made_here(function):
        return function
    return getattr(function, "__qualname__", type(function).__qualname__)
