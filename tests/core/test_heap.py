"""What is kept of values: copies that save replays, and the limit of memory."""

from __future__ import annotations

import pytest

from reactive_kernel.memory import report
from reactive_kernel.values import copy_together

from .player import Player
from .session_player import SessionPlayer

COPIED = {
    "a list": ("x = [1]", "x.append(2)"),
    "a list of lists": ("x = [[1], [2]]", "x[0].append(3)"),
    "an instance": ("class A:\n    pass\nx = A()\nx.v = [1]", "x.v.append(2)"),
    "an array": ("import numpy as np\nx = np.zeros(3)", "x[0] += 1"),
    "a frame": ("import pandas as pd\nx = pd.DataFrame({'a': [1, 2]})", "x['b'] = x.a * 2"),
    "a frame of a file": (
        "import io, pandas as pd\nx = pd.read_csv(io.StringIO('a,b,c\\n1,1,x\\n2,3,y'))",
        "x['d'] = x.a * 2",
    ),
    "a frame with columns that were added": (
        (
            "import pandas as pd\nx = pd.DataFrame({'a': [1, 2], 'b': ['x', 'y']})\n"
            "x['c'] = x.a * 2\nx['d'] = pd.Timestamp('2020')"
        ),
        "x.loc[0, 'c'] = 5",
    ),
    "a fitted model": (
        "from sklearn.linear_model import LinearRegression\nx = LinearRegression()",
        "x.fit([[0], [1]], [0, 1])",
    ),
    "a graph": ("import networkx as nx\nx = nx.path_graph(3)", "x.add_edge(0, 2)"),
    "a named tuple of lists": (
        "from collections import namedtuple\nx = namedtuple('P', 'a b')([1], [2])",
        "x.a.append(3)",
    ),
    "a list of what hashes itself": (
        (
            "class A:\n    def __hash__(self): return 1\n    def __repr__(self): return 'A'\n"
            "x = [A(), [1]]"
        ),
        "x[1].append(2)",
    ),
    "a random generator": ("import random\nx = random.Random(1)", "print(x.random())"),
}
MADE_AGAIN = {
    "an iterator": ("x = iter([1, 2, 3])", "print(next(x))"),
    "a class": ("class x:\n    v = 1", "x.v += 1"),
    "an instance with its class": ("class A:\n    v = []\nx = A()", "x.v.append(1)"),
    "a closure": (
        "def make():\n    n = []\n    return lambda: n.append(1) or len(n)\nx = make()",
        "print(x())",
    ),
    "two arrays on the same memory": ("import numpy as np\nx = np.zeros(3)\ny = x[1:]", "y[0] = 1"),
    "an array with fields": (
        "import numpy as np\nx = np.zeros(2, dtype=[('a', int)])",
        "x['a'] += 1",
    ),
    "an instance that copies itself": (
        "class A:\n    def __deepcopy__(self, memo): return self\nx = A()\nx.v = [1]",
        "x.v.append(1)",
    ),
}


@pytest.mark.parametrize("name", COPIED)
def test_of_what_is_cheap_to_copy_a_copy_is_kept(name: str) -> None:
    make, change = COPIED[name]
    shown = "x.getstate()" if "Random" in make else "getattr(x, '__dict__', x)"
    if "pandas" in make:
        # Its `__dict__` tells how pandas keeps it.
        shown = "x"
    player = Player(make, change, f"print({shown})")
    player.run("all")
    for _ in range(2):
        assert "c0" not in player.run(["c1"]).executed
        player.check_promise()
    player.create(f"print('before', {shown})", 1)
    assert "c0" not in player.run("stale").executed
    player.check_promise()
    assert set(player.states()) == {"fresh"}


@pytest.mark.parametrize("size", [1, 50_000])
def test_a_class_is_as_it_was_before_its_instances_were_looked_at(size: int) -> None:
    player = Player(
        "class A:\n    pass", f"x = A()\nx.v = [0] * {size}", "x.v[0] = 1", "print(dir(x))"
    )
    player.run("all")
    player.check_promise()
    player.update("c3", "import pickle\npickle.dumps(x)\nprint(dir(x))")
    player.run("stale")
    player.check_promise()


@pytest.mark.parametrize("name", MADE_AGAIN)
def test_what_a_copy_would_not_be_is_made_again(name: str) -> None:
    make, change = MADE_AGAIN[name]
    player = Player(make, change)
    player.run("all")
    run = player.run(["c1"])
    assert run.why["c0"] == "replay"
    player.check_promise()


@pytest.mark.parametrize(
    "made",
    [
        *("drop(columns='s')", "sort_values('n')", "reset_index()", "merge(df, on='s')"),
        *("rename(columns={'n': 'm'})", "assign(q=1)", "head(2)", "iloc[::2]"),
    ],
)
def test_of_frames_that_have_memory_in_common_copies_are_kept(made: str) -> None:
    player = Player(
        "import io, pandas as pd\ndf = pd.read_csv(io.StringIO('s,n,t\\n1,1,a\\n1,2,b\\n2,3,c'))",
        "k = 2",
        f"made = df.{made}\nmade['z'] = k",
        "df['c'] = 1",
        "print(df, made)",
    )
    player.run("all")
    player.update("c1", "k = 3")
    assert player.run("stale").executed == ["c1", "c2", "c3", "c4"]
    player.check_promise()
    player.update("c3", "df['c'] = 2")
    assert player.run("stale").executed == ["c3", "c4"]
    player.check_promise()


def test_frames_that_are_not_written_to_each_for_itself_have_no_copies(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import pandas as pd

    frame = pd.DataFrame({"a": [1, 2], "b": ["x", "y"]})
    frames = [frame, frame.drop(columns="b")]
    assert copy_together(frames) is not None
    monkeypatch.setattr(pd, "__version__", "2.3.0")
    monkeypatch.setattr(pd, "get_option", lambda _: False)
    assert copy_together(frames) is None
    assert copy_together(frames[:1]) is not None


def test_who_keeps_a_copy_takes_along_what_hangs_together_with_it() -> None:
    player = Player("a = [[]]", "a.append(2)", "print(a)")
    player.run("all")
    player.create("x = a[0]", 1)
    player.run("stale")
    player.create("x.append(9)", 3)
    run = player.run("stale")
    assert "c0" not in run.executed
    player.check_promise()
    assert player.user_ns["x"] is player.user_ns["a"][0]


def test_what_a_failed_cell_has_changed_is_as_it_was() -> None:
    player = Player("a = [1]", "b = a", "a.append(2)\n1 / 0", "b")
    player.run("all")
    assert player.user_ns["a"] == [1]
    assert player.user_ns["a"] is player.user_ns["b"]
    assert player.run(["c3"]).executed == ["c3"]


def test_what_a_failed_cell_uncovers_is_shared_with_what_was_changed_on_a_copy() -> None:
    player = Player(
        "a = []", "b = []", "c = [[5], b]", "b = a", "c[0].append(1)", "print(c[1] is b)"
    )
    player.run()
    player.run(["c4"])
    player.update("c0", "")
    player.run("stale")
    assert player.states() == ["idle", "fresh", "fresh", "failed", "fresh", "blocked"]
    assert player.user_ns["c"][1] is player.user_ns["b"]
    player.check_promise()


@pytest.mark.parametrize(
    ("whole", "store", "part"),
    [
        ("w = {'k': []}", "w['k'] = p", "w['k']"),
        ("w = {'k': []}", "w.update(k=p)", "w['k']"),
        ("class w:\n    k = []", "setattr(w, 'k', p)", "w.k"),
        ("w = {'k': []}\ndef f(x):\n    x['k'] = p", "f(w)", "w['k']"),
    ],
    ids=["an item", "a method", "a builtin", "a function"],
)
def test_what_is_stored_where_it_was_is_stored_into_a_new_object_too(
    whole: str, store: str, part: str
) -> None:
    player = Player("p = []", whole, store, store)
    player.run()
    player.update("c2", "")
    player.run("stale")
    assert eval(f"{part} is p", player.user_ns)


def test_a_class_that_holds_another_equal_object_is_made_again() -> None:
    source = "class A:\n    v = []"
    player = Player("x = []", source, "setattr(A, 'v', x)")
    player.run()
    player.delete("c1")
    player.run("stale")
    player.create(source, 2, "c1")
    assert player.run("stale").executed == ["c1"]
    assert player.user_ns["A"].v is not player.user_ns["x"]


def test_what_comes_back_above_a_failed_cell_is_seen_below_it() -> None:
    player = Player("a = []", "c = [[5], []]", "b = c[1]", "b = a", "c[0].append(1)")
    player.run()
    player.run(["c4"])
    player.update("c2", "b = 1")
    player.update("c0", "")
    player.run(["c3"], "only")
    assert player.states() == ["idle", "fresh", "stale", "failed", "fresh"]
    player.update("c2", "b = c[1]")
    assert player.states() == ["idle", "fresh", "fresh", "failed", "stale"]
    player.run("stale")
    assert player.user_ns["c"][1] is player.user_ns["b"]


def test_a_cell_that_fails_is_not_run_again_for_what_is_made_again_for_others() -> None:
    player = Player(
        # Each has an identifier of its own, and cannot be copied.
        "import pandas as pd\ndf = pd.DataFrame({'a': [1, 2]})\nstyle = df.style",
        "_ = style.hide(axis='index')",
        "df.loc[0, 'a'] = 7",
        "print(df.a.sum())",
    )
    player.run("all")
    player.update("c1", "_ = style.hide(axis='index')\n1 / 0")
    run = player.run("stale")
    assert run.counts["c1"] == 1
    assert [player.state("c2"), player.state("c3")] == ["fresh", "fresh"]
    assert player.printed("c3") == "9\n"


def test_copies_share_what_the_values_share() -> None:
    inner: list[int] = [1]
    copies = copy_together([[inner, inner], {"k": inner}])
    assert copies is not None
    first, second = copies
    assert first[0] is first[1] is second["k"] is not inner


def test_the_largest_is_let_go_past_the_limit_and_made_again() -> None:
    player = Player(
        "x = 'a' * 1_000_000",
        "n = len(x)",
        "x = 'b' * 100_000",
        "m = len(x)",
        "x = ''",
        "print(n, m)",
    )
    player.notebook.heap.limit = 500_000
    player.run("all")
    kept = {(v.name, v.cell) for v, _, _ in player.notebook.heap.kept()}
    assert kept == {("x", "c2")}
    assert player.run(["c3"]).executed == ["c3"]
    player.update("c1", "n = len(x) + 1")
    run = player.run(["c1"])
    assert run.why["c0"] == "replay"
    player.check_promise()
    assert player.printed("c5") == "1000001 100000\n"


def test_what_stands_at_the_end_is_never_let_go() -> None:
    player = Player("x = 'a' * 1_000_000", "print(len(x))")
    player.notebook.heap.limit = 1000
    player.run("all")
    player.run(["c1"])
    assert player.run(["c1"]).executed == ["c1"]
    assert player.user_ns["x"] == "a" * 1_000_000


def test_figures_that_are_open_are_never_let_go() -> None:
    player = Player(
        "import matplotlib.pyplot as plt\n_ = plt.plot([1])",
        "_ = plt.title('a')",
        "plt.figure()\n_ = plt.plot([2])",
        "print(len(plt.get_fignums()))",
    )
    player.notebook.heap.limit = 1
    player.run("all")
    for number in (3, 2):
        player.update("c2", f"plt.figure()\n_ = plt.plot([{number}])")
        player.run(["c2"])
        player.run("stale")
        assert player.states() == ["fresh"] * 4
        assert player.printed("c3") == "2\n"


def test_what_is_kept_is_told() -> None:
    player = Player("x = ['a' * 50_000]", "x.append(1)", "print(x)")
    player.run("all")
    lines = report(player.notebook.heap, player.notebook.document).splitlines()
    assert lines[0].split() == ["name", "cell", "size", "kept", "as"]
    rows = [line.split() for line in lines[1:-2]]
    assert sorted((row[0], row[1], row[-1]) for row in rows[:-1]) == [
        ("x", "1", "copy"),
        ("x", "1", "version"),
        ("x", "2", "version"),
    ]
    assert rows[-1][0] == "all"


def test_copies_are_let_go_too() -> None:
    player = Player("x = ['a' * 50_000]", "x.append('b')", "x.append('c')", "print(len(x))")
    player.notebook.heap.limit = 60_000
    player.run("all")
    player.run("all")
    ends = player.notebook.graph.available("x", float("inf"))
    kept = [size for v, size, is_copy in player.notebook.heap.kept() if is_copy or v is not ends]
    assert sum(kept) <= 60_000
    player.run(["c2"])
    player.check_promise()
    assert player.printed("c3") == "3\n"


def test_a_copy_that_stands_at_the_end_is_never_let_go() -> None:
    player = Player("x = ['a' * 50_000]", "x.append('b')\n1 / 0")
    player.notebook.heap.limit = 1000
    player.run("all")
    assert player.states() == ["fresh", "failed"]
    assert player.user_ns["x"] == ["a" * 50_000]


def test_what_is_made_again_is_used_before_a_cell_below_changes_it() -> None:
    player = SessionPlayer(memory_limit=1)
    for source in (
        "a, b = [], [7, 0]",
        "b.extend(b[:2])",
        "a += [4]",
        "n, *rest = [7, 5, *b]",
        "a = [1]",
        "if n <= 3:\n    rest = a",
        "rest.append(7)",
        "b += [0]",
    ):
        player.create(source)
    player.run("all")
    player.move("c4", 6)
    player.run("stale")
    assert player.states() == ["fresh"] * 8


def test_what_two_cells_spend_in_turns_is_made_for_both() -> None:
    """A cell that may write any name stands between one that makes values again and its reader."""
    player = SessionPlayer(memory_limit=1)
    for source in (
        "l = []",
        "m = [missing for each in l]",
        "list.append(l, 4)",
        "eval('m').append(0)",
        "print(l, m)",
    ):
        player.create(source)
    player.run("stale")
    player.create("from bisect import *\ninsort(l, 5)", 2)
    player.run("stale")
    assert player.states() == ["fresh"] * 6
    assert player.outputs[player.ids[-1]] == ("[5, 4] [0]\n", None)
