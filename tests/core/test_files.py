"""Files that cells write and others read."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from reactive_kernel.traces import fold

from .player import Player


@pytest.fixture(autouse=True)
def folder(tmp_path: Path) -> Iterator[Path]:
    """Each test starts in an empty folder."""
    before = Path.cwd()
    os.chdir(tmp_path)
    yield tmp_path
    os.chdir(before)


def fresh(player: Player) -> bool:
    assert fold(player.notebook.document, player.notebook.records, player.notebook.graph.outside)
    return set(player.states()) == {"fresh"}


def test_who_writes_a_file_is_upstream_of_who_reads_it(folder: Path) -> None:
    player = Player("open('a.txt', 'w').write('1')", "print(open('a.txt').read())", "x = 1")
    player.run("all")
    name = f"file:{folder / 'a.txt'}"
    assert player.notebook.graph.edge("c0", "c1") == (name,)
    reads = {read.name: (read.cell, read.kind) for read in player.notebook.explain("c1").reads}
    assert reads[name] == ("c0", "cell")
    player.update("c0", "open('a.txt', 'w').write('2')")
    player.run("stale")
    assert fresh(player)
    assert player.printed("c1") == "2\n"


def test_the_same_content_changes_nothing() -> None:
    player = Player("n = 1\nopen('a.txt', 'w').write('1')", "print(open('a.txt').read())")
    player.run("all")
    player.update("c0", "n = 2\nopen('a.txt', 'w').write('1')")
    assert player.run("stale").executed == ["c0"]
    assert fresh(player)


def test_each_cell_reads_what_the_cell_above_wrote() -> None:
    player = Player(
        "open('a.txt', 'w').write('1')",
        "print(open('a.txt').read())",
        "open('a.txt', 'w').write('2')",
        "print(open('a.txt').read())",
    )
    player.run("all")
    player.run(["c1"])
    assert player.printed("c1") == "1\n"
    player.create("print(open('a.txt').read(), 'between')", 1)
    player.run("stale")
    assert fresh(player)
    assert player.printed("c4") == "1 between\n"
    player.update("c3", "print(open('a.txt').read(), 'last')")
    player.run("stale")
    assert player.printed("c3") == "2 last\n"
    assert Path("a.txt").read_text() == "2"


def test_a_removed_file_is_missed() -> None:
    player = Player(
        "open('a.txt', 'w').write('1')",
        "print(open('a.txt').read())",
        "import os\nos.remove('a.txt')",
        "try:\n    print(open('a.txt').read())\nexcept FileNotFoundError:\n    print('none')",
    )
    player.run("all")
    assert player.printed("c3") == "none\n"
    player.delete("c2")
    player.run("stale")
    assert fresh(player)
    assert player.printed("c3") == "1\n"


REMOVES = {
    "remove": "os.remove('d/a')",
    "rename": "os.rename('d/a', 'b')",
    "unlink": "import pathlib\npathlib.Path('d/a').unlink()",
    "rmtree": "import shutil\nshutil.rmtree('d')",
}
MAKES = "import os\nos.makedirs('d', exist_ok=True)\nopen('d/a', 'w').write('1')"
MISSES = "try:\n    print(open('d/a').read())\nexcept OSError:\n    print('none')"


@pytest.mark.parametrize("name", REMOVES)
def test_what_removes_a_file_has_it_made_again(name: str) -> None:
    player = Player(MAKES, REMOVES[name])
    player.run("all")
    assert player.run(["c1"]).executed == ["c0", "c1"]
    assert fresh(player)
    assert not Path("d/a").exists()


@pytest.mark.parametrize("name", REMOVES)
def test_a_file_made_again_for_a_cell_above_is_removed_again(name: str) -> None:
    player = Player(MAKES, "t = open('d/a').read()", REMOVES[name], MISSES)
    player.run("all")
    player.update("c1", "print(open('d/a').read(), 'above')")
    player.update("c3", f"{MISSES}\nprint('below')")
    player.run("stale")
    assert fresh(player)
    assert player.printed("c1") == "1 above\n"
    assert player.printed("c3") == "none\nbelow\n"
    assert not Path("d/a").exists()


def test_what_lists_a_folder_sees_the_files_of_its_place() -> None:
    lists = "print(sorted(os.listdir('d')))"
    player = Player(MAKES, lists, "os.remove('d/a')\nopen('d/b', 'w').close()", lists)
    player.run("all")
    assert player.run("stale").executed == []
    player.update("c0", MAKES.replace("'1'", "'2'"))
    player.run("stale")
    assert fresh(player)
    assert player.printed("c3") == "['b']\n"
    player.update("c1", f"{lists}\nprint(os.path.exists('d/a'))")
    player.run("stale")
    assert fresh(player)
    assert "'a'" in player.printed("c1")
    assert player.printed("c1").endswith("True\n")
    assert player.printed("c3") == "['b']\n"


def test_what_cuts_a_file_off_starts_from_the_whole() -> None:
    player = Player(
        "open('a', 'w').write('123')",
        "import os\nos.truncate('a', 2)",
        "print(open('a').read())",
    )
    player.run("all")
    player.update("c0", "open('a', 'w').write('456')")
    player.run("stale")
    assert fresh(player)
    assert player.printed("c2") == "45\n"


def test_what_fails_without_a_folder_runs_when_it_is_made_above() -> None:
    player = Player("", "open('d/a', 'w').close()")
    player.run("all")
    assert player.states() == ["idle", "failed"]
    player.update("c0", "import os\nos.mkdir('d')")
    player.run("stale")
    assert fresh(player)


def test_a_file_is_renamed_and_copied() -> None:
    player = Player(
        "open('a.txt', 'w').write('1')",
        "import os, shutil\nshutil.copy('a.txt', 'b.txt')\nos.rename('b.txt', 'c.txt')",
        "print(open('c.txt').read())",
    )
    player.run("all")
    player.update("c0", "open('a.txt', 'w').write('2')")
    player.run("stale")
    assert fresh(player)
    assert player.printed("c2") == "2\n"


@pytest.mark.parametrize(
    ("opens", "writes", "reads"),
    [
        (
            "class Log:\n    def __init__(self): self.file = open('log', 'w')\nlog = Log()",
            "log.file.write('1')\nlog.file.flush()",
            "print(open('log').read())",
        ),
        (
            "import zipfile\nz = zipfile.ZipFile('a.zip', 'w')",
            "z.writestr('1', '')\nz.close()",
            "print(zipfile.ZipFile('a.zip').namelist())",
        ),
        (
            "import csv\nfile = open('a.csv', 'w')\nrows = csv.writer(file)",
            "rows.writerow('1')\nfile.flush()",
            "print(open('a.csv').read())",
        ),
    ],
)
def test_a_file_is_written_through_what_holds_it_open(opens: str, writes: str, reads: str) -> None:
    player = Player(opens, writes, reads)
    player.run("all")
    first = player.printed("c2")
    player.update("c1", writes.replace("1", "2"))
    player.run("stale")
    assert fresh(player)
    assert player.printed("c2") == first.replace("1", "2")


def test_what_others_put_into_a_folder_concerns_only_who_lists_it(folder: Path) -> None:
    player = Player(
        "open('a.txt', 'w').write('1')", "import os\nprint(sorted(os.listdir()))", "print('apart')"
    )
    player.run("all")
    (folder / "other.txt").touch()
    player.namespace.look_outside()
    assert player.states() == ["fresh", "stale", "fresh"]
    player.run("stale")
    assert player.printed("c1") == "['a.txt', 'other.txt']\n"


def test_a_folder_is_listed() -> None:
    player = Player(
        "import os\nos.mkdir('d')\nopen('d/a.txt', 'w').close()",
        "print(sorted(os.listdir('d')))",
    )
    player.run("all")
    assert player.printed("c1") == "['a.txt']\n"
    player.create("open('d/b.txt', 'w').close()", 1)
    player.run("stale")
    assert fresh(player)
    assert player.printed("c1") == "['a.txt', 'b.txt']\n"


def test_what_others_change_is_noticed_at_the_next_look() -> None:
    Path("data.txt").write_text("1")
    player = Player("text = open('data.txt').read()", "print(text)")
    player.run("all")
    player.namespace.look_outside()
    assert fresh(player)
    Path("data.txt").write_text("22")
    player.namespace.look_outside()
    assert player.states() == ["stale", "stale"]
    reasons = player.notebook.status("c0").reasons
    assert [(reason.kind, reason.cell) for reason in reasons] == [("input_changed", None)]
    player.run("stale")
    assert fresh(player)
    assert player.printed("c1") == "22\n"


def test_a_file_that_others_make_mends_a_failure() -> None:
    player = Player("text = open('data.txt').read()", "print(text)")
    player.run("all")
    assert player.states() == ["failed", "blocked"]
    Path("data.txt").write_text("1")
    player.namespace.look_outside()
    player.run("stale")
    assert fresh(player)


def test_what_a_failing_cell_wrote_is_failed_below() -> None:
    player = Player(
        "open('a.txt', 'w').write('1')",
        "open('a.txt', 'w').write('2')\n1 / 0",
        "print(open('a.txt').read())",
    )
    player.run("all")
    player.run("all")
    assert player.states() == ["fresh", "failed", "blocked"]
    player.delete("c1")
    player.run("stale")
    assert fresh(player)
    assert player.printed("c2") == "1\n"


def test_modules_and_caches_are_nobodys_files(folder: Path) -> None:
    player = Player("import colorsys", "import tempfile\ntempfile.TemporaryFile().close()")
    player.run("all")
    assert [name for name in player.notebook.nodes()["c0"].reads if ":" in name] == []
    assert player.notebook.nodes()["c1"].writes == {"tempfile"}


def test_frames_go_through_files() -> None:
    player = Player(
        "import pandas as pd",
        "pd.DataFrame({'a': [1, 2]}).to_csv('t.csv', index=False)",
        "print(pd.read_csv('t.csv').a.sum())",
    )
    player.run("all")
    player.update("c1", "pd.DataFrame({'a': [1, 5]}).to_csv('t.csv', index=False)")
    player.run("stale")
    assert fresh(player)
    assert player.printed("c2") == "6\n"


def test_another_working_directory_is_another_file() -> None:
    Path("d").mkdir()
    Path("data.txt").write_text("1")
    Path("d/data.txt").write_text("2")
    player = Player("import os", "print(open('data.txt').read())")
    player.run("all")
    player.create("os.chdir('d')", 1)
    player.run("stale")
    assert fresh(player)
    assert player.printed("c1") == "2\n"


def test_an_edited_module_is_imported_anew(folder: Path) -> None:
    (folder / "inner_helpers.py").write_text("FACTOR = 2\n")
    helpers = "import inner_helpers\ndef twice(x):\n    return inner_helpers.FACTOR * x\n"
    (folder / "outer_helpers.py").write_text(helpers)
    player = Player(
        f"import sys\nsys.path.insert(0, {str(folder)!r})",
        "from outer_helpers import twice",
        "print(twice(4))",
    )
    player.run("all")
    assert player.printed("c2") == "8\n"
    player.run(["c1"])
    assert fresh(player)
    for factor in (33, 111):
        (folder / "inner_helpers.py").write_text(f"FACTOR = {factor}\n")
        player.namespace.look_outside()
        assert player.states() == ["fresh", "stale", "stale"]
        player.run("stale")
        assert fresh(player)
        assert player.printed("c2") == f"{4 * factor}\n"


def test_a_file_stays_open_from_cell_to_cell() -> None:
    player = Player(
        "f = open('a.txt', 'w')",
        "f.write('1')",
        "f.write('2')",
        "f.close()",
        "print(open('a.txt').read())",
    )
    player.run("all")
    assert player.printed("c4") == "12\n"
    player.update("c1", "f.write('3')")
    player.run("stale")
    assert fresh(player)
    assert player.printed("c4") == "32\n"


def test_what_one_thread_opens_hides_nothing_that_another_does(folder: Path) -> None:
    for number in range(400):
        (folder / f"{number}.txt").write_text("1")
    player = Player(
        "import threading\n"
        "def read(numbers):\n"
        "    return [open(f'{n}.txt').read() for n in numbers]\n"
        "thread = threading.Thread(target=read, args=(range(200),))\n"
        "thread.start()\n"
        "read(range(200, 400))\n"
        "thread.join()"
    )
    player.run("all")
    reads = player.notebook.records["c0"].trace.reads
    assert {f"file:{folder / f'{n}.txt'}" for n in range(400)} <= reads.keys()


@pytest.mark.parametrize(
    "starts",
    [
        "import os; os.system('echo 2 > a.txt')",
        "import subprocess; subprocess.call(['touch', 'a.txt'])",
    ],
)
def test_a_program_that_a_cell_starts_may_change_what_others_have_read(starts: str) -> None:
    Path("a.txt").write_text("1")
    os.utime("a.txt", (1, 1))
    player = Player("print(open('a.txt').read())", starts)
    player.run(["c0"])
    assert player.states() == ["fresh", "new"]
    player.run(["c1"])
    assert player.states() == ["stale", "fresh"]
    [reason] = player.notebook.status("c0").reasons
    assert (reason.kind, reason.name) == ("input_changed", f"file:{Path('a.txt').resolve()}")


@pytest.mark.parametrize(
    "change",
    [
        "import subprocess; subprocess.run('echo 6 >> a.txt', shell=True)",
        (
            "import multiprocessing as m\ndef add(): open('a.txt', 'a').write('6')\n"
            "p = m.get_context('fork').Process(target=add); p.start(); p.join()"
        ),
    ],
    ids=["a command", "a fork"],
)
def test_what_a_program_does_to_a_file_of_a_cell_above_is_the_starting_cells(change: str) -> None:
    player = Player("open('a.txt', 'w').write('5')", change, "print(open('a.txt').read().strip())")
    player.run("all")
    assert fresh(player)
    assert player.printed("c2") == "56\n"
    player.update("c1", change.replace("6", "7"))
    assert player.run("stale").why["c0"] == "replay"
    assert fresh(player)
    assert player.printed("c2") == "57\n"
    player.delete("c1")
    player.run("stale")
    assert player.printed("c2") == "5\n"


@pytest.mark.parametrize(
    "opens",
    [
        "import gzip\nwith gzip.open('a.gz', 'wt') as f: f.write('1')\nf = gzip.open('a.gz', 'rt')",
        "import io\nf = io.TextIOWrapper(io.BytesIO(b'1'))",
        "import io\nf = io.BufferedReader(io.BytesIO(b'1'))",
        "import tempfile\nf = tempfile.SpooledTemporaryFile(mode='w+')\nf.write('1')\nf.seek(0)",
    ],
    ids=["packed", "in memory", "in memory, as bytes", "kept in memory"],
)
def test_what_is_open_need_not_be_a_file(opens: str) -> None:
    player = Player(opens, "print(len(f.read()))", "print(len(f.read()))")
    player.run("all")
    assert [player.printed("c1"), player.printed("c2")] == ["1\n", "0\n"]
    assert player.states() == ["fresh"] * 3
