"""Where a cell's outputs come from: a digest of its source and of all that it depends on.

It is told by sources alone, so that it is the same before and after a run, in every process, and a
notebook file can hold it.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b
from typing import Final

from .document import Cell
from .traces import fold

_BYTES: Final = 4


def provenance(cells: Iterable[Cell]) -> dict[str, str]:
    """Digest the sources that each cell's outputs come from.

    Parameters
    ----------
    cells : iterable of Cell
        The notebook, in order.

    Returns
    -------
    dict of str to str
        By the id of each cell that has something to run, eight hexadecimal digits: of its source,
        of the names that it takes from cells above, and of the digests of those cells.
    """
    cells = list(cells)
    findings = fold(cells, {})
    digests: dict[str, str] = {}
    for cell in cells:
        finding = findings[cell.id]
        if finding.state == "idle":
            continue
        digest = blake2b(cell.source.encode("utf-8", "replace"), digest_size=_BYTES)
        for name, (provider, _) in sorted(finding.inputs.items()):
            if provider is not None:
                digest.update(f"\0{name}\0{digests[provider]}".encode("utf-8", "replace"))
        digests[cell.id] = digest.hexdigest()
    return digests
