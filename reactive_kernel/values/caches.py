"""Values of libraries without what they remember of questions: looking is not changing."""

from __future__ import annotations

import functools
from typing import Any, Final

_REMEMBERED: Final = frozenset(
    {"__networkx_cache__", "_has_canonical_format", "_has_sorted_indices"}
)
"""Attributes of networkx's graphs and SciPy's sparse matrices."""


def without_caches(value: Any) -> Any:
    """Return what stands for a value of a library when it is pickled.

    A networkx graph keeps the views that it was asked for, and results, among its attributes; a
    sparse matrix whether its indices are sorted, once somebody has needed to know.
    """
    kind = type(value)
    is_graph = kind.__module__.startswith("networkx") and hasattr(value, "_adj")
    is_sparse = kind.__module__.startswith("scipy.sparse") and hasattr(value, "indptr")
    if not (is_graph or is_sparse):
        return value
    return kind, {
        name: part
        for name, part in vars(value).items()
        if name not in _REMEMBERED
        and not isinstance(getattr(kind, name, None), functools.cached_property)
    }
