"""Databases for the tests of this folder, started when the first test asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .servers import PASSWORD, Postgres, postgres

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="package")
def server() -> Iterator[Postgres]:
    """A PostgreSQL server."""
    with postgres() as running:
        yield running


@pytest.fixture
def _password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANNS_PASSWORD", PASSWORD)
