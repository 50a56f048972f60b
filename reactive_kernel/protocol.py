"""The messages as typed values; reading one is validating it.

The protocol is described in ``docs/protocol.md``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Final, Literal

import msgspec

from .document import (
    Cell,
    CellType,
    CreateCell,
    DeleteCell,
    MoveCell,
    Operation,
    UpdateCell,
)
from .graph import Names, Problem
from .notebook import Changes, Explanation, Node, Status
from .plan import Mode, Scope

PROTOCOL_VERSION: Final = 1
TARGET_NAME: Final = "reactive_kernel"
METADATA_KEY: Final = "reactive_kernel"
"""In the metadata of a notebook its mode, in that of a cell the provenance of its outputs."""

Message = dict[str, Any]


class ProtocolError(Exception):
    """A message that cannot be taken.

    Parameters
    ----------
    code : str
        One of the protocol's error codes.
    message : str
        What is wrong, for a reader.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


CELL_ID: Final = r"\A[a-zA-Z0-9_-]{1,64}\Z"
CellId = Annotated[str, msgspec.Meta(pattern=CELL_ID)]


class _Cell(msgspec.Struct):
    id: CellId
    cell_type: CellType
    source: str
    tags: list[str] = msgspec.field(default_factory=list)


class ClientInfo(msgspec.Struct):
    """What a client says of itself."""

    name: str
    version: str
    kind: Literal["frontend", "headless", "server"]


class _Open(msgspec.Struct):
    client: ClientInfo
    path: str
    cells: list[Any]
    mode: Mode | None = None
    shared: bool = False
    session: str | None = None
    revision: int | None = None
    batches: bool = False


class Open(msgspec.Struct):
    """The data of a ``comm_open``."""

    client: ClientInfo
    path: str
    cells: list[Cell]
    mode: Mode | None
    shared: bool
    session: str | None
    revision: int | None
    batches: bool


class _Request(msgspec.Struct, tag_field="type"):
    request: Any


class Edit(_Request, tag="edit"):
    """Apply operations, all of them or none."""

    ops: list[Any]


class Replace(_Request, tag="replace"):
    """Make the document these cells."""

    cells: list[Any]


class Check(_Request, tag="check"):
    """Compare digests."""

    digest: str


class RunCells(_Request, tag="run"):
    """Start a run, or only plan it."""

    cells: list[str] | Literal["all", "stale"]
    scope: Scope = "reactive"
    dry: bool = False
    look_ahead: Annotated[int, msgspec.Meta(ge=1, le=100)] | None = None


class Cancel(_Request, tag="cancel"):
    """End a run."""

    run: str


class SetMode(_Request, tag="set_mode"):
    """Change the mode."""

    mode: Mode


class Rename(_Request, tag="rename"):
    """Follow the notebook to another path."""

    path: str


class GetGraph(_Request, tag="graph"):
    """Ask for the whole graph."""


class GetStatus(_Request, tag="status"):
    """Ask for every status."""


class Explain(_Request, tag="explain"):
    """Ask why a cell is where it is."""

    cell_id: str


class GetVariables(_Request, tag="variables"):
    """Ask what the notebook has defined."""


class GetProvenance(_Request, tag="provenance"):
    """Ask what code the outputs of each cell come from."""


Question = GetGraph | GetStatus | Explain | GetVariables | GetProvenance
Request = Edit | Replace | Check | RunCells | Cancel | SetMode | Rename | Question


class _Create(msgspec.Struct, tag_field="op", tag="create_cell"):
    cell: Any
    index: int | None = None


class _Update(msgspec.Struct, tag_field="op", tag="update_cell"):
    cell_id: str
    source: Any = msgspec.UNSET
    cell_type: Any = msgspec.UNSET
    tags: Any = msgspec.UNSET


class _Delete(msgspec.Struct, tag_field="op", tag="delete_cell"):
    cell_id: str


class _Move(msgspec.Struct, tag_field="op", tag="move_cell"):
    cell_id: str
    index: int


def read_open(data: object) -> Open:
    """Read the data of a ``comm_open``.

    Raises
    ------
    ProtocolError
        ``protocol_unsupported`` or ``bad_message``.
    """
    if isinstance(data, Mapping) and data.get("protocol") != PROTOCOL_VERSION:
        raise ProtocolError(
            "protocol_unsupported",
            f"This kernel speaks version {PROTOCOL_VERSION} of the protocol, "
            f"not {data.get('protocol')!r}.",
        )
    message: _Open = _convert(data, _Open, "bad_message")
    cells = [_cell(cell, "bad_message") for cell in message.cells]
    if len({cell.id for cell in cells}) < len(cells):
        raise ProtocolError("bad_message", "Two of the cells have the same id.")
    return Open(
        message.client,
        message.path,
        cells,
        message.mode,
        message.shared,
        message.session,
        message.revision,
        message.batches,
    )


def read_request(data: object) -> Request:
    """Read the data of a ``comm_msg``.

    Raises
    ------
    ProtocolError
        ``bad_message``.
    """
    request: Request = _convert(data, Request, "bad_message")
    return request


def read_operation(data: object) -> Operation:
    """Read one OP.

    Raises
    ------
    ProtocolError
        ``bad_message``, or ``bad_cell`` where what a cell is to hold is none of a cell's.
    """
    operation: Any = _convert(data, _Create | _Update | _Delete | _Move, "bad_message")
    match operation:
        case _Create():
            return CreateCell(_cell(operation.cell, "bad_cell"), operation.index)
        case _Update():
            tags: list[str] | None = _part(operation.tags, list[str])
            return UpdateCell(
                operation.cell_id,
                _part(operation.source, str),
                _part(operation.cell_type, CellType),
                None if tags is None else tuple(tags),
            )
        case _Delete():
            return DeleteCell(operation.cell_id)
    return MoveCell(operation.cell_id, operation.index)


def read_cells(data: Iterable[object]) -> list[Cell]:
    """Read the CELLs of a request.

    Raises
    ------
    ProtocolError
        ``bad_cell``.
    """
    return [_cell(cell, "bad_cell") for cell in data]


def _cell(data: object, code: str) -> Cell:
    cell: _Cell = _convert(data, _Cell, code)
    return Cell(cell.id, cell.cell_type, cell.source, tuple(cell.tags))


def _part(data: object, kind: Any) -> Any:
    return None if data is msgspec.UNSET else _convert(data, kind, "bad_cell")


def _convert(data: object, kind: Any, code: str) -> Any:
    try:
        converted: Any = msgspec.convert(data, kind)
    except (msgspec.ValidationError, RecursionError) as error:
        raise ProtocolError(code, f"{error}") from None
    return converted


def cell_message(cell: Cell) -> Message:
    """Write a CELL."""
    return {
        "id": cell.id,
        "cell_type": cell.cell_type,
        "source": cell.source,
        "tags": list(cell.tags),
    }


def operation_message(operation: Operation) -> Message:
    """Write an OP."""
    match operation:
        case CreateCell(cell, index):
            return {"op": "create_cell", "cell": cell_message(cell), "index": index}
        case UpdateCell(cell_id, source, cell_type, tags):
            changed = {
                "source": source,
                "cell_type": cell_type,
                "tags": None if tags is None else list(tags),
            }
            given = {key: value for key, value in changed.items() if value is not None}
            return {"op": "update_cell", "cell_id": cell_id, **given}
        case DeleteCell(cell_id):
            return {"op": "delete_cell", "cell_id": cell_id}
        case MoveCell(cell_id, index):
            return {"op": "move_cell", "cell_id": cell_id, "index": index}


def status_message(status: Status) -> Message:
    """Write a STATUS."""
    message: Message = msgspec.to_builtins(status)
    return message


def status_messages(statuses: Mapping[str, Status]) -> Message:
    """Write a STATUS for each of some cells."""
    messages: Message = msgspec.to_builtins(statuses)
    return messages


def _node_message(node: Node) -> Message:
    return {
        "reads": sorted(node.reads),
        "writes": sorted(node.writes),
        "mutates": sorted(node.mutates),
    }


def _edge_message(edge: tuple[str, str], names: Names) -> Message:
    return {"from": edge[0], "to": edge[1], "names": list(names)}


def _problem_message(problem: Problem) -> Message:
    return {
        "kind": problem.kind,
        "cells": list(problem.cells),
        "names": list(problem.names),
        "message": problem.message,
    }


def graph_message(
    nodes: Mapping[str, Node],
    edges: Iterable[tuple[str, str, Names]],
    problems: Sequence[Problem],
) -> Message:
    """Write a whole GRAPH."""
    return {
        "nodes": {cell_id: _node_message(node) for cell_id, node in nodes.items()},
        "edges": [_edge_message((start, end), names) for start, end, names in edges],
        "problems": [_problem_message(problem) for problem in problems],
    }


def graph_event(revision: int, changes: Changes, problems: Sequence[Problem]) -> Message:
    """Write a ``graph`` event."""
    return {
        "type": "graph",
        "revision": revision,
        "nodes": {
            cell_id: None if node is None else _node_message(node)
            for cell_id, node in changes.nodes.items()
        },
        "edges": [_edge_message(edge, names) for edge, names in changes.edges.items()],
        "removed": [{"from": start, "to": end} for start, end in changes.removed],
        "problems": [_problem_message(problem) for problem in problems],
    }


def explanation_message(explanation: Explanation) -> Message:
    """Write what ``explain`` replies."""
    return {
        "reads": [
            {"name": read.name, "cell": read.cell, "kind": read.kind} for read in explanation.reads
        ],
        "writes": list(explanation.writes),
        "mutates": list(explanation.mutates),
        "unsure": list(explanation.unsure),
        "upstream": list(explanation.upstream),
        "downstream": list(explanation.downstream),
        "cell_status": status_message(explanation.status),
    }
