"""A line about a value, without running any of its code."""

from __future__ import annotations

import reprlib
from dataclasses import dataclass
from typing import Final

_SIZED: Final = (str, bytes, bytearray, list, tuple, set, frozenset, dict, range)
_SHOWN: Final = (*_SIZED, type(None), bool, int, float, complex)


class _Preview(reprlib.Repr):
    """Shows builtin values, and of others only what they are."""

    def __init__(self) -> None:
        super().__init__()
        self.maxlevel = 3
        self.maxstring = self.maxother = 80
        self.maxlong = 40

    def repr1(self, x: object, level: int) -> str:
        if type(x) in _SHOWN:
            return super().repr1(x, level)
        # By its type, since asking a proxy for its class may run code.
        if issubclass(type(x), type):
            return type.__repr__(x)
        return f"<{type(x).__qualname__}>"


@dataclass(frozen=True, slots=True)
class Preview:
    """What a list of variables shows of a value.

    Parameters
    ----------
    type : str
        The name of its type.
    size : int or None
        How many members it has, if that is known without running its code.
    preview : str
        Its beginning.
    """

    type: str
    size: int | None
    preview: str


def preview(value: object) -> Preview:
    """Describe a value in a line.

    Returns
    -------
    Preview
        Made without calling any code of the value's own.
    """
    size = len(value) if type(value) in _SIZED else None  # type: ignore[arg-type]
    try:
        text = _Preview().repr(value)
    except (RuntimeError, ValueError):
        # Another thread changes a container meanwhile; or an int is too long to print.
        text = f"<{type(value).__qualname__}>"
    return Preview(type(value).__name__, size, text)
