"""Versions: the values of names, one after the other, and what stands where there is none."""

from __future__ import annotations

import builtins
from collections.abc import Hashable
from typing import Final

import msgspec

from .effects import Calls

EVERY_NAME: Final = "*"
NO_CALLS: Final = Calls()
BUILTINS: Final = frozenset(vars(builtins))
_DROPPED: Final = object()


class Version:
    """One value of one name, as one run of one cell left it.

    Parameters
    ----------
    name : str
        The name.
    cell : str
        Id of the cell whose run left it.
    key : Hashable
        What readers compare: the value's fingerprint, or an object of its own where the value
        cannot be looked into.
    instance : object or None
        The identity of the object on the heap, for cells that keep or mutate it; None for a
        value that nobody can tell from its equal.
    parts : frozenset of int
        The identities of the objects in the value that can be changed in place.
    layout : int
        Differs where an object in the value was put in the place of its equal.
    calls : Calls
        What calling the value, or something in it, does to names of the notebook.
    value : object
        The value itself.
    size : int
        About how many bytes it holds.

    Attributes
    ----------
    made : object
        The same for what runs of one source from one input have left, equal or not: it tells a cell
        that fails on the one that it fails on the other.
    sample : bytes or None
        A digest of a part of a large value.
    tells_identity : bool
        Whether something in it is equal to nothing but itself.
    spent : bool
        Whether an object in it has been changed since: only running the writer again gives this
        version.
    """

    __slots__ = (
        "__weakref__",
        "calls",
        "cell",
        "instance",
        "key",
        "layout",
        "made",
        "name",
        "parts",
        "sample",
        "size",
        "spent",
        "tells_identity",
        "value",
    )

    def __init__(
        self,
        name: str,
        cell: str,
        key: Hashable,
        instance: object | None,
        parts: frozenset[int],
        layout: int,
        calls: Calls,
        value: object,
        size: int = 0,
    ) -> None:
        self.name = name
        self.cell = cell
        self.key = key
        self.made = object()
        self.instance = instance
        self.parts = parts
        self.layout = layout
        self.calls = calls
        self.value = value
        self.size = size
        self.spent = False
        self.tells_identity = False
        self.sample: bytes | None = None

    @property
    def is_opaque(self) -> bool:
        """Whether nobody can look into the value."""
        return not isinstance(self.key, bytes)

    @property
    def is_dropped(self) -> bool:
        """Whether the value has been let go."""
        return self.value is _DROPPED

    def drop(self) -> None:
        """Let the value go: only running the writer again gives it."""
        self.value = _DROPPED
        self.spent = True

    def __repr__(self) -> str:
        return f"<Version {self.name} of {self.cell}>"


class Absent(msgspec.Struct, frozen=True):
    """No cell above gives the name a value, or one has deleted it."""

    calls: Calls = NO_CALLS


ABSENT: Final = Absent()


class Unknown(msgspec.Struct, frozen=True):
    """What the name holds is known when ``cell`` has run."""

    cell: str
    calls: Calls
    imported: bool = False


class Failed(msgspec.Struct, frozen=True):
    """``cell`` was to write the name, and failed or is blocked."""

    cell: str
    calls: Calls


Entry = Version | Absent | Unknown | Failed
Input = tuple[str | None, Entry]
"""The cell above that gives a name what it holds (None: no cell does), and that."""


def is_implicit(name: str) -> bool:
    """Tell whether a name stands for state that no variable holds, as ``random:numpy``."""
    return ":" in name
