"""State that cells share without a variable of it: one more name each, with a colon in it."""

from .figures import FIGURES, hold_only, open_figures
from .files import EAR, Accesses, take_handles
from .imports import set_on_imports
from .known_files import FileUse, KnownFiles
from .modules import names_set_on
from .settings import draws
from .states import SharedState, States, Use
from .touch import touch_of_source

__all__ = [
    "EAR",
    "FIGURES",
    "Accesses",
    "FileUse",
    "KnownFiles",
    "SharedState",
    "States",
    "Use",
    "draws",
    "hold_only",
    "names_set_on",
    "open_figures",
    "set_on_imports",
    "take_handles",
    "touch_of_source",
]
