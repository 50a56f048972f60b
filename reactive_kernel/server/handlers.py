"""The requests: who may make them, what is in them, and what they are answered."""

from __future__ import annotations

import re
from http import HTTPStatus
from http.client import responses
from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec
from jupyter_core.utils import ensure_async
from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from jupyter_server.utils import url_escape, url_path_join
from nbclient.exceptions import DeadKernelError
from tornado import web

from reactive_kernel import rest

from .errors import RestError

if TYPE_CHECKING:
    from .notebooks import Notebooks

NOTEBOOKS: Final = "reactive_kernel_notebooks"
"""The name of `Notebooks` in the settings of the web application."""

ROOT: Final = "reactive-kernel/api"

MAX_BODY: Final = 16 * 1024 * 1024
"""How many bytes the body of a request may have."""

Body = TypeVar("Body", bound=msgspec.Struct)

_FIELD: Final = re.compile(
    r"at `\$\.?(?P<at>[^`]+)`$|unknown field `(?P<extra>.+)`$|required field `(?P<missing>.+)`$"
)


class RestHandler(APIHandler):
    """What all requests have in common."""

    auth_resource = "contents"

    @property
    def notebooks(self) -> Notebooks:
        """The notebooks of the server."""
        notebooks: Notebooks = self.settings[NOTEBOOKS]
        return notebooks

    async def prepare(self) -> None:  # type: ignore[override]
        """Refuse what is too large."""
        await super().prepare()
        if len(self.request.body) > MAX_BODY:
            raise RestError(413, f"The body of a request may have up to {MAX_BODY} bytes.")

    def read(self, kind: type[Body]) -> Body:
        """Read the body of the request.

        Raises
        ------
        RestError
            400, with the field that is wrong.
        """
        try:
            return msgspec.json.decode(self.request.body, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            found = _FIELD.search(str(error))
            field = next(filter(None, found.groups()), None) if found else None
            raise RestError(400, f"{error}", field or "body") from None

    def answer(self, value: Any, status: int = 200, location: tuple[str, ...] = ()) -> None:
        """Answer the request."""
        self.set_status(status)
        if location:
            parts = (url_escape(part) for part in location)
            self.set_header("Location", url_path_join(self.base_url, ROOT, "notebooks", *parts))
        self.finish(msgspec.json.encode(value))

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer that the request is not carried out, and why."""
        error = kwargs.get("exc_info", (None, None, None))[1]
        if isinstance(error, DeadKernelError):
            status_code = HTTPStatus.SERVICE_UNAVAILABLE
        reason = responses.get(status_code, "Unknown")
        if isinstance(error, DeadKernelError):
            answer = rest.Error(f"{error} Try again.", reason)
        elif isinstance(error, RestError):
            answer = rest.Error(error.message, reason, error.field)
        elif isinstance(error, web.HTTPError):
            answer = rest.Error(error.log_message or reason, reason)
        else:
            answer = rest.Error("The server has failed at this request; its log says how.", reason)
        self.answer(answer, status_code)


class NotebookHandler(RestHandler):
    """A notebook."""

    @web.authenticated
    @authorized
    async def get(self, path: str) -> None:
        """Return the notebook."""
        self.answer(await self.notebooks.view(path))


class GraphHandler(RestHandler):
    """What depends on what in a notebook."""

    @web.authenticated
    @authorized
    async def get(self, path: str) -> None:
        """Return the graph."""
        self.answer(await self.notebooks.graph(path))


class CellsHandler(RestHandler):
    """The cells of a notebook."""

    @web.authenticated
    @authorized
    async def post(self, path: str) -> None:
        """Create a cell."""
        place = await self.notebooks.create(path, self.read(rest.NewCell))
        self.answer(place, 201, (path, "cells", place.cell_id))


class CellHandler(RestHandler):
    """A cell."""

    @web.authenticated
    @authorized
    async def get(self, path: str, cell_id: str) -> None:
        """Return the cell."""
        self.answer(await self.notebooks.cell(path, cell_id))

    @web.authenticated
    @authorized
    async def patch(self, path: str, cell_id: str) -> None:
        """Change the cell."""
        self.answer(await self.notebooks.update(path, cell_id, self.read(rest.CellChange)))

    @web.authenticated
    @authorized
    async def delete(self, path: str, cell_id: str) -> None:
        """Delete the cell."""
        await self.notebooks.delete(path, cell_id)
        self.set_status(204)
        self.finish()


class MoveHandler(RestHandler):
    """The place of a cell."""

    @web.authenticated
    @authorized
    async def post(self, path: str, cell_id: str) -> None:
        """Move the cell."""
        self.answer(await self.notebooks.move(path, cell_id, self.read(rest.NewPlace)))


class RunsHandler(RestHandler):
    """The runs of a notebook."""

    @web.authenticated
    @authorized
    @authorized(action="execute", resource="kernels")
    async def post(self, path: str) -> None:
        """Start a run."""
        run = await self.notebooks.run(path, self.read(rest.NewRun), self._check_start)
        self.answer(run, 202, (path, "runs", run.run))

    async def _check_start(self) -> None:
        may = self.authorizer.is_authorized(self, self.current_user, "write", "sessions")
        if not await ensure_async(may):
            raise RestError(403, "The notebook has no kernel, and you may not start one.")


class RunHandler(RestHandler):
    """A run."""

    @web.authenticated
    @authorized
    async def get(self, path: str, run_id: str) -> None:
        """Return how the run stands."""
        self.answer(self.notebooks.follow(path, run_id))


class OpenApiHandler(RestHandler):
    """The description of all this."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Return the OpenAPI document."""
        from .openapi import document

        self.answer(document(url_path_join(self.base_url, ROOT)))


class UnknownHandler(RestHandler):
    """Everything else."""

    async def prepare(self) -> None:  # type: ignore[override]
        """Say that there is no such thing."""
        await super().prepare()
        raise RestError(404, "There is no such address; openapi.json lists those that there are.")


def routes(base_url: str) -> list[tuple[str, type[RestHandler]]]:
    """Return the addresses and what handles them.

    Parameters
    ----------
    base_url : str
        The server's.

    Returns
    -------
    list of (str, type)
        Patterns of paths, each with a handler.
    """
    notebook = r"notebooks/(?P<path>.+)"
    cell = rf"{notebook}/cells/(?P<cell_id>[^/]+)"
    patterns: dict[str, type[RestHandler]] = {
        r"openapi\.json": OpenApiHandler,
        rf"{notebook}/cells": CellsHandler,
        cell: CellHandler,
        rf"{cell}/move": MoveHandler,
        rf"{notebook}/graph": GraphHandler,
        rf"{notebook}/run": RunsHandler,
        rf"{notebook}/runs/(?P<run_id>[^/]+)": RunHandler,
        notebook: NotebookHandler,
        r".*": UnknownHandler,
    }
    root = url_path_join(base_url, ROOT)
    return [(f"{re.escape(root)}/{pattern}", handler) for pattern, handler in patterns.items()]
