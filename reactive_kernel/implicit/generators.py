"""The state of the global random generators: one name each.

A cell that draws numbers uses the state that the cells above left, and leaves another. Where a
cell above has set a seed, each cell finds the state that Run All would give it. A notebook that
sets none starts from entropy, as Python does, and nothing is compared.
"""

from __future__ import annotations

import ast
import dis
import random
import sys
import types
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from reactive_kernel.effects import effects_of
from reactive_kernel.effects.parsing import SOURCES_KEPT, plain_tree
from reactive_kernel.values import (
    WITHOUT_CODE,
    Step,
    inside_function,
    inside_own,
    levels,
    own_file,
)

_SETTING_A_STATE: Final = frozenset({"set_state", "setstate", "set_rng_state"})
_OF_CYTHON: Final = "cython_function_or_method"
_COMPILED: Final = ("builtin_function_or_method", _OF_CYTHON)
_ATTRIBUTES: Final = frozenset({"LOAD_ATTR", "LOAD_METHOD"})


@dataclass(frozen=True, slots=True)
class Generator:
    """A global random generator.

    Parameters
    ----------
    module : str
        The module that has to be there.
    get : callable
        Returns its state; states are compared by ``==``.
    restore : callable
        Gives it a state that it had.
    setters : tuple of str
        Functions of the module that set its state, whatever it was.
    """

    module: str
    get: Callable[[], Any]
    restore: Callable[[Any], None]
    setters: tuple[str, ...]

    @property
    def is_there(self) -> bool:
        """Whether its library has been imported."""
        return self.module in sys.modules


def _numpy_state() -> Any:
    name, keys, *rest = sys.modules["numpy"].random.get_state()
    return (name, keys.tobytes(), *rest)


def _set_numpy_state(state: Any) -> None:
    numpy = sys.modules["numpy"]
    name, keys, *rest = state
    numpy.random.set_state((name, numpy.frombuffer(keys, numpy.uint32), *rest))


def _torch_state() -> Any:
    return sys.modules["torch"].get_rng_state().numpy().tobytes()


def _set_torch_state(state: Any) -> None:
    torch = sys.modules["torch"]
    torch.set_rng_state(torch.frombuffer(bytearray(state), dtype=torch.uint8))


GENERATORS: Final = {
    "random:random": Generator("random", random.getstate, random.setstate, ("seed", "setstate")),
    "random:numpy": Generator(
        "numpy.random", _numpy_state, _set_numpy_state, ("seed", "set_state")
    ),
    "random:torch": Generator(
        "torch.random", _torch_state, _set_torch_state, ("manual_seed", "set_rng_state")
    ),
}


def sets_seed(source: str) -> bool:
    """Tell whether a cell itself sets a seed.

    Returns
    -------
    bool
        Whether it calls something whose name speaks of a seed, or of setting a state.
    """
    return effects_of(source).problem is None and _source_sets_seed(source)


def may_set_seed(value: object) -> bool:
    """Tell whether calling a value, or something in it, may set a seed."""
    return any(
        _code_sets_seed(part.__code__)
        if type(part) is types.FunctionType
        else type(part).__name__ in _COMPILED and _speaks_of_seeds(part.__name__)
        for level in levels(value, _step_to_code)
        for part in level
    )


def _step_to_code(kind: type) -> Step:
    if kind is types.FunctionType:
        return inside_function
    if kind is types.ModuleType or issubclass(kind, type):
        return _inside_own
    if kind.__name__ == _OF_CYTHON:
        return _nothing
    return None if kind.__module__.partition(".")[0] in WITHOUT_CODE else "referents"


def _nothing(_: object) -> tuple[()]:
    """Leave out what a compiled function has: all names of its module."""
    return ()


def _inside_own(value: Any) -> list[Any]:
    """Return what is in a module or class of the notebook or its project."""
    return inside_own(value) if own_file(value) is None else list(vars(value).values())


@lru_cache(maxsize=SOURCES_KEPT)
def _source_sets_seed(source: str) -> bool:
    tree = plain_tree(source)
    if tree is None:
        # It holds magics: a line of text is all there is to go by.
        return "seed(" in source
    called = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    return any(
        _speaks_of_seeds(function.attr if isinstance(function, ast.Attribute) else function.id)
        for function in called
        if isinstance(function, ast.Attribute | ast.Name)
    )


@lru_cache(maxsize=1024)
def _code_sets_seed(code: types.CodeType) -> bool:
    return any(
        instruction.opname in _ATTRIBUTES and _speaks_of_seeds(instruction.argval)
        for instruction in dis.get_instructions(code)
    ) or any(
        _code_sets_seed(constant)
        for constant in code.co_consts
        if isinstance(constant, types.CodeType)
    )


def _speaks_of_seeds(name: str) -> bool:
    return "seed" in name or name in _SETTING_A_STATE
