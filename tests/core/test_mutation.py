"""Changes in place: found by looking, taken to all names of the object, undone by replay."""

from __future__ import annotations

import pytest

from .edits import Steps, check_each_step, create, delete, move, run, update
from .player import Player

STREAM = """\
import io, logging
stream = io.StringIO()
log = logging.getLogger("told")
log.handlers[:] = [logging.StreamHandler(stream)]
log.propagate = False
"""

KEEPER = """\
import logging
class Keep(logging.Handler):
    def __init__(self):
        super().__init__()
        self.kept = []
    def emit(self, record):
        self.kept.append(record.getMessage())
keep = Keep()
log = logging.getLogger("kept")
log.handlers[:] = [keep]
child = logging.getLogger("kept.child")
"""

GROWING_STREAM = """\
import io, logging
stream = io.StringIO()
log = logging.getLogger("told later")
log.propagate = False
"""

NOTEBOOKS: dict[str, tuple[list[str], Steps]] = {
    "a writer of C has a stream": (
        [
            "import csv, io\nstream = io.StringIO()",
            "writer = csv.writer(stream)",
            "writer.writerow([1, 2])",
            "writer.writerow([3, 4])",
            "print(stream.getvalue())",
        ],
        [run(4), update(2, "writer.writerow([5])"), run(3), delete(2)],
    ),
    "a thread has a method of a list": (
        [
            "import threading\nfound = []",
            "thread = threading.Thread(target=found.append, args=(1,))",
            "thread.start(); thread.join()",
            "print(found)",
            "found.append(2)",
            "print(found)",
        ],
        [run(3), update(4, "found.append(3)"), delete(2)],
    ),
    "a logger is given a stream by another cell": (
        [
            GROWING_STREAM,
            "log.handlers[:] = [logging.StreamHandler(stream)]",
            "log.error('one')",
            "print(stream.getvalue())",
            "log.error('two')",
            "print(stream.getvalue())",
        ],
        [run(5), delete(3), update(2, "log.error('three')")],
    ),
    "an alias is taken from a list that a cell below changes": (
        ["rows = [[0]]", "rows.append([1])", "print(rows)"],
        [create("first = rows[0]", 1), create("first.append(7)", 3)],
    ),
    "a copy becomes an alias": (
        ["a = [1]", "b = a[:]", "b += [2]", "print(a, b)"],
        [update(1, "b = a"), update(1, "b = list(a)")],
    ),
    "an alias is rebound between": (
        ["d = {}", "e = d", "e['k'] = 1", "print(d, e)"],
        [create("d = 0", 2), delete(2)],
    ),
    "a nested container is changed through a name of its own": (
        ["d = {'k': []}", "k = d['k']", "k.append(1)", "print(d)", "d['k'].append(2)", "print(k)"],
        [update(2, "k.append(3)"), delete(2), update(0, "d = {'k': [0]}")],
    ),
    "a changing cell runs again and again": (
        ["l = []", "l.append(len(l))", "print(l)"],
        [run(1), run(1), run(2), update(1, "l.append(9)"), run(1)],
    ),
    "changes are moved past each other": (
        ["l = [1]", "l.append(2)", "l.reverse()", "print(l)"],
        [move(2, 1), move(1, 2), delete(1)],
    ),
    "a logger writes into a stream in memory": (
        [STREAM, "log.warning('one')", "log.warning('two')", "print(stream.getvalue())"],
        [update(1, "log.warning('1')"), delete(2), run(1), run(2)],
    ),
    "a handler of the notebook keeps records": (
        [KEEPER, "child.warning('one')", "log.warning('two')", "print(keep.kept)"],
        [update(1, "child.warning('1')"), delete(2), run(1)],
    ),
    "a heap queue changes its argument": (
        ["import heapq", "h = [3, 5]", "heapq.heappush(h, 1)", "print(h)"],
        [update(2, "heapq.heappush(h, 4)"), update(1, "h = [0]"), run(2)],
    ),
    "a generator is used up": (
        ["g = (i * i for i in range(5))", "print(next(g))", "print(next(g))"],
        [update(2, "print(next(g), 'again')"), run(1), create("print(next(g))", 1)],
    ),
    "an iterator holds a list": (
        ["d = [1]", "m = map(str, d)", "d.append(2)", "print(list(m))"],
        [update(2, "d.append(3)"), run(3)],
    ),
    "a closure keeps state": (
        [
            """def counter():
    n = [0]
    def step():
        n[0] += 1
        return n[0]
    return step
step = counter()""",
            "print(step())",
            "print(step())",
        ],
        [run(1), run(2), delete(1)],
    ),
    "two closures share a variable": (
        [
            """def pair():
    n = 0
    def step():
        nonlocal n
        n += 1
    def look():
        return n
    return step, look
step, look = pair()""",
            "step()",
            "step()",
            "print(look())",
        ],
        [create("step()\nstep()", 2), delete(1), run(3)],
    ),
    "a default argument keeps state": (
        ["def f(seen=[]):\n    seen.append(1)\n    return len(seen)", "print(f())", "print(f())"],
        [run(2), run(1), update(1, "print(f(), f())")],
    ),
    "a class is changed": (
        ["class A:\n    v = 1", "a = A()", "A.v += 1", "print(a.v)"],
        [update(2, "A.v += 10"), run(2), delete(2)],
    ),
    "an instance is changed by its method": (
        [
            """class Tally:
    def __init__(self): self.seen = []
    def add(self, x): self.seen.append(x)""",
            "t = Tally()",
            "t.add(1)",
            "t.add(2)",
            "print(t.seen)",
        ],
        [run(2), update(2, "t.add(5)"), delete(3), run(1)],
    ),
    "a view of an array is changed": (
        [
            "import numpy as np",
            "a = np.zeros(3)",
            "b = a[1:]",
            "b[0] = 5",
            "print(a)",
            "np.add(a, 1, out=a)",
            "print(b)",
        ],
        [update(3, "b[0] = 7"), run(5), delete(3)],
    ),
    "a frame gets columns": (
        [
            "import pandas as pd",
            "df = pd.DataFrame({'a': [1, 2]})",
            "df['b'] = df.a * 2",
            "df.drop(columns='a', inplace=True)",
            "print(df.to_csv())",
        ],
        [
            run(2),
            update(2, "df['b'] = df.a * 3"),
            run(3),
            delete(3),
            update(1, "df = pd.DataFrame({'a': [5]})"),
        ],
    ),
    "a change by exec": (
        ["l = [1]", "exec('l' + '.append(2)')", "print(l)"],
        [run(1), update(0, "l = [3]")],
    ),
    "a function changes a global": (
        ["log = []", "def note(x):\n    log.append(x)", "note(1)", "note(2)", "print(log)"],
        [run(2), update(2, "note(7)"), delete(2), run(3)],
    ),
    "a failing cell changes something first": (
        ["a = []", "a.append(1)\n1 / 0", "print(a)"],
        [run(2), update(1, "a.append(2)"), update(1, "a.append(3)\n1 / 0"), delete(1)],
    ),
    "a class counts its instances": (
        [
            (
                "import itertools\nclass T:\n    ids = itertools.count(1)\n"
                "    def __init__(self): self.id = next(self.ids)"
            ),
            "a = T()\nprint(a.id)",
            "b = T()\nprint(b.id)",
        ],
        [update(1, "a = T()\nprint(-a.id)"), run(2), create("print(T().id)", 1)],
    ),
    "a descriptor keeps values of its own": (
        [
            (
                "from weakref import WeakKeyDictionary\nclass Kept:\n"
                "    def __init__(self): self.data = WeakKeyDictionary()\n"
                "    def __get__(self, owner, kind): return self.data[owner]\n"
                "    def __set__(self, owner, value): self.data[owner] = value"
            ),
            "class A:\n    x = Kept()\na = A()",
            "a.x = 1",
            "print(a.x)",
        ],
        [update(2, "a.x = 2"), run(3)],
    ),
    "an order is changed": (
        [
            (
                "from collections import OrderedDict\nclass Recent(OrderedDict): pass\n"
                "recent = Recent(a=1, b=2)"
            ),
            "recent.move_to_end('a')",
            "print(list(recent))",
        ],
        [delete(1)],
    ),
    "a set comes in another order": (
        ["s = {0, 8}", "print(list(s))"],
        [update(0, "s = {8, 0}")],
    ),
    "a builtin is hidden that IPython has as well": (
        ["x = 1", "def open(path): return path", "print(open('x'))"],
        [delete(1), create("def open(path): return path * 2", 1)],
    ),
    "an attribute is set on a frame": (
        [
            "import pandas as pd\ndf = pd.DataFrame({'a': [1]})",
            "df.source = 'x'",
            "print(df.source)",
        ],
        [update(1, "df.source = 'y'")],
    ),
    "a series of objects is changed": (
        ["import pandas as pd\ns = pd.Series([[1], [2]])", "s[0].append(3)", "print(s.tolist())"],
        [update(1, "s[1].append(4)")],
    ),
    "a structured scalar is a view": (
        [
            "import numpy as np\ns = np.zeros(2, [('x', int)])\nrow = s[0]",
            "row['x'] = 5",
            "print(s)",
        ],
        [update(1, "row['x'] = 6")],
    ),
    "a class is registered": (
        [
            "from abc import ABC\nclass A(ABC): pass\nclass B: pass",
            "A.register(B)",
            "print(issubclass(B, A))",
        ],
        [delete(1)],
    ),
    "a lock is taken": (
        ["import threading\nlock = threading.Lock()", "lock.acquire()", "print(lock.locked())"],
        [update(1, "lock.locked()"), update(1, "lock.acquire(False)")],
    ),
    "a part of many is changed through a name of its own": (
        [
            "rows = [{'id': i, 'tags': []} for i in range(12_000)]",
            "mine = rows[7]['tags']",
            "mine.append('x')",
            "print(rows[7])",
        ],
        [update(2, "mine.append('y')")],
    ),
    "a module is made and filled": (
        [
            "import types\nconf = types.ModuleType('conf')\nconf.rate = 1",
            "print(conf.rate)",
            "conf.rate += 1",
            "print(conf.rate)",
        ],
        [update(0, "import types\nconf = types.ModuleType('conf')\nconf.rate = 5"), run(2)],
    ),
}


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_after_every_step_the_page_shows_what_run_all_shows(name: str) -> None:
    check_each_step(*NOTEBOOKS[name])


def test_looking_at_a_frame_changes_nothing() -> None:
    player = Player(
        "import pandas as pd",
        "df = pd.DataFrame({'a': [1, 2]})",
        "print(df.head())",
        "df.describe()",
    )
    player.run("all")
    assert player.notebook.nodes()["c2"].mutates == frozenset()
    assert player.run(["c2"]).executed == ["c2"]


def test_what_was_changed_along_is_shown() -> None:
    player = Player("d = []", "f = d", "f.append(1)", "print(d)")
    player.run("all")
    assert player.notebook.nodes()["c2"].mutates == {"d", "f"}
    assert player.notebook.graph.edge("c2", "c3") == ("d",)


def test_the_plan_says_what_is_made_again() -> None:
    player = Player("l = iter([1, 2])", "print(next(l))", "print(list(l))")
    player.run("all")
    run = player.notebook.begin_run("r", ["c1"], "reactive")
    assert {cell: run.why[cell] for cell in player.notebook.plan(run)} == {
        "c0": "replay",
        "c1": "asked",
        "c2": "affected",
    }


def test_a_cell_that_fails_on_a_generator_is_left_at_that() -> None:
    player = Player(
        "n = 1",
        "l = [0, 1]\nd = dict(a=[3])",
        "g = (q + n for q in l)",
        "next(g)\nh = []",
        "e = {**d, 'l': l}",
        "g = h",
        "l.append(7)",
    )
    player.run("all")
    player.delete("c0")
    assert player.run("stale").failed == ["c3"]
    assert player.notebook.status("c3").state == "failed"
    assert player.run("stale").executed == []


def test_what_changes_below_a_cell_that_failed_on_it_is_made_once() -> None:
    player = Player(
        "config = {'lr': 1}",
        "mine = config",
        "mine['missing'] += 1",
        "config['lr'] = 2",
        "config['seed'] = 3",
        "print(config)",
    )
    run = player.run("all")
    assert run.counts.total() == 6
    assert player.run("stale").executed == []
    assert player.user_ns["mine"] is player.user_ns["config"]
    player.delete("c3")
    player.run("stale")
    assert player.printed("c5") == "{'lr': 1, 'seed': 3}\n"
    assert player.user_ns["mine"] is player.user_ns["config"]


@pytest.mark.parametrize(
    ("steps", "left"),
    [
        ([delete(1)], []),
        ([delete(3)], []),
        ([delete(0), lambda player: player.create("l = []", 2, "c0")], []),
        ([move(3, 0)], []),
        ([move(3, 0), move(0, 3)], [1]),
        ([update(3, "m.append(2)")], [2]),
    ],
    ids=["alias gone", "change gone", "made below", "change above", "change back", "other change"],
)
def test_what_changed_below_a_cell_that_failed_on_it_does_so_no_more(
    steps: Steps, left: list[int]
) -> None:
    player = Player("l = []", "m = l", "l = list(7)", "m.append(1)")
    player.run("all")
    assert player.user_ns["l"] == [1]
    for step in steps:
        step(player)
        player.run("stale")
    assert player.user_ns["l"] == left


def test_what_cannot_be_looked_at_is_said() -> None:
    player = Player("l = [1]\ng = iter(l)", "next(g)\nl.append(2)", "print(l)")
    player.run("all")
    explanation = player.notebook.explain("c1")
    assert explanation.mutates == ("g", "l")
    assert explanation.unsure == ("g",)
    assert player.notebook.explain("c2").unsure == ()


def test_a_value_is_not_taken_for_one_that_shares_with_a_cell_moved_below() -> None:
    player = Player("x, y = [], []", "x = []", "y = x", "print(x is y)")
    _, x, y, _ = player.ids
    player.run()
    player.update(y, "y = list(x)")
    player.move(x, 2)
    player.run("stale")
    assert player.states() == ["fresh"] * 4
    player.check_promise()


def test_a_value_is_not_taken_for_one_that_shares_with_a_deleted_cell() -> None:
    player = Player("x, y = [], []", "x = []", "y = x", "print(x is y)")
    _, x, y, _ = player.ids
    player.run()
    player.update(y, "y = list(x)")
    player.delete(x)
    player.run("stale")
    player.create("x = []", 2, x)
    player.run("stale")
    assert player.states() == ["fresh"] * 4
    player.check_promise()


def test_a_copy_does_not_hide_what_the_cell_has_bound_to_the_same_as_before() -> None:
    player = Player("a, b, c = [], [], []", "b = 7", "c.append(1)", "c, b = b, c", "print(b, c)")
    player.run()
    player.update(player.ids[2], "")
    player.run("stale")
    assert player.printed(player.ids[4]) == "[] 7\n"
    assert player.user_ns["c"] == 7


@pytest.mark.parametrize("store", ["d['a'] = x", "d.update(a=x)", "d.setdefault('a', x)"])
def test_what_is_stored_where_it_already_was_follows_another_object(store: str) -> None:
    player = Player("x = [1]", "y = x[:]", "d = {'a': x}", store, "print(d['a'] is x)")
    player.run()
    assert player.printed(player.ids[4]) == "True\n"
    player.create("x = y", 3)
    player.run("stale")
    player.check_promise()
    assert player.states() == ["fresh"] * 6


@pytest.mark.parametrize(
    ("held", "source", "store", "shown"),
    [
        ("d = {}", "f = [1]", "d['f'] = f", "d.get('f', []).append(2)\nprint(f)"),
        ("d = []", "f = [1]", "d.append(f)", "print(d and d[0] is f)"),
        ("class P:\n    pass", "def f(): pass", "P.f = f", "print(f is getattr(P, 'f', 0))"),
        ("import json as d", "f = [1]", "d.f = f", "print(f is getattr(d, 'f', 0))"),
    ],
)
def test_what_is_made_once_more_and_stored_is_what_was_stored(
    held: str, source: str, store: str, shown: str
) -> None:
    player = Player(held, source, shown)
    player.run("all")
    player.update("c1", f"{source}\n{store}")
    player.run("stale")
    player.check_promise()
    assert player.states() == ["fresh"] * 3


def test_an_array_of_its_own_is_not_the_view_that_it_equals() -> None:
    player = Player("import numpy as np\na = np.zeros(3)", "v = a[:2]", "pass")
    player.run("all")
    player.update("c2", "a[2] = 2")
    player.run("stale")
    player.update("c1", "v = a[:2].copy()")
    player.run("stale")
    assert player.user_ns["v"].base is None


def test_what_a_failed_cell_hides_is_changed_along_when_it_is_gone() -> None:
    player = Player(
        "l = [[1]]",
        "inner = l[0]",
        "l[0] = list(l[0])",
        "inner.append(2)",
        "print(l, inner)",
        "l = (1, [2])",
    )
    player.run("all")
    player.update("c2", "l[6] = list(l[0])")
    player.run("stale")
    assert player.state("c4") == "blocked"
    player.delete("c2")
    player.run("stale")
    assert player.printed("c4") == "[[1, 2]] [1, 2]\n"
    player.check_promise()
