"""Run All in a process of its own, where nothing is left of what was played here."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from .player import Player

RUN_ALL = """
import contextlib, io, json, sys
namespace, shown = {"__name__": "__main__"}, []
for source in json.load(sys.stdin):
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(source, namespace)
    shown.append(printed.getvalue())
print(json.dumps(shown))
"""


ENVIRONMENT = dict(os.environ)


def check_promise(player: Player, folder: Path) -> None:
    """Hold all that is not marked to a process of its own that runs the notebook."""
    sources = [cell.source for cell in player.notebook.document]
    done = subprocess.run(
        [sys.executable, "-c", RUN_ALL],
        input=json.dumps(sources),
        cwd=folder,
        env=ENVIRONMENT,
        text=True,
        capture_output=True,
        check=True,
    )
    assert player.states() == ["fresh"] * len(sources)
    shown = [player.printed(cell_id) for cell_id in player.ids]
    assert shown == json.loads(done.stdout)
