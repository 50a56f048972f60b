"""Notebooks from Python: running files, and working on those of a running server."""

from .exceptions import (
    CellFailure,
    KernelNotReactiveError,
    NotebookRunError,
    RefusedError,
    RestRequestError,
)
from .notebook_client import ReactiveNotebookClient
from .rest_notebook import RestNotebook

__all__ = [
    "CellFailure",
    "KernelNotReactiveError",
    "NotebookRunError",
    "ReactiveNotebookClient",
    "RefusedError",
    "RestNotebook",
    "RestRequestError",
]
