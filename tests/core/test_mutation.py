"""Changes in place: found by looking, taken to all names of the object, undone by replay."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from .player import Player

Steps = list[Callable[[Player], object]]


def create(source: str, index: int) -> Callable[[Player], object]:
    return lambda player: player.create(source, index)


def update(index: int, source: str) -> Callable[[Player], object]:
    return lambda player: player.update(player.ids[index], source)


def delete(index: int) -> Callable[[Player], object]:
    return lambda player: player.delete(player.ids[index])


def move(index: int, to: int) -> Callable[[Player], object]:
    return lambda player: player.move(player.ids[index], to)


def run(index: int) -> Callable[[Player], object]:
    return lambda player: player.run([player.ids[index]])


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
    "a class makes its keys by attribute": (
        [
            (
                "class Tree(dict):\n"
                "    def __getattr__(self, name): return self.setdefault(name, Tree())\n"
                "    def __setattr__(self, name, value): self[name] = value\n"
                "tree = Tree()"
            ),
            "tree.a.b = 1",
            "tree.a.c = 2",
            "print(tree)",
        ],
        [update(1, "tree.a.b = 3"), delete(2)],
    ),
    "a class counts what it makes": (
        [
            (
                "class A:\n    made = 0\n    def __new__(cls):\n        A.made += 1\n"
                "        return super().__new__(cls)"
            ),
            "a = A()",
            "a.x = [1]",
            "a.x.append(A.made)",
            "print(a.x, A.made)",
        ],
        [update(2, "a.x = [2]"), update(3, "a.x.append(-A.made)")],
    ),
    "a proxy writes down what it is asked": (
        [
            "asked = []\ntarget = [1]",
            (
                "class Proxy:\n    def __getattr__(self, name):\n"
                "        asked.append(name)\n        return getattr(target, name)\np = Proxy()"
            ),
            "p.append(2)",
            "p.own = 3",
            "print(asked, target, p.own)",
        ],
        [update(2, "p.append(4)"), update(3, "p.own = 5")],
    ),
    "a proxy writes down that it is asked for its class": (
        [
            "asked = []",
            (
                "class Proxy:\n    @property\n    def __class__(self):\n"
                "        asked.append(1)\n        return list\np = Proxy()"
            ),
            "p.x = [1]",
            "p.x.append(2)",
            "print(asked, p.x)",
        ],
        [update(2, "p.x = [3]")],
    ),
    "a key is changed": (
        [
            (
                "class K:\n    def __init__(self, v): self.v = v\n"
                "    def __hash__(self): return self.v\n"
                "    def __eq__(self, other): return self.v == other.v\n"
                "k = K(1)\nd = {k: 1}"
            ),
            "k.v = 2",
            "d['z'] = 1",
            "print(d.get(K(2)))",
        ],
        [update(2, "d['y'] = 1")],
    ),
    "a list of its own writes down what is appended": (
        [
            (
                "log = []\nclass L(list):\n    def append(self, value):\n"
                "        log.append(value)\n        super().append(value)\nmine = L()"
            ),
            "mine.append(1)",
            "mine.append(2)",
            "print(log, mine)",
        ],
        [update(1, "mine.append(3)")],
    ),
    "attributes are changed through the dict that holds them": (
        [
            "class O: pass\no = O()\no.x = 1",
            "d = vars(o)",
            "d['y'] = 2",
            "o.y += 1",
            "print(o.y)",
        ],
        [update(2, "d['y'] = 5")],
    ),
    "a function is called by numpy": (
        ["k = 2", "import numpy as np\nf = np.vectorize(lambda x: x * k)", "print(f([1, 2]))"],
        [update(0, "k = 3")],
    ),
    "a function is in an array": (
        ["k = 2", "import numpy as np\na = np.array([lambda: k], object)", "print(a[0]())"],
        [update(0, "k = 3")],
    ),
    "a function in an array is given an attribute": (
        [
            "import numpy as np\ndef f(): return 1",
            "a = np.array([f, len], object)",
            "f.n = 5",
            "print(a[0].n)",
        ],
        [update(2, "f.n = 6")],
    ),
    "a function in an array is made again": (
        [
            "import numpy as np\ndef f(): return 1",
            "a = np.array([f, len], object)",
            "print(a[0] is f)",
        ],
        [
            update(0, "import numpy as np\ndef f(): return 1\n1 / 0"),
            update(0, "import numpy as np\ndef f(): return 1"),
        ],
    ),
    "an instance is in a frame": (
        [
            "k = 2",
            "class A:\n    def f(self): return k",
            "import pandas as pd\ndf = pd.DataFrame({'n': [1], 'a': [A()]})",
            "print(df.a[0].f())",
        ],
        [update(0, "k = 3")],
    ),
    "ticks are written by a function": (
        [
            "mark = '%'",
            (
                "import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nax.plot([1, 2])\n"
                "_ = ax.xaxis.set_major_formatter(lambda value, place: mark)"
            ),
            "fig.canvas.draw()\nprint(ax.get_xticklabels()[0].get_text())",
        ],
        [update(0, "mark = '!'")],
    ),
    "a figure calls a function that changes a list": (
        [
            "drawn = []",
            "import matplotlib.pyplot as plt\nfig = plt.figure()",
            "_ = fig.canvas.mpl_connect('draw_event', lambda event: drawn.append(1))",
            "fig.canvas.draw()",
            "print(len(drawn))",
        ],
        [update(3, "fig.canvas.draw()\nfig.canvas.draw()"), delete(2)],
    ),
    "instances are equal to themselves only": (
        ["class P: pass", "a = P()", "b = a", "print(a == b, b in [a])"],
        [update(2, "b = P()"), update(2, "b = a")],
    ),
    "a class is another with the same code": (
        ["class A: pass", "a = A()", "class A: pass", "print(isinstance(a, A))"],
        [delete(2)],
    ),
    "an exception is of another class with the same code": (
        [
            "class E(Exception): pass",
            "e = E()",
            "class E(Exception): pass",
            (
                "def caught():\n    try:\n        raise e\n    except E:\n        return True\n"
                "    except Exception:\n        return False"
            ),
            "print(caught())",
        ],
        [delete(2)],
    ),
    "a pattern is of another class with the same code": (
        [
            "class A: pass",
            "a = A()",
            "class A: pass",
            "match a:\n    case A():\n        print('one')\n    case _:\n        print('other')",
        ],
        [delete(2)],
    ),
    "a day is of a class that is changed": (
        [
            (
                "from datetime import date\nclass Day(date):\n    form = '%Y'\n"
                "    def __str__(self): return self.strftime(self.form)"
            ),
            "day = Day(2020, 1, 2)",
            "Day.form = '%m'",
            "print(day)",
        ],
        [update(2, "Day.form = '%d'"), delete(2)],
    ),
    "a module is given an attribute by its name": (
        ["import math", "setattr(math, 'half', 0.5)", "print(math.half)"],
        [update(1, "setattr(math, 'half', 1 / 2 + 1)")],
    ),
    "a module is given an attribute through its dict": (
        ["import math", "vars(math)['third'] = 3", "print(math.third)"],
        [update(1, "vars(math)['third'] = 4")],
    ),
    "frames are given an accessor": (
        [
            "import pandas as pd\nimport warnings\nwarnings.simplefilter('ignore')",
            (
                "@pd.api.extensions.register_dataframe_accessor('first')\nclass First:\n"
                "    def __init__(self, frame): self.frame = frame\n"
                "    def get(self): return self.frame.iloc[0, 0]"
            ),
            "print(pd.DataFrame({'a': [1]}).first.get())",
        ],
        [
            update(
                1,
                "@pd.api.extensions.register_dataframe_accessor('first')\nclass First:\n"
                "    def __init__(self, frame): self.frame = frame\n"
                "    def get(self): return -self.frame.iloc[0, 0]",
            )
        ],
    ),
    "a cell that draws fails": (
        [
            "import matplotlib.pyplot as plt\nfig, ax = plt.subplots()",
            "_ = ax.plot([1])",
            "ax.set_title(unknown)",
            "_ = ax.plot([2])",
            "print(len(ax.lines))",
        ],
        [update(3, "_ = ax.plot([3])"), update(2, "_ = ax.set_title('known')")],
    ),
}


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_after_every_step_the_page_shows_what_run_all_shows(name: str) -> None:
    sources, steps = NOTEBOOKS[name]
    player = Player(*sources)
    player.run("all")
    player.check_promise()
    for step in steps:
        step(player)
        player.run("stale")
        player.check_promise()
        assert set(player.states()) <= {"fresh", "failed", "blocked"}


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


def test_an_array_of_its_own_is_not_the_view_that_it_equals() -> None:
    player = Player("import numpy as np\na = np.zeros(3)", "v = a[:2]", "pass")
    player.run("all")
    player.update("c2", "a[2] = 2")
    player.run("stale")
    player.update("c1", "v = a[:2].copy()")
    player.run("stale")
    assert player.user_ns["v"].base is None
