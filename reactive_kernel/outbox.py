"""Sends clients their messages, together with what the kernel itself publishes.

To publish is to wake a thread (`ipykernel.iostream.IOPubThread`), for which the one that executes
cells then waits longer than packing a message takes. Whatever a request to execute leads to is
followed by something of the kernel's own, such as its being idle: that wakes the thread. What a
client's message leads to may not be: ipykernel publishes nothing of one that comes while a cell of
the same shell awaits something.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

from jupyter_client.session import DELIM, extract_header

if TYPE_CHECKING:
    from .protocol import Message

_log = logging.getLogger(__name__)

_WHILE: Final = 0.05
"""How long what happens is gathered, in seconds."""

_PATIENCE: Final = 0.1
"""How long to wait until the thread has sent something, in seconds."""


class Outbox:
    """Messages to the clients of a kernel.

    Parameters
    ----------
    kernel : IPythonKernel
        The kernel.
    """

    def __init__(self, kernel: Any) -> None:
        self._kernel = kernel
        self._messages: list[tuple[Any, Message]] = []
        self._waiting = ThreadPoolExecutor(1, "reactive_kernel")

    def add(self, comm: Any, message: Message) -> None:
        """Take in a message that is to go out over a comm."""
        self._messages.append((comm, message))

    def wake(self) -> None:
        """Have what was flushed sent soon, where the kernel itself may have nothing to publish."""
        self._kernel.iopub_thread.schedule(lambda: None)

    def send_now(self) -> None:
        """Have what was flushed sent, and wait for that."""
        sent = threading.Lock()
        sent.acquire()
        self._kernel.iopub_thread.schedule(sent.release)
        sent.acquire(timeout=_PATIENCE)

    def later(self, tell: Callable[[], None]) -> None:
        """Call a function in a little while, in another thread, and have sent what it flushes."""
        self._waiting.submit(self._tell, tell)

    def _tell(self, tell: Callable[[], None]) -> None:
        time.sleep(_WHILE)
        try:
            tell()
        except Exception:
            _log.exception("could not tell the clients what has changed")
        self.wake()

    def flush(self) -> None:
        """Have what was taken in sent, in that order, before what the kernel publishes next."""
        if not self._messages:
            return
        messages, self._messages = self._messages, []
        wire, thread = self._kernel.session, self._kernel.iopub_thread
        cause = extract_header(self._kernel.get_parent())
        headed = [(wire.msg_header("comm_msg"), comm, message) for comm, message in messages]

        def send() -> None:
            parent = wire.pack(cause)
            for header, comm, message in headed:
                content = wire.pack({"comm_id": comm.comm_id, "data": message})
                parts = [wire.pack(header), parent, b"{}", content]
                thread.socket.send_multipart([comm.topic, DELIM, wire.sign(parts), *parts])

        thread._events.append(send)
