"""The ``__dict__`` of an instance, held by a name of its own."""

from __future__ import annotations

import pytest

from .edits import check_each_step, delete, move, update

HELD: dict[str, str] = {
    "an instance": "class O: pass\no = O()",
    "an instance with slots beside": "class O: __slots__ = ('x', '__dict__')\no = O()",
    "an instance of a list of its own": "class O(list): pass\no = O()",
    "an instance of a text of its own": "class O(str): pass\no = O('a')",
    "a tuple with attributes": (
        "import collections\nclass O(collections.namedtuple('O', 'a')): pass\no = O(1)"
    ),
    "an error": "o = ValueError(1)",
    "a namespace": "import types\no = types.SimpleNamespace()",
    "an ordered dict": "import collections\no = collections.OrderedDict()",
    "a stream": "import io\no = io.StringIO()",
    "a generator of random numbers": "import random\no = random.Random(1)",
    "a property of its own": "class O(property): pass\no = O()",
    "a partial": "import functools\no = functools.partial(int, base=2)",
    "a cached function": "import functools\n@functools.lru_cache\ndef o(): pass",
    "a function": "def o(): pass\no.z = 0",
    "a graph": "import networkx as nx\no = nx.Graph()",
    "an estimator": "from sklearn.linear_model import Ridge\no = Ridge()",
}


@pytest.mark.parametrize("name", HELD)
def test_what_holds_attributes_stays_one_with_its_instance(name: str) -> None:
    sources = [HELD[name], "d = vars(o)", "pass", "d['k'] = 1", "print(o.k, vars(o) is d)"]
    steps = [
        update(3, "d['k'] = 2"),
        update(2, "o.k = 3"),
        move(3, 2),
        delete(2),
    ]
    check_each_step(sources, steps)


def test_an_instance_and_what_holds_its_attributes_are_brought_back_as_one() -> None:
    sources = [
        "a = [0]",
        "b = []",
        "class O: pass\no = O()",
        "d = vars(o)",
        "a, b = b, a",
        "b = []",
        "d['k'] = b",
        "d.update(k=b)",
        "b.append(1)",
        "print(o.k, d['k'], o.k is d['k'])",
    ]
    check_each_step(sources, [move(4, 6)])
