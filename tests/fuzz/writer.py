"""Writes random notebooks that mostly run clean, and random changes of their cells."""

from __future__ import annotations

import re
from random import Random
from typing import Final

from .motifs import MOTIFS
from .templates import BASE, TOPICS

_PLACEHOLDER: Final = re.compile(r"\$([A-Za-z])(\d?)")
_NUMBER: Final = re.compile(r"(?<![\w.])\d(?![\w.])")
_ALIAS: Final = re.compile(r"^( *\w+ = )(\w+)$", re.MULTILINE)
_COPY: Final = re.compile(r"^( *\w+ = )(?:list\((\w+)\)|(\w+)\[:\]|(\w+)\.copy\(\))$", re.MULTILINE)
_NAMES: Final = {k: names for t in (BASE, *TOPICS.values()) for k, names in t.names.items()}
_RARE: Final = {"pandas": 0.02, "numpy": 0.15}


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
        self.others: dict[str, tuple[str, ...]] = {}
        """For a source that a motif has other ways to write, all of them."""

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

    def motif(self) -> list[str]:
        """Draw a sequence of cells."""
        drawn: dict[str, str] = {}
        cells = []
        for ways in self.random.choice(MOTIFS):
            filled = tuple(
                self.fill(way, drawn) for way in ((ways,) if isinstance(ways, str) else ways)
            )
            cells.append(self.random.choice(filled))
            if len(filled) > 1:
                self.others.update((source, filled) for source in filled if source)
        return cells

    def motifs(self, count: int) -> list[str]:
        """Draw a notebook that is made of motifs alone, below a seed and a few values."""
        first = [f"import random\nrandom.seed({self.random.randrange(9)})"]
        first.append("i0 = i1 = i2 = 1\nl0, l1, l2 = [], [], []")
        return first + [cell for _ in range(count) for cell in self.motif()]

    def notebook(self) -> list[str]:
        """Draw a notebook: first a seed, then a value for each name, then it goes on at random.

        The first cell is to stay where it is, or Run All draws other numbers each time.
        """
        random = self.random
        seed = f"import random\nrandom.seed({random.randrange(9)})"
        if TOPICS["numpy"] in self.topics:
            seed += f"\nimport numpy as np\nnp.random.seed({random.randrange(9)})"
        cells = [seed]
        for topic in (BASE, *self.topics):
            for kind, names in topic.names.items():
                for name in names:
                    first = random.choice(topic.first[kind])
                    source = self.fill(first, {f"${kind}1": name})
                    if len(cells) > 1 and random.random() < 0.75:
                        cells[-1] += "\n" + source
                    else:
                        cells.append(source)
        for _ in range(random.randrange(2, 9)):
            cells += self.motif() if random.random() < 0.15 else [self.cell()]
        return cells

    def change(self, source: str) -> str:
        """Draw a change of a cell: another cell, another number, a copy for an alias."""
        random = self.random
        if source in self.others and random.random() < 0.7:
            return random.choice(self.others[source])
        ways = [self._other_number, self._alias_or_copy, self._comment, self._line_less]
        random.shuffle(ways)
        if random.random() < 0.6:
            for way in ways:
                changed = way(source)
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
