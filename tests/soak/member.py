"""A client that shares its notebook with others, as a page does."""

from __future__ import annotations

from typing import Any

from protocol.player import Cell, Message, Player


class Member(Player):
    """A player who hears of others' edits while its own are on their way.

    What it has typed into a cell, and has no answer for, stands against what others do to that
    cell; what it hears of a cell that it does not have, it passes over.
    """

    def __init__(self, *args: Any, **fields: Any) -> None:
        self.unanswered: dict[int, list[Message]] = {}
        self.crossed = False
        super().__init__(*args, **fields)

    def has(self, cell_id: str) -> bool:
        return any(cell.id == cell_id for cell in self.cells)

    def take(self, op: Message) -> None:
        if self.unanswered:
            self.crossed = True
        typed = {
            own.get("cell_id") or own["cell"]["id"]
            for ops in self.unanswered.values()
            for own in ops
            if own["op"] in ("create_cell", "update_cell")
        }
        if op["op"] == "create_cell":
            if not self.has(op["cell"]["id"]):
                super().take(op)
        elif self.has(op["cell_id"]) and op["cell_id"] not in typed:
            super().take(op)

    def send(self, op: Message) -> int:
        """Apply an operation and send it, without waiting for the answer."""
        own = dict(op)
        if op["op"] == "create_cell":
            self.cells.insert(op["index"], _cell(op["cell"]))
        elif op["op"] == "move_cell":
            cell = self[op["cell_id"]]
            self.cells.remove(cell)
            self.cells.insert(op["index"], cell)
        elif op["op"] == "delete_cell":
            self.cells.remove(self[op["cell_id"]])
        else:
            self[op["cell_id"]].source = op["source"]
        number = self.begin("edit", ops=[own])
        self.unanswered[number] = [own]
        return number

    def _on_reply(self, data: Message) -> None:
        if self.unanswered.pop(data["request"], None) is None:
            super()._on_reply(data)
        elif data["status"] != "ok":
            assert data["error"]["code"] in ("unknown_cell", "bad_index"), data
            self.crossed = True

    def settle(self) -> None:
        """Wait for all answers, and put the kernel in step if operations have crossed."""
        self.pump(lambda: not self.unanswered)
        if self.crossed:
            self.crossed = False
            if not self.in_step():
                self.request("replace", cells=[cell.message() for cell in self.cells])


def _cell(message: Message) -> Cell:
    return Cell(message["source"], message["id"], message["cell_type"])
