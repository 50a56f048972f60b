"""What a client has changed while it was away, taken into a document that went on."""

from __future__ import annotations

from collections.abc import Sequence

from .document import (
    Cell,
    CreateCell,
    DeleteCell,
    Document,
    MoveCell,
    Operation,
    UpdateCell,
)


def rebase(base: Sequence[Cell], theirs: Sequence[Cell], ours: Document) -> list[Operation]:
    """Find the operations that bring a client's changes into a document.

    Cells that the client has changed since `base` become the client's, the rest stays. Of a cell
    that one side has deleted and the other has edited, the edit is kept.

    Parameters
    ----------
    base : sequence of Cell
        What the client and the document last agreed on.
    theirs : sequence of Cell
        The client's cells.
    ours : Document
        The document; it is not changed.

    Returns
    -------
    list of Operation
        To be applied to `ours`.

    Raises
    ------
    DocumentError
        ``duplicate_cell`` where an id stands twice in `theirs`.
    """
    was = Document()
    was.apply(CreateCell(cell) for cell in base)
    before = {cell.id: cell for cell in base}
    cells = {cell.id: cell for cell in theirs}
    above = {cell.id: theirs[i - 1].id if i else None for i, cell in enumerate(theirs)}
    merged = Document()
    merged.apply(CreateCell(cell) for cell in ours)

    def place(cell_id: str) -> int:
        """Return the index after the nearest cell above that both sides have."""
        neighbour = above[cell_id]
        while neighbour is not None and neighbour not in merged:
            neighbour = above[neighbour]
        return 0 if neighbour is None else merged.index(neighbour) + 1

    for operation in was.edit_to(theirs):
        match operation:
            case DeleteCell(cell_id):
                if cell_id in merged and merged[cell_id] == before[cell_id]:
                    merged.apply([operation])
            case CreateCell(cell):
                if cell.id not in merged:
                    merged.apply([CreateCell(cell, place(cell.id))])
                else:
                    merged.apply([UpdateCell(cell.id, cell.source, cell.cell_type, cell.tags)])
            case UpdateCell(cell_id):
                if cell_id in merged:
                    merged.apply([operation])
                else:
                    merged.apply([CreateCell(cells[cell_id], place(cell_id))])
            case MoveCell(cell_id):
                if cell_id in merged:
                    index = place(cell_id)
                    index -= merged.index(cell_id) < index
                    merged.apply([MoveCell(cell_id, index)])
    return ours.edit_to(list(merged))
