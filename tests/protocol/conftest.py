"""One kernel for the whole folder; each test opens a notebook of its own on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from .player import Cell, Connection, Kernel, Player

Open = Callable[..., Player]


class SharedKernel:
    """A running kernel with connections that the tests use in turn."""

    def __init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        self.kernel = Kernel()
        self.free: list[Connection] = []

    def lend(self) -> Connection:
        return self.free.pop() if self.free else self.kernel.connect()

    def take_back(self) -> None:
        self.free = list(self.kernel.connections)
        for connection in self.free:
            connection.catch_up()


@pytest.fixture(scope="package")
def shared() -> Iterator[SharedKernel]:
    shared = SharedKernel()
    yield shared
    shared.kernel.close()


@pytest.fixture
def kernel(shared: SharedKernel) -> Kernel:
    """The kernel process of the test."""
    return shared.kernel


@pytest.fixture
def connect(shared: SharedKernel) -> Iterator[Callable[[], Connection]]:
    """Get connections to the kernel, each with a session of its own."""
    yield shared.lend
    shared.take_back()


@pytest.fixture
def play(
    shared: SharedKernel, connect: Callable[[], Connection], request: pytest.FixtureRequest
) -> Iterator[Open]:
    """Open players, by default each on a connection of its own; a string stands for a code cell.

    In the end what the events told each player must add up to what the kernel says when asked.
    """
    players: list[Player] = []
    failed = request.session.testsfailed

    def play(*cells: str | Cell, connection: Connection | None = None, **fields: Any) -> Player:
        own = [cell if isinstance(cell, Cell) else Cell(cell) for cell in cells]
        if not any(player.open for player in players):
            fields.setdefault("mode", "auto")
        player = Player(connection or connect(), own, **fields)
        players.append(player)
        return player

    yield play
    in_order = False
    try:
        if request.session.testsfailed == failed:
            open_players = [player for player in players if player.open]
            for player in open_players:
                assert player.disagreements() == {}
            for player in open_players:
                player.close()
            in_order = True
    finally:
        if not in_order:
            shared.kernel.close()
            shared.restart()
