"""What requests do with notebooks, one at a time for each of them."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final
from weakref import WeakValueDictionary

from jupyter_client.kernelspec import NoSuchKernel
from jupyter_server.services.sessions.sessionmanager import KernelName, ModelName
from msgspec import UNSET

from reactive_kernel import protocol, rest
from reactive_kernel.client.exceptions import KernelNotReactiveError, RefusedError
from reactive_kernel.document import Cell, CreateCell, DeleteCell, Document, MoveCell, UpdateCell

from .connection import connected
from .documents import FileDocument, KernelDocument, NotebookDocument
from .errors import RestError, refusal
from .files import Files, NotebookFile
from .runs import RunFollower, Runs

if TYPE_CHECKING:
    from jupyter_client.client import KernelClient
    from jupyter_client.manager import KernelManager
    from jupyter_server.services.contents.manager import ContentsManager
    from jupyter_server.services.kernels.kernelmanager import MappingKernelManager
    from jupyter_server.services.sessions.sessionmanager import SessionManager

    from reactive_kernel.client.comm import ReactiveComm
    from reactive_kernel.protocol import Message

_KERNEL_NAME: Final = "reactive"


class Notebooks:
    """The notebooks of a server.

    Parameters
    ----------
    contents : ContentsManager
        Keeps the files.
    sessions : SessionManager
        Knows which kernel a notebook has.
    kernels : MappingKernelManager
        Runs the kernels.
    """

    def __init__(
        self, contents: ContentsManager, sessions: SessionManager, kernels: MappingKernelManager
    ) -> None:
        self._files = Files(contents)
        self._sessions = sessions
        self._kernels = kernels
        self._runs = Runs()
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def view(self, path: str) -> rest.Notebook:
        """Return a notebook."""
        async with self._open(path) as (notebook, kernel):
            reactive = isinstance(notebook, KernelDocument)
            if isinstance(notebook, KernelDocument):
                await notebook.look()
            return rest.Notebook(
                path,
                notebook.mode,
                notebook.revision,
                None
                if kernel is None
                else rest.Kernel(kernel["id"], kernel["name"], kernel["execution_state"], reactive),
                notebook.pages,
                [_cell(notebook, cell.id) for cell in notebook.document],
            )

    async def graph(self, path: str) -> rest.Graph:
        """Return what depends on what in a notebook."""
        async with self._open(path) as (notebook, _):
            return notebook.graph()

    async def cell(self, path: str, cell_id: str) -> rest.Cell:
        """Return a cell."""
        async with self._open(path) as (notebook, _):
            _check_cell(notebook, cell_id)
            if isinstance(notebook, KernelDocument):
                await notebook.look()
            return _cell(notebook, cell_id)

    async def create(self, path: str, new: rest.NewCell) -> rest.Place:
        """Create a cell."""
        async with self._open(path) as (notebook, _):
            document = notebook.document
            index = _index(document, new.index, new.after)
            cell_id = new.cell_id or _new_id(document)
            cell = Cell(cell_id, new.cell_type, new.source, tuple(new.tags))
            await notebook.apply([CreateCell(cell, index)])
            return rest.Place(cell_id, document.index(cell_id))

    async def update(self, path: str, cell_id: str, change: rest.CellChange) -> rest.Cell:
        """Change a cell."""
        async with self._open(path) as (notebook, _):
            _check_cell(notebook, cell_id)
            given = {
                name: value
                for name in ("source", "cell_type", "tags")
                if (value := getattr(change, name)) is not UNSET
            }
            if "tags" in given:
                given["tags"] = tuple(given["tags"])
            await notebook.apply([UpdateCell(cell_id, **given)])
            return _cell(notebook, cell_id)

    async def delete(self, path: str, cell_id: str) -> None:
        """Delete a cell."""
        async with self._open(path) as (notebook, _):
            await notebook.apply([DeleteCell(cell_id)])

    async def move(self, path: str, cell_id: str, place: rest.NewPlace) -> rest.Place:
        """Move a cell."""
        async with self._open(path) as (notebook, _):
            document = notebook.document
            _check_cell(notebook, cell_id)
            if place.after == cell_id:
                raise RestError(400, "A cell cannot go below itself.", "after")
            index = _index(document, place.index, place.after)
            if index is None:
                raise RestError(400, "Give an `index`, or a cell to go `after`.", "index")
            if place.after is not None and document.index(cell_id) < index:
                index -= 1
            await notebook.apply([MoveCell(cell_id, index)])
            return rest.Place(cell_id, document.index(cell_id))

    async def run(
        self, path: str, new: rest.NewRun, may_start: Callable[[], Awaitable[None]]
    ) -> rest.Run:
        """Start a run.

        Parameters
        ----------
        path : str
            The notebook's path.
        new : NewRun
            What is to run.
        may_start : callable
            Raises if the user may not start a kernel; called where there is none.

        Returns
        -------
        Run
            The run as it begins.
        """
        lock = self._lock(path)
        async with lock, AsyncExitStack() as stack:
            file = await self._files.read(path)
            session = await self._session(path)
            started = session is None
            if session is None:
                _check_asked(file, new)
                await may_start()
                session = await self._start(path, file)
            try:
                notebook, manager, client, comm = await self._connect(
                    stack, session["kernel"]["id"], file, executing=True
                )
            except KernelNotReactiveError as error:
                name = session["kernel"]["name"]
                if started:
                    await self._sessions.delete_session(session["id"])
                raise RestError(
                    409,
                    f"{path!r} has the kernel {name!r}, which is not a reactive one: choose "
                    f"{_KERNEL_NAME!r} for it.",
                ) from error
            try:
                reply = await comm.request("run", cells=new.cells)
            except RefusedError as error:
                raise refusal(error.code, error.message, "cells") from error
            follower = RunFollower(
                reply["run"], reply["plan"], notebook, self._files, lock, manager, client, comm
            )
            self._runs.start(path, follower, stack.pop_all().aclose)
            return follower.run

    def follow(self, path: str, run_id: str) -> rest.Run:
        """Return how a run stands."""
        return self._runs.get(path, run_id)

    @asynccontextmanager
    async def _open(self, path: str) -> AsyncIterator[tuple[NotebookDocument, Message | None]]:
        """Open a notebook for one request; yields the model of its kernel too, if it has one."""
        async with self._lock(path), AsyncExitStack() as stack:
            file = await self._files.read(path)
            session = await self._session(path)
            kernel = None if session is None else session["kernel"]
            notebook: NotebookDocument = FileDocument(self._files, file)
            if kernel is not None:
                with suppress(KernelNotReactiveError):
                    notebook, *_ = await self._connect(stack, kernel["id"], file, executing=False)
            yield notebook, kernel

    async def _connect(
        self, stack: AsyncExitStack, kernel_id: str, file: NotebookFile, *, executing: bool
    ) -> tuple[KernelDocument, KernelManager, KernelClient, ReactiveComm]:
        manager = self._kernels.get_kernel(kernel_id)
        client, comm = await stack.enter_async_context(connected(manager, executing=executing))
        cells = [protocol.cell_message(cell) for cell in file.cells]
        try:
            welcome = await comm.open(file.path, cells, file.mode)
        except RefusedError as error:
            raise refusal(error.code, error.message) from error
        notebook = KernelDocument(self._files, file.path, comm, welcome)
        if notebook.keeps_file:
            await notebook.follow_file(file)
        return notebook, manager, client, comm

    def _lock(self, path: str) -> asyncio.Lock:
        return self._locks.setdefault(path, asyncio.Lock())

    async def _session(self, path: str) -> Message | None:
        """Return the model of a notebook's session."""
        sessions: list[Message] = await self._sessions.list_sessions()
        found = (session for session in sessions if session["path"] == path and session["kernel"])
        return next(found, None)

    async def _start(self, path: str, file: NotebookFile) -> Message:
        """Start a session, with the kernel that the notebook names."""
        name = file.kernel_name or _KERNEL_NAME
        try:
            session: Message = await self._sessions.create_session(
                path=path,
                name=ModelName(PurePosixPath(path).name),
                type="notebook",
                kernel_name=KernelName(name),
            )
        except NoSuchKernel:
            raise RestError(
                409, f"{path!r} names the kernel {name!r}, which is not installed here."
            ) from None
        return session


def _cell(notebook: NotebookDocument, cell_id: str) -> rest.Cell:
    cell = notebook.document[cell_id]
    status = notebook.status(cell_id)
    return rest.Cell(cell.id, cell.cell_type, cell.source, list(cell.tags), status)


def _check_cell(notebook: NotebookDocument, cell_id: str) -> None:
    if cell_id not in notebook.document:
        raise _unknown_cell(cell_id)


def _check_asked(file: NotebookFile, new: rest.NewRun) -> None:
    """Refuse cells that are not in the file, before a kernel is started for them."""
    if isinstance(new.cells, list):
        for cell_id in set(new.cells).difference(file.nodes):
            raise _unknown_cell(cell_id, "cells")


def _unknown_cell(cell_id: str, field: str | None = None) -> RestError:
    return RestError(404, f"The notebook has no cell with the id {cell_id!r}.", field)


def _index(document: Document, index: int | None, after: str | None) -> int | None:
    """Return the index that a request means; None stands for the end."""
    if after is None:
        return index
    if index is not None:
        raise RestError(400, "Give an `index` or a cell to go `after`, not both.", "after")
    if after not in document:
        raise _unknown_cell(after, "after")
    return document.index(after) + 1


def _new_id(document: Document) -> str:
    while (cell_id := uuid.uuid4().hex[:8]) in document:
        pass
    return cell_id
