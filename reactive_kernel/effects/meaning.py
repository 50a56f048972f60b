"""A digest of what a source means, whatever its comments and layout."""

from __future__ import annotations

import ast
import functools
import hashlib
import re

from .parsing import SOURCES_KEPT, UnparsableError, parse

# The brackets around an expression are no part of it.
_SEMICOLON_LAST = re.compile(rb"(?:[\s)\\]|#[^\n]*)*;")


@functools.lru_cache(maxsize=SOURCES_KEPT)
def meaning_of(source: str) -> str:
    """Digest the syntax tree of a source, or its text where it does not parse.

    Parameters
    ----------
    source
        The source of a cell.

    Returns
    -------
    str
        The same for two sources that Python and IPython run alike.
    """
    try:
        tree, text = parse(source)
        parts: list[str] = []
        _dump(tree, parts)
        if tree.body and isinstance(tree.body[-1], ast.Expr):
            parts.append(_quiet(tree.body[-1], text))
    except (UnparsableError, RecursionError, ValueError):
        # ValueError: numbers too long to be written out.
        parts = ["text", source]
    digest = hashlib.blake2b("\x1f".join(parts).encode("utf-8", "surrogatepass"), digest_size=16)
    return digest.hexdigest()


def _dump(node: object, parts: list[str]) -> None:
    if isinstance(node, ast.AST):
        parts.append(type(node).__name__)
        for name in node._fields:
            # `kind` tells u"x" from "x", which are the same string; `type_ignores` is layout.
            if name not in ("kind", "type_ignores"):
                _dump(getattr(node, name, None), parts)
        parts.append(")")
    elif isinstance(node, list):
        parts.append("[")
        for item in node:
            _dump(item, parts)
        parts.append("]")
    else:
        parts.append(repr(node))


def _quiet(last: ast.Expr, text: str) -> str:
    """Whether IPython shows the last expression: it does not after a semicolon."""
    lines = text.encode("utf-8", "surrogatepass").splitlines(keepends=True)
    line, column = last.end_lineno or 1, last.end_col_offset or 0
    rest = b"".join(lines[line - 1 :])[column:]
    return "quiet" if _SEMICOLON_LAST.match(rest) else "shown"
