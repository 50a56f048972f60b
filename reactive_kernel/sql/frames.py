"""Results as frames: pandas' if it is there, else polars', else pyarrow's."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from typing import Any, Final

from reactive_kernel.effects.sql_statements import MissingSqlError

from .libraries import load

_LIBRARIES: Final = ("pandas", "polars", "pyarrow")
_FRAMES: Final = {
    "pandas": frozenset({"DataFrame", "Series"}),
    "polars": frozenset({"DataFrame", "LazyFrame"}),
    "pyarrow": frozenset({"Table", "RecordBatch", "RecordBatchReader"}),
}


@cache
def library() -> str:
    """Return the library whose frames results are.

    Raises
    ------
    MissingSqlError
        Where there is none.
    """
    found = next((name for name in _LIBRARIES if find_spec(name) is not None), None)
    if found is None:
        raise MissingSqlError("pandas")
    return found


def is_frame(value: object) -> bool:
    """Tell whether a value may stand for a table in SQL."""
    kind = type(value)
    return kind.__qualname__ in _FRAMES.get(kind.__module__.partition(".")[0], ())


def frame_of(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> object:
    """Make a frame of rows.

    Parameters
    ----------
    columns : sequence of str
        Their names.
    rows : sequence of sequences
        Their values.
    """
    module: Any = load(library())
    if library() == "pandas":
        return module.DataFrame.from_records([tuple(row) for row in rows], columns=list(columns))
    names = _distinct(columns)
    if library() == "polars":
        return module.DataFrame(
            [tuple(row) for row in rows], schema=names, orient="row", infer_schema_length=None
        )
    values = zip(*rows, strict=True) if rows else ([] for _ in names)
    return module.table(dict(zip(names, map(list, values), strict=True)))


def _distinct(columns: Sequence[str]) -> list[str]:
    """Tell columns of one name apart by numbers, as DuckDB does."""
    names: list[str] = []
    for column in columns:
        name, number = column, 0
        while name in names:
            number += 1
            name = f"{column}_{number}"
        names.append(name)
    return names
