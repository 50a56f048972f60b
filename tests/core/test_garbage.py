"""The garbage collector pauses while many cells are taken in, and is the user's otherwise."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from typing import Any

import pytest

from reactive_kernel.session import Execution, Request

from .session_player import OPENING, SessionPlayer

MANY = [
    {"id": f"c{i}", "cell_type": "code", "source": f"x{i} = {i}", "tags": []} for i in range(1000)
]


@pytest.fixture
def player() -> Iterator[SessionPlayer]:
    yield SessionPlayer()
    gc.enable()


@pytest.fixture
def passes() -> Iterator[list[str]]:
    """The collector's passes from now on."""
    begun: list[str] = []

    def count(phase: str, info: dict[str, int]) -> None:
        begun.extend([phase] * (phase == "start"))

    gc.collect()
    gc.callbacks.append(count)
    yield begun
    gc.callbacks.remove(count)


def opened(player: SessionPlayer) -> list[bool]:
    """Have another client open the notebook; return whether the collector was on meanwhile."""
    was_on: list[bool] = []
    player.session.open(OPENING, "another", lambda _: was_on.append(gc.isenabled()))
    return was_on


def test_a_thousand_cells_are_taken_in_without_passes(
    player: SessionPlayer, passes: list[str]
) -> None:
    player.session.receive(player.client, {"type": "replace", "request": 1, "cells": MANY})
    # One may come as soon as all is done.
    assert len(passes) <= 1
    assert len(player.ids) == len(MANY)
    assert gc.isenabled()


def test_a_message_that_cannot_be_answered_leaves_it_on(player: SessionPlayer) -> None:
    with pytest.raises(AssertionError, match="bad_message"):
        player.session.receive(player.client, {"type": "edit", "request": 1, "ops": 7})
    assert gc.isenabled()


def test_who_turns_it_off_finds_it_off(player: SessionPlayer) -> None:
    gc.disable()
    assert opened(player) == [False]
    assert not gc.isenabled()


def test_it_is_left_alone_while_a_cell_executes(player: SessionPlayer) -> None:
    assert opened(player) == [False]
    player.create("x = 1", 0, "a")
    execution: Any = player.session.begin(Request("player", "m", "a", "x = 1"))
    assert isinstance(execution, Execution)
    assert opened(player) == [True]
