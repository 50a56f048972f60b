"""Fingerprints of pandas' frames: what is in their columns, however pandas keeps them.

It gathers columns of a kind in blocks, now and then, and copies are laid out otherwise in memory:
neither is a change.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, Final

from .by_type import remembered

_LARGE: Final = 2**20
"""From how many bytes on values are taken in the order in which they lie in memory."""

_NOTES: Final = frozenset({"_cache", "_readonly"})
"""What they note when they are looked at."""


@remembered
def is_frame(kind: type) -> bool:
    """Tell whether values of a type are data frames or series of pandas'."""
    return not _bases_of_pandas(kind).isdisjoint({"DataFrame", "Series"})


@remembered
def takes_notes(kind: type) -> bool:
    """Tell whether values of a type are pandas' own arrays, as those of texts, or their dtypes."""
    return not _bases_of_pandas(kind).isdisjoint({"ExtensionArray", "ExtensionDtype"})


def _bases_of_pandas(kind: type) -> set[str]:
    of_pandas = (base for base in kind.__mro__ if base.__module__.partition(".")[0] == "pandas")
    return {base.__name__ for base in of_pandas}


def reduce_without_notes(value: Any) -> tuple[Any, ...]:
    """Return how such a value is pickled, without what it notes when it is looked at."""
    call, arguments, *more = value.__reduce_ex__(5)
    state = more[0] if more else None
    told: list[object] = []
    for part in state if isinstance(state, tuple) else (state,):
        if not isinstance(part, dict):
            told.append(part)
        else:
            told += [(name, part[name]) for name in sorted(part.keys() - _NOTES)]
            # Arrow counts what is missing when somebody first asks.
            _ = getattr(part.get("_pa_array"), "null_count", 0)
    return call, arguments, told


def state_of_frame(
    frame: Any, digest: Callable[[object], bytes], digest_of_bytes: Callable[[Any], bytes]
) -> dict[str, Any]:
    """Return what stands for the state of a frame or series in its pickle.

    Parameters
    ----------
    frame : pandas.DataFrame or pandas.Series
        The frame.
    digest : callable
        Takes the digest of a part by itself.
    digest_of_bytes : callable
        Takes that of the bytes of a contiguous array.
    """
    state: dict[str, Any] = frame.__getstate__()
    manager = state.pop("_mgr", None)
    if manager is None:
        return state
    columns: dict[int, bytes] = {}
    objects: dict[int, Any] = {}
    for block in manager.blocks:
        values = block.values
        places: list[int] = block.mgr_locs.as_array.tolist() if frame.ndim > 1 else [0]
        array = getattr(values, "_ndarray", values)
        if not isinstance(array, sys.modules["numpy"].ndarray):
            columns[places[0]] = digest(values)
            continue
        # Beside the numbers of dates, categories and the like: what they mean.
        kind = array.dtype.str.encode() if array is values else digest((type(values), values.dtype))
        array = array if array.ndim > 1 else array[None]
        if array.dtype.hasobject:
            objects.update(zip(places, map(list, array), strict=True))
            columns.update(dict.fromkeys(places, kind))
        elif array.nbytes > _LARGE and array.flags.f_contiguous and not array.flags.c_contiguous:
            columns[places[0]] = kind + repr(places).encode() + digest_of_bytes(array.T)
        else:
            rows = array if array.flags.c_contiguous else array.copy(order="C")
            columns.update(
                (place, kind + digest_of_bytes(row))
                for place, row in zip(places, rows.view("u1"), strict=True)
            )
    return {
        **state,
        "axes": [digest(axis) for axis in manager.axes],
        "columns": [columns[place] for place in sorted(columns)],
        "objects": objects,
    }
