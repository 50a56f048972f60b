"""The engine `reactive` of papermill, which is the only one to import this module."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import Engine
from papermill.log import logger

from .exceptions import NotebookRunError
from .notebook_client import ReactiveNotebookClient

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from reactive_kernel.protocol import Message


class ReactiveEngine(Engine):  # type: ignore[misc]
    """Runs a notebook over the reactive protocol: `papermill --engine reactive`."""

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: Any,
        kernel_name: str,
        *,
        start_timeout: int = 60,
        execution_timeout: int | None = None,
        input_path: str | None = None,
        **options: Any,
    ) -> None:
        """Run the notebook; papermill raises for failed cells when it has written the file.

        Parameters
        ----------
        nb_man : object
            Papermill's manager of the notebook.
        kernel_name : str
            The kernel to run it with.
        start_timeout : int
            Seconds that the kernel may take to start.
        execution_timeout : int or None
            Seconds that one cell may take.
        input_path : str or None
            Where the notebook comes from.
        options
            Further traits of the client, such as `log_output` and `cells`.
        """
        client = PapermillReactiveClient(
            nb_man,
            kernel_name=kernel_name,
            startup_timeout=start_timeout,
            timeout=execution_timeout,
            path=input_path or "",
            log=logger,
            **options,
        )
        with contextlib.suppress(NotebookRunError):
            client.execute()


class PapermillReactiveClient(ReactiveNotebookClient, PapermillNotebookClient):  # type: ignore[misc]
    """Tells papermill how each cell fares."""

    def __init__(self, nb_man: Any, **options: Any):
        super().__init__(nb_man, **options)
        self.on_cell_error = self._note_failure

    async def async_execute_cell(
        self, cell: NotebookNode, cell_index: int, *args: Any, **kwargs: Any
    ) -> NotebookNode:
        """Execute one cell, and tell papermill when it has ended.

        Parameters
        ----------
        cell : nbformat.NotebookNode
            The cell.
        cell_index : int
            Its place in the notebook.
        args, kwargs
            As for `ReactiveNotebookClient`.

        Returns
        -------
        nbformat.NotebookNode
            The cell.
        """
        try:
            return await super().async_execute_cell(cell, cell_index, *args, **kwargs)
        finally:
            if self.begun:
                self.nb_man.cell_complete(cell, cell_index=cell_index)

    def process_message(
        self, msg: Message, cell: NotebookNode, cell_index: int
    ) -> NotebookNode | None:
        """Take one message of a running cell into the notebook, and note when the cell begins.

        Parameters
        ----------
        msg : dict
            The message.
        cell : nbformat.NotebookNode
            The cell.
        cell_index : int
            Its place in the notebook.

        Returns
        -------
        nbformat.NotebookNode or None
            The output that the message added, if any.
        """
        if msg["msg_type"] == "execute_input":
            self.nb_man.cell_start(cell, cell_index)
        return super().process_message(msg, cell, cell_index)

    def _note_failure(self, *, cell: NotebookNode, cell_index: int, **_: Any) -> None:
        self.nb_man.cell_exception(cell, cell_index=cell_index)
