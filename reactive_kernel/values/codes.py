"""Fingerprints of what carries code: functions, methods, classes.

A function or class is its code, defaults, closure and attributes, without file and line numbers.
"""

from __future__ import annotations

import functools
import types
from functools import lru_cache
from hashlib import blake2b
from typing import Any, Final

from .walk import Visit, Walk

_NOT_OF_THE_CLASS: Final = frozenset(
    {
        "__dict__",
        "__weakref__",
        "__firstlineno__",
        "__static_attributes__",
        "__annotate_func__",
        "__annotations_cache__",
        "_abc_impl",
    }
)


def visit_class(walk: Walk, value: Any) -> None:
    """Take in a class: a library's by its name, a notebook's by its code."""
    if value.__module__ != "__main__":
        # Modules live once in a process.
        walk.put(f"{value.__module__}.{value.__qualname__}")
        return
    walk.changeable(value)
    walk.put(value.__qualname__)
    walk.each((type(value), value.__bases__))
    for name, member in vars(value).items():
        if name not in _NOT_OF_THE_CLASS:
            walk.put(name)
            walk.or_its_type(member)


def _function(walk: Walk, value: Any) -> None:
    if value.__module__ != "__main__" and "<locals>" not in value.__qualname__:
        walk.put(f"{value.__module__}.{value.__qualname__}")
        return
    closure = value.__closure__ or ()
    if closure or value.__defaults__ or value.__kwdefaults__ or value.__dict__:
        walk.changeable(value)
    walk.put(f"{value.__module__} {value.__name__} {value.__qualname__} {value.__doc__}")
    walk.put(_code_key(value.__code__))
    walk.each((value.__defaults__, value.__kwdefaults__))
    walk.each(map(_contents, closure))
    walk.named(value.__dict__.items())
    # From Python 3.14 on annotations are made by a function, which is not ours to call (PEP 649).
    annotate = getattr(value, "__annotate__", None)
    walk.or_its_type(annotate if annotate is not None else value.__annotations__)


def _contents(cell: types.CellType) -> object:
    try:
        return cell.cell_contents
    except ValueError:
        return "empty cell"


def _builtin(walk: Walk, value: Any) -> None:
    walk.put(value.__qualname__)
    owner = value.__self__
    if owner is not None and not isinstance(owner, types.ModuleType):
        walk.visit(owner)
    else:
        walk.put(str(value.__module__))


def _method(walk: Walk, value: Any) -> None:
    walk.each((value.__func__, value.__self__))


def _wrapper(walk: Walk, value: Any) -> None:
    walk.visit(value.__func__)


def _property(walk: Walk, value: Any) -> None:
    walk.each((value.fget, value.fset, value.fdel, value.__doc__))


def _slot(walk: Walk, value: Any) -> None:
    walk.put(value.__qualname__)


def _partial(walk: Walk, value: Any) -> None:
    walk.changeable(value)
    walk.each((value.func, value.args, value.keywords, vars(value)))


def _cached(walk: Walk, value: Any) -> None:
    # What it has cached is what calling the function gives.
    walk.visit(value.__wrapped__)


@lru_cache(maxsize=4096)
def _code_key(code: types.CodeType) -> str:
    """Describe code without its place: file and line numbers."""
    parts = (
        code.co_code.hex(),
        code.co_names,
        code.co_varnames,
        code.co_freevars,
        code.co_cellvars,
        code.co_flags,
        code.co_argcount,
        code.co_posonlyargcount,
        code.co_kwonlyargcount,
        code.co_name,
        getattr(code, "co_exceptiontable", b""),
        *map(_constant_key, code.co_consts),
    )
    return blake2b(repr(parts).encode("utf8", "surrogatepass"), digest_size=16).hexdigest()


def _constant_key(constant: object) -> str:
    if isinstance(constant, types.CodeType):
        return _code_key(constant)
    if isinstance(constant, frozenset):
        return f"frozenset {sorted(map(_constant_key, constant))}"
    return f"{type(constant).__name__} {constant!r}"


KINDS: Final[dict[type, Visit]] = {
    types.FunctionType: _function,
    types.BuiltinFunctionType: _builtin,
    types.MethodType: _method,
    staticmethod: _wrapper,
    classmethod: _wrapper,
    property: _property,
    types.MemberDescriptorType: _slot,
    types.GetSetDescriptorType: _slot,
    types.WrapperDescriptorType: _slot,
    types.MethodDescriptorType: _slot,
    functools.partial: _partial,
    type(functools.lru_cache(int)): _cached,
    type: visit_class,
}
