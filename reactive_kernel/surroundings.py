"""Binds the state that no variable holds before a cell runs, and observes it afterwards."""

from __future__ import annotations

import math
import operator
import os
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .effects import Effects
from .heap import as_it_is, version_of
from .implicit import (
    EAR,
    FIGURES,
    FileUse,
    KnownFiles,
    SharedState,
    States,
    Use,
    draws,
    hold_only,
    names_set_on,
    open_figures,
    set_on_imports,
    take_handles,
    touch_of_source,
)
from .notebook import ReactiveNotebook
from .sql.databases import Databases
from .sql.place import Place
from .traces import Trace
from .values import files_of, fingerprint, own_file, prepare_import
from .versions import ABSENT, Absent, Version

Bound = Version | Absent


def _values(reads: Mapping[str, Bound]) -> Mapping[str, Bound]:
    """Leave out what is no value of a variable: tables of databases."""
    if not any(name.startswith("sql:") for name in reads):
        return reads
    return {name: bound for name, bound in reads.items() if not name.startswith("sql:")}


class Surroundings:
    """The state that the cells of a notebook share beside variables.

    Parameters
    ----------
    notebook : ReactiveNotebook
        The notebook.
    user_ns : dict
        The session's globals.
    databases : Databases
        The connections of SQL cells.
    """

    def __init__(
        self, notebook: ReactiveNotebook, user_ns: dict[str, Any], databases: Databases
    ) -> None:
        self._graph = notebook.graph
        self._user_ns = user_ns
        self._shared = SharedState(notebook.graph.available, user_ns)
        self._files = KnownFiles()
        self._databases = databases
        databases.follow(notebook.graph, notebook.heap)

    def concern(self, source: str, effects: Effects) -> bool:
        """Tell whether a cell does more than store what it takes from above."""
        return not effects.inert or touch_of_source(source).displays

    def held(
        self, label: float, source: str, reads: Mapping[str, Bound]
    ) -> Iterator[tuple[str, Bound]]:
        """Find what a cell may read, or change, through state that no variable holds.

        Parameters
        ----------
        label : float
            The place.
        source : str
            What is to run.
        reads : mapping of str to Version or Absent
            What the cell finds bound.

        Yields
        ------
        str, Version or Absent
            A name that is not among the reads, and what the cells above have left of it.
        """
        touch = self._shared.touch(source, _values(reads).values())
        called: set[str] = set()
        for state in self._shared.held(label, touch):
            yield state.name, state
            called |= state.calls.reads
        pending = called.difference(reads)
        while pending:
            name = pending.pop()
            bound = self._graph.available(name, label) or ABSENT
            yield name, bound
            if isinstance(bound, Version):
                pending |= bound.calls.reads.difference(reads, called)
                called |= bound.calls.reads

    def enter(self, label: float, source: str, effects: Effects, reads: dict[str, Bound]) -> States:
        """Make all of it what a cell's place sees, as far as the cell may come near it.

        Parameters
        ----------
        label : float
            The place.
        source : str
            What is to run.
        effects : Effects
            What that source says.
        reads : dict of str to Version or Absent
            What the cell finds bound; the figures that it finds are added.

        Returns
        -------
        States
            To be handed to `leave`.
        """
        touch = self._shared.touch(source, _values(reads).values())
        if draws(touch):
            reads[FIGURES] = self._hold_figures(label)
        if touch.imports:
            prepare_import(lambda: [each.value for each in self._own_modules(label)])
        states = self._shared.bind(label, touch)
        states.figures = open_figures()
        changed = {name: reads.get(name) for name in effects.mutates | names_set_on(source)}
        values = {name: v.value for name, v in changed.items() if isinstance(v, Version)}
        self._shared.watch(states, source, values)
        if touch.imports:
            self._shared.watch_imports(states, set_on_imports(source))
        return states

    def listen(self, states: States, reads: Iterable[Bound], label: float, cell_id: str) -> None:
        """Hear from now on what the cell does with tables, and files, open ones too."""
        self._databases.enter(label, cell_id)
        states.accesses = EAR.listen()
        for bound in reads:
            if isinstance(bound, Version) and self._shared.may_hold_files(bound):
                take_handles(states.accesses, bound.value)

    def stop_listening(self) -> None:
        """Hear no more: the cell has run."""
        EAR.stop()

    def leave(
        self,
        states: States,
        cell_id: str,
        label: float,
        source: str,
        reads: Mapping[str, Bound],
        old: Trace | None,
        *,
        clean: bool,
    ) -> Use:
        """Find what a cell has used and left; put back what it found if it was not clean.

        Parameters
        ----------
        states : States
            What `enter` returned.
        cell_id : str
            The cell.
        label : float
            Its place.
        source : str
            What ran.
        reads : mapping of str to Version or Absent
            What it read of variables, and the figures that it found.
        old : Trace or None
            That of the run before.
        clean : bool
            Whether it has come to its end.

        Returns
        -------
        Use
            What it has left, or has spoilt where it was not clean, is among the writes.
        """
        if states.imports is not None:
            states.imports.stop()
        use = self._shared.use(states, cell_id, source, _values(reads), old)
        figures = self._use_figures(cell_id, states.figures, clean=clean)
        files = self._use_files(states, cell_id, label, source, old, clean=clean)
        use.reads.update(files.reads)
        use.probed |= files.listed
        tables = self._use_tables(use, reads, label, clean=clean)
        if not clean:
            self._shared.undo(states)
            spoilt = [*files.spoilt, *(tables.spoilt if tables is not None else ())]
            use.writes = dict.fromkeys(spoilt, ABSENT)
            return use
        if tables is not None:
            use.writes.update(tables.writes)
        if figures is not None:
            use.reads[FIGURES] = reads.get(FIGURES, ABSENT)
            use.writes[FIGURES] = figures
        use.writes.update(files.writes)
        return use

    def _use_tables(
        self, use: Use, reads: Mapping[str, Bound], label: float, *, clean: bool
    ) -> Place | None:
        """Find what a cell has done with tables of databases.

        What it has used of them is known now, in the place of what its source let expect.
        """
        use.unused.update(name for name in reads if name.startswith("sql:"))
        place = self._databases.leave(clean=clean)
        if place is None:
            return None
        use.reads.update(place.reads)
        use.unused.difference_update(place.reads)
        use.mutated.update(place.mutated)
        for name in place.variables.keys() - reads.keys():
            use.reads[name] = self._graph.available(name, label) or ABSENT
        for name, version in place.outside.items():
            self._graph.update_outside(name, version)
        return place

    def look_outside(self) -> None:
        """Look whether files that cells have used were changed by others."""
        for name, version in list(self._files.look(self._graph.outside)):
            self._graph.update_outside(name, version or ABSENT)

    def rest(self) -> None:
        """Make all of it what Run All would leave."""
        self._shared.bind(math.inf)
        self._databases.enter(math.inf)

    def rebase(self) -> None:
        """Take what code that belongs to no cell has set for what was there before the notebook."""
        self._databases.leave(clean=True)
        self._shared.rebase()

    def _own_modules(self, label: float) -> list[Version]:
        """Return the modules of the notebook's own project that the cells above a place leave."""
        left = (self._graph.available(name, label) for name in self._graph.all_names())
        return [v for v in left if isinstance(v, Version) and own_file(v.value) is not None]

    def _hold_figures(self, label: float) -> Bound:
        """Make pyplot hold the figures that the cells above have left open."""
        bound = as_it_is(self._graph.available(FIGURES, label) or ABSENT)
        figures: Any = bound.value if isinstance(bound, Version) else []
        hold_only(figures)
        return bound

    def _use_figures(self, cell_id: str, before: list[Any], *, clean: bool) -> Bound | None:
        """Return what the run leaves of the figures that pyplot holds, if these are others."""
        now = open_figures()
        if len(now) == len(before) and all(map(operator.is_, now, before)):
            return None
        if not clean:
            hold_only(before)
            return None
        if not now:
            return ABSENT
        return version_of(FIGURES, cell_id, now, fingerprint(now), self._user_ns)

    def _use_files(
        self,
        states: States,
        cell_id: str,
        label: float,
        source: str,
        old: Trace | None,
        *,
        clean: bool,
    ) -> FileUse:
        graph = self._graph
        code = states.touch or touch_of_source(source)
        imported = files_of(code.libraries) if code.imports else set()
        for path in imported:
            # An import reads its file once; the cell depends on it all the same.
            states.accesses.take_read(path)
        use = self._files.use(
            states.accesses,
            cell_id,
            lambda name: graph.available(name, label),
            graph.outside,
            old,
            clean=clean,
        )
        for name, version in use.outside.items():
            graph.update_outside(name, version)
        if imported:
            # Who imports once more gets what was imported above.
            above = self._own_modules(label)
            paths = {v: os.path.realpath(str(own_file(v.value))) for v in above}
            use.reads.update({v.name: v for v in above if paths[v] in imported})
        if states.accesses.processes:
            # Another program may have changed what cells have read.
            self.look_outside()
        return use
