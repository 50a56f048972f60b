"""Settings of the process and of libraries: what a cell left is what the cells below find.

Each is a name. A cell that changed one is a writer of it; whoever touches what it is about counts
as a reader. Before a cell runs, each has the value that the cells above left, or else the one
from before the notebook.
"""

from __future__ import annotations

import decimal
import logging
import os
import sys
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from reactive_kernel.values import identity_of

from .display import (
    figure_display,
    loaded_extensions,
    original_figure_display,
    restore_figure_display,
    restore_loaded_extensions,
    restore_text_display,
    text_display,
)
from .touch import Touch

_NO_MATPLOTLIB_SETTING: Final = frozenset({"backend", "backend_fallback", "interactive"})
_OF_A_CONTEXT: Final = ("prec", "rounding", "Emin", "Emax", "capitals", "clamp")
_NUMPY_PRINTS: Final[Mapping[str, object]] = {
    "edgeitems": 3,
    "threshold": 1000,
    "floatmode": "maxprec",
    "precision": 8,
    "suppress": False,
    "linewidth": 75,
    "nanstr": "nan",
    "infstr": "inf",
    "sign": "-",
    "formatter": None,
    "legacy": False,
    "override_repr": None,
}
_ALL_LOGGERS: Final = None
"""By what is kept which records no logger takes."""

_WITH_FILES_OF_THE_KERNEL: Final = frozenset({"IPKernelApp", "tornado", "traitlets"})
"""Loggers with handlers whose files nobody can look into; cells seldom give them others."""

_NUMPY_ERRORS: Final[Mapping[str, object]] = {
    "divide": "warn",
    "over": "warn",
    "under": "ignore",
    "invalid": "warn",
}


@dataclass(frozen=True, slots=True)
class Setting:
    """One of them.

    Parameters
    ----------
    module : str
        The module that has to be there.
    get : callable
        Returns its value, which nothing changes afterwards; values are compared by `differ`.
    restore : callable
        Gives it a value that it had.
    touched : callable
        Tells whether code may use it.
    original : callable or None
        Returns the value from before the notebook; None where that is the value when the kernel
        began to follow one.
    holds : bool
        Whether values and functions of the notebook may be in it.
    """

    module: str
    get: Callable[[], Any]
    restore: Callable[[Any], None]
    touched: Callable[[Touch], bool]
    original: Callable[[], Any] | None = None
    holds: bool = False

    @property
    def is_there(self) -> bool:
        """Whether its library has been imported."""
        return self.module in sys.modules


def differ(one: object, other: object) -> bool:
    """Tell whether values of a setting are not equal; arrays in them are if they are the same."""
    try:
        return bool(one != other)
    except Exception:
        # What compares arrays, by elements, has no answer.
        return True


# The notebook may put something of its own in the place of these.
_getcwd, _chdir = os.getcwd, os.chdir


def _directory() -> str:
    try:
        return _getcwd()
    except FileNotFoundError:
        return ""


def _change_directory(path: str) -> None:
    if os.path.isdir(path):  # noqa: PTH112
        _chdir(path)


def _environment() -> dict[Any, Any]:
    # As the mapping keeps it: decoding it takes long.
    return dict(os.environ._data)  # type: ignore[attr-defined]


def _restore_environment(value: dict[Any, Any]) -> None:
    now = _environment()
    for name in now.keys() - value.keys():
        del os.environ[os.fsdecode(name)]
    for name, setting in value.items():
        if now.get(name) != setting:
            os.environ[os.fsdecode(name)] = os.fsdecode(setting)


def _restore_search_path(value: list[str]) -> None:
    sys.path[:] = value


def _warning_filters() -> list[Any]:
    return list(warnings.filters)


def _restore_warning_filters(value: list[Any]) -> None:
    filters: list[Any] = warnings.filters  # type: ignore[assignment]
    filters[:] = value
    warnings._filters_mutated()  # type: ignore[attr-defined]


def _numpy_options() -> dict[str, Any]:
    numpy = sys.modules["numpy"]
    prints, errors = numpy.get_printoptions(), numpy.geterr()
    called = numpy.geterrcall()
    return {
        **({} if called is None else {"call": called}),
        **{k: v for k, v in prints.items() if v != _NUMPY_PRINTS.get(k, v)},
        **{k: v for k, v in errors.items() if v != _NUMPY_ERRORS.get(k, v)},
    }


def _restore_numpy_options(value: dict[str, Any]) -> None:
    numpy = sys.modules["numpy"]
    prints = numpy.get_printoptions()
    numpy.set_printoptions(**{k: value.get(k, v) for k, v in _NUMPY_PRINTS.items() if k in prints})
    numpy.seterr(**{k: value.get(k, v) for k, v in _NUMPY_ERRORS.items()})
    numpy.seterrcall(value.get("call"))


def _pandas_options() -> dict[str, Any]:
    """Return the options that are not what they are by default."""
    config = sys.modules["pandas._config.config"]
    changed: dict[str, Any] = {}
    pending: list[tuple[str, Any]] = [("", config._global_config)]
    while pending:
        prefix, options = pending.pop()
        for name, value in options.items():
            key = prefix + name
            if isinstance(value, dict):
                pending.append((f"{key}.", value))
            elif key in config._registered_options:
                default = config._registered_options[key].defval
                if value is not default and value != default:
                    changed[key] = value
    return changed


def _restore_pandas_options(value: dict[str, Any]) -> None:
    config = sys.modules["pandas._config.config"]
    now = _pandas_options()
    for key in now.keys() | value.keys():
        if key not in value:
            config.set_option(key, config._registered_options[key].defval)
        elif key not in now or differ(now[key], value[key]):
            config.set_option(key, value[key])


def _matplotlib_settings() -> dict[str, Any]:
    return _plain(sys.modules["matplotlib"].rcParams)


def _original_matplotlib_settings() -> dict[str, Any]:
    return _plain(sys.modules["matplotlib"].rcParamsOrig)


def _plain(params: Any) -> dict[str, Any]:
    # Not by asking the mapping, which warns of what is deprecated.
    return {
        name: list(value) if type(value) is list else value
        for name, value in dict.items(params)
        if name not in _NO_MATPLOTLIB_SETTING
    }


def _restore_matplotlib_settings(value: dict[str, Any]) -> None:
    params = sys.modules["matplotlib"].rcParams
    now = _plain(params)
    for name, setting in value.items():
        if differ(now.get(name), setting):
            dict.__setitem__(params, name, list(setting) if type(setting) is list else setting)


def _decimal_context() -> tuple[Any, ...]:
    # Without the flags, which only tell what has happened.
    context = decimal.getcontext()
    _contexts[identity_of(context)] = context
    traps = tuple(signal for signal, is_on in context.traps.items() if is_on)
    return (identity_of(context), *(getattr(context, name) for name in _OF_A_CONTEXT), traps)


def _restore_decimal_context(value: tuple[Any, ...]) -> None:
    identity, *settings, traps = value
    # The object too: cells take it, to set it or to put it back.
    context = _contexts[identity]
    decimal.setcontext(context)
    for name, setting in zip(_OF_A_CONTEXT, settings, strict=True):
        setattr(context, name, setting)
    for signal in context.traps:
        context.traps[signal] = signal in traps


_contexts: Final[dict[int, decimal.Context]] = {}
"""Those that arithmetic has used, by their identities."""


def _sklearn_config() -> dict[str, Any]:
    config: dict[str, Any] = sys.modules["sklearn"].get_config()
    return config


def _restore_sklearn_config(value: dict[str, Any]) -> None:
    sys.modules["sklearn"].set_config(**value)


def _polars_config() -> str:
    try:
        config: str = sys.modules["polars"].Config.save()
    except Exception:
        # It writes JSON, by whatever the notebook may have put in the place of that.
        return ""
    return config


def _restore_polars_config(value: str) -> None:
    if value:
        sys.modules["polars"].Config.load(value)


@lru_cache(maxsize=1)
def _original_polars_config() -> str:
    with sys.modules["polars"].Config(restore_defaults=True):
        return _polars_config()


def _log_levels() -> dict[str | None, Any]:
    """Return what has been set on loggers, by their names."""
    root = logging.root
    loggers: dict[str, Any] = {"": root, **root.manager.loggerDict}
    disabled = root.manager.disable
    return {
        **({_ALL_LOGGERS: disabled} if disabled else {}),
        **{
            name: (
                logger.level,
                () if name in _WITH_FILES_OF_THE_KERNEL else tuple(logger.handlers),
                tuple(logger.filters),
                logger.propagate,
                logger.disabled,
            )
            for name, logger in loggers.items()
            if hasattr(logger, "handlers")
            and (name == "" or logger.level or logger.handlers or logger.filters or logger.disabled)
        },
    }


def _restore_log_levels(value: dict[str | None, Any]) -> None:
    manager = logging.root.manager
    manager.disable = value.get(_ALL_LOGGERS, logging.NOTSET)
    for name in _log_levels().keys() | value.keys():
        if name is _ALL_LOGGERS:
            continue
        # Not by functions of the module, which the notebook may have replaced.
        logger: Any = manager.loggerDict.get(name) if name else logging.root
        if not hasattr(logger, "handlers"):
            continue
        level, handlers, filters, propagate, disabled = value.get(name, (0, (), (), True, False))
        logger.level = level
        logger.filters[:] = filters
        if name not in _WITH_FILES_OF_THE_KERNEL:
            logger.handlers[:] = handlers
        logger.propagate, logger.disabled = propagate, disabled
    manager._clear_cache()  # type: ignore[attr-defined]


_ASKING_THE_ENVIRONMENT: Final = (
    *("os", "subprocess", "pathlib", "getpass", "tempfile", "shutil", "urllib", "locale"),
)
"""Modules of Python's own that ask the environment, other than when they are imported."""

_COMPUTING: Final = frozenset(
    {"IPython", "dateutil", "matplotlib", "mpl_toolkits", "networkx", "numpy", "pandas"}
    | {"polars", "pyarrow", "pytz", "scipy", "seaborn"}
)
"""Packages that do not."""

_DRAWING: Final = (
    *("plot", "draw", "Display", "dendrogram"),
    *("scatter_matrix", "radviz", "andrews_curves", "parallel_coordinates"),
)


def draws(touch: Touch) -> bool:
    """Tell whether code may draw."""
    return touch.any_of("matplotlib", "mpl_toolkits", "seaborn", "plotnine") or any(
        word.startswith("hist") or any(part in word for part in _DRAWING) for word in touch.words
    )


def _touches_environment(touch: Touch) -> bool:
    if touch.magic or touch.any_of(*_ASKING_THE_ENVIRONMENT):
        return True
    # What an import has set is set once in a process: nothing may be put back before the next.
    return touch.reaches_beyond(_COMPUTING) and not touch.imports


SETTINGS: Final = {
    "ipython:display": Setting(
        "sys",
        text_display,
        restore_text_display,
        lambda touch: touch.displays or touch.configures,
    ),
    "ipython:extensions": Setting(
        "sys",
        loaded_extensions,
        restore_loaded_extensions,
        lambda touch: not touch.words.isdisjoint({"load_ext", "reload_ext", "unload_ext"}),
    ),
    "os:cwd": Setting(
        "os",
        _directory,
        _change_directory,
        lambda touch: (
            touch.magic or touch.any_of("os", "pathlib", "shutil", "glob", "subprocess", "tempfile")
        ),
    ),
    "os:environ": Setting(
        "os",
        _environment,
        _restore_environment,
        _touches_environment,
    ),
    "sys:path": Setting(
        "sys",
        lambda: list(sys.path),
        _restore_search_path,
        lambda touch: touch.magic or touch.imports or touch.any_of("sys"),
    ),
    "sys:argv": Setting(
        "sys",
        lambda: list(sys.argv),
        lambda value: sys.argv.__setitem__(slice(None), value),
        lambda touch: touch.any_of("sys", "argparse", "optparse", "click"),
    ),
    "decimal:context": Setting(
        "decimal",
        _decimal_context,
        _restore_decimal_context,
        lambda touch: touch.any_of("decimal"),
    ),
    "logging:loggers": Setting(
        "logging",
        _log_levels,
        _restore_log_levels,
        lambda touch: touch.any_of("logging"),
        holds=True,
    ),
    "sklearn:config": Setting(
        "sklearn",
        _sklearn_config,
        _restore_sklearn_config,
        lambda touch: touch.any_of("sklearn"),
        lambda: dict(sys.modules["sklearn._config"]._global_config),
    ),
    "warnings:filters": Setting(
        "warnings",
        _warning_filters,
        _restore_warning_filters,
        lambda touch: touch.any_of("warnings"),
    ),
    "numpy:options": Setting(
        "numpy",
        _numpy_options,
        _restore_numpy_options,
        lambda touch: touch.reaches_packages,
        dict,
        holds=True,
    ),
    "pandas:options": Setting(
        "pandas",
        _pandas_options,
        _restore_pandas_options,
        lambda touch: touch.reaches_packages,
        dict,
        holds=True,
    ),
    # Some of it is in the environment too, which is put back before it.
    "polars:config": Setting(
        "polars.config",
        _polars_config,
        _restore_polars_config,
        lambda touch: touch.any_of("polars"),
        _original_polars_config,
    ),
    "matplotlib:rcParams": Setting(
        "matplotlib",
        _matplotlib_settings,
        _restore_matplotlib_settings,
        draws,
        _original_matplotlib_settings,
    ),
    "matplotlib:formats": Setting(
        "matplotlib.figure",
        figure_display,
        restore_figure_display,
        lambda touch: touch.configures or draws(touch),
        original_figure_display,
    ),
}
