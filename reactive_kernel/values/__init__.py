"""What the kernel can tell of a value without running any of its code."""

from .calling import calls_of
from .fingerprints import Fingerprint, fingerprint
from .previews import Preview, preview

__all__ = ["Fingerprint", "Preview", "calls_of", "fingerprint", "preview"]
