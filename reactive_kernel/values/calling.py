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

from .identity import identity_of

_MOST_PARTS: Final = 10_000
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
    if _leads_nowhere(value):
        return _NO_CALLS
    reads: set[str] = set()
    writes: set[str] = set()
    seen = {identity_of(value), identity_of(namespace)}
    pending = [value]
    while pending and len(seen) < _MOST_PARTS:
        part = pending.pop()
        # By their types, since asking a proxy for its class may run code.
        if type(part) is types.FunctionType:
            if part.__globals__ is not namespace:
                # A library's function cannot reach the notebook, but a wrapper holds what it
                # wraps.
                inside = [*(part.__closure__ or ()), part.__dict__, part.__defaults__]
            else:
                used = _globals_of(part.__code__)
                reads |= used.reads
                writes |= used.writes
                inside = [r for r in gc.get_referents(part) if r is not part.__globals__]
        elif type(part).__module__.partition(".")[0] in _WITHOUT_FUNCTIONS or (
            issubclass(type(part), type) and vars(part).get("__module__") != "__main__"
        ):
            continue
        else:
            inside = gc.get_referents(part)
        for inner in inside:
            if identity_of(inner) not in seen and not _leads_nowhere(inner):
                seen.add(identity_of(inner))
                pending.append(inner)
    return Calls(frozenset(reads), frozenset(writes)) if reads or writes else _NO_CALLS


def _leads_nowhere(value: object) -> bool:
    return type(value) in _ATOMS or issubclass(type(value), types.ModuleType)


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
