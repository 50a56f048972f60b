"""The variables that expressions of pandas' own name, as in ``df.query("price > @limit")``."""

from __future__ import annotations

import re
from typing import Final

_QUOTED: Final = re.compile(r"'[^']*'|\"[^\"]*\"|`[^`]*`")
_VARIABLE: Final = re.compile(r"@\s*([^\W\d]\w*)")


def variables_in(expression: str) -> list[str]:
    """Return the names after ``@``, but not in quoted text or names of columns."""
    return _VARIABLE.findall(_QUOTED.sub("", expression))
