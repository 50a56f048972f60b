"""A kernel that is told to end does so by itself: it need not be killed after a while."""

from __future__ import annotations

import pytest
from protocol.player import Cell, Kernel, Player


@pytest.mark.parametrize("subshell", [False, True])
def test_a_kernel_with_a_client_ends_when_it_is_told_to(*, subshell: bool) -> None:
    kernel = Kernel()
    try:
        connection = kernel.connect()
        shell = connection.start_subshell() if subshell else None
        page = Player(connection, [Cell("x = 1")], subshell=shell)
        page.run("all")
        kernel.manager.request_shutdown()
        assert kernel.manager.provisioner.process.wait(30) == 0
    finally:
        kernel.close()
