"""Holding off Python's garbage collector."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_collections() -> Iterator[None]:
    """Make many objects that stay, without passes of the collector over them.

    Each pass would go over all that there is so far, and find nothing. Not for while a user's
    code runs: a collector that it turns off would be on again afterwards.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
