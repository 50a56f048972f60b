"""What calling a value does to names of the notebook, taken from the value.

A function looks up its globals when it is called. Whoever reads a value may call the functions
in it: those of a list, a closure, a partial, an instance's class. So what is reachable from the
value is walked, and the globals that its functions use are collected.
"""

from __future__ import annotations

import dis
import types
from functools import lru_cache
from typing import Any, Final

from reactive_kernel.effects import Calls, frames_in, variables_in

from .held_code import step_to_code
from .reach import ATOMS, MOST_PARTS, WITHOUT_CODE, Step, inside_function, inside_own, levels

_READ: Final = frozenset({"LOAD_GLOBAL", "LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS"})
_WRITE: Final = frozenset({"STORE_GLOBAL", "DELETE_GLOBAL"})
_REACH_ANY_NAME: Final = frozenset({"exec", "eval", "get_ipython", "globals"})
_ASK_FOR_VARIABLES: Final = frozenset({"eval", "execute", "query", "sql"})
_NO_CALLS: Final = Calls()


def calls_of(value: object, namespace: dict[str, Any]) -> Calls:
    """Find what calling a value, or something in it, reads and writes.

    Parameters
    ----------
    value : object
        Any value.
    namespace : dict
        The notebook's globals: only functions defined in it count.

    Returns
    -------
    Calls
    """
    if type(value) in ATOMS:
        return _NO_CALLS
    reads: set[str] = set()
    writes: set[str] = set()

    def follow(function: types.FunctionType) -> list[object]:
        # A library's function cannot reach the notebook, but a wrapper holds what it wraps.
        if function.__globals__ is namespace:
            used = _globals_of(function.__code__)
            reads.update(used.reads)
            writes.update(used.writes)
        return inside_function(function)

    def step_of(kind: type) -> Step:
        if kind is types.FunctionType:
            return follow
        if kind.__module__.partition(".")[0] in WITHOUT_CODE:
            return step_to_code(kind)
        if kind is types.ModuleType or issubclass(kind, type):
            return inside_own
        return "referents"

    looked_at = sum(map(len, levels(value, step_of)))
    if looked_at >= MOST_PARTS:
        reads.add("*")
    return Calls(frozenset(reads), frozenset(writes)) if reads or writes else _NO_CALLS


@lru_cache(maxsize=4096)
def _globals_of(code: types.CodeType) -> Calls:
    reads: set[str] = set()
    writes: set[str] = set()
    for instruction in dis.get_instructions(code):
        if instruction.opname in _READ:
            reads.add(instruction.argval)
        elif instruction.opname in _WRITE:
            writes.add(instruction.argval)
    asks = not _ASK_FOR_VARIABLES.isdisjoint(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            inner = _globals_of(constant)
            reads |= inner.reads
            writes |= inner.writes
        elif asks and isinstance(constant, str):
            reads.update(variables_in(constant), frames_in(constant))
    if reads & _REACH_ANY_NAME:
        reads.add("*")
    return Calls(frozenset(reads), frozenset(writes))
