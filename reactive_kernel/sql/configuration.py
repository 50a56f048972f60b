"""Connections that are known without a cell: from ``connections.toml`` and the configuration."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from jupyter_core.paths import jupyter_config_path

from .errors import SqlError

FILE: Final = "connections.toml"


def configured(trait: Mapping[str, str]) -> dict[str, str]:
    """Return the URLs of connections by name.

    Parameters
    ----------
    trait : mapping of str to str
        Those of the kernel's configuration, which stand before those of the files.

    Returns
    -------
    dict of str to str
        Of several files on Jupyter's path the first that has a name says what it is.

    Raises
    ------
    SqlError
        Where a file cannot be read; without what is in it.
    """
    found: dict[str, str] = {}
    for folder in reversed(jupyter_config_path()):
        path = Path(folder) / FILE
        if path.is_file():
            found.update(_read(path))
    return {**found, **trait}


def _read(path: Path) -> dict[str, str]:
    try:
        content: dict[str, str] = _toml().loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise SqlError(f"{path} cannot be read as TOML.") from None
    for name, url in content.items():
        if not isinstance(url, str):
            raise SqlError(f"{path}: {name} is to be a URL in quotes.")
    return content


def _toml() -> Any:
    try:
        return importlib.import_module("tomllib")
    except ModuleNotFoundError:
        # Python 3.10 has none.
        return importlib.import_module("tomli")
