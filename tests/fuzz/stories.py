"""Plays random stories: a notebook, then edits and runs, held to Run All after every step."""

from __future__ import annotations

import types
from random import Random
from typing import Any

from core.player import Player, run_source

from .writer import Writer


class Story:
    """One notebook and what happens to it.

    Parameters
    ----------
    random : random.Random
        Where all that happens is drawn from.
    """

    def __init__(self, random: Random) -> None:
        self.random = random
        self.writer = Writer(random)
        self.log: list[str] = []
        self.deleted: list[tuple[str, str]] = []
        sources = self.writer.notebook()
        self.log.extend(f"create {source!r}" for source in sources)
        self.player: Any = self.play(sources)

    def play(self, sources: list[str]) -> Any:
        """Open the notebook."""
        return Player(*sources)

    def tell(self, steps: int) -> None:
        """Play it, and check the promise after each step.

        Raises
        ------
        AssertionError
            With all that has happened, where an unmarked cell is wrong.
        """
        try:
            self.player.run("all")
            self.check()
            for _ in range(steps):
                self.step()
                if self.random.random() < 0.8:
                    self.player.run("stale")
                    self.check()
        except AssertionError as error:
            raise AssertionError("\n".join([*self.log, str(error)])) from error

    def step(self) -> None:
        """Let something happen."""
        player, random, ids = self.player, self.random, self.player.ids[1:]
        kind = random.choice(["create", "update", "update", "delete", "move", "restore", "run"])
        cell_id = random.choice(ids) if ids else None
        if kind == "create" or cell_id is None:
            source, index = self.writer.cell(), random.randrange(len(ids) + 1) + 1
            self.log.append(f"create {source!r} at {index}")
            player.create(source, index)
        elif kind == "update":
            source = self.writer.cell()
            self.log.append(f"update {player.ids.index(cell_id)} {source!r}")
            player.update(cell_id, source)
        elif kind == "delete":
            self.log.append(f"delete {player.ids.index(cell_id)}")
            self.deleted.append((cell_id, player.source(cell_id)))
            player.delete(cell_id)
        elif kind == "move":
            index = random.randrange(len(ids)) + 1
            self.log.append(f"move {player.ids.index(cell_id)} {index}")
            player.move(cell_id, index)
        elif kind == "restore" and self.deleted:
            restored, source = self.deleted.pop(random.randrange(len(self.deleted)))
            index = random.randrange(len(ids) + 1) + 1
            self.log.append(f"restore {source!r} at {index}")
            player.create(source, index, restored)
        else:
            self.log.append(f"run {player.ids.index(cell_id)}")
            player.run([cell_id])

    def check(self) -> None:
        """Hold outputs, and if nothing is marked variables too, to Run All."""
        self.log.append("check")
        player = self.player
        namespace: dict[str, Any] = {"__name__": "__main__"}
        left_out = ("failed", "blocked")
        for cell in player.notebook.document:
            state = player.state(cell.id)
            if state in left_out:
                continue
            expected = run_source(cell.source, namespace)
            if state == "fresh":
                shown = player.outputs[cell.id]
                index = player.ids.index(cell.id)
                assert shown == expected, f"cell {index} shows {shown}, Run All {expected}"
        states = player.states()
        assert set(states) <= {"fresh", "idle", *left_out}, f"after running stale cells: {states}"
        ours = {n: v for n, v in player.user_ns.items() if not n.startswith("__")}
        theirs = {n: v for n, v in namespace.items() if not n.startswith("__")}
        difference = Likeness().difference(ours, theirs)
        assert difference is None, f"variables differ: {difference}"


class Likeness:
    """Compares values with what they share, without our fingerprints."""

    def __init__(self) -> None:
        self._pairs: dict[int, int] = {}
        self._back: dict[int, int] = {}

    def difference(self, ours: Any, theirs: Any, where: str = "") -> str | None:
        """Return where two values differ, or None."""
        if type(ours).__name__ != type(theirs).__name__:
            return f"{where}: {type(ours).__name__} and {type(theirs).__name__}"
        if ours is None or isinstance(ours, int | str):
            return None if ours == theirs else f"{where}: {ours!r} and {theirs!r}"
        known = self._pairs.get(id(ours)), self._back.get(id(theirs))
        if known != (None, None):
            same = known == (id(theirs), id(ours))
            return None if same else f"{where}: shared otherwise"
        if not isinstance(ours, tuple):
            self._pairs[id(ours)], self._back[id(theirs)] = id(theirs), id(ours)
        for name, our_part, their_part in _parts(ours, theirs):
            difference = self.difference(our_part, their_part, f"{where}.{name}")
            if difference is not None:
                return difference
        return None


def _parts(ours: Any, theirs: Any) -> list[tuple[str, Any, Any]]:
    if isinstance(ours, dict):
        keys = ours.keys() | theirs.keys()
        return [(str(key), ours.get(key), theirs.get(key)) for key in sorted(keys, key=str)]
    if isinstance(ours, list | tuple):
        length = ("length", len(ours), len(theirs))
        return [
            length,
            *((str(i), *pair) for i, pair in enumerate(zip(ours, theirs, strict=False))),
        ]
    if isinstance(ours, types.FunctionType):
        return [
            ("code", ours.__code__.co_code.hex(), theirs.__code__.co_code.hex()),
            ("constants", str(_plain(ours)), str(_plain(theirs))),
            ("defaults", ours.__defaults__, theirs.__defaults__),
        ]
    if isinstance(ours, type):
        return [("v", getattr(ours, "v", None), getattr(theirs, "v", None))]
    if hasattr(ours, "__dict__") and not isinstance(ours, types.ModuleType):
        return [("attributes", vars(ours), vars(theirs))]
    return []


def _plain(function: types.FunctionType) -> list[object]:
    return [c for c in function.__code__.co_consts if not isinstance(c, types.CodeType)]
