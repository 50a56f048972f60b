"""How IPython shows what a cell gives: ``%precision``, ``%config``; and its extensions."""

from __future__ import annotations

import sys
from functools import partial
from typing import Any, Final

_OF_TEXT: Final = ("float_precision", "pprint", "max_width", "max_seq_length")
_OF_FIGURES: Final = ("image/png", "image/svg+xml", "image/jpeg", "application/pdf")


def text_display() -> dict[str, Any]:
    """Return which expressions are shown, and how they are written; nothing outside IPython."""
    shell = _shell()
    if shell is None:
        return {}
    plain = shell.display_formatter.formatters["text/plain"]
    return {
        "ast_node_interactivity": shell.ast_node_interactivity,
        **{name: getattr(plain, name) for name in _OF_TEXT},
    }


def restore_text_display(value: dict[str, Any]) -> None:
    """Have expressions shown as they were."""
    shell = _shell()
    if shell is None or not value:
        return
    # Where a cell has put a string in the place of the trait, that is the class's to restore.
    shell._trait_values["ast_node_interactivity"] = value["ast_node_interactivity"]
    plain = shell.display_formatter.formatters["text/plain"]
    for name in _OF_TEXT:
        if getattr(plain, name) != value[name]:
            setattr(plain, name, value[name])


def figure_display() -> dict[str, Any]:
    """Return what makes pictures of figures, by MIME type."""
    shell = _shell()
    figure: Any = sys.modules["matplotlib.figure"].Figure
    formatters = {} if shell is None else shell.display_formatter.formatters
    printers = {
        mime: _parts(formatters[mime].type_printers[figure])
        for mime in _OF_FIGURES
        if mime in formatters and figure in formatters[mime].type_printers
    }
    return printers or original_figure_display()


def original_figure_display() -> dict[str, Any]:
    """Return what the inline backend sets as it begins."""
    from IPython.core.pylabtools import print_figure

    return {
        "image/png": (print_figure, {"fmt": "png", "base64": True, "bbox_inches": "tight"}),
    }


def restore_figure_display(value: dict[str, Any]) -> None:
    """Have pictures made as they were."""
    shell = _shell()
    figure: Any = sys.modules["matplotlib.figure"].Figure
    formatters = {} if shell is None else shell.display_formatter.formatters
    for mime in formatters.keys() & set(_OF_FIGURES):
        formatter = formatters[mime]
        formatter.pop(figure, None)
        if mime in value:
            function, keywords = value[mime]
            formatter.for_type(figure, partial(function, **keywords) if keywords else function)


def loaded_extensions() -> frozenset[str]:
    """Return the extensions that have been loaded."""
    shell = _shell()
    return frozenset() if shell is None else frozenset(shell.extension_manager.loaded)


def restore_loaded_extensions(value: frozenset[str]) -> None:
    """Have IPython load those extensions when it is told to that are not among some."""
    shell = _shell()
    if shell is not None:
        shell.extension_manager.loaded.clear()
        shell.extension_manager.loaded.update(value)


def _parts(printer: Any) -> tuple[Any, dict[str, Any]]:
    if isinstance(printer, partial):
        return printer.func, dict(printer.keywords)
    return printer, {}


def _shell() -> Any:
    module = sys.modules.get("IPython.core.interactiveshell")
    return None if module is None else module.InteractiveShell._instance
