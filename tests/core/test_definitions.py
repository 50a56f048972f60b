"""What a value carries of code counts, however deep in it: who uses it runs again for another."""

from __future__ import annotations

import pytest

from .player import Player

MANY = "items = [Item(i) for i in range(12_000)]"

DEFINITIONS: dict[str, tuple[list[str], tuple[str, str]]] = {
    "a getter in a property": (
        [
            "import operator\nclass Row(tuple):\n    name = property(operator.itemgetter(0))",
            "print(Row('xy').name)",
        ],
        ("itemgetter(0)", "itemgetter(1)"),
    ),
    "a property of a kind of its own": (
        [
            (
                "class of_class(property):\n"
                "    def __get__(self, o, kind): return self.fget(kind)\n"
                "class A:\n    @of_class\n    def rate(cls): return 1"
            ),
            "print(A.rate)",
        ],
        ("return 1", "return 2"),
    ),
    "a method that dispatches": (
        [
            (
                "import functools\nclass A:\n    @functools.singledispatchmethod\n"
                "    def show(self, x): return 'any'\n    @show.register\n"
                "    def _(self, x: int): return 'int'"
            ),
            "print(A().show(1))",
            "print(A().show('x'))",
        ],
        ("'int'", "'whole'"),
    ),
    "a function that dispatches": (
        [
            (
                "import functools\n@functools.singledispatch\ndef show(x): return 'any'\n"
                "@show.register\ndef _(x: int): return 'int'"
            ),
            "print(show(1))",
            "print(show('x'))",
        ],
        ("'int'", "'whole'"),
    ),
    "a function that exec has made": (
        ["made = {}\nexec('def twice(x): return x * 2', made)", "print(made['twice'](10))"],
        ("x * 2", "x + x + 1"),
    ),
    "a class that exec has made": (
        ["made = {}\nexec('class A: price = 5', made)", "print(made['A'].price)"],
        ("price = 5", "price = 7"),
    ),
    "a data class that is made by a call": (
        ["import dataclasses\nP = dataclasses.make_dataclass('P', [('x', int, 1)])", "print(P())"],
        ("int, 1", "int, 9"),
    ),
    "a long pattern": (
        [
            "import re\nwords = re.compile('x' * 300 + '|last')",
            "print(words.findall('a last one'))",
        ],
        ("|last", "|one"),
    ),
    "the class of many": (
        [
            (
                "class Item:\n    def __init__(self, n): self.n = n\n"
                "    def __repr__(self): return f'<{self.n}>'"
            ),
            MANY,
            "print(items[3])",
        ],
        ("f'<", "f'< "),
    ),
    "a function beside many": (
        [
            "def f(x): return x * 2",
            "known = {'rows': [[i] for i in range(12_000)], 'f': f}",
            "print(known['f'](4))",
        ],
        ("x * 2", "x * 3"),
    ),
    "a global of a function beside many": (
        [
            "rate = 2",
            "known = {'rows': [[i] for i in range(12_000)], 'f': lambda x: x * rate}",
            "print(known['f'](4))",
        ],
        ("2", "3"),
    ),
    "a function in a library's estimator": (
        [
            "def f(x): return x * 2",
            "from sklearn.preprocessing import FunctionTransformer\nt = FunctionTransformer(f)",
            "print(t.fit_transform([[1.0]]))",
        ],
        ("x * 2", "[[7.0]]"),
    ),
    "a setting that a cached function has read": (
        [
            "import os\nos.environ['MODE'] = 'a'",
            "import functools\n@functools.cache\ndef mode(): return os.environ['MODE']",
            "print(mode())",
        ],
        ("'a'", "'b'"),
    ),
}


@pytest.mark.parametrize("name", DEFINITIONS)
def test_who_uses_it_runs_again(name: str) -> None:
    sources, (old, new) = DEFINITIONS[name]
    player = Player(*sources)
    player.run("all")
    first = [player.printed(cell_id) for cell_id in player.ids]
    player.update("c0", sources[0].replace(old, new))
    player.run("stale")
    player.check_promise()
    assert set(player.states()) == {"fresh"}
    assert [player.printed(cell_id) for cell_id in player.ids] != first
    player.update("c0", sources[0])
    player.run("stale")
    assert [player.printed(cell_id) for cell_id in player.ids] == first


def test_looking_things_up_in_a_dispatcher_is_no_change() -> None:
    player = Player(
        "import functools\n@functools.singledispatch\ndef show(x): return 'any'",
        "print(show(1))",
        "print(show('x'))",
    )
    player.run("all")
    assert player.run(["c1"]).executed == ["c1"]
