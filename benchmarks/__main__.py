"""Measures the reactive kernel beside plain ipykernel and its peers, in one run."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

import psutil
from peers import Peers
from plots import plot
from rows import Row, table

from reactive_kernel import __version__

SUBJECTS = {
    "startup": "A kernel that starts",
    "overhead": "Single cells",
    "documents": "Documents",
    "answers": "Answers while a cell computes",
    "executions": "Executions after one edit",
    "headless": "Runs without a page",
    "page": "In JupyterLab",
    "editing": "Under the hands",
}
"""Modules here, and what they are about."""

MOST_BUSY = 0.1
"""How much of the processors others may use before that is worth a word."""

PACKAGES = ("ipykernel", "ipython", "jupyterlab", "nbclient", "numpy", "pandas")
PEERS = ("ipyflow", "marimo")

Measure = Callable[..., Iterator[Row]]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("subjects", nargs="*", help=f"some of {', '.join(SUBJECTS)}; default: all")
    parser.add_argument("--output", type=Path, help="a folder for the table, all times, the plot")
    parser.add_argument("--peers", type=Path, help="measure peers too; keep them in this folder")
    parser.add_argument("--tiny", action="store_true", help="only see whether everything works")
    options = parser.parse_args(arguments)
    unknown = set(options.subjects).difference(SUBJECTS)
    if unknown:
        parser.error(f"no such subject: {', '.join(sorted(unknown))}")
    # Sums on one thread: the machine's other processors are the other kernel's and the client's.
    os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
    peers = Peers(options.peers)
    busy = psutil.cpu_percent(interval=0.1 if options.tiny else 2) / 100
    results: dict[str, list[Row]] = {}
    for subject in options.subjects or SUBJECTS:
        measure: Measure = import_module(subject).measure
        results[subject] = []
        for row in measure(peers, tiny=options.tiny):
            # At once, for who breaks it off.
            print(table([row]).splitlines()[-1], file=sys.stderr, flush=True)
            results[subject].append(row)
    text = _report(results, _versions(peers), busy)
    print(text)
    if options.output is not None:
        _write(options.output, text, results)
    return 0


def _versions(peers: Peers) -> dict[str, str]:
    packages = {package: version(package) for package in PACKAGES}
    others = {package: peers.version(package) for package in PEERS} if peers else {}
    own = {"python": platform.python_version(), "reactive_kernel": __version__}
    return {**own, **packages, **others}


def _report(results: Mapping[str, Sequence[Row]], versions: Mapping[str, str], busy: float) -> str:
    """Return all tables, with what is to be known of the machine."""
    where = f"{platform.platform()}, {os.cpu_count()} processors"
    lines = [", ".join(f"{package} {number}" for package, number in versions.items()), where]
    if busy > MOST_BUSY:
        lines.append(f"The machine was {busy:.0%} busy before: the processor times tell more.")
    for subject, rows in results.items():
        lines += ["", f"### {SUBJECTS[subject]}", "", table(rows)]
    return "\n".join(lines)


def _write(folder: Path, text: str, results: Mapping[str, Sequence[Row]]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "table.md").write_text(text + "\n", encoding="utf-8")
    data = {subject: [row.as_data() for row in rows] for subject, rows in results.items()}
    (folder / "times.json").write_text(json.dumps(data, indent=1), encoding="utf-8")
    plot([row for rows in results.values() for row in rows], folder / "growth.svg")


if __name__ == "__main__":
    sys.exit(main())
