"""The OpenAPI document, made from the types of `reactive_kernel.rest`."""

from __future__ import annotations

import re
from typing import Any, Final, NamedTuple

import msgspec

from reactive_kernel import __version__, rest

_REFERENCE: Final = "#/components/schemas/{name}"

_PARAMETERS: Final = {
    "path": "The notebook's path from the root of the server's contents; its slashes may stand as "
    "they are, or as %2F.",
    "cell_id": "The id of a cell.",
    "run_id": "The id of a run.",
}

_ERRORS: Final = {
    400: "A field of the request is wrong; `field` names it.",
    403: "You are not signed in, or you may not do this.",
    404: "There is no such notebook, cell or run.",
    409: "It does not go together with what there is.",
    413: "The request is too large.",
    503: "The kernel was restarted or died meanwhile.",
}


_ERRORS_OF_BODIES: Final = {413}


class _Operation(NamedTuple):
    method: str
    path: str
    name: str
    summary: str
    status: int
    answer: type[msgspec.Struct] | None
    body: type[msgspec.Struct] | None = None


_NOTEBOOK: Final = "/notebooks/{path}"
_CELL: Final = f"{_NOTEBOOK}/cells/{{cell_id}}"

_OPERATIONS: Final = (
    _Operation("get", _NOTEBOOK, "notebook", "Look at a notebook", 200, rest.Notebook),
    _Operation("get", f"{_NOTEBOOK}/graph", "graph", "See what depends on what", 200, rest.Graph),
    _Operation(
        "post", f"{_NOTEBOOK}/cells", "create_cell", "Create a cell", 201, rest.Place, rest.NewCell
    ),
    _Operation("get", _CELL, "cell", "Look at a cell", 200, rest.Cell),
    _Operation("patch", _CELL, "update_cell", "Change a cell", 200, rest.Cell, rest.CellChange),
    _Operation("delete", _CELL, "delete_cell", "Delete a cell", 204, None),
    _Operation("post", f"{_CELL}/move", "move_cell", "Move a cell", 200, rest.Place, rest.NewPlace),
    _Operation("post", f"{_NOTEBOOK}/run", "run", "Start a run", 202, rest.Run, rest.NewRun),
    _Operation(
        "get", f"{_NOTEBOOK}/runs/{{run_id}}", "follow_run", "See how a run stands", 200, rest.Run
    ),
)


def document(url: str) -> dict[str, Any]:
    """Return the OpenAPI document.

    Parameters
    ----------
    url : str
        The address that the paths in it begin with.

    Returns
    -------
    dict
        The document, version 3.1.
    """
    paths: dict[str, dict[str, Any]] = {}
    for operation in _OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method] = _described(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Reactive notebooks",
            "version": __version__,
            "description": "Cells of notebooks, for programs: to read, to edit and to run.",
        },
        "servers": [{"url": url}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {
                "token": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "Authorization",
                    "description": "The word `token`, a space, and the server's token.",
                }
            },
        },
    }


def _described(operation: _Operation) -> dict[str, Any]:
    done: dict[str, Any] = {"description": operation.summary + ": done."}
    if operation.answer is not None:
        done["content"] = _json(operation.answer)
    errors = {
        str(status): {"description": meaning, "content": _json(rest.Error)}
        for status, meaning in _ERRORS.items()
        if operation.body is not None or status not in _ERRORS_OF_BODIES
    }
    described: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "parameters": [
            {
                "name": name,
                "in": "path",
                "required": True,
                "description": _PARAMETERS[name],
                "schema": {"type": "string", "minLength": 1},
            }
            for name in re.findall(r"{(\w+)}", operation.path)
        ],
        "responses": {str(operation.status): done, **errors},
    }
    if operation.body is not None:
        described["requestBody"] = {"required": True, "content": _json(operation.body)}
    return described


def _json(kind: type[msgspec.Struct]) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": _REFERENCE.format(name=kind.__name__)}}}


def _schemas() -> dict[str, Any]:
    kinds = {kind for operation in _OPERATIONS for kind in (operation.answer, operation.body)}
    _, schemas = msgspec.json.schema_components(
        [kind for kind in (*kinds, rest.Error) if kind is not None], ref_template=_REFERENCE
    )
    # Patterns are JavaScript's there.
    text = msgspec.json.encode(schemas).replace(rb'"\\A', b'"^').replace(rb'\\Z"', b'$"')
    decoded: dict[str, Any] = msgspec.json.decode(text)
    return decoded
