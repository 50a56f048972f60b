"""Messages between a page and its kernel, sent as they come."""

from __future__ import annotations

from typing import Any


def without_delay(connection: type[Any]) -> type[Any]:
    """Return a class of kernel connections whose small messages do not wait for one another.

    Nagle's algorithm (RFC 896) holds a small message back until the one before is acknowledged,
    which the other end puts off for up to 40 ms: a run in which each cell decides on the next one
    would wait that long for most of them.

    Parameters
    ----------
    connection : type
        The server's ``kernel_websocket_connection_class``.

    Returns
    -------
    type
        A subclass, so that its configuration holds.
    """

    class PromptConnection(connection):  # type: ignore[misc]
        def connect(self) -> Any:
            self.websocket_handler.set_nodelay(True)
            return super().connect()

    return PromptConnection
