"""Random notebooks of SQL and Python, held to Run All."""

from __future__ import annotations

import pytest

from .__main__ import BY, SQL_SECONDS
from .steps import draw_sql
from .stories import By, play


@pytest.mark.parametrize("by", BY)
@pytest.mark.parametrize("seed", range(8))
def test_what_is_not_marked_is_what_run_all_shows(seed: int, by: By) -> None:
    play(draw_sql(seed), by=by, seconds=SQL_SECONDS)
