"""A notebook while a request is carried out: as its kernel has it, or its file alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Protocol

import msgspec

from reactive_kernel import protocol, rest
from reactive_kernel.client.exceptions import RefusedError
from reactive_kernel.document import Cell, CreateCell, Document, DocumentError, Operation
from reactive_kernel.notebook import ReactiveNotebook
from reactive_kernel.plan import Mode

from .errors import refusal
from .files import Files, NotebookFile

if TYPE_CHECKING:
    from reactive_kernel.client.comm import ReactiveComm
    from reactive_kernel.protocol import Message


class NotebookDocument(Protocol):
    """What can be seen and done of a notebook, wherever it is.

    Attributes
    ----------
    document : Document
        Its cells.
    mode : {"auto", "lazy"} or None
        Its mode, where one is known.
    revision : int
        How many changes the kernel has seen, if there is one.
    pages : int
        How many pages show it.
    """

    document: Document
    mode: Mode | None
    revision: int
    pages: int

    def status(self, cell_id: str) -> rest.Status:
        """Return the status of a cell."""

    def graph(self) -> rest.Graph:
        """Return what depends on what."""

    async def apply(self, operations: Sequence[Operation]) -> None:
        """Change the notebook and keep the change.

        Raises
        ------
        RestError
            Where the operations cannot apply; the notebook is then as it was.
        """


class FileDocument:
    """A notebook without a reactive kernel: its file, and what its sources say.

    Parameters
    ----------
    files : Files
        The notebook files.
    file : NotebookFile
        What is in its file.
    """

    def __init__(self, files: Files, file: NotebookFile) -> None:
        self._files = files
        self._path = file.path
        self._library = ReactiveNotebook()
        self._library.replace(file.cells)
        self.document = self._library.document
        self.mode = file.mode
        self.revision = 0
        self.pages = 0

    def status(self, cell_id: str) -> rest.Status:
        """Return the status of a cell: nothing has run."""
        return msgspec.convert(protocol.status_message(self._library.status(cell_id)), rest.Status)

    def graph(self) -> rest.Graph:
        """Return what depends on what, by the sources."""
        library = self._library
        edges, problems = library.graph.all_edges(), library.graph.problems()
        return msgspec.convert(protocol.graph_message(library.nodes(), edges, problems), rest.Graph)

    async def apply(self, operations: Sequence[Operation]) -> None:
        """Change the file.

        Raises
        ------
        RestError
            Where the operations cannot apply; the file is then as it was.
        """
        try:
            self._library.apply(operations)
        except DocumentError as error:
            raise refusal(error.code, error.message) from error
        await keep(self._files, self._path, operations)


class KernelDocument:
    """A notebook that a reactive kernel follows.

    The file is its pages' to keep, and the server's where there is no page.

    Parameters
    ----------
    files : Files
        The notebook files.
    path : str
        The notebook's path.
    comm : ReactiveComm
        The open comm with the kernel.
    welcome : dict
        What the kernel said to it.
    """

    def __init__(self, files: Files, path: str, comm: ReactiveComm, welcome: Message) -> None:
        self._files = files
        self.path = path
        self._comm = comm
        self._statuses: dict[str, Message] = welcome["status"]
        self._graph: Message = welcome["graph"]
        self.document = document_of(protocol.read_cells(welcome["cells"]))
        self.mode: Mode | None = welcome["mode"]
        self.revision: int = welcome["revision"]
        self.pages = count_pages(welcome["clients"])
        self.keeps_file = is_keeper(welcome["clients"])

    def status(self, cell_id: str) -> rest.Status:
        """Return the status of a cell."""
        return msgspec.convert(self._statuses[cell_id], rest.Status)

    def graph(self) -> rest.Graph:
        """Return what depends on what."""
        return msgspec.convert(self._graph, rest.Graph)

    async def look(self) -> None:
        """Have the kernel look whether files that cells read have changed."""
        self._statuses.update((await self._comm.request("status"))["cells"])

    async def follow_file(self, file: NotebookFile) -> None:
        """Make the document what is in the file, if that is another."""
        cells = file.cells
        if cells != list(self.document):
            self.revision = await replace(self._comm, cells)
            self.document = document_of(cells)
            await self.look()
            self._graph = (await self._comm.request("graph"))["graph"]

    async def apply(self, operations: Sequence[Operation]) -> None:
        """Change the kernel's document, and the file where no page keeps it.

        Raises
        ------
        RestError
            Where the operations cannot apply; the notebook is then as it was.
        """
        before = list(self.document)
        messages = [protocol.operation_message(operation) for operation in operations]
        try:
            self.document.apply(operations)
            reply = await self._comm.request("edit", ops=messages)
        except (DocumentError, RefusedError) as error:
            raise refusal(error.code, error.message) from error
        self.revision = reply["revision"]
        for event in self._comm.take_events():
            if event["type"] == "status":
                self._statuses.update(event["cells"])
        if self.keeps_file:
            try:
                await keep(self._files, self.path, operations)
            except Exception:
                await replace(self._comm, before)
                raise


def document_of(cells: Iterable[Cell]) -> Document:
    """Make a document of cells."""
    document = Document()
    document.apply(CreateCell(cell) for cell in cells)
    return document


def is_keeper(clients: Iterable[Message]) -> bool:
    """Tell whether the server is to keep the file: nobody else who could do so holds it."""
    return all(client["kind"] == "server" for client in clients)


def count_pages(clients: Iterable[Message]) -> int:
    """Return how many clients are pages."""
    return sum(client["kind"] == "frontend" for client in clients)


async def replace(comm: ReactiveComm, cells: Iterable[Cell]) -> int:
    """Make the kernel's document these cells, and return the revision."""
    messages = [protocol.cell_message(cell) for cell in cells]
    revision: int = (await comm.request("replace", cells=messages))["revision"]
    return revision


async def keep(files: Files, path: str, operations: Sequence[Operation]) -> None:
    """Apply operations to a notebook's file.

    Raises
    ------
    RestError
        409 where they do not apply to what is in the file by now.
    """

    def edit(file: NotebookFile) -> None:
        document = document_of(file.cells)
        document.apply(operations)
        file.put(list(document))

    try:
        await files.edit(path, edit)
    except DocumentError as error:
        raise refusal(error.code, error.message) from error
