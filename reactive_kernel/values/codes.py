"""Fingerprints of what carries code: functions, methods, classes.

A function or class is its code, defaults, closure and attributes, without file and line numbers.
"""

from __future__ import annotations

import functools
import gc
import importlib
import random
import sys
import types
from collections.abc import Iterator
from functools import lru_cache
from hashlib import blake2b
from typing import Any, Final

from .by_type import remembered
from .instances import visit_attributes
from .origin import is_on_its_own, made_here
from .own_modules import version_of
from .reach import ATOMS
from .walk import Visit, Walk

_NOT_OF_THE_CLASS: Final = frozenset(
    {
        "__dict__",
        "__weakref__",
        "__firstlineno__",
        "__static_attributes__",
        "__slotnames__",
        "__annotate_func__",
        "__annotations_cache__",
        "_abc_impl",
    }
)

_COMPUTE: Final = frozenset(
    {"bisect", "cmath", "collections", "decimal", "fractions", "functools", "itertools", "math"}
    | {"numpy", "operator", "re", "statistics", "string"}
)
"""Modules whose functions do nothing but compute, but for what `_DO_MORE` names."""

_DO_MORE: Final = frozenset(
    {"__import__", "breakpoint", "delattr", "dir", "display", "eval", "exec", "getcontext"}
    | {"globals", "input", "locals", "next", "open", "print", "random", "setattr", "setcontext"}
    | {"vars"}
)
_CACHES: Final = frozenset({"dispatch_cache", "cache_token", "_clear_cache"})
"""What `functools.singledispatch` remembers of calls."""


def visit_class(walk: Walk, value: Any) -> None:
    """Take in a class: a library's by its name, a notebook's by its code."""
    if not made_here(value):
        walk.put(f"{value.__module__}.{value.__qualname__}")
        walk.put(version_of(value.__module__))
        return
    walk.changeable(value)
    walk.put(value.__qualname__)
    walk.each((type(value), value.__bases__))
    for name, member in vars(value).items():
        if name not in _NOT_OF_THE_CLASS:
            walk.put(name)
            walk.or_its_type(member)
    if "_abc_impl" in vars(value):
        registered = [kind for kind in _registered(value) if kind is not None]
        registered.sort(key=lambda kind: kind.__qualname__)
        walk.each(registered)


def _registered(value: Any) -> Iterator[type | None]:
    """Return the classes that have been registered with an abstract one, None for those gone."""
    dump: Any = importlib.import_module("_abc")._get_dump
    return (reference() for reference in dump(value)[0])


def _function(walk: Walk, value: Any) -> None:
    if not made_here(value):
        walk.put(f"{value.__module__}.{value.__qualname__}")
        walk.put(version_of(value.__module__))
        return
    closure = value.__closure__ or ()
    if closure or value.__defaults__ or value.__kwdefaults__ or value.__dict__:
        walk.changeable(value)
    walk.put(f"{value.__module__} {value.__name__} {value.__qualname__} {value.__doc__}")
    walk.put(_code_key(value.__code__))
    walk.each((value.__defaults__, value.__kwdefaults__))
    if is_on_its_own(value):
        used = value.__globals__
        walk.named((n, used[n]) for n in _names_in(value.__code__) if n in used)
    remembers = value.__globals__.get("__name__") == "functools"
    for name, cell in zip(value.__code__.co_freevars, closure, strict=True):
        if not (remembers and name in _CACHES):
            # Another function may have the same: what one binds there the other finds.
            walk.changeable(cell)
            walk.visit(_contents(cell))
    if remembers:
        walk.named(item for item in value.__dict__.items() if item[0] not in _CACHES)
    elif value.__dict__:
        walk.visit(value.__dict__)
    # From Python 3.14 on annotations are made by a function, which is not ours to call (PEP 649).
    annotate = getattr(value, "__annotate__", None)
    walk.or_its_type(annotate if annotate is not None else value.__annotations__)


@lru_cache(maxsize=4096)
def _names_in(code: types.CodeType) -> tuple[str, ...]:
    """Return the names of globals and attributes in a function and in those in it."""
    inner = (each for each in code.co_consts if isinstance(each, types.CodeType))
    return tuple(dict.fromkeys((*code.co_names, *(n for each in inner for n in _names_in(each)))))


def _contents(cell: types.CellType) -> object:
    try:
        return cell.cell_contents
    except ValueError:
        return "empty cell"


def _builtin(walk: Walk, value: Any) -> None:
    walk.put(value.__qualname__)
    owner = value.__self__
    if _is_global_generator(owner):
        walk.put("of the global generator")
    elif owner is not None and not isinstance(owner, types.ModuleType):
        walk.visit(owner)
    else:
        walk.put(str(value.__module__))


def _method(walk: Walk, value: Any) -> None:
    if _is_global_generator(value.__self__):
        walk.put(value.__func__.__qualname__)
    else:
        walk.each((value.__func__, value.__self__))


def _is_global_generator(owner: object) -> bool:
    """Tell whether functions as `random.random` are the methods of an object: a name by itself."""
    of_numpy = getattr(sys.modules.get("numpy.random.mtrand"), "_rand", None)
    return owner is random._inst or (owner is of_numpy is not None)


def _wrapper(walk: Walk, value: Any) -> None:
    walk.visit(value.__func__)


def _property(walk: Walk, value: Any) -> None:
    walk.each((value.fget, value.fset, value.fdel, value.__doc__))


def _slot(walk: Walk, value: Any) -> None:
    walk.put(value.__qualname__)


def _partial(walk: Walk, value: Any) -> None:
    walk.changeable(value)
    # Asking for its attributes would give it some: a partial of it is no longer the same then.
    _, _, (function, arguments, keywords, attributes) = value.__reduce__()
    walk.each((function, arguments, keywords, attributes))


def _cached(walk: Walk, value: Any) -> None:
    """Take in a function with a cache, and what is in it where calling shows that.

    So it does not where the function uses nothing that may change, and gives what nobody can.
    """
    inside = gc.get_referents(value)
    cached = [part for part in inside if type(part) is dict and part is not vars(value)]
    results = [part for cache in cached for part in (*cache.keys(), *cache.values())]
    results += [part for part in inside if not issubclass(type(part), dict | type)]
    results = [part for part in results if part is not value.__wrapped__]
    walk.changeable(value)
    walk.visit(vars(value))
    if not _depends_on_itself(value) or not all(map(_never_changes, results)):
        for part in results:
            if "functools" not in type(part).__module__:
                walk.or_its_type(part)


def _depends_on_itself(cached: Any) -> bool:
    """Tell whether a cached function uses nothing but itself and what only computes."""
    function = cached.__wrapped__
    if type(function) is not types.FunctionType or function.__closure__:
        return type(function) is types.BuiltinFunctionType
    names = names_of(function.__code__)
    absent = object()
    for name in names:
        value = function.__globals__.get(name, absent)
        computes = type(value) is types.ModuleType and value.__name__ in _COMPUTE
        if not (value is absent or value is cached or computes):
            return False
    return names.isdisjoint(_DO_MORE)


def _never_changes(value: object) -> bool:
    if type(value) is tuple:
        return all(map(_never_changes, value))
    return type(value) in ATOMS or type(value) is object or "functools" in type(value).__module__


@lru_cache(maxsize=4096)
def names_of(code: types.CodeType) -> frozenset[str]:
    """Return the names that code, and code within it, looks up beside its own variables."""
    names = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            names |= names_of(constant)
    return frozenset(names)


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
    types.ClassMethodDescriptorType: _slot,
    types.MethodWrapperType: _builtin,
    functools.partial: _partial,
    type(functools.lru_cache(int)): _cached,
    type: visit_class,
}


@remembered
def visit_of_wrapper(kind: type) -> Visit | None:
    """Return how instances of a class are gone through, if it builds on a property or the like."""
    base = next((base for base in kind.__mro__ if base in _WRAPPERS), None)
    if base is None:
        return None
    visit_base = KINDS[base]

    def visit(walk: Walk, value: Any) -> None:
        walk.changeable(value)
        walk.visit(type(value))
        visit_base(walk, value)
        visit_attributes(walk, value)

    return visit


_WRAPPERS: Final = (property, staticmethod, classmethod, functools.partial)
