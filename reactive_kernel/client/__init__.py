"""The protocol from Python: running notebook files without a page."""

from .exceptions import CellFailure, KernelNotReactiveError, NotebookRunError, RefusedError
from .notebook_client import ReactiveNotebookClient

__all__ = [
    "CellFailure",
    "KernelNotReactiveError",
    "NotebookRunError",
    "ReactiveNotebookClient",
    "RefusedError",
]
