"""What Python does when it runs a program must be among what its source was said to do."""

from __future__ import annotations

import contextlib
import itertools
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings

from reactive_kernel.effects import effects_of

from .programs import POOL, VARIABLES, programs


class Box(int):
    """A number that is told from all others by identity."""


class TooLong(BaseException):
    """Ends programs that go on for ever."""


class Namespace(dict[str, Any]):
    """Globals that note which names are taken from outside, and which are bound or deleted."""

    def __init__(self, initial: dict[str, Any]) -> None:
        super().__init__(initial)
        self.initial = dict(initial)
        self.read: set[str] = set()
        self.probed: set[str] = set()
        self.written: set[str] = set()

    def is_from_outside(self, name: str) -> bool:
        if name in self.written:
            return False
        # What `global` stores in functions gets past this class.
        if name in self.initial:
            return name in self and dict.__getitem__(self, name) is self.initial[name]
        return name not in self

    def __getitem__(self, name: str) -> Any:
        # Python looks up some names of its own when it defines classes and annotations.
        if not name.startswith("__") and self.is_from_outside(name):
            self.read.add(name)
        return super().__getitem__(name)

    def __setitem__(self, name: str, value: Any) -> None:
        self.written.add(name)
        super().__setitem__(name, value)

    def __delitem__(self, name: str) -> None:
        if self.is_from_outside(name):
            self.probed.add(name)
        super().__delitem__(name)
        self.written.add(name)


class Base:
    x = 1


@contextlib.contextmanager
def nothing() -> Any:
    yield 3


@dataclass
class Run:
    names: Namespace
    log: list[Any] = field(default_factory=list)
    error: str | None = None

    def bound_or_deleted(self) -> set[str]:
        changed = {
            name
            for name in self.names.initial.keys() | self.names.keys()
            if name not in self.names
            or dict.__getitem__(self.names, name) is not self.names.initial.get(name, self)
        }
        return (self.names.written | changed) - {"__builtins__", "__annotations__"}

    def deleted(self) -> set[str]:
        return {name for name in self.bound_or_deleted() if name not in self.names}


def run(source: str, values: dict[str, Any]) -> Run:
    ticks = itertools.count()
    numbers = itertools.count(100)

    def tick() -> bool:
        if next(ticks) > 30:
            raise TooLong
        return True

    def log(value: Any) -> Any:
        result.log.append(value if isinstance(value, int) else type(value).__name__)
        return value

    def apply(function: Any) -> Any:
        return function() if callable(function) else 0

    def wrap(function: Any) -> Any:
        def inner() -> Any:
            return function()

        return inner

    initial = {
        "tick": tick,
        "log": log,
        "apply": apply,
        "wrap": wrap,
        "keep": lambda function: function,
        "fresh": lambda: Box(next(numbers)),
        "many": lambda number: range(number % 3),
        "suppress": contextlib.suppress,
        "nothing": nothing,
        "Base": Base,
        **values,
    }
    result = Run(Namespace(initial))
    try:
        code = compile(source, "<program>", "exec", dont_inherit=True)
        exec(code, result.names)
    except (Exception, TooLong) as error:
        result.error = type(error).__name__
    return result


class Outside:
    """A class that a cell above may have defined."""

    x = Box(7)
    y = Box(8)

    def m(self) -> int:
        return 9


def outside(shift: int = 0) -> dict[str, Any]:
    values: dict[str, Any] = {
        name: Box(position + shift) for position, name in enumerate(VARIABLES)
    }
    values["f"] = lambda: Box(20 + shift)
    values["g"] = lambda: Box(21 + shift)
    values["K"] = type("K", (Outside,), {"x": Box(40 + shift)})
    return values


def called(done: Run, name: str) -> tuple[set[str], set[str]]:
    """What calling the value of a name afterwards reads, and binds or deletes."""
    names = done.names
    value = dict.__getitem__(names, name)
    for position, variable in enumerate(VARIABLES):
        if variable in names:
            dict.__setitem__(names, variable, Box(1000 + position))
    names.initial = dict(names)
    names.read, names.probed, names.written = set(), set(), set()
    # It ends in any way; what matters is what it did before.
    with contextlib.suppress(Exception, TooLong):
        if isinstance(value, type):
            value = value()
            with contextlib.suppress(Exception):
                _ = value.y
            value = value.m
        if callable(value):
            value()
    # A name that was absent may have been bound and deleted again unseen.
    absent = set(POOL) - names.initial.keys()
    return (names.read | names.probed) - absent, done.bound_or_deleted()


def covers(names: frozenset[str], found: set[str]) -> bool:
    return "*" in names or found <= names


def compiles(source: str) -> bool:
    try:
        compile(source, "<program>", "exec", dont_inherit=True)
    except SyntaxError:
        return False
    return True


@pytest.mark.filterwarnings("ignore")
@settings(
    max_examples=400,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
@given(programs())
def test_a_run_does_nothing_that_was_not_told(source: str) -> None:
    assume(compiles(source))
    effects = effects_of(source)
    assert effects.problem is None
    assert effects.writes <= effects.may_writes
    assert effects.deletes <= effects.may_writes
    assert not effects.reads & effects.probes
    for shift in (0, 1):
        done = run(source, outside(shift))
        assert covers(effects.reads, done.names.read)
        assert covers(effects.reads | effects.probes, done.names.probed)
        assert covers(effects.may_writes, done.bound_or_deleted())
        if done.error is None:
            assert effects.writes <= done.bound_or_deleted()
            assert covers(effects.deletes, done.deleted())
            for name, calls in effects.calls.items():
                if name in done.names:
                    read, written = called(done, name)
                    assert covers(calls.reads, read)
                    assert covers(calls.writes, written)


@pytest.mark.filterwarnings("ignore")
@settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
@given(programs())
def test_names_that_are_not_read_make_no_difference(source: str) -> None:
    assume(compiles(source))
    effects = effects_of(source)
    assume("*" not in effects.reads)
    expected = run(source, outside())
    for name in POOL:
        if name in effects.reads | effects.probes:
            continue
        without, other = outside(), outside()
        del without[name]
        other[name] = outside(5)[name]
        for values in (without, other):
            done = run(source, values)
            assert done.error == expected.error
            assert done.log == expected.log
            assert done.names.keys() - {name} == expected.names.keys() - {name}
