"""Fingerprints of networkx graphs: what they hold, without what they remember of questions."""

from __future__ import annotations

import functools
from typing import Any, Final

_REMEMBERED: Final = "__networkx_cache__"


def without_caches(value: Any) -> Any:
    """Return what stands for a value of a library when it is pickled.

    A networkx graph keeps the views that it was asked for, and results, among its attributes:
    looking at it would be changing it.
    """
    kind = type(value)
    if not kind.__module__.startswith("networkx") or not hasattr(value, "_adj"):
        return value
    return kind, {
        name: part
        for name, part in vars(value).items()
        if name != _REMEMBERED
        and not isinstance(getattr(kind, name, None), functools.cached_property)
    }
