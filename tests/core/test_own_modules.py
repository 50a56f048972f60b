"""Modules that cells write, import, write once more, and load again."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from .judge import check_promise
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
