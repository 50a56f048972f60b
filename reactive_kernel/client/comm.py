"""The client's end of the comm with the kernel."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
import uuid
from queue import Empty
from typing import TYPE_CHECKING, Any, Literal

import zmq
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
        The client whose shell and control channels the messages take: the kernel knows by its
        session that the execute requests and the comm belong together.
    name : str
        What the client calls itself.
    kind : {"headless", "server"}
        What it is.
    """

    def __init__(
        self,
        manager: KernelManager,
        client: KernelClient,
        *,
        name: str = "jupyter-reactive",
        kind: Literal["headless", "server"] = "headless",
    ):
        self._manager = manager
        self._life = manager.ready
        self._client = client
        self._info = {"name": name, "version": __version__, "kind": kind}
        self._listener = manager.client(session=client.session.clone())
        self._subshell: str | None = None
        self._comm_id = uuid.uuid4().hex
        self._numbers = itertools.count(1)
        self._replies: dict[int, asyncio.Future[Message]] = {}
        self._events: asyncio.Queue[Message | None] = asyncio.Queue()
        self._reading: asyncio.Task[None] | None = None

    async def listen(self, patience: float) -> None:
        """Start to listen, and return once messages do arrive.

        Parameters
        ----------
        patience : float
            Seconds to wait for the first message.

        Raises
        ------
        DeadKernelError
            If the kernel dies meanwhile, or says nothing.
        """
        self._listener.start_channels(shell=False, stdin=False, hb=False, control=False)
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            # On the control channel it is answered while a cell runs, too.
            self._send_control("kernel_info_request")
            if await self._message_within(0.2) is not None:
                return
        raise DeadKernelError(f"The kernel published nothing within {patience:g} seconds.")

    async def use_subshell(self) -> None:
        """Have the comm handled while cells run, if the kernel can do so."""
        info = await self._control_reply(self._send_control("kernel_info_request"))
        if "kernel subshells" in info.get("supported_features", ()):
            reply = await self._control_reply(self._send_control("create_subshell_request"))
            self._subshell = reply["subshell_id"]

    async def open(self, path: str, cells: list[Message], mode: str | None = None) -> Message:
        """Open the comm and return the kernel's welcome.

        Parameters
        ----------
        path : str
            The notebook's path.
        cells : list of dict
            Its cells, as the protocol writes them.
        mode : str, optional
            The notebook's own mode.

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
            "client": self._info,
            "path": path,
            "cells": cells,
            "mode": mode,
            "shared": False,
            "session": None,
            "revision": None,
            # Whoever shows the progress of a run wants to hear of each cell as it begins.
            "batches": self._info["kind"] == "headless",
        }
        self._listener.iopub_channel.socket.subscribe(self._topic)
        opening = self._send("comm_open", target_name=TARGET_NAME, data=data)
        while True:
            message = await self._next_message()
            kind, content = message["msg_type"], message["content"]
            if kind == "comm_msg" and content["comm_id"] == self._comm_id:
                welcome: Message = content["data"]
                if welcome["type"] == "refused":
                    raise RefusedError(**welcome["error"])
                if self._subshell is None:
                    self._heed_comm_only()
                self._reading = asyncio.create_task(self._read())
                return welcome
            closed = kind == "comm_close" and content["comm_id"] == self._comm_id
            if closed or _ends(message, opening):
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
        DeadKernelError
            If the kernel ends before it replies.
        """
        assert self._reading is not None
        number = next(self._numbers)
        reply: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._replies[number] = reply
        self._send("comm_msg", data={"type": kind, "request": number, **fields})
        try:
            await asyncio.wait((reply, self._reading), return_when=asyncio.FIRST_COMPLETED)
        finally:
            del self._replies[number]
        if not reply.done():
            self._reading.result()
        data = reply.result()
        if data["status"] != "ok":
            raise RefusedError(**data["error"])
        return data

    async def event(self) -> Message:
        """Return the next event.

        Returns
        -------
        dict
            The event.

        Raises
        ------
        DeadKernelError
            If the kernel ends before it sends one.
        """
        assert self._reading is not None
        event = await self._events.get()
        if event is None:
            self._reading.result()
        assert event is not None
        return event

    def take_events(self) -> list[Message]:
        """Return the events that have come and that nobody has taken, without waiting.

        Returns
        -------
        list of dict
            The events, in order.
        """
        events: list[Message] = []
        while not self._events.empty():
            event = self._events.get_nowait()
            if event is None:
                self._events.put_nowait(None)
                break
            events.append(event)
        return events

    async def close(self) -> None:
        """Close the comm and stop listening."""
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)
        closing = self._send("comm_close", data={})
        if self._subshell is not None:
            # What is on its way to a subshell that is deleted gets lost.
            with contextlib.suppress(DeadKernelError):
                while not _ends(await self._next_message(), closing):
                    pass
            self._send_control("delete_subshell_request", subshell_id=self._subshell)
        self._listener.stop_channels()

    def _heed_comm_only(self) -> None:
        """Have the kernel send nothing here but what the comm does: no outputs of cells."""
        self._listener.iopub_channel.socket.unsubscribe(b"")

    @property
    def _topic(self) -> bytes:
        """The one that ipykernel gives the comm's messages."""
        return f"comm-{self._comm_id}".encode()

    async def _read(self) -> None:
        try:
            while True:
                data = await self._next_data()
                if data["type"] == "execute":
                    for cell_id in (data["cell_id"], *data.get("then", ())):
                        self._events.put_nowait({**data, "cell_id": cell_id})
                elif data["type"] != "reply":
                    self._events.put_nowait(data)
                elif data["request"] in self._replies:
                    self._replies[data["request"]].set_result(data)
        finally:
            self._events.put_nowait(None)

    def _send(self, msg_type: str, **content: Any) -> str:
        message = self._client.session.msg(msg_type, {"comm_id": self._comm_id, **content})
        if self._subshell is not None:
            message["header"]["subshell_id"] = self._subshell
        channel = self._client.shell_channel
        channel.send(message)
        # Whoever waits there for a reply would not hear of one that came just before the sending.
        channel.socket.get(zmq.EVENTS)
        msg_id: str = message["header"]["msg_id"]
        return msg_id

    def _send_control(self, msg_type: str, **content: Any) -> str:
        message = self._client.session.msg(msg_type, content)
        self._client.control_channel.send(message)
        msg_id: str = message["header"]["msg_id"]
        return msg_id

    async def _control_reply(self, msg_id: str) -> Message:
        while True:
            try:
                coming = self._client.get_control_msg(timeout=1)  # type: ignore[attr-defined]
                reply = await ensure_async(coming)
            except Empty:
                await self._check_alive()
                continue
            if reply["parent_header"].get("msg_id") == msg_id:
                content: Message = reply["content"]
                return content

    async def _next_data(self) -> Message:
        while True:
            message = await self._next_message()
            if message["content"].get("comm_id") != self._comm_id:
                continue
            if message["msg_type"] == "comm_msg":
                data: Message = message["content"]["data"]
                return data
            if message["msg_type"] == "comm_close":
                raise DeadKernelError("The kernel closed the comm.")

    async def _next_message(self) -> Message:
        message: Message | None = None
        while message is None:
            message = await self._message_within(1)
        return message

    async def _message_within(self, seconds: float) -> Message | None:
        message: Message | None = None
        try:
            message = await ensure_async(self._listener.get_iopub_msg(timeout=seconds))
        except Empty:
            await self._check_alive()
        if self._manager.ready is not self._life:
            raise DeadKernelError("The kernel was restarted or shut down.")
        return message

    async def _check_alive(self) -> None:
        if not await ensure_async(self._client.is_alive()):  # type: ignore[attr-defined]
            raise DeadKernelError("The kernel died.")


def _ends(message: Message, msg_id: str) -> bool:
    """Tell whether a message says that the kernel has handled another."""
    return bool(
        message["msg_type"] == "status"
        and message["content"]["execution_state"] == "idle"
        and message["parent_header"].get("msg_id") == msg_id
    )
