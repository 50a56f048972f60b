"""Random notebooks and edits, held to Run All."""

from __future__ import annotations

from random import Random

import pytest

from .stories import Story


@pytest.mark.parametrize("first", range(0, 300, 50))
def test_what_is_not_marked_is_what_run_all_shows(first: int) -> None:
    for seed in range(first, first + 50):
        Story(Random(seed)).tell(steps=8)
