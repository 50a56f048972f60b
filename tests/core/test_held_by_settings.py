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


def test_who_only_uses_the_library_is_left_alone(player: Player) -> None:
    player.create("import logging\nlogging.getLogger('app').setLevel(10)")
    player.create("logging.getLogger('app').debug('one')")
    player.create("logging.getLogger('app').debug('two')")
    player.run("all")
    run = player.run(["c1"])
    assert run.executed == ["c1"]
