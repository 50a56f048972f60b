"""One cell at its place, and what SQL in it has used of the connections."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from reactive_kernel.versions import Absent, Version

Bound = Version | Absent


@dataclass(slots=True)
class Place:
    """A cell that runs, and what it has done with tables so far.

    Parameters
    ----------
    cell_id : str
        The cell; empty for code that belongs to none.
    bound : mapping of str to Version or Absent
        What the cells above have left of tables and connections, as it began to run.
    used : bool
        Whether it has run SQL.
    reads : dict of str to Version or Absent
        What it has used.
    writes : dict of str to Version or Absent
        What it has left.
    mutated : set of str
        Those of the writes that were there before and are another now.
    outside : dict of str to Version
        Tables of a database that it was the first to see.
    variables : dict of str to object
        Variables that it has used as tables.
    spoilt : set of str
        What it may have left half done, where it was not clean.
    """

    cell_id: str = ""
    bound: Mapping[str, Bound] = field(default_factory=dict)
    used: bool = False
    reads: dict[str, Bound] = field(default_factory=dict)
    writes: dict[str, Bound] = field(default_factory=dict)
    mutated: set[str] = field(default_factory=set)
    outside: dict[str, Version] = field(default_factory=dict)
    variables: dict[str, object] = field(default_factory=dict)
    spoilt: set[str] = field(default_factory=set)
