"""A line about a value, without running any of its code."""

from __future__ import annotations

import reprlib
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

_SIZED: Final = (str, bytes, bytearray, list, tuple, set, frozenset, dict, range)
_SHOWN: Final = (*_SIZED, type(None), bool, int, float, complex)
# Arrays and frames that know their shape, by package and name; not what is derived from them.
_SHAPED: Final = {
    ("numpy", "ndarray"),
    ("pandas", "DataFrame"),
    ("pandas", "Series"),
    ("polars", "DataFrame"),
    ("polars", "Series"),
    ("torch", "Tensor"),
}


class _Preview(reprlib.Repr):
    """Shows builtin values, and of others only what they are.

    Notes
    -----
    `reprlib` sorts the members of sets and the keys of dicts, all of them and by their own
    comparison, and makes the text of all bytes.
    """

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

    def repr_dict(self, x: dict[Any, Any], level: int) -> str:
        if level <= 0 and x:
            return "{...}"
        shown = [
            f"{self.repr1(key, level - 1)}: {self.repr1(value, level - 1)}"
            for key, value in islice(x.items(), self.maxdict)
        ]
        return "{" + _joined(shown, len(x)) + "}"

    def repr_set(self, x: set[Any], level: int) -> str:
        return "{" + self._members(x, level, self.maxset) + "}" if x else "set()"

    def repr_frozenset(self, x: frozenset[Any], level: int) -> str:
        members = self._members(x, level, self.maxfrozenset)
        return f"frozenset({{{members}}})" if x else "frozenset()"

    def repr_bytes(self, x: bytes, _level: int) -> str:
        shown = repr(x[: self.maxstring])
        return shown if len(x) <= self.maxstring else f"{shown}..."

    def repr_bytearray(self, x: bytearray, level: int) -> str:
        return f"bytearray({self.repr_bytes(bytes(x[: self.maxstring + 1]), level)})"

    def _members(self, x: set[Any] | frozenset[Any], level: int, most: int) -> str:
        if level <= 0:
            return "..."
        shown = [self.repr1(member, level - 1) for member in islice(x, most)]
        return _joined(shown, len(x))


def _joined(shown: list[str], count: int) -> str:
    return ", ".join([*shown, "..."] if count > len(shown) else shown)


@dataclass(frozen=True, slots=True)
class Preview:
    """What a list of variables shows of a value.

    Parameters
    ----------
    type : str
        The name of its type.
    size : int or None
        How many members it has, if that is known without running its code.
    shape : list of int or None
        How long an array or a frame is along each axis.
    preview : str
        Its beginning.
    """

    type: str
    size: int | None
    shape: list[int] | None
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
    return Preview(type(value).__name__, size, _shape(value), text)


def _shape(value: Any) -> list[int] | None:
    kind = type(value)
    if (kind.__module__.partition(".")[0], kind.__qualname__) not in _SHAPED:
        return None
    try:
        return [int(length) for length in value.shape]
    except RuntimeError:
        return None  # A nested tensor has none.
