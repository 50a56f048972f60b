"""What one code cell does to the names of a notebook, from its source alone."""

from .effect import Calls, Effects, Problem
from .source import effects_of

__all__ = ["Calls", "Effects", "Problem", "effects_of"]
