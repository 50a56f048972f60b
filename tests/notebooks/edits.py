"""Single edits of a notebook, as they are written beside it.

`NAME.edits.json` is a list of objects. Each has a `title` and is one of

- `{"update": ID, "source": TEXT}` or `{"update": ID, "replace": [OLD, NEW]}`,
- `{"insert": TEXT, "before": ID or null}`; the new cell's id is `inserted`,
- `{"delete": ID}`,
- `{"move": ID, "before": ID or null}`,

where `null` is the end, and a TEXT may be a list of lines. `fails` names the cells that then fail.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat
from protocol.player import Cell, Message

Edit = dict[str, Any]

INSERTED = "inserted"


def read_cells(path: Path) -> list[Cell]:
    book = nbformat.read(path, as_version=4)
    return [Cell(cell.source, cell.id, cell.cell_type) for cell in book.cells]


def read_edits(path: Path) -> list[Edit]:
    edits: list[Edit] = json.loads(path.with_suffix(".edits.json").read_text(encoding="utf-8"))
    return edits


def operation(edit: Edit, cells: list[Cell]) -> Message:
    """Return the protocol's operation for an edit of a notebook."""
    match edit:
        case {"update": cell_id, "source": text}:
            return {"op": "update_cell", "cell_id": cell_id, "source": joined(text)}
        case {"update": cell_id, "replace": [old, new]}:
            source = next(cell.source for cell in cells if cell.id == cell_id)
            assert source.count(old) == 1, f"{edit['title']}: not once in the cell"
            changed = source.replace(old, new)
            return {"op": "update_cell", "cell_id": cell_id, "source": changed}
        case {"insert": text, "before": place}:
            new = Cell(joined(text), INSERTED).message()
            return {"op": "create_cell", "cell": new, "index": index(place, cells)}
        case {"delete": cell_id}:
            return {"op": "delete_cell", "cell_id": cell_id}
        case {"move": cell_id, "before": place}:
            others = [cell for cell in cells if cell.id != cell_id]
            return {"op": "move_cell", "cell_id": cell_id, "index": index(place, others)}
    raise AssertionError(f"what edit is {edit}?")


def joined(text: str | list[str]) -> str:
    return text if isinstance(text, str) else "\n".join(text)


def index(place: str | None, cells: list[Cell]) -> int:
    return len(cells) if place is None else [cell.id for cell in cells].index(place)
