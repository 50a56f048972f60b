"""What holds for all tests of the core, which have their notebooks in one process."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def no_loggers_left() -> Iterator[None]:
    """Let go of the loggers that notebooks have made, with their handlers, after each test."""
    loggers = logging.root.manager.loggerDict
    before = set(loggers)
    yield
    for name in loggers.keys() - before:
        if name.partition(".")[0] not in sys.modules:
            del loggers[name]


@pytest.fixture(autouse=True)
def no_settings_left() -> Iterator[None]:
    """Take back how deep calls may be, and how matplotlib draws."""
    limit = sys.getrecursionlimit()
    yield
    sys.setrecursionlimit(limit)
    if "matplotlib" in sys.modules:
        sys.modules["matplotlib"].rcdefaults()
