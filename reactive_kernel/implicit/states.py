"""Binds the state that cells share unseen before a cell runs, and observes what it left of it."""

from __future__ import annotations

import math
import sys
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from weakref import WeakKeyDictionary, WeakSet

from reactive_kernel.heap import version_of
from reactive_kernel.traces import Trace
from reactive_kernel.values import fingerprint, identity_of
from reactive_kernel.versions import ABSENT, NO_CALLS, Absent, Version

from .files import HOLD_FILES, Accesses
from .generators import GENERATORS, may_set_seed, sets_seed
from .imports import Imported, ImportWatch
from .modules import (
    ModuleAttributes,
    Owner,
    library_of,
    owner_in,
    owners_set_on,
    state_of,
)
from .seeds import seeded_first
from .settings import SETTINGS, differ
from .touch import NO_TOUCH, Touch, touch_of_imports, touch_of_source, touch_of_value

_TELL_THE_STATE: Final = frozenset({"getstate", "get_state", "get_rng_state", "bit_generator"})

Bound = Version | Absent
Available = Callable[[str, float], Bound | None]


@dataclass(slots=True)
class States:
    """What a cell finds.

    Parameters
    ----------
    found : dict of str to (Version or Absent, object)
        For each name, what the cells above left, and the state itself.
    attributes : dict of int to (module or type, str, dict)
        For each module or class on which the cell may set attributes, by its identity, the library
        by which the cell comes to it, and those that it has.
    set_before : list of (module or type, dict)
        The modules and classes on which cells have set attributes, and those that they have.
    touch : Touch or None
        What the cell may use; None for code of which that is not known.
    modules : int
        How many modules have been imported.
    accesses : Accesses
        What the cell does with files.
    imports : ImportWatch or None
        Sees what the cell imports and sets attributes on.
    figures : list
        The figures that pyplot holds, which for a cell that does not draw may be any.
    """

    found: dict[str, tuple[Bound, Any]] = field(default_factory=dict)
    attributes: dict[int, tuple[Owner, str, dict[str, Any]]] = field(default_factory=dict)
    set_before: list[tuple[Owner, dict[str, Any]]] = field(default_factory=list)
    touch: Touch | None = None
    modules: int = 0
    accesses: Accesses = field(default_factory=Accesses)
    imports: ImportWatch | None = None
    figures: list[Any] = field(default_factory=list)


@dataclass(slots=True)
class Use:
    """What a run has done with it.

    Parameters
    ----------
    touch : Touch
        The libraries that it may have used.
    reads : dict of str to Version or Absent
        What it has used.
    writes : dict of str to Version or Absent
        What it has left.
    probed : set of str
        Those of the reads of which it has used only whether they are there.
    mutated : set of str
        Those of the writes that it has changed in place.
    unused : set of str
        What it has not used, though its source let expect so.
    """

    touch: Touch = NO_TOUCH
    reads: dict[str, Bound] = field(default_factory=dict)
    writes: dict[str, Version | Absent] = field(default_factory=dict)
    probed: set[str] = field(default_factory=set)
    mutated: set[str] = field(default_factory=set)
    unused: set[str] = field(default_factory=set)


class SharedState:
    """The state that cells share beside variables.

    Parameters
    ----------
    available : callable
        Returns what the cells above a label leave of a name.
    user_ns : dict
        The session's globals.
    """

    def __init__(self, available: Available, user_ns: dict[str, Any]) -> None:
        self._available = available
        self._user_ns = user_ns
        self._original = {
            name: setting.get()
            for name, setting in SETTINGS.items()
            if setting.original is None and setting.is_there
        }
        self._attributes = ModuleAttributes()
        self._touches: WeakKeyDictionary[Version, Touch] = WeakKeyDictionary()
        self._by_import: WeakSet[Version] = WeakSet()
        self._may_seed: WeakKeyDictionary[Version, bool] = WeakKeyDictionary()

    def touch(self, source: str, given: Iterable[Bound]) -> Touch:
        """Tell what a cell may use, from its source and what it reads."""
        touch = touch_of_source(source)
        for version in given:
            if isinstance(version, Version):
                known = self._touches.get(version)
                if known is None:
                    known = self._touches[version] = touch_of_value(version.value)
                if known is not NO_TOUCH:
                    touch |= known
        return touch

    def may_hold_files(self, version: Version) -> bool:
        """Tell whether open files may be in a value that a cell was given."""
        return self._touches.get(version, NO_TOUCH).any_of(*HOLD_FILES)

    def bind(self, label: float, touch: Touch | None = None) -> States:
        """Make all state what a place sees, as far as a cell may come near it.

        Parameters
        ----------
        label : float
            The place.
        touch : Touch or None
            What the cell may use; None for code of which that is not known.

        Returns
        -------
        States
            To be handed to `use` or `undo`.
        """
        states = States(touch=touch, modules=len(sys.modules))
        near = _near(touch)
        for name, generator in GENERATORS.items():
            if name in near and generator.is_there:
                bound = self._available(name, label) or ABSENT
                state = generator.get()
                # A chain that starts from entropy goes on as it is.
                if isinstance(bound, Version) and bound.value != state:
                    state = bound.value
                    generator.restore(state)
                states.found[name] = (bound, state)
        for name, setting in SETTINGS.items():
            if (name == "os:cwd" or name in near) and setting.is_there:
                bound = self._available(name, label) or ABSENT
                state = bound.value if isinstance(bound, Version) else self._original_of(name)
                if differ(state, setting.get()):
                    setting.restore(state)
                states.found[name] = (bound, state)
        for name in self._attributes:
            bound = self._available(name, label) or ABSENT
            attributes: Any = bound.value if isinstance(bound, Version) else {}
            self._attributes.restore(name, attributes)
            states.found[name] = (bound, None)
        return states

    def held(self, label: float, touch: Touch) -> Iterator[Version]:
        """Find by what a cell may call, or change, values of which it has no variable.

        Parameters
        ----------
        label : float
            Its place.
        touch : Touch
            What it may use.

        Yields
        ------
        Version
            Of state that holds such values: the handlers of loggers, a function of the notebook's
            that was set on a library, what stands in the place of ``sys.stdout``.
        """
        for name in _HOLDING.keys() | _modules_of(touch):
            if name in _HOLDING and not _HOLDING[name].touched(touch):
                continue
            bound = self._available(name, label)
            if isinstance(bound, Version) and (bound.instance is not None or bound.calls.reads):
                yield bound

    def watch(self, states: States, source: str, values: Mapping[str, object]) -> None:
        """Get ready to see which attributes a cell sets on modules and libraries' classes.

        Parameters
        ----------
        states : States
            What it finds.
        source : str
            What is to run.
        values : mapping of str to object
            What it may change of what it finds bound.
        """
        for owner, library in owners_set_on(source, values):
            self._watch_one(states, owner, library)
        touch = states.touch or NO_TOUCH
        if touch.any_of("contextlib"):
            # By which standard output is redirected.
            self._watch_one(states, sys, "sys")
        # What was set once may be set back, by whatever the cell calls.
        states.set_before = [(owner, dict(vars(owner))) for owner in self._attributes.owners()]
        for found in map(owner_in, values.values()):
            if found is not None:
                self._watch_one(states, found, library_of(found))

    def watch_imports(self, states: States, imported: Iterable[Imported]) -> None:
        """Get ready to see which attributes a cell sets on what it imports."""

        def watch(owner: Owner) -> None:
            self._watch_one(states, owner, library_of(owner))

        missing = []
        for each in imported:
            found = each.owner()
            if found is not None:
                watch(found)
            else:
                missing.append(each)
        if missing:
            states.imports = ImportWatch(missing, watch)
            states.imports.start()

    @staticmethod
    def _watch_one(states: States, owner: Owner, library: str) -> None:
        states.attributes.setdefault(identity_of(owner), (owner, library, dict(vars(owner))))

    def rebase(self) -> None:
        """Take what code that belongs to no cell has set for what was there before the notebook."""
        for name in self._original:
            if not isinstance(self._available(name, math.inf), Version):
                self._original[name] = SETTINGS[name].get()

    def undo(self, states: States) -> None:
        """Put back what a failed cell found."""
        for name, generator in GENERATORS.items():
            if name in states.found and generator.get() != states.found[name][1]:
                generator.restore(states.found[name][1])
        for name, setting in SETTINGS.items():
            if name in states.found and differ(setting.get(), states.found[name][1]):
                setting.restore(states.found[name][1])
        for owner, library, before in states.attributes.values():
            self._attributes.changes(owner, library, before)
        for owner, before in states.set_before:
            self._attributes.changes(owner, library_of(owner), before)

    def use(
        self,
        states: States,
        cell_id: str,
        source: str,
        given: Mapping[str, Bound],
        old: Trace | None,
    ) -> Use:
        """Find what a cell has used and left.

        Parameters
        ----------
        states : States
            What it found.
        cell_id : str
            Its id.
        source : str
            What ran.
        given : mapping of str to Version or Absent
            What it read.
        old : Trace or None
            That of the run before.

        Returns
        -------
        Use
        """
        use = Use()
        versions = [bound for bound in given.values() if isinstance(bound, Version)]
        touch = use.touch = states.touch or self.touch(source, versions)
        self._use_generators(use, states, cell_id, source, touch, given, old)
        self._use_settings(use, states, cell_id, touch, old)
        self._use_attributes(use, states, cell_id, touch)
        use.reads.update({name: given[name] for name in use.reads.keys() & given.keys()})
        return use

    def _use_generators(
        self,
        use: Use,
        states: States,
        cell_id: str,
        source: str,
        touch: Touch,
        given: Mapping[str, Bound],
        old: Trace | None,
    ) -> None:
        versions = {name: bound for name, bound in given.items() if isinstance(bound, Version)}
        seeding = sets_seed(source)
        first: Collection[str] = ()
        if seeding:
            first = seeded_first(source, {name: v.value for name, v in versions.items()})
        may_seed = seeding or any(map(self._may_set_seed, versions.values()))
        near = _near(touch)
        for name, generator in GENERATORS.items():
            if name not in near or not generator.is_there:
                continue
            bound, before = states.found.get(name, (ABSENT, None))
            state = generator.get()
            # Setting a seed leaves the same state where the same was set before: by a cell
            # above, by this one when it last ran, or before the notebook was opened.
            again = isinstance(bound, Version) or (old is not None and name in old.writes)
            if state == before and not (may_seed and again) and name not in first:
                if not touch.words.isdisjoint(_TELL_THE_STATE):
                    use.reads[name] = bound
                continue
            if name not in first or state == before:
                use.reads[name] = bound
            if may_seed or isinstance(bound, Version):
                use.writes[name] = _version(name, cell_id, ("state", hash(state)), state)

    def _may_set_seed(self, version: Version) -> bool:
        known = self._may_seed.get(version)
        if known is None:
            known = self._may_seed[version] = may_set_seed(version.value)
        return known

    def _use_settings(
        self, use: Use, states: States, cell_id: str, touch: Touch, old: Trace | None
    ) -> None:
        imported, near = len(sys.modules) > states.modules, _near(touch)
        through = touch_of_imports(touch)
        for name, setting in SETTINGS.items():
            relative = name == "os:cwd" and states.accesses.relative
            if not (relative or name in near) or not setting.is_there:
                continue
            bound, before = states.found.get(name, (ABSENT, self._original_of(name)))
            touched = relative or setting.touched(touch)
            state = setting.get()
            changed = differ(state, before)
            if touched or changed or setting.touched(through):
                use.reads[name] = bound
            if changed:
                left = self._left(name, cell_id, state, holds=setting.holds)
                if imported and not touched:
                    self._by_import.add(left)
                use.writes[name] = left
            elif old is not None:
                # A library is imported once; what that has set would be set by Run All.
                was = old.writes.get(name)
                if isinstance(was, Version) and was in self._by_import:
                    read = old.reads.get(name)
                    if read is not None and read.same(bound):
                        use.reads[name], use.writes[name] = bound, was
                        setting.restore(was.value)

    def _use_attributes(self, use: Use, states: States, cell_id: str, touch: Touch) -> None:
        left: defaultdict[str, dict[tuple[str, str], Any]] = defaultdict(dict)
        for owner, library, before in states.attributes.values():
            left[state_of(library)].update(self._attributes.changes(owner, library, before))
        for owner, before in states.set_before:
            if identity_of(owner) not in states.attributes:
                changed = self._attributes.changes(owner, library_of(owner), before)
                if changed:
                    left[state_of(library_of(owner))].update(changed)
        for name in left.keys() | _modules_of(touch):
            use.reads[name] = states.found.get(name, (ABSENT, None))[0]
        for name, changed in left.items():
            if changed:
                bound = use.reads[name]
                above: Any = bound.value if isinstance(bound, Version) else {}
                value = {**above, **changed}
                use.writes[name] = self._left(name, cell_id, value, holds=True)

    def _left(self, name: str, cell_id: str, state: object, *, holds: bool) -> Version:
        found = fingerprint(state)
        if holds:
            return version_of(name, cell_id, state, found, self._user_ns)
        return _version(name, cell_id, object() if found is None else found.digest, state)

    def _original_of(self, name: str) -> Any:
        original = SETTINGS[name].original
        return self._original[name] if original is None else original()


def _near(touch: Touch | None) -> Collection[str]:
    """Return the names of generators and settings that code may come near."""
    if touch is None:
        return _ALL
    if touch.configures or not touch.reaches_python_only:
        return _ALL
    if touch.reaches_nothing:
        return _OF_DISPLAY if touch.displays else ()
    return _OF_PYTHON | _OF_DISPLAY


_HOLDING: Final = {name: setting for name, setting in SETTINGS.items() if setting.holds}
_ALL: Final = frozenset({*GENERATORS, *SETTINGS})
_OF_DISPLAY: Final = frozenset({"ipython:display"})
_OF_PYTHON: Final = frozenset(
    name
    for name in _ALL
    if (GENERATORS.get(name) or SETTINGS[name]).module.partition(".")[0] in sys.stdlib_module_names
)


def _version(name: str, cell_id: str, key: object, value: object) -> Version:
    return Version(name, cell_id, key, None, frozenset(), 0, NO_CALLS, value)


def _modules_of(touch: Touch) -> set[str]:
    """Return the names of what is set on the libraries that code may use."""
    names = set(map(state_of, touch.libraries))
    if touch.prints:
        names.add(state_of("sys"))
    return names
