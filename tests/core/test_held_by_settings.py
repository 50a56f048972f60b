"""Values that cells reach through settings and libraries, without a variable that holds them."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from .judge import check_promise
from .player import Player

LOGS = "import logging\nseen = []\n"
WARNS = "import warnings\nlog = []\nwarnings.simplefilter('always')\n"

NOTEBOOKS: dict[str, tuple[list[str], str]] = {
    "a stream of the root logger": (
        [
            "import logging, io\nst = io.StringIO()\nlogging.basicConfig(stream=st, force=True)",
            "logging.warning('one')",
            "print(st.getvalue())",
        ],
        "logging.warning('two')",
    ),
    "a stream, by a function": (
        [
            (
                "import logging, io\nst = io.StringIO()\n"
                "logging.basicConfig(stream=st, force=True)\n"
                "def work(n): logging.error(n)"
            ),
            "work(1)",
            "work(2)",
            "print(st.getvalue())",
        ],
        "work(3)",
    ),
    "a filter": (
        [
            f"{LOGS}logging.getLogger('app').addFilter(lambda r: seen.append(r.msg) or True)",
            "logging.getLogger('app').warning('one')",
            "print(seen)",
        ],
        "logging.getLogger('app').warning('two')",
    ),
    "a handler": (
        [
            (
                f"{LOGS}class H(logging.Handler):\n    def emit(self, r): seen.append(r.msg)\n"
                "logging.getLogger('app').addHandler(H())"
            ),
            "logging.getLogger('app').warning('one')",
            "print(seen)",
        ],
        "logging.getLogger('app').warning('two')",
    ),
    "what NumPy calls of errors": (
        [
            (
                "import numpy as np\nlog = []\nnp.seterrcall(lambda *x: log.append(x))\n"
                "np.seterr(divide='call')\na = np.array([0.])"
            ),
            "1 / a",
            "print(log)",
        ],
        "1 / a\n2 / a",
    ),
    "how NumPy writes numbers": (
        [
            (
                "import numpy as np\nlog = []\n"
                "np.set_printoptions(formatter={'float': lambda x: log.append(x) or 'f'})"
            ),
            "print(np.array([1.5]))",
            "print(log)",
        ],
        "print(np.array([2.5]))",
    ),
    "how pandas writes numbers": (
        [
            (
                "import pandas as pd\nlog = []\n"
                "pd.set_option('display.float_format', lambda x: log.append(x) or 'f')"
            ),
            "print(pd.Series([1.5]))",
            "print(len(log))",
        ],
        "print(pd.Series([2.5, 3.5]))",
    ),
    "how warnings are shown": (
        [
            f"{WARNS}warnings.showwarning = lambda m, *a, **k: log.append(str(m))",
            "warnings.warn('x')",
            "print(log)",
        ],
        "warnings.warn('y')",
    ),
    "a method set on a library's class": (
        [
            (
                "import pandas as pd\nlog = []\ndf = pd.DataFrame({'a': [1]})\n"
                "pd.DataFrame.mine = lambda self, n: log.append(n) or self"
            ),
            "df.mine(1)",
            "print(log)",
        ],
        "df.mine(2)",
    ),
    "an accessor": (
        [
            (
                "import pandas as pd\nlog = []\ns = pd.Series([1])\n"
                "@pd.api.extensions.register_series_accessor('acc_of_test')\n"
                "class Accessor:\n    def __init__(self, s): pass\n"
                "    def hit(self, n): log.append(n)"
            ),
            "s.acc_of_test.hit(1)",
            "print(log)",
        ],
        "s.acc_of_test.hit(2)",
    ),
    "a hook of a library": (
        [
            (
                "import json\nlog = []\n"
                "json.JSONEncoder.default = lambda self, o: log.append(repr(o)) or 'x'"
            ),
            "json.dumps({1})",
            "print(log)",
        ],
        "json.dumps({2})",
    ),
    "the display hook": (
        ["import sys\nlog = []\nsys.displayhook = log.append", "sys.displayhook(1)", "print(log)"],
        "sys.displayhook(2)",
    ),
    "a handler that calls a function": (
        [
            (
                f"{LOGS}def keep(m): seen.append(m)\nclass H(logging.Handler):\n"
                "    def emit(self, r): keep(r.msg)\nlogging.getLogger('app').addHandler(H())"
            ),
            "logging.getLogger('app').warning('one')",
            "print(seen)",
        ],
        "logging.getLogger('app').warning('two')",
    ),
    "what the stream of a cell above is for": (
        [
            "import logging, io\nst = io.StringIO()",
            "logging.basicConfig(stream=st, level=10, force=True)",
            "logging.critical('one')",
            "print(st.getvalue())",
        ],
        "logging.basicConfig(stream=st, level=20, force=True)",
    ),
    "a function that keeps a list of the cell above": (
        [
            "import textwrap\nlog = []",
            "textwrap.fill = lambda t, log=log: log.append(t)",
            "textwrap.fill('a')",
            "print(log)",
        ],
        "textwrap.fill = lambda t, log=log: log.append(t + t)",
    ),
    "a list of the cell above": (
        [
            "import textwrap\nlog = []",
            "textwrap.keep = log",
            "getattr(textwrap, 'keep', []).append(1)",
            "print(log, getattr(textwrap, 'keep', None) is log)",
        ],
        "textwrap.keep = log  # another\ntextwrap.keep.append(0)",
    ),
    "a function that takes back what was set": (
        [
            (
                "import textwrap\noriginal = textwrap.fill\ntextwrap.fill = lambda t: 'P'\n"
                "def take_back(): textwrap.fill = original"
            ),
            "take_back()",
            "print(textwrap.fill('a'), textwrap.fill is original)",
        ],
        "pass",
    ),
    "a mock in the place of what was set": (
        [
            "import textwrap\nfrom unittest import mock\ntextwrap.fill = lambda t: 'P'",
            "mock.patch('textwrap.fill', lambda t: 'M').start()",
            "print(textwrap.fill('a'))",
        ],
        "pass",
    ),
    "what the kernel asks itself": (
        [
            (
                "import os\nn = []\ncwd = os.getcwd\ndef g():\n    n.append(1)\n"
                "    return cwd()\nos.getcwd = g"
            ),
            "x = os.getcwd()",
            "print(len(n))",
        ],
        "x = os.getcwd() + os.getcwd()",
    ),
    "the search path by another name": (
        [
            "import sys\nfrom sys import path",
            "path.append('/q')",
            "print([p for p in ('/q', '/r') if p in sys.path])",
        ],
        "path.append('/r')",
    ),
    "a method of the search path": (
        [
            "import sys\nadd = sys.path.append",
            "add('/q')",
            "print([p for p in ('/q', '/r') if p in sys.path])",
        ],
        "add('/r')",
    ),
    "the arguments by another name": (
        [
            "import sys\np = sys.argv",
            "p.append('/q')",
            "print([p for p in ('/q', '/r') if p in sys.argv])",
        ],
        "p.append('/r')",
    ),
    "all loggers": (
        [
            "import logging\nlg = logging.getLogger('app')",
            "logging.disable(logging.CRITICAL)",
            "print(lg.isEnabledFor(40))",
        ],
        "logging.disable(30)",
    ),
}


@pytest.fixture
def player(monkeypatch: pytest.MonkeyPatch) -> Iterator[Player]:
    """A notebook, of whose settings nothing is left."""
    # Those of pytest keep what is logged.
    monkeypatch.setattr(logging.root, "handlers", [])
    player = Player()
    yield player
    for cell_id in player.ids:
        player.delete(cell_id)
    with player.console():
        pass


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_they_are_as_run_all_leaves_them(name: str, player: Player, tmp_path: Path) -> None:
    sources, other = NOTEBOOKS[name]
    for source in sources:
        player.create(source)
    player.run("all")
    check_promise(player, tmp_path)
    for _ in range(2):
        player.run(["c1"])
        player.run("stale")
        check_promise(player, tmp_path)
    player.update("c1", other)
    player.run("stale")
    check_promise(player, tmp_path)
    player.delete("c1")
    player.run("stale")
    check_promise(player, tmp_path)


@pytest.mark.parametrize(
    ("patch", "use"),
    [
        ("import textwrap\ntextwrap.fill = lambda t: k + t", "print(textwrap.fill('a'))"),
        ("import textwrap\ntextwrap.fill = lambda t: k + t", "textwrap.dedent('a')"),
    ],
)
def test_a_function_reads_what_a_failed_cell_was_to_set(
    patch: str, use: str, player: Player, tmp_path: Path
) -> None:
    for source in (patch, "k = 'x'", use):
        player.create(source)
    player.run("all")
    player.update("c1", "k = 'y'\n1/0")
    player.run("stale")
    assert player.states() == ["fresh", "failed", "blocked"]
    player.update("c1", "k = 'z'")
    player.run("stale")
    check_promise(player, tmp_path)


def test_who_only_uses_the_library_is_left_alone(player: Player) -> None:
    player.create("import logging\nlogging.getLogger('app').setLevel(10)")
    player.create("logging.getLogger('app').debug('one')")
    player.create("logging.getLogger('app').debug('two')")
    player.run("all")
    run = player.run(["c1"])
    assert run.executed == ["c1"]
