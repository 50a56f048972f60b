"""Who may do what."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from reactive_kernel.client import RestNotebook, RestRequestError

from .conftest import TOKEN, Book, Server

REQUESTS = (
    ("GET", "", None),
    ("GET", "/graph", None),
    ("GET", "/cells/a", None),
    ("POST", "/cells", {"source": "x"}),
    ("PATCH", "/cells/a", {"source": "x"}),
    ("POST", "/cells/a/move", {"index": 1}),
    ("DELETE", "/cells/a", None),
    ("POST", "/run", {"cells": "all"}),
    ("GET", "/runs/some", None),
)


@pytest.mark.parametrize("authorization", [{}, {"Authorization": "token wrong"}])
def test_without_the_token_nothing_is_told_or_done(
    book: Book, authorization: dict[str, str]
) -> None:
    before = book.write("one", "two").file.read_bytes()
    for method, address, body in REQUESTS:
        url = f"{book.client._url}{address}"
        answer = httpx.request(method, url, json=body, headers=authorization)
        assert answer.status_code == 403
        assert "one" not in answer.text
    url = f"{book.server.url}/reactive-kernel/api/openapi.json"
    assert httpx.get(url, headers=authorization).status_code == 403
    assert book.file.read_bytes() == before
    assert book.server.sessions() == []


def test_a_browser_needs_its_xsrf_token(book: Book) -> None:
    book.write("one")
    with httpx.Client() as browser:
        browser.get(f"{book.server.url}/tree?token={TOKEN}", follow_redirects=True)
        url = f"{book.client._url}/cells"
        assert browser.get(book.client._url).status_code == 200
        forged = browser.post(url, json={"source": "forged"})
        assert forged.status_code == 403
        assert "_xsrf" in forged.json()["message"]
        headers = {"X-XSRFToken": browser.cookies["_xsrf"], "Referer": book.server.url}
        assert browser.post(url, json={"source": "own"}, headers=headers).status_code == 201
    assert book.sources() == ["one", "own"]


@pytest.fixture(scope="module")
def restricted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose authorizer allows what a file says."""
    server = Server(tmp_path_factory.mktemp("served"), tmp_path_factory.mktemp("home"), AUTHORIZER)
    yield server
    server.close()


AUTHORIZER = """
from pathlib import Path
from jupyter_server.auth import Authorizer

class FromFile(Authorizer):
    def is_authorized(self, handler, user, action, resource):
        if "/reactive-kernel/" not in handler.request.path:
            return True
        allowed = Path(__file__).with_name("allowed").read_text().splitlines()
        return f"{action} {resource}" in allowed

c.ServerApp.authorizer_class = FromFile
"""


@pytest.fixture
def limited(restricted: Server) -> Iterator[Book]:
    yield Book(restricted, "limited.ipynb").write("x = 1", "x")
    restricted.end_sessions()


def allow(book: Book, *allowed: str) -> None:
    home = Path(book.server.log).parent
    (home / "JUPYTER_CONFIG_DIR/allowed").write_text("\n".join(allowed))


def test_reading_needs_the_right_to_read(limited: Book) -> None:
    allow(limited, "write contents", "execute kernels")
    for method, address, body in REQUESTS:
        if method == "GET":
            assert limited.ask(method, address, body).status_code == 403
    allow(limited, "read contents")
    assert limited.client.view().cells[0].source == "x = 1"
    assert limited.client.graph().edges


def test_editing_needs_the_right_to_write(limited: Book) -> None:
    before = limited.file.read_bytes()
    allow(limited, "read contents", "execute kernels", "write sessions")
    for method, address, body in REQUESTS:
        if method != "GET":
            answer = limited.ask(method, address, body)
            assert answer.status_code == 403
            assert answer.json()["message"]
    assert limited.file.read_bytes() == before
    allow(limited, "write contents")
    assert limited.client.create_cell("y").index == 2


def test_running_needs_the_right_to_execute(limited: Book) -> None:
    allow(limited, "read contents", "write contents", "write sessions")
    with pytest.raises(RestRequestError, match="execute on resource: kernels"):
        limited.client.run("all")
    assert limited.server.sessions() == []


def test_starting_a_kernel_needs_the_right_to_do_so(limited: Book) -> None:
    allow(limited, "read contents", "write contents", "execute kernels")
    with pytest.raises(RestRequestError, match="may not start"):
        limited.client.run("all")
    assert limited.server.sessions() == []
    limited.start()
    assert limited.client.run("all").executed == ["a", "b"]


def test_a_server_that_is_not_there() -> None:
    with pytest.raises(RestRequestError, match="does not answer") as error:
        RestNotebook("http://127.0.0.1:9", "a.ipynb").view()
    assert error.value.status == 0
    with pytest.raises(ValueError, match="http://"):
        RestNotebook("file:///etc", "passwd")
