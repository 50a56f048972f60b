"""Kinds of values that other packages tell how to look at, through an entry point.

The group is ``reactive_kernel.values``. The name of an entry is a class, as
``package.module.Class``, or a package, for all of its classes; the object is a function of a `Walk`
and a value.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from typing import Final

from .by_type import remembered
from .walk import Visit

GROUP: Final = "reactive_kernel.values"


@remembered
def visit_of(kind: type) -> Visit | None:
    """Return how values of a class are gone through, where a package tells.

    Parameters
    ----------
    kind : type
        The class.

    Returns
    -------
    Visit or None
        None where none does.
    """
    package = kind.__module__.partition(".")[0]
    known = _known()
    entry = known.get(f"{kind.__module__}.{kind.__qualname__}") or known.get(package)
    if entry is None:
        return None
    visit: Visit = entry.load()
    return visit


@lru_cache(maxsize=1)
def _known() -> dict[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group=GROUP)}
