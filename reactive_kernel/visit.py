"""A cell at its place: what it finds as it begins to run."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

from .effects import Effects
from .heap import Copies
from .implicit import States
from .plan import Why
from .traces import Trace
from .values import Pickles
from .versions import Absent, Version


@dataclass(slots=True)
class Visit:
    """A cell at its place, about to run.

    Parameters
    ----------
    cell_id : str
        The cell.
    label : int
        Its label in the document.
    source : str
        What is to run.
    effects : Effects
        What that source says.
    reads : dict of str to Version or Absent
        What it finds bound.
    hidden : set of str
        Names unbound for the run, so that binding them is seen.
    before : dict of str to object
        The namespace as the run finds it.
    states : States or None
        What it finds of the state that cells share unseen; None for a cell that only stores.
    old : Trace or None
        That of the run before.
    why : {"asked", "needed", "affected", "replay"}
        Why it runs.
    brought_back : list of mapping of Version to Copy
        The copies that are bound in the place of spent versions and what hangs together with them.
    is_new_heap : bool
        Whether what it leaves is to be taken for new objects, though equal to those before.
    started : float
        When it began to run, in seconds.
    allowance : float
        How many bytes of values may be looked at because it ran.
    compares_identity : bool
        Whether it may ask if two values are one.
    probed : set of str
        Names beside those of variables of which it has used only whether they are bound.
    pickles : Pickles
        What was pickled of values after it has run, each of them once.
    """

    cell_id: str
    label: int
    source: str
    effects: Effects
    reads: dict[str, Version | Absent]
    hidden: set[str]
    before: dict[str, Any]
    states: States | None
    old: Trace | None
    why: Why
    brought_back: list[Copies] = field(default_factory=list)
    is_new_heap: bool = False
    started: float = field(default_factory=perf_counter)
    allowance: float = math.inf
    compares_identity: bool = False
    probed: set[str] = field(default_factory=set)
    pickles: Pickles = field(default_factory=dict)
