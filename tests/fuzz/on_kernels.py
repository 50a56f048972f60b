"""The same stories on a real kernel, with a plain kernel as judge."""

from __future__ import annotations

from random import Random
from typing import Any, Literal

from jupyter_client.manager import KernelManager
from protocol.player import PATIENCE, Cell, Connection, Kernel, Player, outputs_of

from .stories import Story

Shown = list[tuple[str, ...]]


class Page:
    """A notebook on the reactive kernel, driven as the stories drive theirs."""

    def __init__(self, connection: Connection, sources: list[str]) -> None:
        self.client = Player(connection, [Cell(source) for source in sources])

    @property
    def ids(self) -> list[str]:
        return [cell.id for cell in self.client.cells]

    def create(self, source: str, index: int, cell_id: str | None = None) -> None:
        self.client.create(Cell(source, cell_id) if cell_id else source, index)

    def update(self, cell_id: str, source: str) -> None:
        self.client.update(self.client[cell_id], source)

    def delete(self, cell_id: str) -> None:
        self.client.delete(self.client[cell_id])

    def move(self, cell_id: str, index: int) -> None:
        self.client.move(self.client[cell_id], index)

    def run(self, cells: list[str] | Literal["all", "stale"]) -> None:
        what = cells if isinstance(cells, str) else [self.client[cell_id] for cell_id in cells]
        self.client.run(what)

    def source(self, cell_id: str) -> str:
        return self.client[cell_id].source

    def state(self, cell_id: str) -> str:
        return self.client.state(self.client[cell_id])

    def states(self) -> list[str]:
        return [self.client.state(cell) for cell in self.client.cells]


class Judge:
    """A plain kernel that runs notebooks from the top."""

    def __init__(self) -> None:
        self.manager = KernelManager(kernel_name="python3")
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
                    return joined(outputs_of(messages))
                messages.append(message)


def joined(outputs: Shown) -> Shown:
    """Put together what was printed, however it was cut."""
    shown: Shown = []
    for output in outputs:
        if shown and output[0] == shown[-1][0] == "stdout":
            shown[-1] = ("stdout", shown[-1][1] + output[1])
        else:
            shown.append(output)
    return shown


class KernelStory(Story):
    """A story on a real kernel."""

    def __init__(self, random: Random, kernel: Kernel, judge: Judge) -> None:
        self.kernel = kernel
        self.judge = judge
        super().__init__(random)

    def play(self, sources: list[str]) -> Page:
        """Open the notebook, alone."""
        for connection in self.kernel.connections:
            connection.close()
        self.kernel.connections.clear()
        return Page(self.kernel.connect(), sources)

    def check(self) -> None:
        """Hold outputs to Run All on the judge."""
        self.log.append("check")
        page: Page = self.player
        self.judge.show("%reset -f")
        for index, cell in enumerate(page.client.cells):
            state = page.state(cell.id)
            if state in ("failed", "blocked"):
                continue
            expected = self.judge.show(cell.source)
            if state == "fresh":
                shown = joined(cell.outputs)
                assert shown == expected, f"cell {index} shows {shown}, Run All {expected}"
        assert set(page.states()) <= {"fresh", "failed", "blocked"}, str(page.states())
        assert page.client.disagreements() == {}

    def end(self) -> None:
        """Close the notebook."""
        self.player.client.close()
