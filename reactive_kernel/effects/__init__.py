"""What one code cell does to the names of a notebook, from its source alone."""

from .effect import NO_NAMES, Calls, Effects, Problem
from .looking import only_looked_at
from .source import effects_of

__all__ = ["NO_NAMES", "Calls", "Effects", "Problem", "effects_of", "only_looked_at"]
