"""Two and three clients of one kernel, who do in any order whatever clients do.

At rest, all documents are the kernel's, every status is what the plain fold over the kernel's
document finds, and nothing that somebody has typed is missing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from protocol.player import Cell, Connection, Kernel, Message

from .member import Member

SOURCES = [
    "x = 1",
    "x = 2",
    "y = [x]",
    "y.append(x)",
    "print(x, y)",
    "z = y",
    "z.append(0)",
    "1 / 0",
    "del x",
    "x = (",
    "import random; r = random.random()",
    "def f(): return x",
    "print(f())",
    "",
]
GARBAGE: list[Any] = [
    None,
    [],
    "run",
    {"type": "edit"},
    {"type": "edit", "request": 1.5, "ops": [{"op": "delete_cell"}]},
    {"type": "run", "request": {}, "cells": "some"},
    {"type": "run", "request": [1], "cells": ["nobody"]},
    {"type": "check", "request": "\ud800", "digest": 5},
    {"type": "replace", "request": 0, "cells": [{"id": "a b", "source": 1}]},
    {"type": "\x00", "request": 2**70},
]
FOLD = """
from reactive_kernel.traces import fold as _fold
_notebook = get_ipython().kernel._reactive._notebook
_found = _fold(_notebook.document, _notebook.records)
_kept = {i: _notebook.graph[i] for i in _found}
print({i: (found, _kept[i]) for i, found in _found.items() if found != _kept[i]})
"""

who = st.integers(0, 2)
where = st.integers(0, 9)
text = st.sampled_from(SOURCES)


@dataclass
class Away:
    """A client that has lost its connection, and goes on."""

    member: Member
    changed: dict[str, str] = field(default_factory=dict)


class Soak(RuleBasedStateMachine):
    """Operations on one notebook; a subclass gives the kernel."""

    kernel: Kernel
    operations = 0
    notebooks = 0

    def __init__(self) -> None:
        super().__init__()
        Soak.notebooks += 1
        self.typed = 0
        self.there: dict[str, str] = {}
        self.away: list[Away] = []
        self.undoable: dict[int, list[Message]] = {}
        self.members = [self._open(self.kernel.connect(), [Cell("x = 1", "first")])]
        self.there["first"] = "x = 1"

    def teardown(self) -> None:
        # The kernel follows the notebook until it knows that those who are away are gone.
        last = self.members[0]
        last.pump(lambda: len(last.clients) == len(self.members))
        for member in self.members:
            member.close()
        for connection in list(self.kernel.connections):
            self.kernel.drop(connection)

    def _open(self, connection: Connection, cells: list[Cell], **fields: Any) -> Member:
        return Member(connection, cells, path=f"notebook-{Soak.notebooks}.ipynb", **fields)

    # What clients do

    @rule(at=where, text=text, who=who)
    def create(self, at: int, text: str, who: int) -> None:
        self._do(self._one(who), self._create(self._one(who), at, text))

    @rule(at=where, text=text, who=who)
    def update(self, at: int, text: str, who: int) -> None:
        self._do(self._one(who), self._update(self._one(who), at, text))

    @rule(at=where, who=who)
    def delete(self, at: int, who: int) -> None:
        self._do(self._one(who), self._delete(self._one(who), at))

    @rule(at=where, to=where, who=who)
    def move(self, at: int, to: int, who: int) -> None:
        self._do(self._one(who), self._move(self._one(who), at, to))

    @rule(who=who)
    def undo(self, who: int) -> None:
        member = self._one(who)
        undoable = self.undoable.get(id(member), [])
        if undoable:
            op = undoable.pop()
            if "index" in op:
                last = len(member.cells) - (op["op"] == "move_cell")
                op["index"] = max(0, min(op["index"], last))
            known = (op.get("cell_id") or op["cell"]["id"]) in self.there
            if known != (op["op"] == "create_cell"):
                self._do(member, op, undo=True)

    @precondition(lambda self: len(self.members) > 1)
    @rule(data=st.data())
    def at_once(self, data: st.DataObject) -> None:
        """Two clients edit before they hear of each other."""
        sent = []
        for member in self.members[:2]:
            kind = data.draw(st.sampled_from(["create", "update", "delete", "move"]))
            at, to, new = data.draw(where), data.draw(where), data.draw(text)
            op = {
                "create": lambda m=member, a=at, n=new: self._create(m, a, n),
                "update": lambda m=member, a=at, n=new: self._update(m, a, n),
                "delete": lambda m=member, a=at: self._delete(m, a),
                "move": lambda m=member, a=at, t=to: self._move(m, a, t),
            }[kind]()
            if op is not None:
                sent.append((member, op))
        for member, op in sent:
            member.send(op)
        for member, _ in sent:
            member.settle()
        for member in self.members:
            member.request("status")
        self._agree([op for _, op in sent])

    @rule(who=who, what=st.one_of(st.sampled_from(["all", "stale"]), where))
    def run(self, who: int, what: str | int) -> None:
        member = self._one(who)
        if isinstance(what, str):
            member.run(what)
        elif member.cells:
            member.run([member.cells[what % len(member.cells)]])

    @rule(who=who, other=who, at=where, text=text)
    def edit_during_a_run(self, who: int, other: int, at: int, text: str) -> None:
        runner, member = self._one(who), self._one(other)
        run = runner.begin_run("all")["run"]
        self._do(member, self._update(member, at, text))
        runner.end_run(run)

    @rule(who=who, other=who)
    def two_runs(self, who: int, other: int) -> None:
        first, second = self._one(who), self._one(other)
        runs = [member.begin_run("all")["run"] for member in (first, second)]
        for member, run in zip((first, second), runs, strict=True):
            member.end_run(run)

    @rule(who=who)
    def cancel(self, who: int) -> None:
        member = self._one(who)
        run = member.begin_run("all")["run"]
        member.request("cancel", run=run)
        member.end_run(run)

    @rule(who=who, garbage=st.sampled_from(GARBAGE))
    def send_garbage(self, who: int, garbage: Any) -> None:
        self._one(who).post(garbage)

    # Who is there

    @precondition(lambda self: len(self.members) + len(self.away) < 3)
    @rule()
    def join(self) -> None:
        cells = [Cell(cell.source, cell.id, cell.cell_type) for cell in self.members[0].cells]
        self.members.append(self._open(self.kernel.connect(), cells))

    @precondition(lambda self: len(self.members) > 1)
    @rule(who=who)
    def leave(self, who: int) -> None:
        member = self._one(who)
        self.members.remove(member)
        member.close()
        self.kernel.drop(member.connection)

    @precondition(lambda self: len(self.members) > 1)
    @rule(who=who, in_a_run=st.booleans())
    def lose_the_connection(self, who: int, in_a_run: bool) -> None:
        member = self._one(who)
        run = ""
        if in_a_run:
            member.obey = False
            run = member.begin_run("all")["run"]
        self.members.remove(member)
        self.kernel.drop(member.connection)
        self.away.append(Away(member))
        if run:
            other = self.members[0]
            other.pump(lambda: run in other.finished)

    @precondition(lambda self: self.away)
    @rule(at=where, text=text)
    def type_away(self, at: int, text: str) -> None:
        away = self.away[-1]
        if away.member.cells:
            cell = away.member.cells[at % len(away.member.cells)]
            cell.source = away.changed[cell.id] = self._new(text)

    @precondition(lambda self: self.away)
    @rule()
    def come_back(self) -> None:
        away = self.away.pop(0)
        lost = away.member
        back = self._open(
            self.kernel.connect(lost.connection.client.session.session),
            lost.cells,
            session=lost.welcome["session"],
            revision=lost.revision,
        )
        self.members.append(back)
        self.there.update(away.changed)

    # How

    def _one(self, who: int) -> Member:
        return self.members[who % len(self.members)]

    def _new(self, text: str) -> str:
        self.typed += 1
        return f"{text}  # {self.typed}"

    def _create(self, member: Member, at: int, text: str) -> Message:
        source = self._new(text)
        cell = {"id": f"c{self.typed}", "cell_type": "code", "source": source}
        return {"op": "create_cell", "cell": cell, "index": at % (len(member.cells) + 1)}

    def _update(self, member: Member, at: int, text: str) -> Message | None:
        if not member.cells:
            return None
        cell = member.cells[at % len(member.cells)]
        return {"op": "update_cell", "cell_id": cell.id, "source": self._new(text)}

    def _delete(self, member: Member, at: int) -> Message | None:
        if not member.cells:
            return None
        return {"op": "delete_cell", "cell_id": member.cells[at % len(member.cells)].id}

    def _move(self, member: Member, at: int, to: int) -> Message | None:
        if not member.cells:
            return None
        count = len(member.cells)
        return {"op": "move_cell", "cell_id": member.cells[at % count].id, "index": to % count}

    def _do(self, member: Member, op: Message | None, *, undo: bool = False) -> None:
        if op is None:
            return
        if not undo:
            self.undoable.setdefault(id(member), []).append(_inverse(member, op))
        member.send(op)
        member.settle()
        if op["op"] == "create_cell":
            self.there[op["cell"]["id"]] = op["cell"]["source"]
        elif op["op"] == "update_cell":
            self.there[op["cell_id"]] = op["source"]
        elif op["op"] == "delete_cell":
            del self.there[op["cell_id"]]

    def _agree(self, ops: list[Message]) -> None:
        """Take in what two have done at once; of one cell's ops, the kernel says which was last."""
        now = {cell.id: cell.source for cell in self.members[0].cells}
        deleted = {op["cell_id"] for op in ops if op["op"] == "delete_cell"}
        typed: dict[str, set[str]] = {}
        for op in ops:
            if op["op"] == "create_cell":
                typed[op["cell"]["id"]] = {op["cell"]["source"]}
            elif op["op"] == "update_cell":
                typed.setdefault(op["cell_id"], set()).add(op["source"])
        for cell_id, sources in typed.items():
            if cell_id in now:
                assert now[cell_id] in sources
                self.there[cell_id] = now[cell_id]
        for cell_id in deleted - now.keys():
            del self.there[cell_id]

    @invariant()
    def all_agree(self) -> None:
        Soak.operations += 1
        for member in self.members:
            assert member.disagreements() == {}
            assert {cell.id: cell.source for cell in member.cells} == self.there
        asked = self.members[0]
        assert asked.type_in_console(FOLD) == [("stdout", "{}\n")]


def _inverse(member: Member, op: Message) -> Message:
    if op["op"] == "create_cell":
        return {"op": "delete_cell", "cell_id": op["cell"]["id"]}
    cell = member[op["cell_id"]]
    index = member.index(cell)
    if op["op"] == "update_cell":
        return {"op": "update_cell", "cell_id": cell.id, "source": cell.source}
    if op["op"] == "delete_cell":
        return {"op": "create_cell", "cell": cell.message(), "index": index}
    return {"op": "move_cell", "cell_id": cell.id, "index": index}
