"""Tables as the list of variables shows them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reactive_kernel.values import Preview
from reactive_kernel.versions import Version

from .engine import Column
from .objects import Object
from .outside import Outside
from .place import Bound

_MOST_COLUMNS = 20


def columns_of(bound: Bound | None) -> list[Column] | None:
    """Return the columns of a table that cells have left; None for what is no table."""
    value = bound.value if isinstance(bound, Version) else None
    if isinstance(value, Object):
        return None if value.kind in ("macro", "sequence") else value.columns
    return value.columns if isinstance(value, Outside) else None


def tables(bound: Mapping[str, Bound]) -> Iterator[tuple[str, str, Preview]]:
    """Describe tables.

    Parameters
    ----------
    bound : mapping of str to Version or Absent
        What cells have left of tables and connections.

    Yields
    ------
    str, str, Preview
        The name of a table, the cell that has left it, and its kind, shape and columns.
    """
    for name, version in bound.items():
        columns = columns_of(version)
        if columns is None or not isinstance(version, Version):
            continue
        value = version.value
        rows = value.rows if isinstance(value, Object) else None
        kind = value.kind if isinstance(value, Object | Outside) else "table"
        shape = None if rows is None else [rows, len(columns)]
        shown = ", ".join(f"{column} {of}" for column, of in columns[:_MOST_COLUMNS])
        if len(columns) > _MOST_COLUMNS:
            shown += ", ..."
        yield name, version.cell, Preview(kind, rows, shape, shown)
