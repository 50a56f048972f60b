"""Plays a notebook in process: the core with plain ``exec`` as executor, and Run All as judge."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterable, Iterator
from typing import Any, Literal

from reactive_kernel.document import (
    Cell,
    CreateCell,
    DeleteCell,
    MoveCell,
    Operation,
    UpdateCell,
)
from reactive_kernel.namespace import Namespace
from reactive_kernel.notebook import ReactiveNotebook
from reactive_kernel.plan import Run, Scope
from reactive_kernel.sql.databases import Databases


def run_source(
    source: str, namespace: dict[str, Any], databases: Databases | None = None
) -> tuple[str, str | None]:
    """Run code; return what it printed and the type of its error."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        try:
            if source.startswith(("%%sql", "%reactive")):
                assert databases is not None
                run_sql(source, databases)
            else:
                exec(compile(source, "cell", "exec"), namespace)
        except Exception as error:
            return printed.getvalue(), type(error).__name__
    return printed.getvalue(), None


def run_sql(source: str, databases: Databases) -> None:
    """Run a SQL cell, or a command about connections, and print what it shows."""
    match source.split():
        case ["%reactive", "connect", name, url]:
            print(databases.connections.connect(name, url))
            return
        case ["%reactive", "disconnect", name]:
            print(databases.connections.disconnect(name))
            return
    line, _, body = source.partition("\n")
    frame: Any = databases.run(line.removeprefix("%%sql"), body).frame
    if frame is not None:
        print(frame.to_string(index=False))


class Book:
    """A notebook, its names and its outputs."""

    def __init__(self, notebook: ReactiveNotebook, user_ns: dict[str, Any]) -> None:
        self.notebook = notebook
        self.user_ns = user_ns
        self.outputs: dict[str, tuple[str, str | None]] = {}
        self.databases = Databases(user_ns)
        self._ids = 0

    @property
    def ids(self) -> list[str]:
        return [cell.id for cell in self.notebook.document]

    def create(self, source: str, index: int | None = None, cell_id: str | None = None) -> str:
        if cell_id is None:
            cell_id = f"c{self._ids}"
            self._ids += 1
        self.apply(CreateCell(Cell(cell_id, "code", source), index))
        return cell_id

    def console(self) -> contextlib.AbstractContextManager[None]:
        """Have what is run meanwhile see the names as Run All would leave them."""
        raise NotImplementedError

    def update(self, cell_id: str, source: str) -> None:
        self.apply(UpdateCell(cell_id, source=source))

    def delete(self, cell_id: str) -> None:
        self.apply(DeleteCell(cell_id))

    def move(self, cell_id: str, index: int) -> None:
        self.apply(MoveCell(cell_id, index))

    def apply(self, *operations: Operation) -> list[Operation]:
        return self.notebook.apply(operations)

    def evaluate(self, cell_id: str) -> tuple[str, str | None]:
        return run_source(self.source(cell_id), self.user_ns, self.databases)

    def source(self, cell_id: str) -> str:
        return self.notebook.document[cell_id].source

    def state(self, cell_id: str) -> str:
        return self.notebook.status(cell_id).state

    def states(self) -> list[str]:
        return [self.state(cell_id) for cell_id in self.ids]


class Player(Book):
    """A notebook whose runs are carried out one cell after the other."""

    def __init__(self, *sources: str) -> None:
        user_ns: dict[str, Any] = {"__name__": "__main__"}
        super().__init__(ReactiveNotebook(user_ns), user_ns)
        outside = dict(self.user_ns)
        self.namespace = Namespace(self.user_ns, self.notebook, outside, self.databases)
        self.runs = 0
        for source in sources:
            self.create(source)

    def run(
        self, cells: Iterable[str] | Literal["all", "stale"] = "all", scope: Scope = "reactive"
    ) -> Run:
        """Run as a client and a kernel would together, one cell after the other."""
        self.runs += 1
        run = self.begin(cells, scope)
        while run.todo or self.notebook.complete(run):
            known = set(run.todo)
            for cell_id in self.notebook.plan(run):
                verdict = self.notebook.verdict(run, cell_id)
                if verdict == "run":
                    self.execute(cell_id, run)
                    break
                if verdict != "wait":
                    break
            else:
                assert set(run.todo) != known, f"nothing to do in {known}"
        self.notebook.end_run(run)
        self.namespace.rest()
        return run

    def begin(self, cells: Iterable[str] | Literal["all", "stale"], scope: Scope) -> Run:
        return self.notebook.begin_run(f"r{self.runs}", cells, scope)

    def execute(self, cell_id: str, run: Run | None = None) -> None:
        source = self.notebook.document[cell_id].source
        why = "asked" if run is None else run.why_now(cell_id)
        visit = self.namespace.enter(cell_id, source, why)
        self.outputs[cell_id] = self.evaluate(cell_id)
        outcome = "failed" if self.outputs[cell_id][1] else "clean"
        trace = self.namespace.leave(visit, outcome)
        self.notebook.finished(cell_id, trace, None, run)

    @contextlib.contextmanager
    def console(self) -> Iterator[None]:
        before = self.namespace.before_console()
        yield
        self.namespace.after_console(before)

    def printed(self, cell_id: str) -> str:
        return self.outputs[cell_id][0]

    def run_all(self) -> dict[str, tuple[str, str | None]]:
        """Return what Run All shows, without the cells that are failed or blocked."""
        namespace: dict[str, Any] = {"__name__": "__main__"}
        databases = Databases(namespace)
        return {
            cell.id: run_source(cell.source, namespace, databases)
            for cell in self.notebook.document
            if self.state(cell.id) not in ("failed", "blocked")
        }

    def check_promise(self) -> None:
        """Check that each cell that is not marked shows what Run All shows."""
        expected = self.run_all()
        shown = {i: self.outputs[i] for i in self.ids if self.state(i) == "fresh"}
        assert shown == {i: expected[i] for i in shown}
