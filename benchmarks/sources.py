"""Notebooks of any size: sources that no other notebook has, so that nothing was seen before."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from pathlib import Path

import nbformat
from kernels import Cell

FOLDER = Path(__file__).parents[1]


def chain(size: int, tag: str) -> list[Cell]:
    """Return cells each of which reads what the one above writes."""
    first = [Cell(f"{tag}-0", f"{tag}_0 = 0")]
    return first + [Cell(f"{tag}-{i}", f"{tag}_{i} = {tag}_{i - 1} + 1") for i in range(1, size)]


def wide(size: int, tag: str) -> list[Cell]:
    """Return cells that all read what the first one writes."""
    first = [Cell(f"{tag}-0", f"{tag}_0 = 0")]
    return first + [Cell(f"{tag}-{i}", f"{tag}_{i} = {tag}_0 + {i}") for i in range(1, size)]


def real(size: int, tag: str) -> list[Cell]:
    """Return the cells of the notebooks that the project ships and is tested with, over again."""
    sources = itertools.cycle(_written())
    return [Cell(f"{tag}-{i}", f"{next(sources)}\n# {tag} {i}") for i in range(size)]


KINDS: Mapping[str, Callable[[int, str], list[Cell]]] = {
    "chain": chain,
    "wide": wide,
    "real sources": real,
}


def _written() -> list[str]:
    """Return the Python cells of the notebooks."""
    folders = (FOLDER / "examples", FOLDER / "tests" / "notebooks")
    paths = [path for folder in folders for path in sorted(folder.glob("*.ipynb"))]
    notebooks = [nbformat.read(path, as_version=4) for path in paths]
    return [
        cell.source
        for notebook in notebooks
        for cell in notebook.cells
        if cell.cell_type == "code" and not cell.source.startswith("%%")
    ]
