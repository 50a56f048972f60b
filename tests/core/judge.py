"""Run All in a process of its own, where nothing is left of what was played here."""

from __future__ import annotations

import atexit
import functools
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from .player import Player

JUDGE = """
import contextlib, io, json, os, sys, traceback
import matplotlib, numpy, pandas, scipy.sparse, sklearn.datasets

def run_all(sources, folder, environment):
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    places = environment.get("PYTHONPATH", "").split(os.pathsep)
    sys.path[1:1] = [place for place in places if place and place not in sys.path]
    namespace, shown = {"__name__": "__main__"}, []
    for source in sources:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(source, namespace)
        shown.append(printed.getvalue())
    return shown

for line in sys.stdin:
    if os.fork():
        _, status = os.wait()
        if status:
            print(json.dumps(f"The process ended with {status}."), flush=True)
        continue
    try:
        answer = run_all(**json.loads(line))
    except BaseException:
        answer = traceback.format_exc()
    print(json.dumps(answer), flush=True)
    os._exit(0)
"""
"""Forks for each notebook, with what takes long to import."""

ENVIRONMENT = dict(os.environ)


@functools.cache
def _judge() -> subprocess.Popen[str]:
    judge = subprocess.Popen(
        [sys.executable, "-c", JUDGE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=ENVIRONMENT,
        text=True,
    )
    atexit.register(judge.kill)
    return judge


def run_all(sources: list[str], folder: Path) -> Any:
    """Return what each cell prints, or the traceback of the one that fails."""
    judge = _judge()
    assert judge.stdin is not None
    assert judge.stdout is not None
    asked = {"sources": sources, "folder": str(folder), "environment": ENVIRONMENT}
    print(json.dumps(asked), file=judge.stdin, flush=True)
    return json.loads(judge.stdout.readline())


def check_promise(player: Player, folder: Path) -> None:
    """Hold all that is not marked to a process of its own that runs the notebook."""
    sources = [cell.source for cell in player.notebook.document]
    assert player.states() == ["fresh"] * len(sources)
    assert [player.printed(cell_id) for cell_id in player.ids] == run_all(sources, folder)
