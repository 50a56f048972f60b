"""Notebook files, through the server's contents manager."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from jupyter_core.utils import ensure_async
from nbformat import NotebookNode, from_dict, v4
from tornado.web import HTTPError

from reactive_kernel.client.notebook_client import cell_ids
from reactive_kernel.document import Cell
from reactive_kernel.plan import Mode
from reactive_kernel.protocol import METADATA_KEY

from .errors import RestError

if TYPE_CHECKING:
    from jupyter_server.services.contents.manager import ContentsManager

_ATTEMPTS: Final = 3
_PAUSE: Final = 0.1
_MAKE: Final = {
    "code": v4.new_code_cell,
    "markdown": v4.new_markdown_cell,
    "raw": v4.new_raw_cell,
}


@dataclass(slots=True)
class NotebookFile:
    """A notebook as it was read.

    Parameters
    ----------
    path : str
        Its path from the root of the contents.
    content : NotebookNode
        What is in it.
    stamp : object
        Differs from that of another content.
    """

    path: str
    content: NotebookNode
    stamp: object

    @property
    def cells(self) -> list[Cell]:
        """The cells as the kernel knows them."""
        return [
            Cell(cell_id, cell.cell_type, cell.source, _tags(cell))
            for cell_id, cell in self.nodes.items()
        ]

    @property
    def nodes(self) -> dict[str, NotebookNode]:
        """The cells as the file has them, by their ids."""
        return dict(zip(cell_ids(self.content.cells), self.content.cells, strict=True))

    @property
    def mode(self) -> Mode | None:
        """The notebook's own mode."""
        settings = self.content.metadata.get(METADATA_KEY)
        mode = settings.get("mode") if isinstance(settings, dict) else None
        return mode if mode in ("auto", "lazy") else None

    @property
    def kernel_name(self) -> str | None:
        """The kernel that the notebook names."""
        name = self.content.metadata.get("kernelspec", {}).get("name")
        return name if isinstance(name, str) else None

    def put(self, cells: Sequence[Cell]) -> None:
        """Make the notebook's cells these; what else is kept in a cell stays with its id."""
        held = self.nodes
        self.content.cells = [_put(held.get(cell.id), cell) for cell in cells]
        self.content.nbformat_minor = max(self.content.nbformat_minor, 5)

    def put_outputs(self, ran: NotebookNode) -> None:
        """Put what the run of a cell left into the cell of that id, if it is still there."""
        node = self.nodes.get(ran.id)
        if node is None or node.cell_type != "code":
            return
        node.outputs, node.execution_count = ran.outputs, ran.execution_count
        node.metadata["execution"] = ran.metadata["execution"]
        # As the page does for what this user's kernel has run.
        node.metadata["trusted"] = True
        # What is known there is of the outputs before.
        node.metadata.pop(METADATA_KEY, None)

    def put_widgets(self, widgets: NotebookNode) -> None:
        """Put the state of widgets beside that of others."""
        held = self.content.metadata.setdefault("widgets", NotebookNode())
        for mime_type, bundle in widgets.items():
            state = held.setdefault(mime_type, bundle)["state"]
            state.update(bundle["state"])


class Files:
    """The notebook files of a server.

    Parameters
    ----------
    contents : ContentsManager
        The server's.
    """

    def __init__(self, contents: ContentsManager) -> None:
        self._contents = contents

    async def read(self, path: str) -> NotebookFile:
        """Read a notebook.

        Parameters
        ----------
        path : str
            Its path from the root of the contents.

        Returns
        -------
        NotebookFile
            What is in it now.

        Raises
        ------
        RestError
            404 if there is no such file or it is not to be seen, 400 if it is no notebook.
        """
        model = await self._get_when_whole(path)
        file = NotebookFile(path, from_dict(model["content"]), _stamp(model))
        try:
            file.cells  # noqa: B018 - what is read of a notebook below is there
        except (AttributeError, TypeError) as error:
            raise RestError(400, f"{path!r} is not a valid notebook: {error}", "path") from error
        return file

    async def edit(self, path: str, edit: Callable[[NotebookFile], None]) -> NotebookFile:
        """Read a notebook, change it, and write it, unless somebody else has done so meanwhile.

        Parameters
        ----------
        path : str
            Its path from the root of the contents.
        edit : callable
            Changes it; called again if the file is changed by somebody else at the same time.

        Returns
        -------
        NotebookFile
            What was written.

        Raises
        ------
        RestError
            As `read`, or 409 if the file keeps changing.
        """
        for _ in range(_ATTEMPTS):
            file = await self.read(path)
            edit(file)
            if _stamp(await self._get(path, content=False)) == file.stamp:
                model = {"type": "notebook", "format": "json", "content": file.content}
                await ensure_async(self._contents.save(model, path))
                return file
        raise RestError(409, f"{path!r} is being changed by somebody else. Try again.")

    async def _get_when_whole(self, path: str) -> dict[str, Any]:
        """Read a file, once more where somebody seems to be writing it at this moment."""
        for _ in range(_ATTEMPTS - 1):
            try:
                return await self._get(path)
            except HTTPError as error:
                if error.status_code != 400:
                    raise
            await asyncio.sleep(_PAUSE)
        return await self._get(path)

    async def _get(self, path: str, *, content: bool = True) -> dict[str, Any]:
        unknown = RestError(404, f"There is no notebook {path!r}.")
        parts = path.split("/")
        # Each notebook has one name, so that it has one lock and one session.
        if any(part in ("", ".", "..") for part in parts):
            raise unknown
        contents = self._contents
        try:
            hidden = not contents.allow_hidden and await ensure_async(contents.is_hidden(path))
            if hidden or not await ensure_async(contents.file_exists(path)):
                raise unknown
            return await self._model(path, content)
        except HTTPError as error:
            if error.status_code == 404:
                raise unknown from None
            raise
        except (OSError, ValueError):  # a name that no file can have
            raise unknown from None

    async def _model(self, path: str, content: object) -> dict[str, Any]:
        options = {"content": bool(content), "type": "notebook"}
        try:
            model = self._contents.get(path, require_hash=True, **options)
        except TypeError:  # a contents manager from before jupyter_server 2.11
            model = self._contents.get(path, **options)
        found: dict[str, Any] = await ensure_async(model)
        return found


def _stamp(model: dict[str, Any]) -> object:
    return model.get("hash") or model["last_modified"]


def _put(held: NotebookNode | None, cell: Cell) -> NotebookNode:
    node = held
    if node is None or node.cell_type != cell.cell_type:
        metadata = {} if held is None else held.metadata
        node = _MAKE[cell.cell_type](metadata=metadata)
    node.id, node.source = cell.id, cell.source
    if cell.tags != _tags(node):
        node.metadata["tags"] = list(cell.tags)
    return node


def _tags(node: NotebookNode) -> tuple[str, ...]:
    tags = node.metadata.get("tags")
    return tuple(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else ()
