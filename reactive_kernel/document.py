"""The mirror of the notebook: its cells in order, and the four operations that change them."""

from __future__ import annotations

import re
import zlib
from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, Literal

import msgspec

CellType = Literal["code", "markdown", "raw"]
Held = Literal["frozen", "manual"]

_HELD_BY_TAG: Final[dict[str, Held]] = {"reactive-frozen": "frozen", "reactive-manual": "manual"}

_GAP = 1 << 32
_SURROGATES = re.compile("[\ud800-\udfff]")
_REMEMBERED_REVISIONS = 1000


class Cell(msgspec.Struct, frozen=True):
    """One cell of a notebook, as nbformat 4.5 knows it, without its outputs.

    Parameters
    ----------
    id : str
        A valid nbformat 4.5 cell id.
    cell_type : {"code", "markdown", "raw"}
        What kind of cell it is.
    source : str
        Its text.
    tags : tuple of str
        The tags in its metadata.
    """

    id: str
    cell_type: CellType
    source: str
    tags: tuple[str, ...] = ()

    @property
    def held(self) -> Held | None:
        """Whether the cell runs only when it is asked for, by its tags: ``frozen`` counts more."""
        if self.tags:
            for tag, held in _HELD_BY_TAG.items():
                if tag in self.tags:
                    return held
        return None


class CreateCell(msgspec.Struct, frozen=True):
    """Put a new cell at ``index``; at the end when that is None."""

    cell: Cell
    index: int | None = None


class UpdateCell(msgspec.Struct, frozen=True):
    """Change the parts of a cell that are not None."""

    cell_id: str
    source: str | None = None
    cell_type: CellType | None = None
    tags: tuple[str, ...] | None = None


class DeleteCell(msgspec.Struct, frozen=True):
    """Take a cell out."""

    cell_id: str


class MoveCell(msgspec.Struct, frozen=True):
    """Put a cell elsewhere; ``index`` counts after it is taken out."""

    cell_id: str
    index: int


Operation = CreateCell | UpdateCell | DeleteCell | MoveCell


class DocumentError(Exception):
    """An operation that the document cannot take.

    Parameters
    ----------
    code : str
        The protocol's error code: ``unknown_cell``, ``duplicate_cell`` or ``bad_index``.
    message : str
        What is wrong, for a reader.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Document:
    """The ordered cells of a notebook, changed by operations only.

    Each cell has a *label*, an integer that grows downwards, so that two cells' order, and a
    cell's place among others, is known without counting (an order-maintenance list: an
    insertion takes a label between its neighbours').

    Examples
    --------
    >>> document = Document()
    >>> document.apply([CreateCell(Cell("a", "code", "x = 1"))])
    [CreateCell(cell=Cell(id='a', cell_type='code', source='x = 1', tags=()), index=0)]
    >>> document.revision
    1
    """

    def __init__(self) -> None:
        self.revision = 0
        self.relabelled = 0
        self._cells: dict[str, Cell] = {}
        self._labels: dict[str, int] = {}
        self._order: list[str] = []
        self._undo: deque[list[Operation]] = deque(maxlen=_REMEMBERED_REVISIONS)

    def __len__(self) -> int:
        return len(self._order)

    def __iter__(self) -> Iterator[Cell]:
        return map(self._cells.__getitem__, self._order)

    def __contains__(self, cell_id: object) -> bool:
        return cell_id in self._cells

    def __getitem__(self, cell_id: str) -> Cell:
        try:
            return self._cells[cell_id]
        except KeyError:
            raise DocumentError(
                "unknown_cell", f"The notebook has no cell with the id {cell_id!r}."
            ) from None

    def label(self, cell_id: str) -> int:
        """Return the label of a cell of the document."""
        return self._labels[cell_id]

    def index(self, cell_id: str) -> int:
        """Return how many cells stand above a cell of the document."""
        return self._rank(self._labels[cell_id])

    def between(self, start: float, stop: float) -> Sequence[str]:
        """Return the ids of the cells whose label is at least ``start`` and below ``stop``."""
        return self._order[self._rank(start) : self._rank(stop)]

    def digest(self) -> str:
        """Return the CRC-32 by which a client learns whether the mirror is true."""
        text = "".join(f"{c.id}\x1f{c.cell_type}\x1f{c.source}\x1e" for c in self)
        return f"{zlib.crc32(_SURROGATES.sub(chr(0xFFFD), text).encode()):08x}"

    def apply(self, operations: Iterable[Operation]) -> list[Operation]:
        """Apply operations, all of them or none.

        Parameters
        ----------
        operations : iterable of Operation
            In the order in which they are to apply.

        Returns
        -------
        list of Operation
            Those that changed something, with indexes given and without what already held.

        Raises
        ------
        DocumentError
            Where one of them cannot apply; the document is then as it was.
        """
        done: list[Operation] = []
        undo: list[Operation] = []
        try:
            for operation in operations:
                step = self._apply_one(operation)
                if step is not None:
                    done.append(step[0])
                    undo.append(step[1])
        except DocumentError:
            for inverse in reversed(undo):
                self._apply_one(inverse)
            raise
        if done:
            self.revision += 1
            self._undo.append(undo[::-1])
        return done

    def edit_to(self, cells: Sequence[Cell]) -> list[Operation]:
        """Return the smallest edit that leads from here to ``cells``.

        Raises
        ------
        DocumentError
            ``duplicate_cell`` where an id stands twice in ``cells``.
        """
        target = {cell.id: cell for cell in cells}
        if len(target) < len(cells):
            raise DocumentError("duplicate_cell", "Two of the cells have the same id.")
        operations: list[Operation] = [
            DeleteCell(cell_id) for cell_id in self._order if cell_id not in target
        ]
        order = [cell_id for cell_id in self._order if cell_id in target]
        rank = {cell_id: i for i, cell_id in enumerate(order)}
        staying = _longest_increasing([rank[cell.id] for cell in cells if cell.id in rank])
        at = 0
        for cell in cells:
            old = self._cells.get(cell.id)
            if old is None:
                operations.append(CreateCell(cell, at))
                order.insert(at, cell.id)
            elif rank[cell.id] in staying:
                at = order.index(cell.id, at)
            else:
                was = order.index(cell.id)
                del order[was]
                at -= was < at
                operations.append(MoveCell(cell.id, at))
                order.insert(at, cell.id)
            at += 1
            if old is not None and old != cell:
                operations.append(_difference(old, cell))
        return operations

    def at_revision(self, revision: int) -> list[Cell] | None:
        """Return the cells as they were at a revision, or None where that is forgotten."""
        back = self.revision - revision
        if not 0 <= back <= len(self._undo):
            return None
        past = Document()
        past.apply(CreateCell(cell) for cell in self)
        for i in range(back):
            past.apply(self._undo[-1 - i])
        return list(past)

    def _rank(self, label: float) -> int:
        return bisect_left(self._order, label, key=self._labels.__getitem__)

    def _apply_one(self, operation: Operation) -> tuple[Operation, Operation] | None:
        match operation:
            case CreateCell(cell, index):
                return self._create(cell, index)
            case UpdateCell(cell_id):
                return self._update(cell_id, operation)
            case DeleteCell(cell_id):
                cell, index = self[cell_id], self.index(cell_id)
                self._take_out(cell_id)
                return operation, CreateCell(cell, index)
            case MoveCell(cell_id, index):
                self[cell_id]
                was = self.index(cell_id)
                self._check_index(index, len(self) - 1)
                if was == index:
                    return None
                cell = self._take_out(cell_id)
                self._put_in(cell, index)
                return operation, MoveCell(cell_id, was)

    def _create(self, cell: Cell, index: int | None) -> tuple[Operation, Operation] | None:
        if cell.id in self._cells:
            # A client may send again after a broken connection.
            same_place = index is None or index == self.index(cell.id)
            if same_place and self._cells[cell.id] == cell:
                return None
            raise DocumentError(
                "duplicate_cell", f"The notebook already has a cell with the id {cell.id!r}."
            )
        index = len(self) if index is None else index
        self._check_index(index, len(self))
        self._put_in(cell, index)
        return CreateCell(cell, index), DeleteCell(cell.id)

    def _update(self, cell_id: str, update: UpdateCell) -> tuple[Operation, Operation] | None:
        old = self[cell_id]
        new = msgspec.structs.replace(
            old,
            source=old.source if update.source is None else update.source,
            cell_type=update.cell_type or old.cell_type,
            tags=old.tags if update.tags is None else update.tags,
        )
        if new == old:
            return None
        self._cells[cell_id] = new
        return _difference(old, new), _difference(new, old)

    def _check_index(self, index: int, last: int) -> None:
        if not 0 <= index <= last:
            raise DocumentError("bad_index", f"The index {index} is not between 0 and {last}.")

    def _take_out(self, cell_id: str) -> Cell:
        del self._order[self.index(cell_id)]
        del self._labels[cell_id]
        return self._cells.pop(cell_id)

    def _put_in(self, cell: Cell, index: int) -> None:
        above = self._labels[self._order[index - 1]] if index else 0
        below = self._labels[self._order[index]] if index < len(self) else above + 2 * _GAP
        self._cells[cell.id] = cell
        self._order.insert(index, cell.id)
        if below - above > 1:
            self._labels[cell.id] = (above + below) // 2
        else:
            self._labels = {id_: (i + 1) * _GAP for i, id_ in enumerate(self._order)}
            self.relabelled += 1


def _difference(old: Cell, new: Cell) -> UpdateCell:
    return UpdateCell(
        old.id,
        source=new.source if new.source != old.source else None,
        cell_type=new.cell_type if new.cell_type != old.cell_type else None,
        tags=new.tags if new.tags != old.tags else None,
    )


def _longest_increasing(ranks: Sequence[int]) -> set[int]:
    """Return the members of a longest increasing subsequence (patience sorting)."""
    tails: list[int] = []
    previous: dict[int, int | None] = {}
    for rank in ranks:
        i = bisect_left(tails, rank)
        previous[rank] = tails[i - 1] if i else None
        tails[i : i + 1] = [rank]
    kept = set()
    at = tails[-1] if tails else None
    while at is not None:
        kept.add(at)
        at = previous[at]
    return kept
