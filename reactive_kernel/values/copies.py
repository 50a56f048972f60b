"""Copies of values that hang together, as true to them as a run of their cell would be."""

from __future__ import annotations

import copy
import functools
import gc
import sys
import types
from collections.abc import Sequence
from typing import Any, Final

from .fingerprints import fingerprint
from .hooks import SlotNames, has_hooks, hashes_itself
from .instances import dict_of
from .origin import is_of_sys
from .parts import parts_of

_MOST_ELEMENTS: Final = 10_000
_MOST_BYTES: Final = 32 * 2**20
_HASHING: Final = (dict, set, frozenset)
_ATOMS: Final = (type(None), bool, int, float, complex, str, bytes, types.ModuleType, type)
_REFUSED: Final = frozenset({"matplotlib", "torch", "mpl_toolkits"})


def copy_together(values: Sequence[object]) -> list[Any] | None:
    """Copy values that may share parts, by one memo: the copies share theirs likewise.

    Parameters
    ----------
    values : sequence of object
        The values; none of the notebook's code is run.

    Returns
    -------
    list of object or None
        None where it would take long, or where the copies would not be as the values are.
    """
    memo: dict[int, Any] = {}
    slot_names = SlotNames()
    try:
        if not _Look(memo, slot_names).may_copy(values):
            return None
        copies = [copy.deepcopy(value, memo) for value in values]
    except Exception:
        # What a library's own code raises: there is no copy then.
        return None
    finally:
        slot_names.forget()
    return copies if _are_alike(values, copies) else None


class _Look:
    """Goes through values, and tells whether copying them is cheap and safe."""

    def __init__(self, memo: dict[int, Any], slot_names: SlotNames) -> None:
        self._memo = memo
        self._slot_names = slot_names
        self._elements = 0
        self._bytes = 0
        self._seen: set[int] = set()
        self._owned: set[int] = set()

    def may_copy(self, values: Sequence[object]) -> bool:
        pending: list[Any] = list(values)
        while pending:
            value = pending.pop()
            if id(value) in self._owned:
                return False
            if id(value) in self._seen or issubclass(type(value), _ATOMS):
                continue
            self._seen.add(id(value))
            library = type(value).__module__.partition(".")[0]
            if library in _REFUSED or type(value) is types.FunctionType or is_of_sys(value):
                return False
            if library == "__main__" and not self._may_copy_own(type(value)):
                return False
            if library == "numpy" and not self._may_copy_array(value):
                return False
            if library == "pandas" and self._is_frame(value):
                continue
            if issubclass(type(value), _HASHING) and any(map(hashes_itself, _kinds_of_keys(value))):
                return False
            inside = gc.get_referents(value)
            # A partial's goes along with it, and would come into being by being asked for.
            own = None if issubclass(type(value), functools.partial) else dict_of(value)
            if own is not None:
                # A copy of an instance gets another, whoever else holds this one.
                if id(own) in self._seen or id(own) in self._owned:
                    return False
                self._owned.add(id(own))
                inside = [part for part in inside if part is not own] + gc.get_referents(own)
            self._elements += len(inside) + 1
            if self._elements > _MOST_ELEMENTS or self._bytes > _MOST_BYTES:
                return False
            pending += inside
        return True

    def _may_copy_own(self, kind: type) -> bool:
        self._slot_names.note(kind)
        return not has_hooks(kind)

    def _may_copy_array(self, value: Any) -> bool:
        """Tell whether a value of numpy's can be copied: a view could not, and stay one.

        Nor could an array with fields, whose copy has the same type, of which cells set the names.
        """
        if not hasattr(value, "nbytes"):
            return True
        self._bytes += value.nbytes
        kind = value.dtype
        return kind.names is None and not kind.hasobject and getattr(value, "base", None) is None

    def _is_frame(self, value: Any) -> bool:
        """Take a frame whose values hold nothing else for copied, with its data.

        Had it a copy that only copies when it is written to (pandas' copy-on-write), the writer
        would copy it, and who has an array of it would not see what is written.
        """
        pandas = sys.modules["pandas"]
        if not isinstance(value, pandas.DataFrame | pandas.Series):
            return False
        self._bytes += _bytes_of(value)
        if value.attrs or _holds_objects(value) or self._bytes > _MOST_BYTES:
            return False
        self._memo[id(value)] = value.copy()
        return True


def _kinds_of_keys(value: Any) -> set[type]:
    own = next(kind for kind in _HASHING if issubclass(type(value), kind))
    return set(map(type, own.__iter__(value)))


def _bytes_of(value: Any) -> int:
    used = value.memory_usage(index=True, deep=False)
    # A number for each column of a frame, and one of a series.
    return int(used.sum()) if value.ndim > 1 else int(used)


def _holds_objects(value: Any) -> bool:
    columns = list(value.dtypes) if value.ndim > 1 else [value.dtype]
    return any(dtype.kind == "O" and dtype.name == "object" for dtype in columns)


def _are_alike(values: Sequence[object], copies: Sequence[object]) -> bool:
    """Tell whether copies hold the same, share the same, and nothing with the values."""
    looks = [fingerprint(list(each)) for each in (values, copies)]
    if looks[0] is None or looks[1] is None or looks[0].digest != looks[1].digest:
        return False
    if len(values) < 2:
        return True
    parts = [[_parts(value) for value in each] for each in (values, copies)]
    return all(
        _copies_on_write()
        if _is_pandas(values[i]) and _is_pandas(values[j])
        else not parts[1][i].isdisjoint(parts[1][j])
        for i in range(len(values))
        for j in range(i)
        if not parts[0][i].isdisjoint(parts[0][j])
    )


def _parts(value: object) -> set[int] | frozenset[int]:
    found = fingerprint(value)
    return parts_of(value) if found is None else found.parts


def _copies_on_write() -> bool:
    """Tell whether frames that have memory in common are written to each for itself."""
    pandas = sys.modules["pandas"]
    # From pandas 3 on it is always so.
    return (
        int(pandas.__version__.partition(".")[0]) >= 3
        or pandas.get_option("mode.copy_on_write") is True
    )


def _is_pandas(value: object) -> bool:
    return type(value).__module__.partition(".")[0] == "pandas"
