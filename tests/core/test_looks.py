"""How values are looked at: samples of large ones, and what other packages tell of theirs."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from reactive_kernel.values import fingerprint, kinds, sample

from .player import Player

LARGE = {
    "an array": lambda: np.arange(1_000_000),
    "a frame": lambda: pd.DataFrame({"a": np.arange(1_000_000), "b": 1.5}),
    "a list": lambda: list(range(100_000)),
    "a dict": lambda: dict.fromkeys(range(100_000), "x"),
}


@pytest.mark.parametrize("name", LARGE)
def test_a_sample_is_that_of_an_equal_value(name: str) -> None:
    first, second = LARGE[name](), LARGE[name]()
    assert sample(first) == sample(second) is not None


def test_a_sample_shows_what_changes_all_or_the_length() -> None:
    array = np.arange(1_000_000)
    before = sample(array)
    array += 1
    assert sample(array) != before
    members = list(range(100_000))
    before = sample(members)
    members.append(0)
    assert sample(members) != before


def test_what_the_source_suggests_is_looked_at_in_full() -> None:
    player = Player(
        "import numpy as np\nbig = np.zeros(3_000_000)",
        "print(big.sum())",
        "big[1_234_567] = 1",
        "def change(x):\n    x[7] = 5\nchange(big)",
        "print(big.sum())",
    )
    player.namespace.observer.look_share = 0.0
    player.run("all")
    player.check_promise()
    assert player.notebook.nodes()["c1"].mutates == frozenset()
    assert player.notebook.nodes()["c2"].mutates == {"big"}
    assert player.notebook.nodes()["c3"].mutates == {"big"}
    player.update("c2", "big[1_234_567] = 3")
    player.run("stale")
    player.check_promise()


def test_a_package_tells_how_to_look_at_its_values(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "queuelib.py").write_text(
        "from queue import SimpleQueue\n"
        "class Hidden(SimpleQueue):\n"
        "    label = 'a'\n"
        "def visit(walk, value):\n"
        "    walk.changeable(value)\n"
        "    walk.put(value.label)\n"
    )
    about = tmp_path / "queuelib-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: queuelib\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(
        "[reactive_kernel.values]\nqueuelib.Hidden = queuelib:visit\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    kinds._known.cache_clear()
    queuelib = importlib.import_module("queuelib")
    value = queuelib.Hidden()
    before = fingerprint(value)
    assert before is not None
    assert len(before.parts) == 1
    value.label = "b"
    after = fingerprint(value)
    assert after is not None
    assert after.digest != before.digest
    del sys.modules["queuelib"]
    kinds._known.cache_clear()
