"""The effects of a cell, as values."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import msgspec

from .meaning import meaning_of

if TYPE_CHECKING:
    from collections.abc import Mapping

NO_NAMES: Final[frozenset[str]] = frozenset()


class Calls(msgspec.Struct, frozen=True):
    """What calling a value does to names of the notebook.

    Attributes
    ----------
    reads
        Global names that the call may read; ``"*"`` stands for every name.
    writes
        Global names that the call may bind or delete; ``"*"`` stands for unknown names.
    """

    reads: frozenset[str] = NO_NAMES
    writes: frozenset[str] = NO_NAMES


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a source cannot be run at all.

    Attributes
    ----------
    message
        What Python says about it.
    line
        The line of the source, counted from 1, where that is known.
    """

    message: str
    line: int | None


NOTHING_CALLED: Final[Mapping[str, Calls]] = MappingProxyType({})


class Effects(msgspec.Struct, frozen=True, dict=True):
    """What a run of one cell may do to the names of the notebook.

    ``"*"`` among names stands for names that the source does not tell.

    Attributes
    ----------
    reads
        Names whose value a run may take from above, builtins included.
    probes
        Names of which a run uses only whether they are bound; disjoint from `reads`.
    writes
        Names bound or deleted by every run that ends cleanly.
    may_writes
        Every name that a run may bind or delete; holds `writes`.
    deletes
        Those of `may_writes` that may be unbound afterwards.
    mutates
        Names from outside the cell with mutating syntax rooted at them, as in ``x.a = 1``.
    may_mutate
        Names from outside with a method called on them; holds `mutates`.
    calls
        For each name that may hold a function or class of this cell, what calling it does.
    inert
        Whether the cell only stores, so that nothing it reads can be called by it.
    imports
        Names that nothing but an import binds.
    star_imports
        Modules of ``from m import *``, as written.
    opaque
        A sentence for each thing that cannot be told from the source.
    problem
        Why the source cannot run; then nothing else is known.
    empty
        Whether there is nothing to run.
    deferred
        Names read only when what the cell defines is called later.
    shown_reads
        All that the cell takes from outside, now or later, as people are shown it: `reads`,
        `deferred` and what ``del`` needs to be bound.
    lookups
        Names of tables in SQL: of each group a run reads one after the other until one is there.
    queries
        Names whose value may be an expression of pandas' own, which names variables in turn.
    dialects
        The connections that SQL in the cell is for, and the dialects it was read in.
    source
        The text all this was found in.
    """

    reads: frozenset[str] = NO_NAMES
    probes: frozenset[str] = NO_NAMES
    writes: frozenset[str] = NO_NAMES
    may_writes: frozenset[str] = NO_NAMES
    deletes: frozenset[str] = NO_NAMES
    mutates: frozenset[str] = NO_NAMES
    may_mutate: frozenset[str] = NO_NAMES
    calls: Mapping[str, Calls] = NOTHING_CALLED
    inert: bool = True
    imports: frozenset[str] = NO_NAMES
    star_imports: tuple[str, ...] = ()
    opaque: tuple[str, ...] = ()
    problem: Problem | None = None
    empty: bool = False
    deferred: frozenset[str] = NO_NAMES
    shown_reads: frozenset[str] = NO_NAMES
    lookups: tuple[tuple[str, ...], ...] = ()
    queries: frozenset[str] = NO_NAMES
    dialects: frozenset[tuple[str, str]] = frozenset()
    source: str = ""

    @cached_property
    def meaning(self) -> str:
        """A digest that edits of comments and layout leave as it is."""
        return meaning_of(self.source)
