"""What one code cell does to the names of a notebook, from its source alone."""

from .effect import NO_NAMES, Calls, Effects, Problem
from .looking import only_looked_at, only_shows_attributes
from .queries import frames_in, variables_in
from .source import effects_of, is_outdated, set_dialect
from .sql import is_own

__all__ = [
    "NO_NAMES",
    "Calls",
    "Effects",
    "Problem",
    "effects_of",
    "frames_in",
    "is_outdated",
    "is_own",
    "only_looked_at",
    "only_shows_attributes",
    "set_dialect",
    "variables_in",
]
