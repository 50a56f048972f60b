"""Plays a notebook in process through the session that a kernel has: cells are sent ahead."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Iterator
from typing import Any, Final, Literal

from reactive_kernel.document import Operation
from reactive_kernel.protocol import operation_message
from reactive_kernel.session import Execution, Request, Session
from reactive_kernel.sql.databases import Databases

from .player import Book

OPENING: Final = {
    "protocol": 1,
    "client": {"name": "player", "version": "1", "kind": "headless"},
    "path": "notebook.ipynb",
    "cells": [],
    "mode": "auto",
    "shared": False,
    "session": None,
    "revision": None,
}


class SessionPlayer(Book):
    """A client that requests the execution of each cell as soon as it is told to.

    Parameters
    ----------
    memory_limit : int
        How many bytes of values the session keeps; 0 for any number.
    """

    def __init__(self, memory_limit: int = 0) -> None:
        user_ns: dict[str, Any] = {"__name__": "__main__"}
        databases = Databases(user_ns)
        self.session = Session(
            user_ns,
            dict(user_ns),
            "auto",
            memory_limit,
            0.05,
            lambda: None,
            lambda tell: tell(),
            databases,
        )
        super().__init__(self.session._notebook, user_ns)
        self.databases = databases
        self._requests: deque[Request] = deque()
        client = self.session.open(OPENING, "player", self._take)
        assert client is not None
        self.client = client

    def apply(self, *operations: Operation) -> list[Operation]:
        self._ask("edit", ops=[operation_message(operation) for operation in operations])
        return list(operations)

    def run(self, cells: list[str] | Literal["all", "stale"]) -> None:
        self._ask("run", cells=cells)
        while self._requests:
            execution = self.session.begin(self._requests.popleft())
            if isinstance(execution, Execution):
                self.session.enter(execution)
                cell_id = execution.request.cell_id
                result = self.outputs[cell_id] = self.evaluate(cell_id)
                self.session.leave(execution, "failed" if result[1] else "clean", None)
            self.session.rest()
        # The names are to be what somebody sees who types into a console.
        with self.console():
            pass

    @contextlib.contextmanager
    def console(self) -> Iterator[None]:
        self.session.before_console()
        yield
        self.session.after_console()

    def _ask(self, kind: str, **fields: Any) -> None:
        self.session.receive(self.client, {"type": kind, "request": 0, **fields})

    def _take(self, message: dict[str, Any]) -> None:
        if message["type"] == "execute":
            cell_id = message["cell_id"]
            source = self.source(cell_id)
            self._requests.append(Request("player", f"m{message['run']}", cell_id, source))
        else:
            assert message.get("status") != "error", message
