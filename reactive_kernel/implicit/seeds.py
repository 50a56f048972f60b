"""Whether a cell sets the seed of a generator before anything else: it does not use its state then.

A cell that draws before it sets the seed, or sets it on some branch, or through what is not known,
uses the state that the cells above have left.
"""

from __future__ import annotations

import ast
import sys
import types
from collections.abc import Mapping
from typing import Any, Final

from reactive_kernel.effects.parsing import plain_tree
from reactive_kernel.values import own_file

from .generators import GENERATORS

_FUNCTIONS: Final = (types.FunctionType, types.BuiltinFunctionType, types.MethodType)
_COMPILED: Final = "cython_function_or_method"


def seeded_first(source: str, values: Mapping[str, object]) -> set[str]:
    """Return the generators whose seed a cell surely sets before it may use them.

    Parameters
    ----------
    source : str
        Source of a cell that has run.
    values : mapping of str to object
        What it found bound.

    Returns
    -------
    set of str
        Names of `GENERATORS`.
    """
    tree = plain_tree(source)
    known = dict(values)
    seeded: set[str] = set()
    for statement in [] if tree is None else tree.body:
        match statement:
            case ast.Import() | ast.ImportFrom():
                imported = _imported(statement)
                if any(map(_may_draw, imported.values())):
                    break
                known.update(imported)
            case ast.Expr(ast.Call(function, arguments, [])) if all(map(_is_quiet, arguments)):
                name = _set_by(_resolve(function, known))
                if name is None:
                    break
                seeded.add(name)
            case ast.Assign([ast.Name(name)], value) if _is_quiet(value):
                known.pop(name, None)
            case ast.Expr(ast.Constant()):
                pass
            case _:
                break
    return seeded


def _imported(statement: ast.Import | ast.ImportFrom) -> dict[str, Any]:
    """Return what an import has bound, None for what is not there any more."""
    if isinstance(statement, ast.Import):
        return {
            alias.asname or alias.name.partition(".")[0]: sys.modules.get(
                alias.name if alias.asname else alias.name.partition(".")[0]
            )
            for alias in statement.names
        }
    module = sys.modules.get(statement.module or "")
    return {alias.asname or alias.name: _member(module, alias.name) for alias in statement.names}


def _member(module: object, name: str) -> Any:
    return vars(module).get(name) if isinstance(module, types.ModuleType) else None


def _may_draw(imported: object) -> bool:
    """Tell whether importing this may have drawn numbers: a module of the project's own may."""
    module: Any = imported
    if not isinstance(module, types.ModuleType):
        module = sys.modules.get(getattr(imported, "__module__", None) or "")
    return module is None or own_file(module) is not None


def _is_quiet(value: ast.expr) -> bool:
    """Tell whether evaluating an expression runs no code."""
    if isinstance(value, ast.UnaryOp):
        value = value.operand
        return isinstance(value, ast.Constant)
    return isinstance(value, ast.Constant | ast.Name)


def _resolve(function: ast.expr, known: Mapping[str, object]) -> Any:
    """Return what a dotted name stands for, through modules."""
    if isinstance(function, ast.Name):
        return known.get(function.id)
    if isinstance(function, ast.Attribute):
        return _member(_resolve(function.value, known), function.attr)
    return None


def _set_by(function: Any) -> str | None:
    """Return the generator whose state a function sets."""
    if type(function) not in _FUNCTIONS and type(function).__name__ != _COMPILED:
        return None
    for name, generator in GENERATORS.items():
        module = sys.modules.get(generator.module)
        if any(function == _member(module, setter) for setter in generator.setters):
            return name
    return None
