"""The variables that texts name for libraries that look them up where they are called.

As in ``df.query("price > @limit")`` of pandas and ``duckdb.sql("SELECT * FROM df")``.
"""

from __future__ import annotations

import re
from typing import Final

_QUOTED: Final = re.compile(r"'[^']*'|\"[^\"]*\"|`[^`]*`")
_VARIABLE: Final = re.compile(r"@\s*([^\W\d]\w*)")
_FROM: Final = re.compile(r"\b(?:from|join)\s+([^\W\d]\w*)\b(?!\s*[.(])", re.IGNORECASE)


def frames_in(statement: str) -> list[str]:
    """Return the names of the tables that an SQL statement reads, which may be variables."""
    return _FROM.findall(statement)


def variables_in(expression: str) -> list[str]:
    """Return the names after ``@``, but not in quoted text or names of columns."""
    return _VARIABLE.findall(_QUOTED.sub("", expression))
