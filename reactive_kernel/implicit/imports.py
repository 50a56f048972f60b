"""Looks at what a cell imports before the cell can change it.

``from PIL import ImageFile; ImageFile.LOAD_TRUNCATED_IMAGES = True`` sets an attribute of a module
that was not there when the cell began.
"""

from __future__ import annotations

import ast
import importlib.machinery
import sys
import types
from collections.abc import Callable, Collection, Sequence
from functools import lru_cache
from importlib.abc import Loader, MetaPathFinder
from typing import Any, NamedTuple

from reactive_kernel.effects.parsing import SOURCES_KEPT, UnparsableError, parse

from .modules import Owner, owner_in, set_on

See = Callable[[Owner], None]


class Imported(NamedTuple):
    """What a name is bound to by an import.

    Parameters
    ----------
    module : str
        The module.
    attribute : str
        What is taken of it; empty for the module itself.
    """

    module: str
    attribute: str

    def owner(self) -> Owner | None:
        """Return the module or class, if it has been imported."""
        if not self.attribute:
            return sys.modules.get(self.module)
        module = sys.modules.get(self.module)
        return owner_in(vars(module).get(self.attribute)) if module is not None else None


@lru_cache(maxsize=SOURCES_KEPT)
def set_on_imports(source: str) -> tuple[Imported, ...]:
    """Return what a cell both imports and sets attributes on."""
    try:
        tree = parse(source).tree
    except UnparsableError:
        return ()
    found: dict[str, tuple[str, ...]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                name = alias.asname or alias.name.partition(".")[0]
                found[name] = (alias.name if alias.asname else name,)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                found[alias.asname or alias.name] = (node.module, alias.name)
    owners = ((*found[name], *attributes) for name, *attributes in set_on(source) if name in found)
    return tuple(_imported(*owner) for owner in dict.fromkeys(owners))


def _imported(module: str, *attributes: str) -> Imported:
    """Take all but the last of some attributes for modules in a module."""
    return Imported(".".join((module, *attributes[:-1])), "".join(attributes[-1:]))


class ImportWatch(MetaPathFinder):
    """Sees modules and classes as soon as they have been imported.

    Parameters
    ----------
    imported : collection of Imported
        Those that are not there yet.
    see : callable
        Called with each.
    """

    def __init__(self, imported: Collection[Imported], see: See) -> None:
        self._imported = imported
        self._see = see
        self._modules = {each.module for each in imported}
        self._modules.update(f"{each.module}.{each.attribute}" for each in imported)

    def start(self) -> None:
        """Watch from now on."""
        sys.meta_path.insert(0, self)

    def stop(self) -> None:
        """Watch no longer."""
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Find a module as it would be found without the watch."""
        if fullname not in self._modules:
            return None
        for finder in sys.meta_path:
            spec = None if finder is self else finder.find_spec(fullname, path, target)
            if spec is not None:
                if spec.loader is not None:
                    spec.loader = _Watched(spec.loader, self._loaded)
                return spec
        return None

    def _loaded(self, module: types.ModuleType) -> None:
        for each in self._imported:
            if f"{each.module}.{each.attribute}" == module.__name__:
                self._see(module)
            elif each.module == module.__name__:
                owner = each.owner()
                if owner is not None:
                    self._see(owner)


class _Watched(Loader):
    """A loader that says when it has loaded; the module never knows of it."""

    def __init__(self, loader: Any, loaded: Callable[[types.ModuleType], None]) -> None:
        self._loader = loader
        self._loaded = loaded

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType | None:
        spec.loader = self._loader
        module: types.ModuleType | None = self._loader.create_module(spec)
        spec.loader = self
        return module

    def exec_module(self, module: types.ModuleType) -> None:
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        module.__loader__ = self._loader
        self._loader.exec_module(module)
        self._loaded(module)
