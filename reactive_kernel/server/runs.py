"""Runs that requests have asked for: followed to their end, executed where no page does."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import logging
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

import msgspec
from nbclient.exceptions import DeadKernelError
from nbformat import v4
from tornado.web import HTTPError

from reactive_kernel import protocol, rest
from reactive_kernel.client.cell_client import CellClient

from .documents import KernelDocument, document_of, is_keeper, replace
from .errors import RestError
from .files import Files, NotebookFile

if TYPE_CHECKING:
    from jupyter_client.client import KernelClient
    from jupyter_client.manager import KernelManager
    from nbformat import NotebookNode

    from reactive_kernel.client.comm import ReactiveComm
    from reactive_kernel.protocol import Message

_log = logging.getLogger(__name__)

_REMEMBERED: Final = 100

_SAVE_INTERVAL: Final = 2.0
"""Seconds between two savings of the outputs of one run."""


class Runs:
    """The runs of all notebooks, the last ones that have ended among them."""

    def __init__(self) -> None:
        self._runs: dict[tuple[str, str], rest.Run] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def get(self, path: str, run_id: str) -> rest.Run:
        """Return how a run stands.

        Raises
        ------
        RestError
            404 if there is no such run.
        """
        try:
            return self._runs[path, run_id]
        except KeyError:
            raise RestError(404, f"There is no run {run_id!r} of {path!r}.") from None

    def start(self, path: str, follower: RunFollower, close: Callable[[], Awaitable[None]]) -> None:
        """Follow a run.

        Parameters
        ----------
        path : str
            The notebook's path.
        follower : RunFollower
            What follows it.
        close : callable
            Closes the connection in the end.
        """
        self._runs[path, follower.run.run] = follower.run
        ended = [key for key, run in self._runs.items() if run.state == "finished"]
        for key in ended[: max(0, len(self._runs) - _REMEMBERED)]:
            del self._runs[key]

        async def follow() -> None:
            try:
                await follower.follow()
            finally:
                await close()

        task = asyncio.create_task(follow())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class _Cells(CellClient):
    """Executes the cells of a run; gives the one that executes up when the run has ended."""

    ended: bool = False

    async def _async_check_alive(self) -> None:
        if self.ended:
            raise DeadKernelError("The run has ended.")
        await super()._async_check_alive()


class RunFollower:
    """One run: what comes of it, executing its cells, and saving their outputs.

    Parameters
    ----------
    run_id : str
        The kernel's name for the run.
    plan : list of str
        The cells that it sets out to run.
    notebook : KernelDocument
        The notebook in the kernel.
    files : Files
        The notebook files.
    lock : asyncio.Lock
        Held while the file is written.
    manager : KernelManager
        The kernel's manager.
    client : KernelClient
        The client that the kernel tells what to execute.
    comm : ReactiveComm
        Its comm.
    """

    def __init__(
        self,
        run_id: str,
        plan: list[str],
        notebook: KernelDocument,
        files: Files,
        lock: asyncio.Lock,
        manager: KernelManager,
        client: KernelClient,
        comm: ReactiveComm,
    ) -> None:
        status = {cell_id: rest.Status("queued", []) for cell_id in plan}
        self.run = rest.Run(run_id, "running", plan, status)
        self._path = notebook.path
        self._files = files
        self._lock = lock
        self._client = client
        self._comm = comm
        self._document = notebook.document
        self._revision = notebook.revision
        self._keeps_file = notebook.keeps_file
        self._cells = _Cells(
            v4.new_notebook(), km=manager, allow_errors=True, skip_cells_with_tag=""
        )
        self._cells.kc = client
        self._places: dict[str, int] = {}
        self._saved: dict[str, NotebookNode] = {}
        self._saved_at = -_SAVE_INTERVAL
        self._saving: asyncio.Task[None] | None = None
        self._executing: str | None = None
        self._told: asyncio.Queue[str | None] = asyncio.Queue()
        self._over = asyncio.Event()

    async def follow(self) -> None:
        """Follow the run to its end."""
        tasks = [asyncio.create_task(work) for work in (self._hear(), self._execute_all())]
        try:
            await asyncio.gather(*tasks)
        except DeadKernelError:
            self.run.cancelled = True
            self.run.error = "The kernel was restarted or shut down, or died, before the run ended."
        except Exception as error:
            _log.exception("could not follow a run of %r", self._path)
            self.run.cancelled = True
            self.run.error = f"The server could not follow the run: {error!r}"
        finally:
            self._cells.ended = True
            self._told.put_nowait(None)
            tasks[0].cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._executing = None
            self._over.set()
            if self._saving is not None:
                await self._saving
            await self._save()
            self.run.state = "finished"

    async def _hear(self) -> None:
        while self._take(await self._comm.event()):
            pass
        self._told.put_nowait(None)

    def _take(self, event: Message) -> bool:
        """Take in an event; tell whether the run goes on."""
        run = self.run
        match event["type"]:
            case "status":
                for cell_id in run.status.keys() & event["cells"].keys():
                    status = msgspec.convert(event["cells"][cell_id], rest.Status)
                    run.status[cell_id] = status
                    if status.state == "running" and cell_id not in run.executed:
                        run.executed.append(cell_id)
            case "edited" if event["revision"] > self._revision:
                self._revision = event["revision"]
                self._document.apply(protocol.read_operation(op) for op in event["ops"])
            case "clients":
                self._keeps_file = is_keeper(event["clients"])
            case "execute":
                cell_id = event["cell_id"]
                run.status.setdefault(cell_id, rest.Status("queued", []))
                self._told.put_nowait(cell_id)
            case "run_finished" if event["run"] == run.run:
                run.executed, run.failed = event["executed"], event["failed"]
                run.blocked, run.unchanged = event["blocked"], event["unchanged"]
                run.cancelled = event["cancelled"]
                return False
        return True

    async def _execute_all(self) -> None:
        while (cell_id := await self._told.get()) is not None and not self._cells.ended:
            self._executing = cell_id
            await self._execute(cell_id)
            self._executing = None
            if self._saving is None or self._saving.done():
                self._saving = asyncio.create_task(self._save_in_time())

    async def _execute(self, cell_id: str) -> None:
        if cell_id not in self._document:
            return
        source = self._document[cell_id].source
        nodes = self._cells.nb.cells
        place = self._places.setdefault(cell_id, len(nodes))
        if place == len(nodes):
            nodes.append(v4.new_code_cell(id=cell_id))
        nodes[place].source = source
        if source.strip():
            await self._cells.async_execute_cell(nodes[place], place)
        else:
            # nbclient passes over a cell that was emptied meanwhile; the kernel waits for it.
            self._client.session.metadata = {"cellId": cell_id}
            self._client.execute(source, stop_on_error=False)
            self._client.session.metadata = {}

    async def _save_in_time(self) -> None:
        pause = self._saved_at + _SAVE_INTERVAL - time.monotonic()
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._over.wait(), max(0.0, pause))
        await self._save()

    async def _save(self) -> None:
        """Save the outputs that are not in the file, if the server keeps it."""
        try:
            async with self._lock:
                ran = [node for node in self._cells.nb.cells if self._has_run(node)]
                unsaved = [node for node in ran if self._saved.get(node.id) != node]
                if unsaved and self._keeps_file:
                    saved = {node.id: copy.deepcopy(node) for node in unsaved}
                    await self._save_outputs(list(saved.values()))
                    self._saved |= saved
        except HTTPError as error:
            self.run.error = f"The outputs were not saved: {error.log_message}"
        except Exception as error:
            _log.exception("could not save the outputs of %r", self._path)
            self.run.error = f"The outputs were not saved: {error!r}"
        self._saved_at = time.monotonic()

    def _has_run(self, node: NotebookNode) -> bool:
        return node.id != self._executing and node.execution_count is not None

    async def _save_outputs(self, nodes: list[NotebookNode]) -> None:
        def put(file: NotebookFile) -> None:
            for node in nodes:
                file.put_outputs(node)
            if self._cells.widget_state:
                self._cells.set_widgets_metadata()
                file.put_widgets(self._cells.nb.metadata.widgets)

        file = await self._files.edit(self._path, put)
        cells = file.cells
        # Somebody may have changed the file itself since the run began.
        with contextlib.suppress(DeadKernelError):
            check = await self._comm.request("check", digest=document_of(cells).digest())
            if not check["match"]:
                self._revision = await replace(self._comm, cells)
                self._document = document_of(cells)
