"""Finds out whose connection to the kernel is gone: a page that crashed closes no comm.

The shell channel is a ROUTER socket, which knows its peers by identity. When some connection ends,
each identity is tried with a message, since only sending tells whether there still is somebody.
The message is a reply that nobody waits for, which clients pass over.
"""

from __future__ import annotations

import atexit
import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any, Final

import zmq
from zmq.eventloop.zmqstream import ZMQStream

_GRACE: Final = 0.5
"""Seconds in which whoever lost the connection may have it again."""

Identity = tuple[bytes, ...]


class Connections:
    """The connections to a kernel's shell channel.

    Everything but `watch` happens in the thread that the socket belongs to.

    Parameters
    ----------
    kernel : IPythonKernel
        The kernel.
    """

    def __init__(self, kernel: Any) -> None:
        self._kernel = kernel
        self._watched: defaultdict[Identity, list[Callable[[], None]]] = defaultdict(list)
        self._monitor: ZMQStream | None = None

    def watch(self, identity: Sequence[bytes], gone: Callable[[], None]) -> None:
        """Call a function once when a connection is gone, if that can be heard of.

        Parameters
        ----------
        identity : sequence of bytes
            That of the messages that come over the connection.
        gone : callable
            Called in the thread of the shell channel.
        """
        if self._kernel.shell_stream is not None:
            self._stream.io_loop.add_callback(self._watch, tuple(identity), gone)

    @property
    def _stream(self) -> Any:
        return self._kernel.shell_stream

    def _watch(self, identity: Identity, gone: Callable[[], None]) -> None:
        self._watched[identity].append(gone)
        if self._monitor is None:
            socket = self._stream.socket.get_monitor_socket(zmq.EVENT_DISCONNECTED)
            self._monitor = ZMQStream(socket, self._stream.io_loop)
            self._monitor.on_recv(self._disconnected)
            # The kernel's own end waits until every socket is closed.
            atexit.register(self._close)

    def _disconnected(self, _event: list[bytes]) -> None:
        self._stream.io_loop.call_later(_GRACE, self._look)

    def _look(self) -> None:
        for identity in list(self._watched):
            if not self._is_there(identity):
                for gone in self._watched.pop(identity):
                    gone()

    def _is_there(self, identity: Identity) -> bool:
        wire = self._kernel.session
        message = wire.msg("comm_info_reply", {"status": "ok", "comms": {}})
        frames = wire.serialize(message, ident=list(identity))
        socket = self._stream.socket
        socket.router_mandatory = True
        try:
            socket.send_multipart(frames, flags=zmq.DONTWAIT)
        except zmq.Again:
            return True
        except zmq.ZMQError as error:
            if error.errno != zmq.EHOSTUNREACH:
                raise
            return False
        finally:
            socket.router_mandatory = False
            # What came in meanwhile would else not be seen until more comes.
            self._stream.flush()
        return True

    def _close(self) -> None:
        closed = threading.Event()

        def close() -> None:
            if self._monitor is not None and not closed.is_set():
                if not self._stream.closed():
                    self._stream.socket.disable_monitor()
                # Not the stream, whose loop may be closed.
                self._monitor.socket.close(linger=0)
            closed.set()

        if self._stream.io_loop.asyncio_loop.is_running():
            self._stream.io_loop.add_callback(close)
            closed.wait(timeout=1)
        # A kernel that was told to end has ended its loops: nobody else uses the sockets then.
        close()
