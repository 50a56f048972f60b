"""Writes random notebooks that mostly run clean, and random edits of them."""

from __future__ import annotations

from random import Random
from typing import Final

NAMES: Final = {
    "i": ["i0", "i1", "i2"],  # ints
    "l": ["l0", "l1", "l2"],  # lists of ints
    "m": ["m0", "m1"],  # lists of lists
    "d": ["d0", "d1"],  # dicts of lists
    "f": ["f0", "f1"],  # functions without arguments that return an int
    "C": ["C0"],  # classes
    "o": ["o0", "o1"],  # their instances
    "g": ["g0"],  # iterators
}

FIRST: Final = {
    "i": ["{i} = {k}"],
    "l": ["{l} = [{k}, {k}]", "{l} = []"],
    "m": ["{m} = [[{k}], []]"],
    "d": ["{d} = {{'a': [{k}]}}"],
    "f": ["def {f}():\n    return {k}"],
    "C": ["class {C}:\n    v = {k}\n    def m(self): return self.v"],
    "o": ["class {C}:\n    v = {k}\n{o} = {C}()"],
    "g": ["{g} = (q * 2 for q in range({k}))"],
}

CELLS: Final = [
    "{i} = {k}",
    "{i} = {i} + {k}",
    "{i} += {k}",
    "{i}, {i} = {i}, {k}",
    "{i} = len({l}) + {i}",
    "{i} = sum({l})",
    "{i} = {f}()",
    "{i} = next({g}, 0)",
    "{i} = {o}.v",
    "if {i} > 4:\n    {i} = {k}",
    "if {i} % 2:\n    {l}.append({k})",
    "for q in range({i} % 3):\n    {l}.append(q)",
    "for {i} in {l}:\n    pass",
    "{l} = [{k}]",
    "{l} = {l}",
    "{l} = list({l})",
    "{l} = {l} + {l}[:1]",
    "{l} = sorted({l})",
    "{l} = {m}[0]",
    "{l} = {d}['a']",
    "{l} = [q + {i} for q in {l}]",
    "{l}.append({i})",
    "{l} += [{k}]",
    "{l}[:1] = [{k}]",
    "del {l}[:1]",
    "{l}.sort()",
    "import heapq\nheapq.heappush({l}, {k})",
    "{m} = [{l}, {l}]",
    "{m} = [list(q) for q in {m}]",
    "{m}[0].append({k})",
    "{m}[1] = {l}",
    "{m}.reverse()",
    "{d} = {{'a': {l}}}",
    "{d} = dict({d})",
    "{d}['a'].append({k})",
    "{d}['a'] = {l}",
    "{d}.setdefault('b', {l}).append({k})",
    "def {f}():\n    return {i}",
    "def {f}():\n    return len({l}) + {f}()\n",
    "def {f}():\n    {l}.append({k})\n    return len({l})",
    "def {f}():\n    global {i}\n    {i} = {k}\n    return {k}",
    "def {f}(x=[]):\n    x.append(1)\n    return len(x)",
    """def make():
    q = []
    def h():
        q.append(1)
        return len(q)
    return h
{f} = make()""",
    "{f} = {f}",
    "{f}()",
    "from functools import partial\n{f} = partial({f})",
    "class {C}:\n    v = {k}\n    def m(self): return {i}",
    "{o} = {C}()",
    "{o}.v = {k}",
    "{o}.w = {l}",
    "{o} = {o}",
    "{C}.v += 1",
    "{g} = iter({l})",
    "{g} = map(str, {l})",
    "print(list({g}))",
    "next({g}, None)",
    "{i} = random.randrange(9)",
    "print(random.randrange(99))",
    "random.shuffle({l})",
    "random.seed({k})",
    "exec('{i} = {k}')",
    "exec('{l}' + '.append({k})')",
    "globals()['{i}'] = {k}",
    "del {i}",
    "try:\n    {i} = nothing\nexcept NameError as {i}:\n    {l} = [{k}]",
    "try:\n    print({i})\nexcept NameError:\n    print('none')",
    "{l}.append({k})\n1 / 0",
    "{i} = 1 // ({i} - {i})",
    "print({i}, {l})",
    "print({m}, {d})",
    "print({l} is {l}, {m}[0] is {l})",
    "print({f}(), {i})",
    "print({o}.v, {o}.m())",
    "print({l})",
    "print({d})",
    "print({m})",
]


class Writer:
    """Draws cells.

    Parameters
    ----------
    random : random.Random
        Where it draws from.
    """

    def __init__(self, random: Random) -> None:
        self.random = random

    def fill(self, template: str) -> str:
        """Put names and numbers into a template, each drawn for itself."""
        filled = template
        for kind, names in NAMES.items():
            while "{" + kind + "}" in filled:
                filled = filled.replace("{" + kind + "}", self.random.choice(names), 1)
        while "{k}" in filled:
            filled = filled.replace("{k}", str(self.random.randrange(9)), 1)
        return filled.replace("{{", "{").replace("}}", "}")

    def cell(self) -> str:
        """Draw a cell."""
        return self.fill(self.random.choice(CELLS))

    def notebook(self) -> list[str]:
        """Draw a notebook: first a seed, then a value for each name, then it goes on at random.

        The first cell is to stay where it is, or Run All draws other numbers each time.
        """
        first = [
            self.random.choice(FIRST[kind]).replace("{" + kind + "}", name, 1)
            for kind, names in NAMES.items()
            for name in names
        ]
        bundled: list[str] = []
        for source in map(self.fill, first):
            if bundled and self.random.random() < 0.7:
                bundled[-1] += "\n" + source
            else:
                bundled.append(source)
        seed = f"import random\nrandom.seed({self.random.randrange(9)})"
        return [seed, *bundled] + [self.cell() for _ in range(self.random.randrange(2, 9))]
