"""Imports what SQL cells need, when they need it.

That is the kernel's doing and not the cell's: neither the files that are read for it nor the
filters of warnings that libraries set as they are imported count as the cell's.
"""

from __future__ import annotations

import importlib
import warnings
from typing import Any

from reactive_kernel.effects.sql_statements import MissingSqlError
from reactive_kernel.implicit import EAR


def load(name: str) -> Any:
    """Return a module.

    Raises
    ------
    MissingSqlError
        Where it is not installed.
    """
    filters: Any = warnings.filters
    before = list(filters)
    try:
        with EAR.deaf():
            return importlib.import_module(name)
    except ModuleNotFoundError as error:
        raise MissingSqlError(name) from error
    finally:
        filters[:] = before
