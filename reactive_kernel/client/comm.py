"""The client's end of the comm with the kernel."""

from __future__ import annotations

import itertools
import uuid
from collections import deque
from queue import Empty
from typing import TYPE_CHECKING, Any

from jupyter_core.utils import ensure_async
from nbclient.exceptions import DeadKernelError

from reactive_kernel import __version__
from reactive_kernel.protocol import PROTOCOL_VERSION, TARGET_NAME, Message

from .exceptions import KernelNotReactiveError, RefusedError

if TYPE_CHECKING:
    from jupyter_client.client import KernelClient
    from jupyter_client.manager import KernelManager


class ReactiveComm:
    """One comm with the kernel: requests, their replies, and events.

    What the kernel sends is read from a socket of its own, since whoever waits for the outputs of a
    cell throws away every message that is not among them.

    Parameters
    ----------
    manager : KernelManager
        The manager of the running kernel.
    client : KernelClient
        The client whose shell channel the messages take: the kernel knows by its session that the
        execute requests and the comm belong together.
    """

    def __init__(self, manager: KernelManager, client: KernelClient):
        self._client = client
        self._listener = manager.client()
        self._comm_id = uuid.uuid4().hex
        self._numbers = itertools.count(1)
        self._events: deque[Message] = deque()

    async def listen(self, patience: float) -> None:
        """Start to listen, and return once messages do arrive.

        Parameters
        ----------
        patience : float
            Seconds to wait for the first message.
        """
        self._listener.start_channels(shell=False, stdin=False, hb=False, control=False)
        interval = 0.2
        for _ in range(max(1, round(patience / interval))):
            self._client.kernel_info()
            if await self._message_within(interval) is not None:
                return
        raise DeadKernelError(f"The kernel published nothing within {patience:g} seconds.")

    async def open(self, path: str, cells: list[Message]) -> Message:
        """Open the comm and return the kernel's welcome.

        Parameters
        ----------
        path : str
            The notebook's path.
        cells : list of dict
            Its cells, as the protocol writes them.

        Returns
        -------
        dict
            The message `welcome`.

        Raises
        ------
        KernelNotReactiveError
            If the kernel does not know the protocol.
        RefusedError
            If the kernel refuses the client.
        """
        data = {
            "protocol": PROTOCOL_VERSION,
            "client": {"name": "jupyter-reactive", "version": __version__, "kind": "headless"},
            "path": path,
            "cells": cells,
            "mode": None,
            "shared": False,
            "session": None,
            "revision": None,
        }
        opening = self._send("comm_open", target_name=TARGET_NAME, data=data)
        while True:
            message = await self._next_message()
            kind, content = message["msg_type"], message["content"]
            if kind == "comm_msg" and content["comm_id"] == self._comm_id:
                welcome: Message = content["data"]
                if welcome["type"] == "refused":
                    raise RefusedError(**welcome["error"])
                return welcome
            closed = kind == "comm_close" and content["comm_id"] == self._comm_id
            handled = kind == "status" and content["execution_state"] == "idle"
            if closed or (handled and message["parent_header"].get("msg_id") == opening):
                raise KernelNotReactiveError(
                    "The kernel does not speak the reactive protocol. "
                    "Choose the kernel 'reactive', or run the notebook with 'jupyter execute'."
                )

    async def request(self, kind: str, **fields: Any) -> Message:
        """Send a request and return the reply.

        Parameters
        ----------
        kind : str
            The type of the request.
        fields
            Its fields.

        Returns
        -------
        dict
            The reply.

        Raises
        ------
        RefusedError
            If the reply is an error.
        """
        number = next(self._numbers)
        self._send("comm_msg", data={"type": kind, "request": number, **fields})
        while True:
            data = await self._next_data()
            if data["type"] != "reply":
                self._events.append(data)
            elif data["request"] == number:
                if data["status"] != "ok":
                    raise RefusedError(**data["error"])
                return data

    async def event(self) -> Message:
        """Return the next event.

        Returns
        -------
        dict
            The event.
        """
        return self._events.popleft() if self._events else await self._next_data()

    def close(self) -> None:
        """Close the comm and stop listening."""
        self._send("comm_close", data={})
        self._listener.stop_channels()

    def _send(self, msg_type: str, **content: Any) -> str:
        message = self._client.session.msg(msg_type, {"comm_id": self._comm_id, **content})
        self._client.shell_channel.send(message)
        msg_id: str = message["header"]["msg_id"]
        return msg_id

    async def _next_data(self) -> Message:
        while True:
            message = await self._next_message()
            if message["content"].get("comm_id") != self._comm_id:
                continue
            if message["msg_type"] == "comm_msg":
                data: Message = message["content"]["data"]
                return data
            if message["msg_type"] == "comm_close":
                raise DeadKernelError("The kernel closed the comm while the notebook was run.")

    async def _next_message(self) -> Message:
        message: Message | None = None
        while message is None:
            message = await self._message_within(1)
        return message

    async def _message_within(self, seconds: float) -> Message | None:
        try:
            message: Message = await ensure_async(self._listener.get_iopub_msg(timeout=seconds))
        except Empty:
            if not await ensure_async(self._client.is_alive()):  # type: ignore[attr-defined]
                raise DeadKernelError("The kernel died while the notebook was run.") from None
            return None
        return message
