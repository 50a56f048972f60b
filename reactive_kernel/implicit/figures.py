"""The figures that pyplot holds open: what is drawn next goes into the last of them.

Where Jupyter closes figures after each cell, there are none between cells.
"""

from __future__ import annotations

import sys
from typing import Any, Final

FIGURES: Final = "matplotlib:figures"


def open_figures() -> list[Any]:
    """Return the figures that pyplot holds, the current one last."""
    helpers = sys.modules.get("matplotlib._pylab_helpers")
    if helpers is None:
        return []
    return [manager.canvas.figure for manager in helpers.Gcf.figs.values()]


def hold_only(figures: list[Any]) -> None:
    """Make pyplot hold some figures that it held, and no others."""
    helpers = sys.modules.get("matplotlib._pylab_helpers")
    if helpers is None:
        return
    managers = [figure.canvas.manager for figure in figures]
    held = helpers.Gcf.figs
    held.clear()
    held.update((manager.num, manager) for manager in managers if manager is not None)
