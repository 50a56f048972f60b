"""State that cells share without a variable of it: one more name each, with a colon in it."""

from .states import SharedState, States, Use

__all__ = ["SharedState", "States", "Use"]
