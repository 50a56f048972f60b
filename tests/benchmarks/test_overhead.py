"""The benchmark runs, and tells of every case."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

OVERHEAD = Path(__file__).parents[2] / "benchmarks" / "overhead.py"

ROWS = [
    "trivial cell",
    "500 assignments",
    "loop of 2 million additions",
    "200 thousand function calls",
    "describe a frame of 80 MB",
    "sum a column of a frame of 80 MB",
    "sum an array of 1 GB ten times",
    "trivial cell, libraries loaded",
    "plot",
    "import the libraries",
]


def test_with_tiny_sizes(tmp_path: Path) -> None:
    output = tmp_path / "results" / "overhead.json"
    ended = subprocess.run(
        [sys.executable, OVERHEAD, "--tiny", "--output", output],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    _, _, table = ended.stdout.partition("---\n")
    assert [line.split("  ")[0] for line in table.splitlines()][: len(ROWS)] == ROWS
    written = json.loads(output.read_text(encoding="utf-8"))
    assert [case["name"] for case in written["cases"]] == ROWS
    for case in written["cases"]:
        repeats = 1 if case["name"] == "import the libraries" else 2
        for side in ("plain", "reactive"):
            assert len(case[side]["clock"]) == len(case[side]["processor"]) == repeats
            assert all(seconds > 0 for seconds in case[side]["clock"])
