"""Fingerprints of what matplotlib draws: a figure is one value with all that is in it."""

from __future__ import annotations

from typing import Any, Final

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
