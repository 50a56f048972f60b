"""Writes random notebooks that mostly run clean, and random changes of their cells."""

from __future__ import annotations

import re
from random import Random
from typing import Final, TypeAlias

from .motifs import MOTIFS, Motif
from .sql_motifs import SQL_MOTIFS, SQL_NAMES
from .templates import BASE, TOPICS

_PLACEHOLDER: Final = re.compile(r"\$([A-Za-z])(\d?)")
_NUMBER: Final = re.compile(r"(?<![\w.])\d(?![\w.])")
_ALIAS: Final = re.compile(r"^( *\w+ = )(\w+)$", re.MULTILINE)
_COPY: Final = re.compile(r"^( *\w+ = )(?:list\((\w+)\)|(\w+)\[:\]|(\w+)\.copy\(\))$", re.MULTILINE)
_NAMES: Final = {
    k: names for t in (BASE, *TOPICS.values()) for k, names in t.names.items()
} | SQL_NAMES
_RARE: Final = {"pandas": 0.02, "numpy": 0.15}

Ways: TypeAlias = tuple[str, ...]
"""A cell, in each of the ways in which it may be written."""


class Writer:
    """Draws cells, about a few topics only: so they meet more often.

    Parameters
    ----------
    random : random.Random
        Where it draws from.
    """

    def __init__(self, random: Random) -> None:
        self.random = random
        self.topics = [
            topic
            for name, topic in TOPICS.items()
            if random.random() < _RARE.get(name, 3 / len(TOPICS))
        ]

    def fill(self, template: str, drawn: dict[str, str] | None = None) -> str:
        """Put names and digits into a template.

        Parameters
        ----------
        template : str
            The template.
        drawn : dict, optional
            What its numbered placeholders stand for already; takes the others.
        """
        drawn = {} if drawn is None else drawn

        def put(match: re.Match[str]) -> str:
            kind, number = match.groups()
            if not number:
                return self._draw(kind, ())
            if match[0] not in drawn:
                drawn[match[0]] = self._draw(kind, drawn.values())
            return drawn[match[0]]

        return _PLACEHOLDER.sub(put, template)

    def _draw(self, kind: str, taken: object) -> str:
        if kind == "k":
            return str(self.random.randrange(9))
        names = _NAMES[kind]
        return self.random.choice([name for name in names if name not in taken] or names)

    def cell(self) -> str:
        """Draw a cell."""
        random = self.random
        topic = BASE if not self.topics or random.random() < 0.4 else random.choice(self.topics)
        return self.fill(random.choice(topic.cells))

    def motif(self, motif: Motif | None = None) -> list[Ways]:
        """Draw a sequence of cells, each with the ways in which it may be written."""
        drawn: dict[str, str] = {}
        return [
            tuple(self.fill(way, drawn) for way in ((ways,) if isinstance(ways, str) else ways))
            for ways in motif or self.random.choice(MOTIFS)
        ]

    def first_motifs(self, motif: Motif | None = None) -> list[Ways]:
        """Draw a notebook of a motif, or of three, below a seed and a few values."""
        cells: list[Ways] = [
            (f"import random\nrandom.seed({self.random.randrange(9)})",),
            ("i0 = i1 = i2 = 1\nl0, l1, l2 = [], [], []",),
        ]
        for each in [motif] if motif else [None] * 3:
            cells += self.motif(each)
        return cells

    def first_sql_motifs(self) -> list[Ways]:
        """Draw a notebook of SQL: two motifs, and cells about the same tables."""
        cells: list[Ways] = [("import pandas as pd\ni0 = i1 = i2 = 1",)]
        for motif in self.random.sample(SQL_MOTIFS, 2):
            cells += self.motif(motif)
        return cells

    def notebook(self) -> list[Ways]:
        """Draw a notebook: first a seed, then a value for each name, then it goes on at random.

        The first cell is to stay where it is, or Run All draws other numbers each time.
        """
        random = self.random
        seed = f"import random\nrandom.seed({random.randrange(9)})"
        if TOPICS["numpy"] in self.topics:
            seed += f"\nimport numpy as np\nnp.random.seed({random.randrange(9)})"
        sources = [seed]
        for topic in (BASE, *self.topics):
            for kind, names in topic.names.items():
                for name in names:
                    first = random.choice(topic.first[kind])
                    source = self.fill(first, {f"${kind}1": name})
                    if len(sources) > 1 and random.random() < 0.75:
                        sources[-1] += "\n" + source
                    else:
                        sources.append(source)
        cells: list[Ways] = [(source,) for source in sources]
        for _ in range(random.randrange(2, 9)):
            cells += self.motif() if random.random() < 0.15 else [(self.cell(),)]
        return cells

    def change(self, source: str, ways: Ways) -> str:
        """Draw a change of a cell: another way, another number, a copy for an alias, another cell.

        Parameters
        ----------
        source : str
            The cell as it is.
        ways : tuple of str
            The ways in which it may be written.
        """
        random = self.random
        if len(ways) > 1 and random.random() < 0.7:
            return random.choice([way for way in ways if way != source])
        changes = [self._other_number, self._alias_or_copy, self._comment, self._line_less]
        random.shuffle(changes)
        if random.random() < 0.6:
            for change in changes:
                changed = change(source)
                if changed != source:
                    return changed
        return self.cell()

    def _other_number(self, source: str) -> str:
        places = list(_NUMBER.finditer(source))
        if not places:
            return source
        place = self.random.choice(places)
        return f"{source[: place.start()]}{self.random.randrange(9)}{source[place.end() :]}"

    def _alias_or_copy(self, source: str) -> str:
        copied = self.random.choice([r"\1list(\2)", r"\1\2[:]", r"\1\2.copy()"])
        changed = _COPY.sub(lambda m: m[1] + (m[2] or m[3] or m[4]), source, count=1)
        return changed if changed != source else _ALIAS.sub(copied, source, count=1)

    def _comment(self, source: str) -> str:
        return source + self.random.choice(["  # a comment", "\n\n# a comment", "\n"])

    def _line_less(self, source: str) -> str:
        lines = source.split("\n")
        if len(lines) < 2 or any(line.startswith((" ", "@")) for line in lines):
            return source
        del lines[self.random.randrange(len(lines))]
        return "\n".join(lines)
