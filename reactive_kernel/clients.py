"""The clients that hold the notebook, and what is sent to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .protocol import Message


@dataclass(slots=True, eq=False)
class Client:
    """One open comm.

    Parameters
    ----------
    id : str
        Its id in the protocol.
    name : str
        What it calls itself.
    kind : {"frontend", "headless", "server"}
        What it is.
    session : str
        The ``session`` of its messages' headers.
    send : callable
        Sends it a message.
    shared : bool
        Whether a collaboration layer keeps its document in step with those of other clients.
    batches : bool
        Whether it takes several cells to execute, or several statuses of one, in one message.
    """

    id: str
    name: str
    kind: str
    session: str
    send: Callable[[Message], None]
    shared: bool = False
    batches: bool = False

    def reply(self, request: object, reply: Message) -> None:
        """Answer a request."""
        self.send({"type": "reply", "request": request, "status": "ok", **reply})

    def reply_error(self, request: object, code: str, message: str) -> None:
        """Say why a request is not carried out."""
        error = {"code": code, "message": message}
        self.send({"type": "reply", "request": request, "status": "error", "error": error})

    def execute(self, run_id: str, cell_ids: list[str]) -> None:
        """Tell it to execute cells, in this order."""
        event = {"type": "execute", "run": run_id}
        if self.batches and cell_ids:
            self.send({**event, "cell_id": cell_ids[0], "then": cell_ids[1:]})
        else:
            for cell_id in cell_ids:
                self.send({**event, "cell_id": cell_id})


class Clients:
    """All clients, in the order in which they came."""

    def __init__(self) -> None:
        self._clients: list[Client] = []

    def __iter__(self) -> Iterator[Client]:
        return iter(self._clients.copy())

    def __contains__(self, client: object) -> bool:
        return client in self._clients

    def __bool__(self) -> bool:
        return bool(self._clients)

    def add(self, client: Client) -> None:
        """Take in a client."""
        self._clients.append(client)

    def discard(self, client: Client) -> None:
        """Leave a client out, if it is here."""
        if client in self._clients:
            self._clients.remove(client)

    def can_wait(self) -> bool:
        """Tell whether statuses may be gathered: nobody needs them to find a cell's outputs."""
        return len(self._clients) == 1 and self._clients[0].batches

    def of(self, session: str) -> Client | None:
        """Return the client whose messages have a session."""
        return next((client for client in self._clients if client.session == session), None)

    def message(self) -> list[Message]:
        """Write who they are."""
        return [
            {"client_id": client.id, "name": client.name, "kind": client.kind}
            for client in self._clients
        ]

    def executor(self, client: Client) -> Client:
        """Return who executes the cells of a client's run."""
        if client.kind != "server":
            return client
        return next((other for other in self._clients if other.kind == "frontend"), client)

    def applies(self, client: Client, origin: Client | None) -> bool:
        """Tell whether a client is to apply what another has done to its own document.

        Of the clients that share one, the first is, unless the other shares it too.
        """
        if not client.shared:
            return True
        if origin is not None and origin.shared:
            return False
        return client is next(other for other in self._clients if other.shared)

    def broadcast(self, event: Message) -> None:
        """Send an event to every client."""
        for client in self._clients:
            client.send(event)
