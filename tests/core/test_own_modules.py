"""Modules that cells write, import, write once more, and load again."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from .judge import ENVIRONMENT, check_promise
from .player import Player

WRITE = "from pathlib import Path\nPath('written_by_cell.py').write_text('K = {}')"
IMPORT = "import sys\nsys.path.insert(0, '')\nimport written_by_cell\nprint(written_by_cell.K)"
AGAIN = {
    "loaded again": "import importlib\nimportlib.reload(written_by_cell)",
    "loaded again by a name": "from importlib import reload\nreload(written_by_cell)",
    "imported again": "import written_by_cell",
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where the kernel is; Run All has a folder beside it."""
    (tmp_path / "kernel").mkdir()
    (tmp_path / "judge").mkdir()
    monkeypatch.chdir(tmp_path / "kernel")
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield tmp_path / "judge"
    sys.modules.pop("written_by_cell", None)


@pytest.mark.parametrize("name", AGAIN)
def test_a_module_is_what_run_all_makes_of_it(name: str, folder: Path) -> None:
    print_it = "print(written_by_cell.K)"
    player = Player(WRITE.format(1), IMPORT, WRITE.format(22), AGAIN[name], print_it)
    player.run("all")
    check_promise(player, folder)
    # The lengths differ, by which Python tells a compiled file from that of another source.
    for cell_id, source in (
        ("c2", WRITE.format(333)),
        ("c0", WRITE.format(4444)),
        ("c3", "pass"),
        ("c3", AGAIN[name]),
    ):
        player.run(["c3"])
        player.run("stale")
        check_promise(player, folder)
        player.run(["c1"])
        player.run("stale")
        check_promise(player, folder)
        player.update(cell_id, source)
        player.run("stale")
        check_promise(player, folder)


MODULES = {
    "a constant of another module": (
        {"consts_of_test": "RATE = {}", "model_of_test": "from consts_of_test import RATE"},
        "import model_of_test\nprint(model_of_test.RATE)",
    ),
    "one that is imported when it is used": (
        {
            "consts_of_test": "RATE = {}",
            "model_of_test": "def f():\n    from consts_of_test import RATE\n    return RATE",
        },
        "import model_of_test\nprint(model_of_test.f())",
    ),
    "one that a function of the notebook imports": (
        {"consts_of_test": "RATE = {}"},
        "def f():\n    import consts_of_test\n    return consts_of_test.RATE\nprint(f())",
    ),
    "a part of a package": (
        {
            "package_of_test/__init__": "from .a import A",
            "package_of_test/a": "A = 1\ndef f(): return A",
            "package_of_test/b": "B = {}",
        },
        "import package_of_test, package_of_test.b as b\nprint(b.B, package_of_test.a.f())",
    ),
    "a package itself": (
        {"package_of_test/__init__": "X = {}", "package_of_test/b": "Y = 2"},
        "import package_of_test.b\nprint(package_of_test.X, package_of_test.b.Y)",
    ),
}


@pytest.mark.parametrize("name", MODULES)
def test_an_edited_file_counts_for_all_who_use_it(
    name: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    modules, source = MODULES[name]
    monkeypatch.syspath_prepend(str(Path.cwd()))
    changed = next(module for module, text in modules.items() if "{}" in text)
    for module, text in modules.items():
        Path(f"{module}.py").parent.mkdir(exist_ok=True)
        Path(f"{module}.py").write_text(text.format(1))
    player = Player(source)
    player.run("all")
    try:
        for number in (22, 333):
            Path(f"{changed}.py").write_text(modules[changed].format(number))
            player.namespace.look_outside()
            assert player.states() == ["stale"]
            player.run("stale")
            assert str(number) in player.printed("c0")
            assert player.states() == ["fresh"]
    finally:
        for module in [each for each in sys.modules if "_of_test" in each]:
            del sys.modules[module]


HELPERS = """
import os
import matplotlib
from decimal import Decimal
def key(): return os.environ.get("KEY_OF_TEST")
def colour(): return matplotlib.rcParams["axes.facecolor"]
class Third:
    def get(self): return Decimal(1) / 3
def deep():
    import numpy as np
    return np.array([1 / 3])
"""
ENVIRONMENT_OF_TEST = "import os\nos.environ['KEY_OF_TEST'] = '{}'"
USES = {
    "a function of it": (ENVIRONMENT_OF_TEST, "print(helpers_of_test.key())"),
    "a function by its name": (
        ENVIRONMENT_OF_TEST,
        "from helpers_of_test import key\nprint(key())",
    ),
    "a function of another module": (
        "import matplotlib\nmatplotlib.rcParams['axes.facecolor'] = '0.{}'",
        "print(helpers_of_test.colour())",
    ),
    "an instance of its class": (
        "import decimal\ndecimal.getcontext().prec = {}",
        "third = helpers_of_test.Third()\nprint(third.get())",
    ),
    "what a function imports": (
        "import numpy\nnumpy.set_printoptions(precision={})",
        "from helpers_of_test import deep\nprint(deep())",
    ),
}


@pytest.mark.parametrize("name", USES)
def test_a_module_beside_the_notebook_finds_what_cells_have_set(
    name: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEY_OF_TEST", "")
    monkeypatch.syspath_prepend(str(Path.cwd()))
    monkeypatch.setitem(ENVIRONMENT, "PYTHONPATH", str(Path.cwd()))
    Path("helpers_of_test.py").write_text(HELPERS)
    setting, use = USES[name]
    player = Player("import helpers_of_test", setting.format(3), use)
    try:
        player.run("all")
        check_promise(player, folder)
        player.update("c1", setting.format(5))
        player.run("stale")
        check_promise(player, folder)
    finally:
        player.delete("c1")
        player.run([player.ids[0]])
        del sys.modules["helpers_of_test"]
