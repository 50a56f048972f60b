"""The fuzzer is worth something if it notices each rule of the core that is switched off.

Each entry of the tables switches one off; the numbers group them. What such stories cannot show is
held by tests of their own: what is marked before a run, and why; what cells that only store read;
what is left to who writes it, and to lazy mode (`tests/core/test_rules.py`); settings and files
that cells share (`tests/core/test_implicit.py`, `tests/core/test_files.py`).
"""

from __future__ import annotations

import copy
import math
import sys
import warnings
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import msgspec
import pytest

from reactive_kernel import heap, observation, plan, traces
from reactive_kernel.adoption import Adoption
from reactive_kernel.effects import dynamic, source
from reactive_kernel.effects.code import Reach
from reactive_kernel.implicit import states
from reactive_kernel.namespace import Namespace
from reactive_kernel.notebook import ReactiveNotebook
from reactive_kernel.observation import Observer
from reactive_kernel.plan import Planner
from reactive_kernel.traces import Trace
from reactive_kernel.values import Sharing, codes, fingerprint, identity_of
from reactive_kernel.versions import ABSENT, BUILTINS, EVERY_NAME, NO_CALLS, Absent, Version
from reactive_kernel.visit import Visit

from .__main__ import MOST_WASTED
from .steps import Create, Run, Step, Update, draw, draw_from_motif
from .stories import StoryError, TooLongError, play
from .watching import Tally

UNCOVERED: list[Step] = [
    *(
        Create(f"c{i}", source, i)
        for i, source in enumerate(
            ["a = []", "b = []", "m = [[5], b]", "b = a", "m[0].append(1)", "print(m)"]
        )
    ),
    Run("all"),
    Update("c4", "m[0].append(2)"),
    Run("stale"),
    Update("c3", ""),
    Run("stale"),
]
"""A cell has run on a copy while another hid what hangs together with it."""

FOUND: list[Step] = [
    *(
        Create(f"c{i}", source, i)
        for i, source in enumerate(
            ["class A:\n    pass", "a = A()", "b = a", "d = {a: 1}", "print(d.get(b))"]
        )
    ),
    Run("all"),
    Update("c2", "b = A()"),
    Run("stale"),
]
"""One of two instances is looked up by the other, which is its equal and another."""

STORIES = [UNCOVERED, FOUND, *map(draw_from_motif, range(600)), *map(draw, range(200))]
"""With all rules on none of them fails, as `test_stories.py` says."""

Switch = Callable[[pytest.MonkeyPatch], None]


def wrap(patch: pytest.MonkeyPatch, owner: Any, name: str, wrapper: Callable[..., Any]) -> None:
    """Put a function in the place of another, which it gets as its first argument."""
    original = getattr(owner, name)
    patch.setattr(owner, name, lambda *args, **kwargs: wrapper(original, *args, **kwargs))


def change_effects(**change: Callable[[Any], Any]) -> Switch:
    """Have the analysis of a cell's source say something else."""

    def switch(patch: pytest.MonkeyPatch) -> None:
        original = source.effects_of

        @cache
        def effects_of(text: str) -> Any:
            effects = original(text)
            changed = {name: new(effects) for name, new in change.items()}
            return msgspec.structs.replace(effects, **changed)

        for module in list(sys.modules.values()):
            if module is not source and getattr(module, "effects_of", None) is original:
                patch.setattr(module, "effects_of", effects_of)

    return switch


def no_own_calls(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(source, "_used", lambda _: Reach())
    source.effects_of.cache_clear()


def no_constant_strings(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(dynamic, "_visitor", lambda _, **__: None)
    source.effects_of.cache_clear()


def absent_is_no_value(patch: pytest.MonkeyPatch) -> None:
    def reads(original: Any, visit: Visit, mode_of: Any) -> Any:
        found = original(visit, mode_of)
        return {name: read for name, read in found.items() if not isinstance(read.entry, Absent)}

    wrap(patch, observation, "_reads", reads)


def names_stay_bound(patch: pytest.MonkeyPatch) -> None:
    def enter(original: Any, self: Any, *args: Any, **kwargs: Any) -> Visit:
        visit = original(self, *args, **kwargs)
        for name in visit.hidden:
            self._bind(name, visit.label)
        visit.hidden, visit.before = set(), dict(self._user_ns)
        return visit

    wrap(patch, Namespace, "enter", enter)


def ghosts_of_lower_cells(patch: pytest.MonkeyPatch) -> None:
    def move_to(original: Any, self: Any, label: float, **kwargs: Any) -> None:
        if label == math.inf:
            original(self, label)

    wrap(patch, Namespace, "_move_to", move_to)


def no_deletions(patch: pytest.MonkeyPatch) -> None:
    def observe(original: Any, *args: Any) -> Trace:
        trace = original(*args)
        trace.writes = {n: entry for n, entry in trace.writes.items() if entry is not ABSENT}
        return trace

    wrap(patch, Observer, "observe", observe)


def all_by(mode: str) -> Switch:
    def switch(patch: pytest.MonkeyPatch) -> None:
        wrap(
            patch, observation, "_reads", lambda original, visit, _: original(visit, lambda _: mode)
        )

    return switch


def no_is(patch: pytest.MonkeyPatch) -> None:
    def kept(original: Any, self: Any, visit: Visit, *args: Any) -> Any:
        visit.compares_identity = False
        return original(self, visit, *args)

    wrap(patch, Observer, "_kept", kept)


def opaque_values_stay(patch: pytest.MonkeyPatch) -> None:
    def mutated(original: Any, *args: Any) -> set[Version]:
        return {version for version in original(*args) if isinstance(version.key, bytes)}

    wrap(patch, Observer, "_mutated", mutated)


def failures_spend_nothing(patch: pytest.MonkeyPatch) -> None:
    def observe(original: Any, self: Any, visit: Visit, outcome: str, changed: set[str]) -> Trace:
        with pytest.MonkeyPatch.context() as inner:
            if outcome != "clean":
                inner.setattr(Observer, "_mutated", lambda self, visit: set())
            trace: Trace = original(self, visit, outcome, changed)
            return trace

    wrap(patch, Observer, "observe", observe)


def no_replays(patch: pytest.MonkeyPatch) -> None:
    def needs(original: Any, *args: Any) -> dict[str, str]:
        return {cell: why for cell, why in original(*args).items() if why != "replay"}

    wrap(patch, Planner, "_needs", needs)


def replays_are_adopted(patch: pytest.MonkeyPatch) -> None:
    def adopted(original: Any, self: Any, visit: Visit, *args: Any) -> Any:
        return original(self, replace(visit, is_new_heap=False), *args)

    wrap(patch, Adoption, "adopted", adopted)


def all_is_asked(patch: pytest.MonkeyPatch) -> None:
    def begin_run(original: Any, *args: Any) -> plan.Run:
        run: plan.Run = original(*args)
        run.asked = "all" if run.asked == "stale" else run.asked
        return run

    wrap(patch, ReactiveNotebook, "begin_run", begin_run)


def one_run_each(patch: pytest.MonkeyPatch) -> None:
    for limit in ("EXECUTIONS_PER_RUN", "REPLAYS_PER_RUN"):
        patch.setattr(plan, limit, 1)


def say(owner: Any, name: str, result: Any) -> Switch:
    """Have a function always return the same."""
    return lambda patch: patch.setattr(owner, name, lambda *args, **kwargs: result)


NEEDED: dict[str, Switch] = {
    "1 a read resolves to what stands above": ghosts_of_lower_cells,
    "1 absent is a recorded value": absent_is_no_value,
    "1 builtins are read": change_effects(reads=lambda e: e.reads - BUILTINS),
    "2 an assignment on a branch leaves the read": change_effects(
        reads=lambda e: e.reads - e.may_writes
    ),
    "3 del reads whether a name is bound": change_effects(probes=lambda e: frozenset()),
    "4 what calling a value reads": say(heap, "calls_of", NO_CALLS),
    "6 functions called in their own cell": no_own_calls,
    "7 constant strings are analysed": no_constant_strings,
    "7 a dynamic cell reads every name": change_effects(reads=lambda e: e.reads - {EVERY_NAME}),
    "9 an edited cell has no valid trace": say(traces, "same_meaning", True),
    "10 names are unbound before the run": names_stay_bound,
    "12 a sure write counts": lambda patch: patch.setattr(
        Observer, "_written", lambda self, visit, changed: changed
    ),
    "13 a deletion is a write": no_deletions,
    "14 star imports write": say(observation, "_public_names", set()),
    "16 what is kept is compared by identity": all_by("value"),
    "16 what compares by is": no_is,
    "16 what is found by identity": say(observation, "_tells_identity", False),
    "17 adoption looks at sharing": say(Adoption, "_same_sharing", True),
    "18 keys of opaque values": say(observation, "keep_keys", None),
    "19 parts of opaque values": lambda patch: patch.setattr(
        heap, "parts_of", lambda value: {identity_of(value)}
    ),
    "21 functions are compared by their code": say(codes, "_code_key", ""),
    "22 changes in place are looked for": say(Observer, "_mutated", set()),
    "22 versions that share an object": lambda patch: patch.setattr(
        Sharing, "component", lambda self, holders: set(holders)
    ),
    "22 the layout of a value": lambda patch: patch.setattr(
        Observer,
        "_has_changed",
        lambda self, visit, v: getattr(fingerprint(v.value), "digest", None) != v.key,
    ),
    "23 names changed along": lambda patch: patch.setattr(
        Observer, "_is_visible", lambda self, version, visit: version in visit.reads.values()
    ),
    "24 what is spent is made again": no_replays,
    "24 copies are made together": lambda patch: patch.setattr(
        heap, "copy_together", lambda values: [copy.deepcopy(value) for value in values]
    ),
    "25 who goes on with copies writes them all": say(Observer, "_gone_on_with", {}),
    "25 versions that another cell hides": say(Observer, "_hidden", {}),
    "26 a class has no copy": say(heap._Snapshot, "is_as_it_was", True),
    "27 opaque values count as changed": opaque_values_stay,
    "31 random states are names": lambda patch: patch.setattr(states, "GENERATORS", {}),
    "34 a failure spends what it changed": failures_spend_nothing,
    "38 a cell may run again in a run": one_run_each,
    "39 a run takes what it affects": say(Planner, "_is_affected", False),
    "a run makes what stands below the last cell": say(Planner, "complete", False),
}

SPARING: dict[str, Switch] = {
    "16 what keeps nothing compares values": all_by("identity"),
    "39 a run of what is stale leaves out what is fresh by then": all_is_asked,
}


@pytest.fixture
def patch() -> Any:
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)
        yield patch
    source.effects_of.cache_clear()


def tally_of(steps: list[Step], *, watched: bool) -> Tally | None:
    """Play a story; return None if it shows what Run All does not show, or does not end."""
    try:
        return play(steps, watched=watched)
    except StoryError as error:
        if not isinstance(error.__cause__, AssertionError | TooLongError):
            raise
        return None


@pytest.mark.parametrize("rule", NEEDED)
def test_a_story_fails_without(rule: str, patch: pytest.MonkeyPatch) -> None:
    NEEDED[rule](patch)
    assert any(tally_of(steps, watched=False) is None for steps in STORIES)


@pytest.mark.parametrize("rule", SPARING)
def test_more_is_run_in_vain_without(rule: str, patch: pytest.MonkeyPatch) -> None:
    SPARING[rule](patch)
    tally = Tally()
    for steps in STORIES[-100:]:
        tally.add(tally_of(steps, watched=True) or Tally())
    assert len(tally.wasted) > 2 * MOST_WASTED * tally.executions
