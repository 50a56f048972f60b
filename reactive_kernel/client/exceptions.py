"""What can go wrong when a notebook is run over the protocol."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from nbclient.exceptions import CellExecutionError


class RefusedError(RuntimeError):
    """The kernel refused what was asked of it.

    Parameters
    ----------
    code : str
        The error code of the protocol.
    message : str
        What the kernel says happened.
    """

    def __init__(self, code: str, message: str):
        super().__init__(f"{message} ({code})")
        self.code = code
        self.message = message

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.code, self.message)


class KernelNotReactiveError(RuntimeError):
    """The kernel does not speak the protocol."""


class RestRequestError(RuntimeError):
    """The server did not carry out a request.

    Parameters
    ----------
    status : int
        The HTTP status; 0 if the server did not answer.
    message : str
        What happened.
    field : str, optional
        The field of the request that is wrong.
    """

    def __init__(self, status: int, message: str, field: str | None = None):
        super().__init__(f"{message} (status {status})")
        self.status = status
        self.message = message
        self.field = field

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.status, self.message, self.field)


@dataclass(frozen=True)
class CellFailure:
    """A cell that raised.

    Attributes
    ----------
    cell_id : str
        The id of the cell.
    index : int
        Its place among all cells of the notebook, from 0.
    execution_count : int or None
        The number of its prompt.
    ename, evalue : str
        Name and value of the error.
    traceback : str
        The traceback as the cell shows it.
    """

    cell_id: str
    index: int
    execution_count: int | None
    ename: str
    evalue: str
    traceback: str = ""

    def __str__(self) -> str:
        prompt = "" if self.execution_count is None else f", In [{self.execution_count}]"
        return f"cell {self.index + 1} (id {self.cell_id}{prompt}): {self.ename}: {self.evalue}"


class NotebookRunError(CellExecutionError):
    """Cells of the notebook failed; all that does not depend on them was run.

    Parameters
    ----------
    failures : tuple of CellFailure
        The cells that raised, in notebook order.
    blocked : tuple of str
        Ids of the cells that were not run because they need what a failed cell was to write.
    interrupted : bool
        Whether the run was ended before every cell had its turn.
    """

    def __init__(
        self,
        failures: tuple[CellFailure, ...],
        blocked: tuple[str, ...] = (),
        *,
        interrupted: bool = False,
    ):
        first = failures[0] if failures else CellFailure("", 0, None, "", "")
        super().__init__(first.traceback, first.ename, first.evalue)
        self.failures = failures
        self.blocked = blocked
        self.interrupted = interrupted

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (self.failures, self.blocked, self.interrupted)

    def __str__(self) -> str:
        lines = [str(failure) for failure in self.failures]
        lines += [
            f"cell with id {cell_id}: not run, because it needs what a failed cell was to write"
            for cell_id in self.blocked
        ]
        if self.interrupted:
            lines.append("the run was interrupted before every cell had its turn")
        return "\n".join(lines)


def _restored(
    failures: tuple[CellFailure, ...], blocked: tuple[str, ...], interrupted: object
) -> NotebookRunError:
    return NotebookRunError(failures, blocked, interrupted=bool(interrupted))
