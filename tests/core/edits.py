"""Edits of a notebook by the places of its cells, and what is to be after each."""

from __future__ import annotations

from collections.abc import Callable

from .player import Player

Steps = list[Callable[[Player], object]]


def create(source: str, index: int) -> Callable[[Player], object]:
    return lambda player: player.create(source, index)


def update(index: int, source: str) -> Callable[[Player], object]:
    return lambda player: player.update(player.ids[index], source)


def delete(index: int) -> Callable[[Player], object]:
    return lambda player: player.delete(player.ids[index])


def move(index: int, to: int) -> Callable[[Player], object]:
    return lambda player: player.move(player.ids[index], to)


def run(index: int) -> Callable[[Player], object]:
    return lambda player: player.run([player.ids[index]])


def check_each_step(sources: list[str], steps: Steps) -> None:
    """Play a notebook, and hold it to Run All at first and after each step."""
    player = Player(*sources)
    player.run("all")
    player.check_promise()
    for step in steps:
        step(player)
        player.run("stale")
        player.check_promise()
        assert set(player.states()) <= {"fresh", "failed", "blocked"}
