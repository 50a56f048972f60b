"""What the kernel can tell of a value without running any of the notebook's code."""

from .buffers import Pickles
from .calling import calls_of
from .copies import copy_together
from .fingerprints import Fingerprint, fingerprint
from .identity import identity_of
from .origin import is_of_sys, made_here, note_notebook
from .own_modules import files_of, is_installed, own_file, prepare_import
from .parts import may_hide_parts, parts_of, state_of
from .previews import Preview, preview
from .reach import ATOMS, MOST_PARTS, WITHOUT_CODE, Step, inside_function, inside_own, levels
from .samples import sample
from .sharing import Sharing

__all__ = [
    "ATOMS",
    "MOST_PARTS",
    "WITHOUT_CODE",
    "Fingerprint",
    "Pickles",
    "Preview",
    "Sharing",
    "Step",
    "calls_of",
    "copy_together",
    "files_of",
    "fingerprint",
    "identity_of",
    "inside_function",
    "inside_own",
    "is_installed",
    "is_of_sys",
    "levels",
    "made_here",
    "may_hide_parts",
    "note_notebook",
    "own_file",
    "parts_of",
    "prepare_import",
    "preview",
    "sample",
    "state_of",
]
