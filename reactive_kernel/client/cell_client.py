"""Executes single cells as ones of the kernel's document, with nbclient's machinery."""

from __future__ import annotations

from collections import defaultdict, deque
from typing import TYPE_CHECKING, Any

from jupyter_core.utils import run_sync
from nbclient import NotebookClient

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from reactive_kernel.protocol import Message


class CellClient(NotebookClient):
    """Executes cells of a notebook and takes their outputs into it.

    Attributes
    ----------
    begun : bool
        Whether the kernel began to execute the last cell, or found that it need not.
    """

    begun: bool = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._sent: defaultdict[int, deque[str]] = defaultdict(deque)

    def cell_id(self, cell_index: int) -> str:
        """Return the id of a cell in the kernel's document.

        Parameters
        ----------
        cell_index : int
            Its place in the notebook.

        Returns
        -------
        str
            The id.
        """
        cell_id: str = self.nb.cells[cell_index].id
        return cell_id

    def send_ahead(
        self,
        cell_index: int,
        *,
        store_history: bool = True,
        stop_on_error: bool = False,
    ) -> None:
        """Send the request of a cell, which `async_execute_cell` is then to wait for.

        Parameters
        ----------
        cell_index : int
            The cell's place in the notebook.
        store_history : bool
            Whether the kernel is to remember the input.
        stop_on_error : bool
            Whether an error is to end what was sent after it.
        """
        client: Any = self.kc
        client.session.metadata = {"cellId": self.cell_id(cell_index)}
        try:
            # The class's: the instance has another one while a cell is waited for.
            msg_id = type(client).execute(
                client,
                self.nb.cells[cell_index].source,
                store_history=store_history,
                stop_on_error=stop_on_error,
            )
        finally:
            client.session.metadata = {}
        self._sent[cell_index].append(msg_id)

    async def async_execute_cell(
        self,
        cell: NotebookNode,
        cell_index: int,
        execution_count: int | None = None,
        store_history: bool = True,  # noqa: FBT001, FBT002 - nbclient's signature
    ) -> NotebookNode:
        """Execute one cell as one of the kernel's document.

        A cell that the kernel finds not to need execution keeps its outputs and its prompt.

        Parameters
        ----------
        cell : nbformat.NotebookNode
            The cell.
        cell_index : int
            Its place in the notebook.
        execution_count : int or None
            The number of its prompt, where it is not to be the kernel's.
        store_history : bool
            Whether the kernel is to remember the input.

        Returns
        -------
        nbformat.NotebookNode
            The cell.
        """
        client: Any = self.kc
        outputs, count = cell.get("outputs"), cell.get("execution_count")
        timing = cell.metadata.get("execution")
        self.begun = False

        def request(_: str, **options: Any) -> str:
            if not self._sent[cell_index]:
                self.send_ahead(cell_index, **options)
            return self._sent[cell_index].popleft()

        client.execute = request
        try:
            return await super().async_execute_cell(
                cell, cell_index, execution_count, store_history
            )
        finally:
            del client.execute
            if not self.begun and cell.cell_type == "code":
                cell.outputs, cell.execution_count = outputs, count
                cell.metadata.pop("execution", None)
                if timing is not None:
                    cell.metadata.execution = timing

    execute_cell = run_sync(async_execute_cell)

    def process_message(
        self, msg: Message, cell: NotebookNode, cell_index: int
    ) -> NotebookNode | None:
        """Take one message of a running cell into the notebook.

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
            self.begun = True
        return super().process_message(msg, cell, cell_index)
