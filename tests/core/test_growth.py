"""The work of one change does not grow with the cells that it does not touch.

Work is counted in calls of functions, which no other process disturbs.
"""

from __future__ import annotations

import gc
import json
import sys
from typing import TYPE_CHECKING, Any

import pytest

from reactive_kernel.session import Execution, Request, Session

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SMALL, LARGE = 1_000, 8_000

SLACK = 1.1


class Counted:
    """A session with a chain of cells, and how much work each thing is."""

    def __init__(self, size: int) -> None:
        self.cells = [{"id": "c0", "cell_type": "code", "source": "x0 = 0"}]
        self.cells += [
            {"id": f"c{i}", "cell_type": "code", "source": f"x{i} = x{i - 1} + 1"}
            for i in range(1, size)
        ]
        self.heard: list[Any] = []
        self.user_ns: dict[str, Any] = {}
        self.session = Session(self.user_ns, {}, "auto", 0, 0.05, lambda: None, lambda tell: tell())
        data = {
            "protocol": 1,
            "client": {"name": "test", "version": "1", "kind": "frontend"},
            "path": "notebook.ipynb",
            "cells": self.cells,
            "mode": "auto",
            "shared": False,
            "session": None,
            "revision": None,
        }
        opened: list[Any] = []
        self.opening = calls(lambda: opened.append(self.session.open(data, "s", self.heard.append)))
        self.client = opened[0]
        self.middle = size // 2

    def ask(self, **data: Any) -> tuple[int, int]:
        """Return the calls that a request takes, and the bytes that are sent for it."""
        self.heard.clear()
        request = {"request": 1, **data}
        count = calls(lambda: self.session.receive(self.client, request))
        assert any(message.get("status") == "ok" for message in self.heard)
        return count, sum(len(json.dumps(message)) for message in self.heard)

    def edit(self, **operation: Any) -> tuple[int, int]:
        return self.ask(type="edit", ops=[operation])

    def execute(self, place: int) -> int:
        """Return the calls that it takes beside the cell's own to execute it."""
        cell = self.cells[place]
        request = Request("s", f"m{place}", cell["id"], cell["source"])

        def begin() -> None:
            begun = self.session.begin(request)
            assert isinstance(begun, Execution)
            self.session.enter(begun)
            executions.append(begun)

        executions: list[Execution] = []
        count = calls(begin)
        exec(cell["source"], self.user_ns)
        return count + calls(lambda: self.session.leave(executions[0], "clean", place))


def calls(action: Callable[[], object]) -> int:
    """Count the calls of functions, in Python or not, while something is done."""
    count = 0

    def note(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        action()
    finally:
        sys.setprofile(None)
    return count


@pytest.fixture(scope="module", autouse=True)
def no_garbage() -> Iterator[None]:
    """Have no garbage of other tests collected, which calls functions when it goes."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.fixture(scope="module")
def sizes() -> tuple[Counted, Counted]:
    return Counted(SMALL), Counted(LARGE)


def test_opening_is_linear(sizes: tuple[Counted, Counted]) -> None:
    small, large = sizes
    assert large.opening < SLACK * LARGE / SMALL * small.opening


def test_one_change_of_the_document(sizes: tuple[Counted, Counted]) -> None:
    def work(counted: Counted) -> dict[str, tuple[int, int]]:
        place = counted.middle
        cell = counted.cells[place]
        made = {"id": "made", "cell_type": "code", "source": f"x{place} = 7"}
        return {
            "edit": counted.edit(
                op="update_cell", cell_id=cell["id"], source=cell["source"] + " + y"
            ),
            "create": counted.edit(op="create_cell", cell=made, index=place + 1),
            "move": counted.edit(op="move_cell", cell_id="made", index=place - 1),
            "delete": counted.edit(op="delete_cell", cell_id="made"),
        }

    small, large = map(work, sizes)
    for what, (count, sent) in large.items():
        assert count <= SLACK * small[what][0], what
        assert sent <= SLACK * small[what][1] + 20, what
        assert sent < 2_000, what


def test_one_execution(sizes: tuple[Counted, Counted]) -> None:
    for counted in sizes:
        counted.execute(0)
    small, large = (counted.execute(1) for counted in sizes)
    assert large <= SLACK * small


def test_a_cascade_is_linear() -> None:
    def work(size: int) -> int:
        counted = Counted(size)
        count, _ = counted.ask(type="run", cells="all")
        return count + sum(counted.execute(place) for place in range(size))

    small, large = work(200), work(1_600)
    assert large < SLACK * 8 * small
