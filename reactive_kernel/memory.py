"""What is kept of values beside those that stand at the end of the notebook, and how much."""

from __future__ import annotations

import os
from collections import Counter
from typing import Final

from .document import Document
from .heap import Heap

_SHARE: Final = 0.25
_UNITS: Final = ("bytes", "kB", "MB", "GB", "TB")


def default_limit() -> int:
    """Return a quarter of the machine's memory, in bytes."""
    try:
        return int(_SHARE * os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    except (AttributeError, OSError, ValueError):
        # Not told on this system.
        return 2**31


def report(heap: Heap, document: Document) -> str:
    """Tell what is kept, the largest first.

    Parameters
    ----------
    heap : Heap
        Where it is kept.
    document : Document
        The notebook.

    Returns
    -------
    str
        A table: name, cell, size, and whether it is a version or a copy.
    """
    sizes: Counter[tuple[str, str, str]] = Counter()
    for version, size, is_copy in heap.kept():
        kind = "copy" if is_copy else "version"
        sizes[version.name, _place(document, version.cell), kind] += size
    rows = [("name", "cell", "size", "kept as")]
    rows += [(n, cell, _shown(size), kind) for (n, cell, kind), size in sizes.most_common()]
    rows.append(("all", "", _shown(sizes.total()), ""))
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
    limit = "any amount" if heap.limit is None else f"at most {_shown(heap.limit)}"
    note = f"Of what does not stand at the end of the notebook, {limit} is kept."
    return "\n".join([*lines, "", note])


def _place(document: Document, cell_id: str) -> str:
    return f"{document.index(cell_id) + 1}" if cell_id in document else "deleted"


def _shown(size: float) -> str:
    unit = 0
    while size >= 1000 and unit < len(_UNITS) - 1:
        size, unit = size / 1000, unit + 1
    return f"{size:.3g} {_UNITS[unit]}"
