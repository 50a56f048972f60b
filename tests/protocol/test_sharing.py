"""Clients whose documents a collaboration layer keeps in step, and a notebook's new name."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from .player import Kernel, Player, RefusedError

if TYPE_CHECKING:
    from .conftest import Open


def told_to_apply(player: Player) -> list[bool]:
    assert player.in_step()
    return [event["apply"] for event in player.heard("edited")]


def test_each_client_with_a_document_of_its_own_applies_an_edit(play: Open) -> None:
    one, two, three = play("x = 1"), play(), play()
    two.update(two.cells[0], "x = 2")
    assert told_to_apply(one) == told_to_apply(three) == [True]


def test_one_of_the_clients_that_share_a_document_applies_an_edit(play: Open) -> None:
    first, second, alone = play("x = 1", shared=True), play(shared=True), play()
    alone.update(alone.cells[0], "x = 2")
    assert told_to_apply(first) == [True]
    assert told_to_apply(second) == [False]
    first.close()
    alone.update(alone.cells[0], "x = 3")
    assert told_to_apply(second) == [False, True]


def test_an_edit_of_a_shared_document_has_been_applied(play: Open) -> None:
    first, second, alone = play("x = 1", shared=True), play(shared=True), play()
    second.update(second.cells[0], "x = 2")
    assert told_to_apply(first) == [False]
    assert told_to_apply(alone) == [True]


def test_which_client_applies_the_cells_that_it_is_welcomed_with(play: Open) -> None:
    assert play("x = 1").welcome["apply"] is False
    assert play().welcome["apply"] is True
    assert play(shared=True).welcome["apply"] is True
    assert play(shared=True).welcome["apply"] is False


def test_rename(play: Open) -> None:
    first = play("x = 1")
    first.request("rename", path="other.ipynb")
    second = play(path="other.ipynb")
    assert [cell.source for cell in second.cells] == ["x = 1"]
    with pytest.raises(RefusedError):
        play(path="notebook.ipynb")


def test_a_client_that_comes_back_may_not_have_heard_of_the_new_name(play: Open) -> None:
    stays, leaves = play("x = 1"), play()
    leaves.close()
    stays.request("rename", path="other.ipynb")
    last = {"session": leaves.welcome["session"], "revision": leaves.revision}
    back = play(*leaves.cells, path="notebook.ipynb", **last)
    assert back.in_step()


def test_two_clients_that_open_at_once_have_one_notebook() -> None:
    kernel = Kernel()
    try:
        connections = [kernel.connect(), kernel.connect()]
        subshells = [connection.start_subshell() for connection in connections]
        with ThreadPoolExecutor(2) as pool:
            opened = pool.map(
                lambda connection, subshell: Player(connection, subshell=subshell),
                connections,
                subshells,
            )
            one, two = opened
        assert one.welcome["session"] == two.welcome["session"]
    finally:
        kernel.close()
