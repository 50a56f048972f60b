"""A notebook on a running Jupyter server, from another program."""

from __future__ import annotations

import secrets
import time
from http.client import HTTPException
from types import NoneType
from typing import Any, Literal, TypeVar
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlsplit
from urllib.request import Request, urlopen

import msgspec

from reactive_kernel import rest
from reactive_kernel.document import CellType

from .exceptions import RestRequestError

Answer = TypeVar("Answer")


class RestNotebook:
    """A notebook on a running Jupyter server: its cells, to read, to edit and to run.

    Where pages show the notebook, they show each change at once; where none does, the server
    writes the file, with the outputs of runs.

    Parameters
    ----------
    url : str
        The server's address, with its base URL.
    path : str
        The notebook's path from the root of the server's files.
    token : str, optional
        The server's token.
    timeout : float
        Seconds that one answer may take.

    Raises
    ------
    RestRequestError
        By every method: what the server does not carry out, and why.

    Examples
    --------
    >>> from reactive_kernel.client import RestNotebook
    >>> notebook = RestNotebook("http://localhost:8888", "a.ipynb", "secret")  # doctest: +SKIP
    >>> cell_id = notebook.create_cell("print(1)").cell_id  # doctest: +SKIP
    >>> notebook.run([cell_id]).executed == [cell_id]  # doctest: +SKIP
    True
    """

    def __init__(self, url: str, path: str, token: str = "", timeout: float = 120):
        if urlsplit(url).scheme not in ("http", "https"):
            raise ValueError(
                f"The address of a server begins with http:// or https://, not {url!r}."
            )
        self._url = f"{url.rstrip('/')}/reactive-kernel/api/notebooks/{quote(path.strip('/'))}"
        if token:
            self._headers = {"Authorization": f"token {token}"}
        else:
            # The server compares the two, which another site could not make a browser send.
            key = secrets.token_hex(16)
            self._headers = {"Cookie": f"_xsrf={key}", "X-XSRFToken": key}
        self._timeout = timeout

    def view(self) -> rest.Notebook:
        """Return the notebook: its cells with their statuses, its kernel and its pages.

        Returns
        -------
        rest.Notebook
            The notebook.
        """
        return self._ask("GET", "", rest.Notebook)

    def graph(self) -> rest.Graph:
        """Return what depends on what.

        Returns
        -------
        rest.Graph
            The graph.
        """
        return self._ask("GET", "/graph", rest.Graph)

    def cell(self, cell_id: str) -> rest.Cell:
        """Return a cell.

        Parameters
        ----------
        cell_id : str
            Its id.

        Returns
        -------
        rest.Cell
            The cell with its status.
        """
        return self._ask("GET", _cell(cell_id), rest.Cell)

    def create_cell(
        self,
        source: str = "",
        cell_type: CellType = "code",
        *,
        index: int | None = None,
        after: str | None = None,
    ) -> rest.Place:
        """Create a cell, by default at the end.

        Parameters
        ----------
        source : str
            Its text.
        cell_type : {"code", "markdown", "raw"}
            What kind of cell it is.
        index : int, optional
            Its place.
        after : str, optional
            The id of the cell that it is to stand below.

        Returns
        -------
        rest.Place
            Its id and index.
        """
        new = rest.NewCell(source, cell_type, index=index, after=after)
        return self._ask("POST", "/cells", rest.Place, new)

    def update_cell(
        self,
        cell_id: str,
        *,
        source: str | None = None,
        cell_type: CellType | None = None,
        tags: list[str] | None = None,
    ) -> rest.Cell:
        """Change what is given of a cell.

        Parameters
        ----------
        cell_id : str
            Its id.
        source : str, optional
            Its text.
        cell_type : {"code", "markdown", "raw"}, optional
            What kind of cell it is.
        tags : list of str, optional
            Its tags.

        Returns
        -------
        rest.Cell
            The cell as it is now.
        """
        given = {"source": source, "cell_type": cell_type, "tags": tags}
        change = {name: value for name, value in given.items() if value is not None}
        return self._ask("PATCH", _cell(cell_id), rest.Cell, change)

    def delete_cell(self, cell_id: str) -> None:
        """Delete a cell.

        Parameters
        ----------
        cell_id : str
            Its id.
        """
        self._ask("DELETE", _cell(cell_id), NoneType)

    def move_cell(
        self, cell_id: str, *, index: int | None = None, after: str | None = None
    ) -> rest.Place:
        """Move a cell.

        Parameters
        ----------
        cell_id : str
            Its id.
        index : int, optional
            Its new place, counted without it.
        after : str, optional
            The id of the cell that it is to stand below.

        Returns
        -------
        rest.Place
            Its id and index.
        """
        place = rest.NewPlace(index, after)
        return self._ask("POST", f"{_cell(cell_id)}/move", rest.Place, place)

    def run(
        self, cells: list[str] | Literal["all", "stale"] = "stale", *, wait: bool = True
    ) -> rest.Run:
        """Run cells, with what they need and what they affect; starts a kernel if there is none.

        Parameters
        ----------
        cells : list of str, "all" or "stale"
            Ids of the cells to run.
        wait : bool
            Whether to return only when the run has ended.

        Returns
        -------
        rest.Run
            The run.
        """
        run = self._ask("POST", "/run", rest.Run, rest.NewRun(cells))
        pause = 0.05
        while wait and run.state == "running":
            time.sleep(pause)
            pause = min(2 * pause, 1.0)
            run = self.follow_run(run.run)
        return run

    def follow_run(self, run_id: str) -> rest.Run:
        """Return how a run stands.

        Parameters
        ----------
        run_id : str
            Its id.

        Returns
        -------
        rest.Run
            The run.
        """
        return self._ask("GET", f"/runs/{quote(run_id, safe='')}", rest.Run)

    def _ask(
        self, method: str, address: str, kind: type[Answer] | None, body: Any = None
    ) -> Answer:
        data = None if body is None else msgspec.json.encode(body)
        headers = {**self._headers, "Content-Type": "application/json"}
        request = Request(self._url + address, data, headers, method=method)
        try:
            with urlopen(request, timeout=self._timeout) as response:
                answer = response.read()
        except HTTPError as error:
            raise _request_error(error.code, error.read()) from None
        except (URLError, HTTPException, OSError) as error:
            raise RestRequestError(0, f"The server does not answer: {error}") from error
        return msgspec.json.decode(answer or b"null", type=kind)


def _cell(cell_id: str) -> str:
    return f"/cells/{quote(cell_id, safe='')}"


def _request_error(status: int, body: bytes) -> RestRequestError:
    try:
        error = msgspec.json.decode(body, type=rest.Error)
    except msgspec.DecodeError:
        error = rest.Error("The server answered with something else than JSON.")
    return RestRequestError(status, error.message, error.field)
