"""State that cells share without a variable of it: one more name each, with a colon in it."""

from .files import EAR, Accesses
from .known_files import FileUse, KnownFiles
from .states import SharedState, States, Use
from .touch import touch_of_source

__all__ = [
    "EAR",
    "Accesses",
    "FileUse",
    "KnownFiles",
    "SharedState",
    "States",
    "Use",
    "touch_of_source",
]
