"""What a cell reaches by no name: hooks of classes, functions in values of libraries, identity."""

from __future__ import annotations

import pytest

from .edits import Steps, check_each_step, create, delete, move, run, update

NOTEBOOKS: dict[str, tuple[list[str], Steps]] = {
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
    "a function has globals of its own": (
        [
            "K = 3",
            "ns = {}\nexec(f'K = {K}\\ndef f(): return K', ns)\nf = ns['f']",
            "print(f())",
        ],
        [update(0, "K = 44"), run(2)],
    ),
    "a function changes globals of its own": (
        [
            "ns = {}\nexec('log = []\\ndef f(): log.append(1); return len(log)', ns)\nf = ns['f']",
            "print(f())",
            "print(f())",
        ],
        [run(1), run(2), delete(1)],
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
    "an instance is looked up in a dict": (
        ["class K: pass\nk = K()", "other = K()", "d = {k: 1}", "print(d.get(other))"],
        [update(1, "other = k"), update(1, "other = K()")],
    ),
    "an object is looked up in a list": (
        ["k = object()", "other = object()", "l = [k]", "print(l.count(other))"],
        [update(1, "other = k"), update(1, "other = object()")],
    ),
    "instances are members of a set": (
        ["class K: pass\nk = K()", "other = K()", "print(len({k, other}))"],
        [update(1, "other = k"), update(1, "other = K()")],
    ),
    "an attribute is looked up in an attribute": (
        [
            "class K: pass\na = K()\na.k = K()",
            "b = K()\nb.k = K()",
            "a.d = {a.k: 1}",
            "print(a.d.get(b.k))",
        ],
        [update(1, "b = K()\nb.k = a.k"), update(1, "b = K()\nb.k = K()")],
    ),
    "methods are keys": (
        [
            "class A:\n    def f(self): pass\na = A()",
            "b = A()",
            "d = {a.f: 1}",
            "print(d.get(b.f))",
        ],
        [update(1, "b = a"), update(1, "b = A()")],
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
    "frames are given an accessor where pandas is imported": (
        [
            (
                "import warnings\nwarnings.simplefilter('ignore')\nimport pandas as pd\n"
                "@pd.api.extensions.register_dataframe_accessor('second')\nclass Second:\n"
                "    def __init__(self, frame): pass\n    def get(self): return 1"
            ),
            "df = pd.DataFrame({'a': [1]})",
            "print(df.second.get())",
        ],
        [
            update(
                0,
                "import warnings\nwarnings.simplefilter('ignore')\nimport pandas as pd\n"
                "@pd.api.extensions.register_dataframe_accessor('second')\nclass Second:\n"
                "    def __init__(self, frame): pass\n    def get(self): return 2",
            )
        ],
    ),
    "a query is kept in a name": (
        [
            "import pandas as pd\ndf = pd.DataFrame({'a': [1, 2, 3]})",
            "low, high = 0, 2",
            "query = 'a > @low'",
            "print(len(df.query(query)), len(df.query(f'{query} and a < 3')))",
        ],
        [update(1, "low, high = 1, 2"), update(2, "query = 'a > @high'"), update(1, "high = 1")],
    ),
    "a query is in a function": (
        [
            "import pandas as pd\ndf = pd.DataFrame({'a': [1, 2, 3]})",
            "low, k = 1, 2",
            "def top(d): return d.query('a > @low').eval('a * @k')",
            "class Top:\n    def of(self, d): return top(d).tolist()",
            "print(Top().of(df))",
        ],
        [update(1, "low, k = 2, 2"), update(1, "low, k = 2, 3")],
    ),
    "a frame is found by DuckDB": (
        [
            "import duckdb, pandas as pd\ncon = duckdb.connect()",
            "df = pd.DataFrame({'a': [1, 2]})",
            "def most(): return con.execute('SELECT max(a) FROM df').fetchone()",
            "print(most(), duckdb.sql('select sum(a) from df where a > 0').fetchall())",
        ],
        [update(1, "df = pd.DataFrame({'a': [3, 4]})")],
    ),
    "a frame is found by Polars": (
        [
            "import polars as pl",
            "df = pl.DataFrame({'a': [1, 2]})",
            "print(pl.sql('SELECT sum(a) AS s FROM df').collect().item())",
        ],
        [update(1, "df = pl.DataFrame({'a': [3, 4]})")],
    ),
    "settings hold arrays": (
        [
            "import numpy as np\nimport matplotlib.pyplot as plt",
            "plt.rcParams['axes.facecolor'] = np.array([1, 1, 0.5])",
            "cycle = plt.cycler(color=plt.cm.viridis(np.linspace(0, 1, 10)))",
            "plt.rcParams['axes.prop_cycle'] = cycle",
            "plt.rcParams['axes.prop_cycle'] = plt.cycler(color=np.eye(10, 3))",
            "print(plt.rcParams['axes.facecolor'], len(plt.rcParams['axes.prop_cycle']))",
        ],
        [
            update(1, "plt.rcParams['axes.facecolor'] = np.array([1, 0.5, 1])"),
            update(4, "plt.rcParams['axes.prop_cycle'] = plt.cycler(color=np.eye(5, 3))"),
            delete(1),
        ],
    ),
    "a day is of a class that holds nothing more": (
        [
            "from datetime import date\nclass Day(date):\n    __slots__ = ()",
            "day = Day(2020, 1, 2)",
            "print(day.year)",
        ],
        [update(1, "day = Day(2021, 1, 2)")],
    ),
    "one of many instances is looked up": (
        [
            "class Cell: pass\ncells = [Cell() for _ in range(8000)]",
            "place = {cell: i for i, cell in enumerate(cells)}",
            "start = cells[5]",
            "print(place[start])",
        ],
        [update(2, "start = cells[7]")],
    ),
    "pictures are in two lists": (
        [
            "from PIL import Image\npictures = [Image.new('L', (8, 8)) for _ in range(4)]",
            "some = pictures[:2]",
            "print([picture.size for picture in some])",
        ],
        [
            create("for picture in pictures:\n    picture.thumbnail((3, 3))", 2),
            update(2, "for picture in pictures:\n    picture.thumbnail((4, 4))"),
            move(2, 1),
            delete(1),
        ],
    ),
    "elements are in a document": (
        [
            "import xml.etree.ElementTree as ET\nroot = ET.fromstring('<a><b/><b/></a>')",
            "items = root.findall('b')",
            "print(ET.tostring(root))",
        ],
        [create("for item in items:\n    item.set('n', '3')", 2), delete(2)],
    ),
    "readers share a generator": (
        [
            (
                "class Source:\n    def __init__(self, rows): self.rows = rows\n"
                "    def take(self): return next(self.rows)"
            ),
            "train = Source(iter(n for n in range(9)))",
            "test, other = Source(train.rows), Source(iter(n for n in range(9)))",
            "print(test.take())",
            "print(other.take())",
        ],
        [create("train.take()", 3), delete(3)],
    ),
    "pixels are of a picture": (
        [
            "from PIL import Image",
            "picture = Image.new('L', (2, 2))",
            "pixels = picture.load()",
            "print(picture.getpixel((0, 0)))",
        ],
        [create("pixels[0, 0] = 200", 3), update(3, "pixels[0, 0] = 100"), delete(3)],
    ),
    "a library makes the class that others are registered with": (
        [
            (
                "from sqlalchemy import Column, Integer, create_engine\n"
                "from sqlalchemy.orm import declarative_base"
            ),
            "Base = declarative_base()",
            (
                "class User(Base):\n    __tablename__ = 'users'\n"
                "    id = Column(Integer, primary_key=True)"
            ),
            "print({table.name: list(table.c.keys()) for table in Base.metadata.sorted_tables})",
        ],
        [
            update(
                2,
                "class User(Base):\n    __tablename__ = 'people'\n"
                "    id = Column(Integer, primary_key=True)\n    age = Column(Integer)",
            ),
            delete(2),
        ],
    ),
    "what is nested deep may be": (
        [
            "import sys\nsys.setrecursionlimit(10**6)",
            "class Node:\n    def __init__(self, n): self.n, self.next = n, None",
            (
                "head = node = Node(0)\nfor i in range(1, 40_000):\n"
                "    node.next = Node(i)\n    node = node.next"
            ),
            "print(head.next.n)",
        ],
        [update(2, "head = Node(0)\nhead.next = Node(5)")],
    ),
    "a logger has no name that logging knows": (
        ["import logging\nlog = logging.Logger('own')", "log.setLevel(20)", "print(log.level)"],
        [update(1, "log.setLevel(30)"), update(0, "import logging\nlog = logging.Logger('o')")],
    ),
    "a context is copied": (
        [
            "import contextvars\nv = contextvars.ContextVar('v', default=1)",
            "t = v.set(5)",
            "c = contextvars.copy_context()",
            "print(c.run(v.get))",
        ],
        [move(1, 2), move(2, 1), update(1, "t = v.set(6)")],
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
    check_each_step(*NOTEBOOKS[name])
