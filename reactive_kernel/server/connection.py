"""The server as a client of a kernel."""

from __future__ import annotations

import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from queue import Empty
from typing import TYPE_CHECKING, Final

from jupyter_core.utils import ensure_async
from nbclient.exceptions import DeadKernelError

from reactive_kernel.client.comm import ReactiveComm

if TYPE_CHECKING:
    from jupyter_client.client import KernelClient
    from jupyter_client.manager import KernelManager

PATIENCE: Final = 60.0
"""Seconds that a kernel may take to start, or to answer."""


@asynccontextmanager
async def connected(
    manager: KernelManager, *, executing: bool
) -> AsyncIterator[tuple[KernelClient, ReactiveComm]]:
    """Connect to a kernel, for as long as one request or one run takes.

    Between requests the server holds nothing, so a page that is opened is the first to tell the
    kernel what is in the notebook.

    Parameters
    ----------
    manager : KernelManager
        The manager of the running kernel.
    executing : bool
        Whether the client is to execute cells, and so to hear of their outputs.

    Yields
    ------
    KernelClient, ReactiveComm
        The client, under a session of its own, and a comm that is yet to be opened.

    Raises
    ------
    DeadKernelError
        If the kernel says nothing.
    """
    session = manager.session.clone()
    session.session = uuid.uuid4().hex
    client = manager.client(session=session)
    client.allow_stdin = False
    client.start_channels(iopub=executing, stdin=False, hb=False)
    comm = ReactiveComm(manager, client, name="jupyter_server", kind="server")
    try:
        await comm.listen(PATIENCE)
        if executing:
            await _hear(client)
        await comm.use_subshell()
        yield client, comm
    finally:
        await comm.close()
        client.stop_channels()


async def _hear(client: KernelClient) -> None:
    """Return once a client hears what the kernel publishes."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        client.control_channel.send(client.session.msg("kernel_info_request", {}))
        coming = client.get_iopub_msg(timeout=0.1)  # type: ignore[attr-defined]
        with suppress(Empty):
            await ensure_async(coming)
            return
    raise DeadKernelError("The kernel publishes nothing.")
