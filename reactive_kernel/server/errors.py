"""What a request is answered that is not carried out."""

from __future__ import annotations

from typing import Final

from tornado.web import HTTPError

_STATUS: Final = {"unknown_cell": 404, "bad_index": 400, "bad_cell": 400}


class RestError(HTTPError):
    """A request that is not carried out.

    Parameters
    ----------
    status_code : int
        The HTTP status of the answer.
    message : str
        What happened, for a reader.
    field : str, optional
        The field of the request that is wrong.
    """

    def __init__(self, status_code: int, message: str, field: str | None = None):
        super().__init__(status_code, message)
        self.message = message
        self.field = field


def refusal(code: str, message: str, field: str | None = None) -> RestError:
    """Return the error for what the document or the kernel refuses.

    Parameters
    ----------
    code : str
        The error code of the protocol.
    message : str
        What is wrong.
    field : str, optional
        The field of the request that it is about.

    Returns
    -------
    RestError
        404 for an unknown cell, 400 for a wrong value, 409 for all else: what was asked for does
        not go together with what there is.
    """
    return RestError(_STATUS.get(code, 409), message, "index" if code == "bad_index" else field)
