"""What templates are about."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Topic:
    """Kinds of names, and cells about them.

    Parameters
    ----------
    names : dict of str to list of str
        The names of each kind.
    first : dict of str to list of str
        For each kind, cells that give the name ``$<kind>1`` its first value.
    cells : list of str
        What may follow.
    """

    names: dict[str, list[str]] = field(default_factory=dict)
    first: dict[str, list[str]] = field(default_factory=dict)
    cells: list[str] = field(default_factory=list)
