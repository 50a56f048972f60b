"""Where values of libraries hold functions and instances of the notebook.

To go through all of such a value would take long, and most lead to nothing of the notebook's.
"""

from __future__ import annotations

from itertools import islice
from typing import Any, Final

from .figures import callbacks_of, figure_of, is_artist
from .reach import Step

_MOST_OBJECTS: Final = 1_000
"""Of how many objects of an array, or a column, each is looked at: the rest are like these."""


def step_to_code(kind: type) -> Step:
    """Return how to come from a value of a library that computes to what of the notebook it holds.

    Parameters
    ----------
    kind : type
        The type of the value.
    """
    if is_artist(kind):
        return _inside_figure
    names = {(base.__module__.partition(".")[0], base.__name__) for base in kind.__mro__}
    if ("numpy", "ndarray") in names:
        return _inside_array
    if not names.isdisjoint({("pandas", "DataFrame"), ("pandas", "Series")}):
        return _inside_frame
    holds = {("numpy", "vectorize"), ("numpy", "ufunc"), ("pandas", "Styler")}
    holds |= {("matplotlib", "Animation"), ("matplotlib", "Formatter")}
    # By which a registered accessor is found, in one version of pandas or another.
    holds |= {("pandas", "CachedAccessor"), ("pandas", "Accessor")}
    return None if names.isdisjoint(holds) else "referents"


def _inside_array(array: Any) -> list[object]:
    return list(islice(array.flat, _MOST_OBJECTS)) if array.dtype.hasobject else []


def _inside_frame(frame: Any) -> list[object]:
    columns = [frame]
    if frame.ndim > 1:
        objects = [i for i, dtype in enumerate(frame.dtypes) if _holds_objects(dtype)]
        columns = [frame.iloc[:, i] for i in objects]
    return [
        value
        for column in columns
        if _holds_objects(column.dtype)
        for value in islice(column.to_numpy(), _MOST_OBJECTS)
    ]


def _holds_objects(dtype: Any) -> bool:
    return bool(dtype.kind == "O" and dtype.name == "object")


def _inside_figure(artist: Any) -> list[object]:
    """Return what the axes' ticks are written by, and what is called when something happens."""
    figure = figure_of(artist)
    if figure is None:
        return []
    axes = figure.axes
    registries = [figure.canvas.callbacks, *(each.callbacks for each in axes)]
    ticks = [
        ticks
        for each in axes
        for axis in (each.xaxis, each.yaxis)
        for ticks in (axis.major, axis.minor)
    ]
    return [
        *(getattr(each.formatter, "func", None) for each in ticks),
        *(callback for registry in registries for callback in callbacks_of(registry)),
    ]
