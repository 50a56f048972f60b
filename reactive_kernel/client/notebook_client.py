"""Runs a notebook file: the kernel says what, nbclient's machinery executes it."""

from __future__ import annotations

import re
from collections import deque
from typing import TYPE_CHECKING, Any, Final

from jupyter_core.utils import ensure_async, run_sync
from traitlets import Bool, List, Unicode

from reactive_kernel.protocol import CELL_ID, METADATA_KEY

from .cell_client import CellClient
from .comm import ReactiveComm
from .exceptions import CellFailure, NotebookRunError, RefusedError

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from reactive_kernel.protocol import Message

SENT_AHEAD: Final = 3
"""How many requests are sent before the first of them is answered.

The kernel then need not wait for this client, which takes in outputs meanwhile; more would be lost
where it cannot keep up.
"""


class ReactiveNotebookClient(CellClient):
    """Runs a notebook over the reactive protocol.

    A cell that fails ends the run only for the cells that need what it was to write; everything
    else is run, and `NotebookRunError` names the failures in the end.

    Examples
    --------
    >>> import nbformat
    >>> from reactive_kernel.client import ReactiveNotebookClient
    >>> notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("print('hello')")])
    >>> ReactiveNotebookClient(notebook, kernel_name="reactive").execute().cells[0].execution_count
    1
    """

    cells = List(
        Unicode(),
        help="Ids of the cells to run, with what they need. All cells are run if it is empty.",
    ).tag(config=True)

    path = Unicode("", help="The notebook's path, as the kernel tells it to other clients.").tag(
        config=True
    )

    record_provenance = Bool(
        default_value=True,
        help="Whether to keep in the metadata of each cell what code its outputs come from.",
    ).tag(config=True)

    _ids: list[str]

    async def async_execute(
        self,
        reset_kc: bool = False,  # noqa: FBT001, FBT002 - nbclient's signature
        **kwargs: Any,
    ) -> NotebookNode:
        """Run the notebook, or the cells named in `cells` with what they need.

        Parameters
        ----------
        reset_kc : bool
            Whether to start a new kernel where this client owns one already.
        kwargs
            Options for starting the kernel.

        Returns
        -------
        nbformat.NotebookNode
            The notebook with its new outputs.

        Raises
        ------
        NotebookRunError
            If cells failed that were not allowed to.
        KernelNotReactiveError
            If the kernel does not speak the protocol.
        RefusedError
            If the kernel refuses what it is asked, such as a cell that is not in the notebook.
        """
        if reset_kc and self.owns_km:
            await self._async_cleanup_kernel()
        self.reset_execution_trackers()
        self._ids = cell_ids(self.nb.cells)
        async with self.async_setup_kernel(**kwargs):
            assert self.kc is not None
            assert self.km is not None
            self.log.info("Executing notebook with kernel: %s", self.kernel_name)
            await self._note_language()
            comm = ReactiveComm(self.km, self.kc)
            try:
                await comm.listen(self.startup_timeout)
                await self._open(comm)
                finished = await self._run(comm)
                if self.record_provenance:
                    await self._note_provenance(comm, finished["executed"])
            finally:
                await comm.close()
            self.set_widgets_metadata()
        self._raise_for_failures(finished)
        return self.nb

    execute = run_sync(async_execute)

    async def async_start_new_kernel(self, **kwargs: Any) -> None:
        """Start the kernel; the user's history is not to have what runs without a user.

        nbclient sees to that for the kernels whose names it knows as IPython's.

        Parameters
        ----------
        kwargs
            Options for starting the kernel.
        """
        assert self.km is not None
        assert self.km.kernel_spec is not None
        option = "--HistoryManager.hist_file"
        if (
            "reactive_kernel" in self.km.kernel_spec.argv
            and self.ipython_hist_file
            and not any(argument.startswith(option) for argument in self.extra_arguments)
        ):
            self.extra_arguments = [*self.extra_arguments, f"{option}={self.ipython_hist_file}"]
        await super().async_start_new_kernel(**kwargs)

    start_new_kernel = run_sync(async_start_new_kernel)

    def cell_id(self, cell_index: int) -> str:
        """Return the id of a cell in the kernel's document.

        Parameters
        ----------
        cell_index : int
            Its place in the notebook.

        Returns
        -------
        str
            The id: one that was made up, where the notebook has none.
        """
        return self._ids[cell_index]

    async def _note_language(self) -> None:
        assert self.kc is not None
        reply = await self.async_wait_for_reply(await ensure_async(self.kc.kernel_info()))
        if reply is not None:
            self.nb.metadata["language_info"] = reply["content"]["language_info"]

    async def _note_provenance(self, comm: ReactiveComm, executed: list[str]) -> None:
        """Keep with each cell what code its outputs come from, for who opens the notebook."""
        known = (await comm.request("provenance"))["cells"]
        for cell_id in executed:
            cell = self.nb.cells[self._ids.index(cell_id)]
            if cell.outputs:
                own = cell.metadata.setdefault(METADATA_KEY, {})
                own["provenance"] = known[cell_id]
            else:
                cell.metadata.pop(METADATA_KEY, None)

    async def _open(self, comm: ReactiveComm) -> None:
        cells = [
            self._message(cell_id, cell)
            for cell_id, cell in zip(self._ids, self.nb.cells, strict=True)
        ]
        welcome = await comm.open(self.path, cells)
        if not welcome["adopted"]:
            raise RefusedError(
                "other_document",
                "Another client has this notebook open in the kernel. Close it there, or let this "
                "client start a kernel of its own",
            )

    def _message(self, cell_id: str, cell: NotebookNode) -> Message:
        tags = cell.metadata.get("tags", [])
        # What is not to be executed must not be a code cell to the kernel either: it would have it
        # executed for the cells that read what it writes.
        skipped = self.skip_cells_with_tag in tags
        return {
            "id": cell_id,
            "cell_type": "raw" if skipped else cell.cell_type,
            "source": cell.source,
            "tags": list(tags),
        }

    async def _run(self, comm: ReactiveComm) -> Message:
        reply = await comm.request("run", cells=list(self.cells) or "all")
        allowed = self.allow_errors, self.force_raise_errors
        # An error ends the run only for the cells that depend on it, which the kernel sees to.
        self.allow_errors, self.force_raise_errors = True, False
        try:
            return await self._follow(comm, reply["run"])
        finally:
            self.allow_errors, self.force_raise_errors = allowed

    async def _follow(self, comm: ReactiveComm, run: str) -> Message:
        """Execute the cells of a run, and return the event that ends it."""
        waiting: deque[int] = deque()
        sent = 0
        finished: Message | None = None
        while finished is None or sent:
            events = comm.take_events()
            if not (events or waiting):
                events = [await comm.event()]
            for event in events:
                if event.get("run") != run:
                    continue
                if event["type"] == "execute":
                    waiting.append(self._ids.index(event["cell_id"]))
                elif event["type"] == "run_finished":
                    finished = event
            while finished is None and sent < min(len(waiting), SENT_AHEAD):
                self.send_ahead(waiting[sent])
                sent += 1
            if sent:
                index = waiting.popleft()
                await self.async_execute_cell(self.nb.cells[index], index)
                sent -= 1
        return finished

    def _raise_for_failures(self, finished: Message) -> None:
        failures = [self._failure(cell_id) for cell_id in finished["failed"]]
        if self.force_raise_errors or not self.allow_errors:
            unexpected = tuple(failure for failure in failures if not self._allowed(failure))
            blocked = tuple(finished["blocked"])
            if unexpected or blocked or finished["cancelled"]:
                raise NotebookRunError(unexpected, blocked, interrupted=finished["cancelled"])

    def _allowed(self, failure: CellFailure) -> bool:
        tags = self.nb.cells[failure.index].metadata.get("tags", [])
        return not self.force_raise_errors and (
            failure.ename in self.allow_error_names or "raises-exception" in tags
        )

    def _failure(self, cell_id: str) -> CellFailure:
        index = self._ids.index(cell_id)
        cell = self.nb.cells[index]
        errors = [output for output in cell.outputs if output.output_type == "error"]
        if not errors:  # an Output widget may show it elsewhere
            return CellFailure(cell_id, index, cell.execution_count, "Error", "it was raised")
        return CellFailure(
            cell_id,
            index,
            cell.execution_count,
            errors[0].ename,
            errors[0].evalue,
            "\n".join(errors[0].traceback),
        )


def cell_ids(cells: list[NotebookNode]) -> list[str]:
    """Give each cell an id: its own, or one made up where it has none that nbformat allows.

    Parameters
    ----------
    cells : list of nbformat.NotebookNode
        The cells of a notebook of any minor format; those before 4.5 have no ids.

    Returns
    -------
    list of str
        Ids that differ from each other.
    """
    given = (cell.get("id") for cell in cells)
    own = [id_ if isinstance(id_, str) and re.match(CELL_ID, id_) else None for id_ in given]
    ids: list[str] = []
    for index, cell_id in enumerate(own):
        made_up = (f"cell-{index + 1}" + "-" * tries for tries in range(len(cells) + 1))
        ids.append(
            cell_id
            if cell_id and cell_id not in ids
            else next(candidate for candidate in made_up if candidate not in own)
        )
    return ids
