"""Source text to syntax tree, through IPython's syntax where it is used."""

from __future__ import annotations

import ast
import functools
import re
import warnings
from typing import Any, Final, NamedTuple

SOURCES_KEPT: Final = 16_384
"""For how many sources is kept what was found of them: more than a notebook has cells."""

# An escape that may be invalid: compiling it warns, and once more when the cell runs.
_DOUBTFUL_ESCAPE = re.compile(r"""\\[^\n\r\\'"abfnrtvxuUN0-7]""")

# A prompt pasted with the code; Python takes it for an annotation.
_PROMPT = re.compile(r"\bIn \[\d+\]: ")


class Parsed(NamedTuple):
    """A tree, and the plain Python it was parsed from."""

    tree: ast.Module
    text: str


class UnparsableError(Exception):
    """A source that Python cannot read."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


@functools.lru_cache(maxsize=4)
def parse(source: str) -> Parsed:
    """Parse the source of a cell.

    The tree is shared, and not to be changed: effects and meaning are often asked for together.

    Parameters
    ----------
    source
        Python, with or without IPython's additions.

    Returns
    -------
    Parsed
        The tree, and the text after IPython's transformations.

    Raises
    ------
    UnparsableError
        Whatever is the matter with the source.
    """
    found = _attempt(source)
    if isinstance(found, UnparsableError) or _PROMPT.search(source):
        text = _transformed(source)
        if text != source:
            found = _attempt(text)
    if isinstance(found, UnparsableError):
        raise found
    return found


def plain_tree(source: str) -> ast.Module | None:
    """Return the shared tree of a source that is plain Python, or None for any other."""
    try:
        parsed = parse(source)
    except UnparsableError:
        return None
    return parsed.tree if parsed.text == source else None


def _attempt(source: str) -> Parsed | UnparsableError:
    try:
        return Parsed(parse_python(source), source)
    except SyntaxError as error:
        return UnparsableError(error.msg or "invalid syntax", error.lineno)
    except (ValueError, OverflowError, RecursionError, MemoryError) as error:
        return UnparsableError(str(error) or type(error).__name__)


def parse_python(source: str) -> ast.Module:
    """Parse plain Python, without the warnings that running it will give anyway."""
    if "\\" in source and _DOUBTFUL_ESCAPE.search(source):
        # The filters belong to the whole process, also to a cell running meanwhile:
        # hence only where a warning is possible.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source, "<cell>")
    return ast.parse(source, "<cell>")


def parse_expression(source: str) -> ast.expr | None:
    """Parse what ``eval`` would take, or nothing where it would fail."""
    try:
        tree = ast.parse(source.strip(), "<cell>", "eval")
    except (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError):
        return None
    return tree.body


def _transformed(source: str) -> str:
    """Rewrite IPython's syntax to Python; the text itself where there is none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            text: str = _transformer().transform_cell(source)
    except Exception:
        # Transformers meet half-typed text, and fail on it in many ways.
        return source
    return source if text.rstrip("\n") == source.rstrip("\n") else text


@functools.cache
def _transformer() -> Any:
    from IPython.core.inputtransformer2 import TransformerManager

    return TransformerManager()  # type: ignore[no-untyped-call]
