"""Fingerprints of loggers and handlers: what the notebook has them write into.

Levels and handlers of those that `logging` knows by name are a setting of the process
(`implicit/settings.py`). But who logs changes what a handler keeps: the text of a stream in memory,
or whatever one of the notebook's own has.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from typing import Any

from .identity import identity_of
from .origin import made_here
from .walk import Walk


def visit(walk: Walk, logger: Any) -> None:
    """Take in a logger."""
    # Who gives it a handler changes what those that log through it write into.
    walk.changeable(logger)
    name = str(vars(logger)["name"])
    walk.put(name)
    if logging.root.manager.loggerDict.get(name) is not logger and logger is not logging.root:
        set_on = (logger.level, logger.propagate, logger.disabled)
        kinds = [type(each).__qualname__ for each in (*logger.handlers, *logger.filters)]
        walk.put(repr((*set_on, *kinds, *(handler.level for handler in logger.handlers))))
    walk.each(list(_kept_by_handlers(logger)))


def is_handler(kind: type) -> bool:
    """Tell whether instances of a type are handlers of loggers."""
    return any(base.__module__ == "logging" and base.__name__ == "Handler" for base in kind.__mro__)


def visit_handler(walk: Walk, handler: Any) -> None:
    """Take in a handler. Which file it writes to counts, and not what is in that."""
    walk.changeable(handler)
    walk.visit(type(handler))
    for name, value in vars(handler).items():
        walk.put(name)
        if issubclass(type(value), io.IOBase) and type(value) is not io.StringIO:
            walk.put(str(identity_of(value)))
        else:
            walk.visit(value)


def _kept_by_handlers(logger: logging.Logger) -> Iterator[object]:
    """Find what the handlers that a logger hands its records to keep of them in the notebook."""
    asked: logging.Logger | None = logger
    while asked is not None:
        for handler in asked.handlers:
            if made_here(type(handler)):
                yield handler
            elif type(stream := getattr(handler, "stream", None)) is io.StringIO:
                yield stream
        asked = asked.parent if asked.propagate else None
