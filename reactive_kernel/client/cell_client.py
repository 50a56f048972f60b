"""Executes single cells as ones of the kernel's document, with nbclient's machinery."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
        assert self.kc is not None
        outputs, count = cell.get("outputs"), cell.get("execution_count")
        timing = cell.metadata.get("execution")
        self.begun = False
        self.kc.session.metadata = {"cellId": self.cell_id(cell_index)}
        try:
            return await super().async_execute_cell(
                cell, cell_index, execution_count, store_history
            )
        finally:
            self.kc.session.metadata = {}
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
