"""Binds a cell's versions before it runs, and observes what it did.

The namespace of a Python session is one flat dict; a notebook is a sequence of versions of its
names. Before a cell runs, each name is bound to the version visible at its place, and what is
not visible there is unbound. What differs between two places is all that is touched.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Mapping
from collections.abc import Set as AbstractSet
from itertools import compress, islice
from operator import is_, is_not
from typing import Any, Final

from .effects import Effects, effects_of, only_looked_at
from .heap import Copies, as_it_is
from .notebook import ReactiveNotebook
from .observation import Observer
from .plan import Why
from .sql.databases import Databases
from .surroundings import Surroundings
from .traces import Outcome, Trace, expand, same_meaning
from .values import note_notebook
from .versions import ABSENT, Absent, Version, is_implicit
from .visit import Visit

_SESSION_NAMES: Final = frozenset(
    {
        *("_", "__", "___", "_i", "_ii", "_iii", "_ih", "_oh", "_dh", "In", "Out"),
        *("exit", "quit", "get_ipython", "_exit_code", "__session__"),
        *("__annotations__", "__builtin__", "__builtins__", "__warningregistry__"),
    }
)
_NUMBERED: Final = re.compile(r"_i?\d+")
_GONE: Final = object()
_JUST_BELOW: Final = 0.5
"""Labels are whole numbers."""


class Namespace:
    """The user's names, bound as one place of the notebook sees them.

    Parameters
    ----------
    user_ns : dict
        The session's globals.
    notebook : ReactiveNotebook
        The notebook whose versions are bound.
    outside : mapping of str to object
        What was bound before any cell ran: a cell that finds no writer above sees these.
    databases : Databases or None
        The connections of SQL cells; None for those that a notebook has by itself.

    Attributes
    ----------
    observer : Observer
        What looks at what a cell did.
    """

    def __init__(
        self,
        user_ns: dict[str, Any],
        notebook: ReactiveNotebook,
        outside: Mapping[str, Any],
        databases: Databases | None = None,
    ) -> None:
        self._user_ns = user_ns
        note_notebook(user_ns)
        self._notebook = notebook
        self._outside = outside
        self._place: float = math.inf
        self._relabelled = notebook.document.relabelled
        self._surroundings = Surroundings(notebook, user_ns, databases or Databases(user_ns))
        self.observer = Observer(user_ns, notebook, self._surroundings)
        self._loose: set[str] = set()
        self._consoles: dict[str, Any] = {}

    def enter(self, cell_id: str, source: str, why: Why = "asked") -> Visit:
        """Bind what a cell sees, and get ready to observe it.

        Parameters
        ----------
        cell_id : str
            A cell of the document.
        source : str
            What is to run, which may differ from the document.
        why : {"asked", "needed", "affected", "replay"}
            Why it runs.

        Returns
        -------
        Visit
            To be handed to `leave`.
        """
        document, graph = self._notebook.document, self._notebook.graph
        label = document.label(cell_id)
        effects = effects_of(source)
        inputs, called = expand(effects, graph.above(label))
        reads: dict[str, Version | Absent] = {}
        for name, (_, entry) in inputs.items():
            bound = entry
            if not isinstance(bound, Version | Absent):
                bound = graph.available(name, label) or ABSENT
            reads[name] = bound
        concerned = self._surroundings.concern(source, effects)
        if concerned:
            reads.update(dict(self._surroundings.held(label, source, reads)))
        trace = self._trace_of(cell_id)
        # Names that the run surely binds anew can stay as they are till then.
        left_over: Collection[str] = ()
        if effects.inert:
            may_write = effects.may_writes - effects.writes
            left_over = effects.writes.difference(reads)
        else:
            may_write = effects.may_writes | called
            if trace is not None and same_meaning(trace.source, source):
                may_write |= trace.writes.keys()
        hidden = {
            name
            for name in may_write.difference(reads, _SESSION_NAMES)
            if not (is_implicit(name) or (name[0] == "_" and _of_history(name)))
        }
        self._move_to(label, but=hidden.union(left_over))
        for name in hidden:
            self._user_ns.pop(name, None)
        brought_back = self._bring_back(reads.values(), label)
        for name, bound in reads.items():
            if not any(bound in copies for copies in brought_back):
                reads[name] = as_it_is(bound)
        self._keep(source, effects, trace, reads, label)
        states = None
        if concerned:
            states = self._surroundings.enter(label, source, effects, reads)
        before = dict(self._user_ns)
        if states is not None:
            self._surroundings.listen(states, reads.values(), label, cell_id)
        return Visit(
            cell_id,
            label,
            source,
            effects,
            reads,
            hidden,
            before,
            states,
            trace,
            why,
            brought_back,
        )

    def leave(self, visit: Visit, outcome: Outcome) -> Trace:
        """Observe what a cell did.

        Parameters
        ----------
        visit : Visit
            What `enter` returned.
        outcome : {"clean", "failed", "interrupted"}
            How the run ended.

        Returns
        -------
        Trace
        """
        self._surroundings.stop_listening()
        changed = self._changed_since(visit)
        trace = self.observer.observe(visit, outcome, changed)
        self._place = visit.label + _JUST_BELOW
        names: AbstractSet[str] = trace.writes.keys()
        if visit.states is not None:
            names = {name for name in names if not is_implicit(name)}
        # Another object than the cell has bound, where it made an equal once more.
        self._user_ns.update(
            {n: v.value for n in names if isinstance(v := trace.writes[n], Version)}
        )
        touched = visit.hidden | changed
        if outcome != "clean":
            touched |= visit.effects.writes
        self._loose |= touched.difference(trace.writes)
        return trace

    def rest(self) -> None:
        """Bind the names as Run All would leave them, and with them what a console has set."""
        self._move_to(math.inf)
        self._bring_back(self._notebook.heap.spent_at(math.inf), math.inf)
        for name, value in self._consoles.items():
            if self._notebook.graph.available(name, math.inf) is None:
                self._user_ns[name] = value

    def look_outside(self) -> None:
        """Look whether files that cells have used were changed by others."""
        self._surroundings.look_outside()

    def before_console(self) -> dict[str, Any]:
        """Get ready for code that belongs to no cell.

        Returns
        -------
        dict
            To be handed to `after_console`.
        """
        self.rest()
        self._surroundings.rest()
        return dict(self._user_ns)

    def after_console(self, before: dict[str, Any]) -> None:
        """Take in what code that belongs to no cell has bound."""
        for name in _changes(before, self._user_ns):
            if name in self._user_ns:
                self._consoles[name] = self._user_ns[name]
            else:
                self._consoles.pop(name, None)
            self._loose.add(name)
        self._surroundings.rebase()

    def _bring_back(self, bound: Iterable[Version | Absent], label: float) -> list[Copies]:
        """Bind copies of what is spent, where there are any."""
        versions = [entry for entry in bound if isinstance(entry, Version)]
        brought_back = self._notebook.heap.copies(versions, label)
        for copies in brought_back:
            for version, copy in copies.items():
                self._user_ns[version.name] = copy.value
                self._loose.add(version.name)
        return brought_back

    def _keep(
        self,
        source: str,
        effects: Effects,
        trace: Trace | None,
        reads: Mapping[str, Version | Absent],
        label: float,
    ) -> None:
        """Keep copies of what the cell is expected to change."""
        if trace is not None and trace.outcome == "clean" and same_meaning(trace.source, source):
            names: Iterable[str] = trace.mutated
        elif effects.inert:
            names = effects.may_mutate
        else:
            names = reads.keys() - only_looked_at(source)
        versions = (reads.get(name) for name in names)
        self._notebook.heap.keep((v for v in versions if isinstance(v, Version)), label)

    def _move_to(self, label: float, but: Collection[str] = ()) -> None:
        document, graph = self._notebook.document, self._notebook.graph
        names = self._loose | graph.take_names()
        self._loose = set()
        if self._relabelled != document.relabelled:
            self._relabelled = document.relabelled
            names.update(graph.all_names())
        else:
            low, high = sorted((self._place, label))
            for cell_id in document.between(low, high):
                names.update(graph[cell_id].provides)
        if label != math.inf:
            names.update(self._consoles)
        self._place = label
        for name in names.difference(but):
            if not is_implicit(name):
                self._bind(name, label)

    def _bind(self, name: str, label: float) -> None:
        entry = self._notebook.graph.available(name, label)
        if entry is None and _of_session(name):
            return
        value = entry.value if isinstance(entry, Version) else _GONE
        if entry is None:
            value = self._outside.get(name, _GONE)
        if value is _GONE:
            self._user_ns.pop(name, None)
        elif self._user_ns.get(name, _GONE) is not value:
            self._user_ns[name] = value

    def _trace_of(self, cell_id: str) -> Trace | None:
        record = self._notebook.records.get(cell_id)
        return record.trace if record else None

    def _changed_since(self, visit: Visit) -> set[str]:
        if visit.effects.inert:
            # Nothing ran that its source does not show.
            names: Iterable[str] = visit.effects.may_writes - visit.effects.writes
            before, now = visit.before, self._user_ns
            return {n for n in names if before.get(n, _GONE) is not now.get(n, _GONE)}
        return {
            name
            for name in _changes(visit.before, self._user_ns)
            if not _of_session(name) or name in visit.effects.may_writes
        }


def _changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> set[str]:
    if len(before) <= len(now) and all(map(is_, before, now)):
        # Names were bound anew in their places, or came in at the end.
        changed = set(compress(now, map(is_not, before.values(), now.values())))
        changed.update(islice(now, len(before), None))
        return changed
    changed = {name for name, value in now.items() if before.get(name, _GONE) is not value}
    if len(now) - len(changed) < len(before):
        changed.update(name for name in before if name not in now)
    return changed


def _of_session(name: str) -> bool:
    return name in _SESSION_NAMES or _of_history(name)


def _of_history(name: str) -> bool:
    return name[0] == "_" and _NUMBERED.fullmatch(name) is not None
