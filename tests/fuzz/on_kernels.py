"""The same stories on a real kernel, with a plain kernel as judge."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any, Literal

from jupyter_client.manager import KernelManager
from protocol.player import PATIENCE, Cell, Connection, Kernel, Player, outputs_of
from protocol.sockets import socket_files

from .steps import Create, Run, Step, as_code, can_apply

Shown = list[tuple[str, ...]]


class Page:
    """A notebook on the reactive kernel, to which steps can be applied."""

    def __init__(self, connection: Connection, cells: Iterable[Cell]) -> None:
        self.client = Player(connection, list(cells))
        self.deleted: dict[str, Cell] = {}

    @property
    def ids(self) -> list[str]:
        return [cell.id for cell in self.client.cells]

    def create(self, source: str, index: int, cell_id: str) -> None:
        # One that comes back has its outputs, as where a deletion is undone.
        cell = self.deleted.pop(cell_id, Cell("", cell_id))
        cell.source = source
        self.client.create(cell, index)

    def update(self, cell_id: str, source: str) -> None:
        self.client.update(self.client[cell_id], source)

    def delete(self, cell_id: str) -> None:
        self.deleted[cell_id] = self.client[cell_id]
        self.client.delete(self.client[cell_id])

    def move(self, cell_id: str, index: int) -> None:
        self.client.move(self.client[cell_id], index)

    def run(self, cells: list[str] | Literal["all", "stale"]) -> None:
        what = cells if isinstance(cells, str) else [self.client[cell_id] for cell_id in cells]
        self.client.run(what)


class Judge:
    """A plain kernel that runs notebooks from the top."""

    def __init__(self) -> None:
        self.manager = KernelManager(kernel_name="python3", **socket_files())
        self.manager.start_kernel()
        self.connection = Connection(self.manager)

    def close(self) -> None:
        self.connection.close()
        self.manager.shutdown_kernel(now=True)

    def show(self, source: str) -> Shown:
        """Run code and return its outputs."""
        msg_id = self.connection.execute(source)
        messages: list[dict[str, Any]] = []
        while True:
            message = self.connection.client.get_iopub_msg(timeout=PATIENCE)
            if message["parent_header"].get("msg_id") == msg_id:
                if message["content"].get("execution_state") == "idle":
                    # Replies that nobody takes would fill the kernel's queue in the end.
                    self.connection.client.get_shell_msg(timeout=PATIENCE)
                    return joined(outputs_of(messages))
                messages.append(message)


def joined(outputs: Shown) -> Shown:
    """Put together what was printed, however it was cut; leave out warnings, which tell places."""
    shown: Shown = []
    for output in outputs:
        if shown and output[0] == shown[-1][0] == "stdout":
            shown[-1] = ("stdout", shown[-1][1] + output[1])
        elif output[0] != "stderr":
            shown.append(output)
    return shown


class Kernels:
    """A reactive kernel and its judge; each story is a notebook of its own."""

    def __init__(self) -> None:
        self.kernel = Kernel()
        self.judge = Judge()

    def close(self) -> None:
        self.kernel.close()
        self.judge.close()

    def tell(self, steps: list[Step]) -> str:
        """Play a story; return the code that shows what failed, or nothing."""
        first = list(itertools.takewhile(lambda step: isinstance(step, Create), steps))
        page = Page(
            self.kernel.connect(),
            [Cell(step.source, step.cell) for step in first if isinstance(step, Create)],
        )
        done = first
        try:
            for step in steps[len(first) :]:
                if can_apply(step, page.ids):
                    done.append(step)
                    step.apply(page)
                    if isinstance(step, Run) and isinstance(step.cells, str):
                        self.check(page)
        except Exception as error:
            return f"{as_code(done)}\n# {type(error).__name__}: {error}"
        finally:
            page.client.close()
            self.kernel.connections.remove(page.client.connection)
            page.client.connection.close()
        return ""

    def check(self, page: Page) -> None:
        """Hold outputs to Run All on the judge."""
        self.judge.show("%reset -f")
        for cell in page.client.cells:
            state = page.client.state(cell)
            assert state in ("fresh", "idle", "failed", "blocked"), f"{cell.id} is {state}"
            if state == "fresh":
                expected, shown = self.judge.show(cell.source), joined(cell.outputs)
                assert shown == expected, f"{cell.id} shows {shown}, Run All {expected}"
        assert page.client.disagreements() == {}
