"""Modules that belong to the notebook's own project: their source is a part of what they are.

A module of a library is what its name says. One that lies beside the notebook is edited while the
notebook is open.
"""

from __future__ import annotations

import ast
import os
import sys
import sysconfig
import types
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import xxhash

_OF_NO_FILE: Final = frozenset({"__main__", "__mp_main__"})
_US: Final = "reactive_kernel"
_SOURCE: Final = "_reactive_kernel_source"
"""Kept with a module's specification: one that is loaded again has another."""

_known: set[str] = set()
"""The names of own modules that were looked at."""


def version_of(name: str) -> str:
    """Return what tells a module from itself with another source.

    Parameters
    ----------
    name : str
        Of a module.

    Returns
    -------
    str
        A digest of the files that it, and the own modules that it uses, were made from; empty for
        a library's.
    """
    module = sys.modules.get(name)
    if module is None or own_file(module) is None:
        return ""
    used = {name: module, **{each.__name__: each for each in _used_by(module, set())}}
    return " ".join(f"{each} {_source_of(used[each]).digest}" for each in sorted(used))


def prepare_import(find: Callable[[], Iterable[Any]]) -> None:
    """Have an import find the own modules that the cells above have, and else new ones.

    Parameters
    ----------
    find : callable
        Returns the own modules that the cells above leave.
    """
    if not _known:
        return
    held = {module.__name__: module for module in find()}
    sys.modules.update({name: held[name] for name in held.keys() & _known})
    outdated = {
        name
        for name in _known - held.keys()
        if (module := sys.modules.get(name)) is not None
        and _digest(str(module.__file__)) != getattr(_source_then(module), "digest", None)
    }
    if not outdated:
        return
    own = [module for module in list(sys.modules.values()) if own_file(module) is not None]
    used = {m.__name__: {m.__name__, *(each.__name__ for each in _used_by(m, set()))} for m in own}
    # Of a package all of it: a module is set on its package when it is loaded.
    gone = {_root(name) for name, names in used.items() if names & outdated}
    for name in used:
        if _root(name) in gone:
            del sys.modules[name]


def files_of(roots: Collection[str]) -> set[str]:
    """Return the files of own modules under some top-level names, and of those that they use.

    What these were made from is noted, soon after they were imported.
    """
    files = set()
    for name, module in list(sys.modules.items()):
        if _root(name) in roots and own_file(module) is not None:
            for each in (module, *_used_by(module, set())):
                _source_of(each)
                files.add(os.path.realpath(str(each.__file__)))
    return files


def own_file(module: Any) -> str | None:
    """Return the file of a module that is no library's."""
    if type(module) is not types.ModuleType or module.__name__ in _OF_NO_FILE:
        return None
    file = getattr(module, "__file__", None)
    if not isinstance(file, str) or not file.endswith(".py") or module.__spec__ is None:
        return None
    if _root(module.__name__) == _US or _is_of_library(os.path.dirname(file)):
        return None
    return file


@lru_cache(maxsize=8192)
def _is_of_library(folder: str) -> bool:
    full = os.path.realpath(folder)
    return (full + os.sep).startswith(_places_of_libraries()) or is_installed(full)


@lru_cache(maxsize=8192)
def is_installed(folder: str) -> bool:
    """Tell whether a folder lies where an installer puts packages, wherever that is."""
    try:
        names = os.listdir(folder)
    except OSError:
        names = []
    if any(name.endswith(".dist-info") for name in names):
        return True
    parent = os.path.dirname(folder)
    return parent != folder and is_installed(parent)


@lru_cache(maxsize=1)
def _places_of_libraries() -> tuple[str, ...]:
    places = {sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib")}
    places |= {sys.prefix, sys.base_prefix, "/usr"}
    return tuple(os.path.realpath(place) + os.sep for place in places)


@dataclass(frozen=True)
class _Source:
    """What a module was made from.

    Parameters
    ----------
    digest : str
        Of its file.
    imports : frozenset of str
        The modules that it may import, or names in them.
    """

    digest: str
    imports: frozenset[str]


def _source_then(module: types.ModuleType) -> _Source | None:
    found: _Source | None = vars(module.__spec__).get(_SOURCE)
    return found


def _source_of(module: types.ModuleType) -> _Source:
    """Return what a module was made from, seen soon after that."""
    _known.add(module.__name__)
    found = _source_then(module)
    if found is None:
        file = str(module.__file__)
        found = _Source(_digest(file), frozenset(_imports_of(file, str(module.__package__))))
        vars(module.__spec__)[_SOURCE] = found
    return found


def _imports_of(file: str, package: str) -> Iterator[str]:
    """Find what the source of a module imports, anywhere in it."""
    try:
        tree = ast.parse(Path(file).read_bytes())
    except (OSError, SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parts = package.split(".")
            above = parts[: len(parts) + 1 - node.level] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def _digest(file: str) -> str:
    try:
        return xxhash.xxh3_128_hexdigest(Path(file).read_bytes())
    except OSError:
        return "gone"


def _used_by(module: types.ModuleType, seen: set[str]) -> Iterator[types.ModuleType]:
    named = {
        value.__name__ if type(value) is types.ModuleType else _module_of(value)
        for value in list(vars(module).values())
    }
    for name in named | _source_of(module).imports:
        used = sys.modules.get(name) if name not in seen else None
        if used is not None and used is not module and own_file(used) is not None:
            seen.add(name)
            yield used
            yield from _used_by(used, seen)


def _module_of(value: Any) -> str:
    # By its type, since asking a proxy for its class may run code.
    if type(value) is types.FunctionType or issubclass(type(value), type):
        return str(value.__module__)
    return ""


def _root(name: str) -> str:
    return name.partition(".")[0]
