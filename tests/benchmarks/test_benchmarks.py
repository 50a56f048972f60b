"""The benchmarks run, and tell of every row."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

ROWS = {
    "startup": 3,
    "overhead": 10,
    "documents": 3 * (3 + 1) + 4 * (2 + 1) + 2 + 1,
    "answers": 3,
    "executions": 2,
    "headless": 2,
}
"""How many rows each subject has; that of the browser is with the tests of the page."""


@pytest.mark.parametrize("subject", ROWS)
def test_with_tiny_sizes(subject: str, tmp_path: Path) -> None:
    ended = run(subject, tmp_path)
    assert ended.returncode == 0, ended.stderr
    written = json.loads((tmp_path / "times.json").read_text(encoding="utf-8"))
    rows = written[subject]
    assert len(rows) == ROWS[subject]
    assert (tmp_path / "table.md").read_text(encoding="utf-8") == ended.stdout
    for row in rows:
        assert f"| {row['name']} " in ended.stdout
        for samples in row["sides"].values():
            assert samples["values"]
            assert all(measured > 0 or subject == "executions" for measured in samples["values"])
    assert (tmp_path / "growth.svg").exists() == (subject in ("documents", "headless"))


def test_a_subject_that_there_is_not(tmp_path: Path) -> None:
    ended = run("speed", tmp_path)
    assert ended.returncode == 2
    assert "no such subject: speed" in ended.stderr


def run(subject: str, output: Path) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(ROOT / "tests"), os.environ.get("PYTHONPATH", "")])
    return subprocess.run(
        [sys.executable, ROOT / "benchmarks", subject, "--tiny", "--output", output],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": path},
    )
