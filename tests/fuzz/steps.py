"""What happens to a notebook: steps as values, and drawing them.

A story is a list of steps; it needs no kernel to be drawn. So it can be played on anything, and
cut down to what makes it fail.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any, Final, Literal, TypeAlias

from .motifs import MOTIFS
from .sql_motifs import SQL
from .writer import Ways, Writer


@dataclass(frozen=True)
class Create:
    """A new cell, or with the id of a deleted one that cell again."""

    cell: str
    source: str
    index: int

    def apply(self, player: Any) -> None:
        player.create(self.source, min(self.index, len(player.ids)), self.cell)


@dataclass(frozen=True)
class Update:
    """Other text in a cell."""

    cell: str
    source: str

    def apply(self, player: Any) -> None:
        player.update(self.cell, self.source)


@dataclass(frozen=True)
class Delete:
    """A cell less."""

    cell: str

    def apply(self, player: Any) -> None:
        player.delete(self.cell)


@dataclass(frozen=True)
class Move:
    """A cell elsewhere."""

    cell: str
    index: int

    def apply(self, player: Any) -> None:
        player.move(self.cell, min(self.index, len(player.ids) - 1))


@dataclass(frozen=True)
class Run:
    """A run of some cells, of what is stale, or of all."""

    cells: tuple[str, ...] | Literal["all", "stale"]

    def apply(self, player: Any) -> None:
        player.run(self.cells if isinstance(self.cells, str) else list(self.cells))


EDITS: Final = 8
"""How many follow the first run."""

_KINDS: Final = {
    "create": 3,
    "update": 8,
    "delete": 2,
    "move": 2,
    "restore": 2,
    "run": 2,
    "several": 1,
    "all": 0.3,
    "duplicate": 1,
    "swap": 1,
    "motif": 0.5,
}
"""How often each edit is drawn, in proportion."""
_KINDS_AMONG_MOTIFS: Final = {
    "update": 8,
    "delete": 1,
    "move": 2,
    "swap": 1,
    "restore": 2,
    "run": 1,
}

Step: TypeAlias = Create | Update | Delete | Move | Run


def can_apply(step: Step, ids: list[str]) -> bool:
    """Tell whether the cells that a step is about are there."""
    if isinstance(step, Run):
        return isinstance(step.cells, str) or set(step.cells) <= set(ids)
    return (step.cell in ids) != isinstance(step, Create)


def as_code(steps: Iterable[Step]) -> str:
    """Write steps as code for the player of the core's tests."""
    lines = ["player = Player()"]
    for step in steps:
        match step:
            case Create(cell, source, index):
                lines.append(f"player.create({source!r}, {index}, {cell!r})")
            case Update(cell, source):
                lines.append(f"player.update({cell!r}, {source!r})")
            case Delete(cell):
                lines.append(f"player.delete({cell!r})")
            case Move(cell, index):
                lines.append(f"player.move({cell!r}, {index})")
            case Run(cells):
                lines.append(f"player.run({cells if isinstance(cells, str) else list(cells)!r})")
    return "\n".join(lines)


def draw(seed: int) -> list[Step]:
    """Draw the story of a seed; every other pair of seeds gives notebooks of motifs alone."""
    return draw_by(Random(seed), of_motifs=seed % 4 >= 2)


def draw_by(random: Random, *, of_motifs: bool) -> list[Step]:
    """Draw a story by a generator's choices."""
    drawing = _Drawing(random)
    if of_motifs:
        return drawing.story(drawing.writer.first_motifs())
    return drawing.story(drawing.writer.notebook())


def draw_from_motif(seed: int) -> list[Step]:
    """Draw a story about one motif; the seeds go through all of them in turn."""
    drawing = _Drawing(Random(seed))
    drawing.kinds = _KINDS_AMONG_MOTIFS
    return drawing.story(drawing.writer.first_motifs(MOTIFS[seed % len(MOTIFS)]))


def draw_sql(seed: int) -> list[Step]:
    """Draw a story of SQL and Python."""
    drawing = _Drawing(Random(seed))
    drawing.kinds = _KINDS_AMONG_MOTIFS
    drawing.writer.topics = [SQL]
    return drawing.story(drawing.writer.first_sql_motifs())


class _Drawing:
    """Keeps the notebook as the steps drawn so far leave it."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.writer = Writer(random)
        self.ids: list[str] = []
        self.kinds: Mapping[str, float] = _KINDS
        self.sources: dict[str, str] = {}
        self.ways: dict[str, Ways] = {}
        self.deleted: list[str] = []
        self.steps: list[Step] = []

    def story(self, notebook: list[Ways]) -> list[Step]:
        for ways in notebook:
            self.create(self.random.choice(ways), len(self.ids), ways)
        self.steps.append(Run("all"))
        for _ in range(EDITS):
            self.edit()
            if self.random.random() < 0.75:
                self.steps.append(Run("stale"))
        if self.steps[-1] != Run("stale"):
            self.steps.append(Run("stale"))
        return self.steps

    def create(self, source: str, index: int, ways: Ways = (), cell: str | None = None) -> None:
        cell = cell or f"c{len(self.sources)}"
        self.ids.insert(index, cell)
        self.sources[cell] = source
        self.ways.setdefault(cell, ways)
        self.steps.append(Create(cell, source, index))

    def update(self, cell: str) -> None:
        source = self.writer.change(self.sources[cell], self.ways[cell])
        self.sources[cell] = source
        self.steps.append(Update(cell, source))

    def move(self, cell: str, index: int) -> None:
        self.ids.remove(cell)
        self.ids.insert(index, cell)
        self.steps.append(Move(cell, index))

    def edit(self) -> None:
        """Draw what happens next. The first cell stays: it sets the seed."""
        random, ids = self.random, self.ids[1:]
        cell = random.choice(ids) if ids else None
        somewhere = random.randrange(len(ids) + 1) + 1
        kind = random.choices(list(self.kinds), list(self.kinds.values()))[0]
        if kind == "restore" and self.deleted:
            restored = self.deleted.pop(random.randrange(len(self.deleted)))
            self.create(self.sources[restored], somewhere, cell=restored)
        elif kind == "motif":
            for number, ways in enumerate(self.writer.motif()):
                self.create(random.choice(ways), somewhere + number, ways)
        elif kind == "all":
            self.steps.append(Run("all"))
        elif kind in ("create", "restore") or cell is None:
            self.create(self.writer.cell(), somewhere)
        elif kind == "update":
            self.update(cell)
        elif kind == "delete":
            self.ids.remove(cell)
            self.deleted.append(cell)
            self.steps.append(Delete(cell))
        elif kind == "move":
            self.move(cell, random.randrange(len(ids)) + 1)
        elif kind == "swap":
            self.move(cell, min(self.ids.index(cell) + 1, len(ids)))
        elif kind == "duplicate":
            self.create(self.sources[cell], somewhere, self.ways[cell])
        elif kind == "run":
            self.steps.append(Run((cell,)))
        else:
            self.steps.append(Run(tuple(random.sample(ids, min(3, len(ids))))))
