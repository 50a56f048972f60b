"""What REST requests and their answers hold, as typed values; reading one is validating it.

Their schemas are made from the types here, and what a docstring says is said there too.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType, field

from .document import CellType, Held
from .plan import Mode
from .protocol import CellId
from .traces import State

Index = Annotated[int, Meta(ge=0)]


class NewCell(Struct, forbid_unknown_fields=True):
    """A cell to create.

    It goes to `index`, or below the cell `after`, or to the end. Its id is made up where none is
    given. Creating once more the very cell that is there already changes nothing.
    """

    source: str = ""
    cell_type: CellType = "code"
    tags: list[str] = field(default_factory=list)
    cell_id: CellId | None = None
    index: Index | None = None
    after: str | None = None


class CellChange(Struct, forbid_unknown_fields=True):
    """What is to change of a cell: the fields that are there."""

    source: str | UnsetType = UNSET
    cell_type: CellType | UnsetType = UNSET
    tags: list[str] | UnsetType = UNSET


class NewPlace(Struct, forbid_unknown_fields=True):
    """Where a cell is to go: to `index`, counted without it, or below the cell `after`."""

    index: Index | None = None
    after: str | None = None


class NewRun(Struct, forbid_unknown_fields=True):
    """What is to run: cells, with what they need and affect, or all cells, or the stale ones."""

    cells: list[str] | Literal["all", "stale"]


class Reason(Struct):
    """Why a cell is not fresh."""

    kind: str
    name: str | None = None
    cell: str | None = None


class Status(Struct):
    """How a cell stands; see STATUS in the protocol."""

    state: State
    reasons: list[Reason]
    execution_count: int | None = None
    msg_id: str | None = None
    held: Held | None = None


class Cell(Struct):
    """A cell, without its outputs."""

    id: str
    cell_type: CellType
    source: str
    tags: list[str]
    status: Status


class Kernel(Struct):
    """The kernel of a notebook's session, and whether it is a reactive one."""

    id: str
    name: str
    execution_state: str
    reactive: bool


class Notebook(Struct):
    """A notebook: its cells, the kernel that runs for it, and how many pages show it.

    `revision` counts the changes that the kernel has seen, and is 0 without a reactive kernel;
    `mode` is then the notebook's own, and null if it has none.
    """

    path: str
    mode: Mode | None
    revision: int
    kernel: Kernel | None
    pages: int
    cells: list[Cell]


class Place(Struct):
    """Where a cell is."""

    cell_id: str
    index: int


class Node(Struct):
    """The names that a cell uses."""

    reads: list[str]
    writes: list[str]
    mutates: list[str]


class Edge(Struct):
    """Names that one cell gives to another."""

    start: str = field(name="from")
    end: str = field(name="to")
    names: list[str]


class Problem(Struct):
    """What is wrong with cells before they run."""

    kind: str
    cells: list[str]
    names: list[str]
    message: str


class Graph(Struct):
    """What depends on what; see GRAPH in the protocol."""

    nodes: dict[str, Node]
    edges: list[Edge]
    problems: list[Problem]


class Run(Struct):
    """A run: under way, or how it ended.

    `plan` are the cells that it set out to run, `status` how those and all others that it ran stand
    (or stood when it ended). `executed` are all cells that ran, the `failed` ones among them;
    `unchanged` were not needed after all. `error` says what ended it, or kept its outputs from
    being saved, if anything did.
    """

    run: str
    state: Literal["running", "finished"]
    plan: list[str]
    status: dict[str, Status] = field(default_factory=dict)
    executed: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    blocked: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    cancelled: bool = False
    error: str | None = None


class Error(Struct, omit_defaults=True):
    """Why a request was not carried out, and which field of it is wrong, if one is."""

    message: str
    reason: str | None = None
    field: str | None = None
