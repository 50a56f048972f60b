"""What is known of names at one place in a cell."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeAlias

from .code import Code


@dataclass(frozen=True, slots=True)
class Text:
    """A string that the source spells out."""

    text: str


class Known(Enum):
    """Values that are told by what they are."""

    OTHER = "anything else"
    SHELL = "what get_ipython() gives"


Values: TypeAlias = frozenset[Code | Text | Known]

NO_VALUES: Final[Values] = frozenset()
OTHER: Final[Values] = frozenset({Known.OTHER})
SHELL: Final[Values] = frozenset({Known.SHELL})


def codes_in(values: Values) -> list[Code]:
    """Keep the functions and classes among values."""
    return [value for value in values if isinstance(value, Code)]


class Flow:
    """What holds whenever execution gets to a place.

    Attributes
    ----------
    bound
        Names surely bound or deleted since the start, so that a read of them takes nothing from
        outside. Names of class bodies, and marks of loops, have a prefix that no name can have.
    values
        Names that may hold a function, class or string of this cell, and which.
    gone
        Names that may be deleted here.
    dead
        Whether execution never gets here.
    """

    __slots__ = ("bound", "dead", "gone", "values")

    def __init__(self) -> None:
        self.bound: set[str] = set()
        self.values: dict[str, Values] = {}
        self.gone: set[str] = set()
        self.dead = False

    def copy(self) -> Flow:
        """Give a branch its own state."""
        other = Flow.__new__(Flow)
        other.bound = self.bound.copy()
        other.values = self.values.copy()
        other.gone = self.gone.copy()
        other.dead = self.dead
        return other


def join(*flows: Flow) -> Flow:
    """State after branches that come together.

    Parameters
    ----------
    flows
        The states at the ends of the branches, which may be changed by this.

    Returns
    -------
    Flow
        What holds whichever branch was taken.
    """
    live = [flow for flow in flows if not flow.dead]
    if not live:
        return flows[0]
    joined = live[0]
    for flow in live[1:]:
        joined.bound &= flow.bound
        joined.gone |= flow.gone
        if joined.values != flow.values:
            for name in joined.values.keys() | flow.values.keys():
                joined.values[name] = joined.values.get(name, OTHER) | flow.values.get(name, OTHER)
    return joined
