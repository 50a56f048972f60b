"""What calling a value does to names of the notebook, taken from the value.

A function looks up its globals when it is called. Whoever reads a value may call the functions
in it: those of a list, a closure, a partial, an instance's class. So what is reachable from the
value is walked, and the globals that its functions use are collected.
"""

from __future__ import annotations

import dis
import gc
import types
from functools import lru_cache
from typing import Any, Final

from reactive_kernel.effects import Calls

from .origin import made_here
from .reach import MOST_PARTS, Step, levels

_READ: Final = frozenset({"LOAD_GLOBAL", "LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS"})
_WRITE: Final = frozenset({"STORE_GLOBAL", "DELETE_GLOBAL"})
_REACH_ANY_NAME: Final = frozenset({"exec", "eval", "globals"})
_ATOMS: Final = (type(None), bool, int, float, complex, str, bytes)
# Walking through a figure takes long, and leads to none of the notebook's functions.
_WITHOUT_FUNCTIONS: Final = frozenset({"numpy", "pandas", "polars", "pyarrow", "matplotlib"})
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
    if type(value) in _ATOMS:
        return _NO_CALLS
    reads: set[str] = set()
    writes: set[str] = set()

    def inside_function(function: types.FunctionType) -> list[object]:
        if function.__globals__ is not namespace:
            # A library's function cannot reach the notebook, but a wrapper holds what it wraps.
            return [function.__closure__, function.__dict__, function.__defaults__]
        used = _globals_of(function.__code__)
        reads.update(used.reads)
        writes.update(used.writes)
        return [part for part in gc.get_referents(function) if part is not namespace]

    def step_of(kind: type) -> Step:
        if kind in _ATOMS:
            return None
        if kind is types.FunctionType:
            return inside_function
        if kind.__module__.partition(".")[0] in _WITHOUT_FUNCTIONS:
            return None
        if kind is types.ModuleType or issubclass(kind, type):
            return _inside_own
        return "referents"

    looked_at = sum(map(len, levels(value, step_of)))
    if looked_at >= MOST_PARTS:
        reads.add("*")
    return Calls(frozenset(reads), frozenset(writes)) if reads or writes else _NO_CALLS


def _inside_own(value: Any) -> list[object]:
    return gc.get_referents(value) if made_here(value) else []


@lru_cache(maxsize=4096)
def _globals_of(code: types.CodeType) -> Calls:
    reads: set[str] = set()
    writes: set[str] = set()
    for instruction in dis.get_instructions(code):
        if instruction.opname in _READ:
            reads.add(instruction.argval)
        elif instruction.opname in _WRITE:
            writes.add(instruction.argval)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            inner = _globals_of(constant)
            reads |= inner.reads
            writes |= inner.writes
    if reads & _REACH_ANY_NAME:
        reads.add("*")
    return Calls(frozenset(reads), frozenset(writes))
