"""The OpenAPI document, and whether the server does what it says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import nbformat
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from nbformat import v4
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from .conftest import Server

if TYPE_CHECKING:
    from collections.abc import Iterator

LIMITS = settings(
    max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)


@pytest.fixture(scope="module")
def described(server: Server) -> Iterator[schemathesis.BaseSchema]:
    document = server.ask("GET", "openapi.json").json()
    for name in ("edited.ipynb", "run.ipynb"):
        cells = [v4.new_code_cell("x = 1", id="a"), v4.new_code_cell("x", id="b")]
        nbformat.write(v4.new_notebook(cells=cells), server.folder / name)
        server.start_session(name)
    yield schemathesis.openapi.from_dict(document)
    server.end_sessions()


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_the_server_does_what_the_document_says(
    described: schemathesis.BaseSchema, server: Server, mode: GenerationMode
) -> None:
    headers = {"Authorization": server.http.headers["Authorization"]}

    for result in described.get_all_operations():
        cases = result.ok().as_strategy(generation_mode=mode)

        @LIMITS
        @given(cases)
        def check(case: schemathesis.Case) -> None:
            # What is run is not what was made up.
            running = case.operation.definition.raw["operationId"] == "run"
            parameters = case.path_parameters
            parameters["path"] = "run.ipynb" if running else "edited.ipynb"
            if "cell_id" in parameters and len(str(parameters["cell_id"])) % 2:
                parameters["cell_id"] = "a"
            case.call_and_validate(
                base_url=f"{server.url}/reactive-kernel/api",
                headers=headers,
                # Whether an index is right depends on the notebook.
                excluded_checks=[positive_data_acceptance],
            )

        check()


def test_the_document_names_each_address(server: Server) -> None:
    document = server.ask("GET", "openapi.json").json()
    assert document["openapi"].startswith("3.1")
    assert document["servers"] == [{"url": "/base/reactive-kernel/api"}]
    found = {(method, path) for path, methods in document["paths"].items() for method in methods}
    notebook = "/notebooks/{path}"
    assert found == {
        ("get", notebook),
        ("get", f"{notebook}/graph"),
        ("post", f"{notebook}/cells"),
        ("get", f"{notebook}/cells/{{cell_id}}"),
        ("patch", f"{notebook}/cells/{{cell_id}}"),
        ("delete", f"{notebook}/cells/{{cell_id}}"),
        ("post", f"{notebook}/cells/{{cell_id}}/move"),
        ("post", f"{notebook}/run"),
        ("get", f"{notebook}/runs/{{run_id}}"),
    }
