"""`ReactiveComm` beside others who use the same sockets."""

from __future__ import annotations

import asyncio
import select

from jupyter_client.manager import AsyncKernelManager
from protocol.player import PATIENCE
from protocol.sockets import socket_files

from reactive_kernel.client.comm import ReactiveComm


async def test_who_waits_for_a_reply_hears_of_one_that_came_just_before_a_request() -> None:
    manager = AsyncKernelManager(kernel_name="reactive", **socket_files())
    await manager.start_kernel()
    client = manager.client()
    client.start_channels()
    await client.wait_for_ready()
    comm = ReactiveComm(manager, client)
    await comm.listen(PATIENCE)
    await comm.use_subshell()
    await comm.open("notebook.ipynb", [])
    waiting = asyncio.create_task(client.shell_channel.get_msg())
    await asyncio.sleep(0)
    client.kernel_info()
    # Nobody but this has seen yet that the reply is there.
    select.select([client.shell_channel.socket.FD], [], [], PATIENCE)
    await comm.request("status")
    heard, _ = await asyncio.wait([waiting], timeout=PATIENCE)
    assert [reply.result()["msg_type"] for reply in heard] == ["kernel_info_reply"]
    await comm.close()
    client.stop_channels()
    await manager.shutdown_kernel(now=True)
