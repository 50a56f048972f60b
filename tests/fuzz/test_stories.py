"""Random notebooks and edits, held to Run All.

A story that fails is played again, and cut down, by ``make fuzz SEED=<its seed> STORIES=1``.
"""

from __future__ import annotations

from contextlib import closing
from random import Random
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .__main__ import MOST_WASTED, tell
from .on_kernels import Kernels
from .steps import draw, draw_by, draw_from_motif
from .stories import By, play
from .watching import Tally

STORIES = 2000
KERNEL_STORIES = 30
AT_ONCE = 500
MOTIFS_AT_ONCE = 100
BY: tuple[By, ...] = get_args(By)


@pytest.mark.filterwarnings("ignore::SyntaxWarning")
@pytest.mark.parametrize("first", range(0, STORIES, AT_ONCE))
def test_what_is_not_marked_is_what_run_all_shows(first: int) -> None:
    total = Tally()
    for seed in range(first, first + AT_ONCE):
        _, tally, failure = tell(seed)
        assert not failure, f"seed {seed}:\n{failure}"
        total.add(tally)
    # A few thousand executions are few for a rate: twice what is allowed for many.
    assert len(total.wasted) <= 2 * MOST_WASTED * total.executions, total.wasted


@pytest.mark.parametrize("first", range(0, STORIES // 4, MOTIFS_AT_ONCE))
def test_so_it_is_for_each_motif_alone(first: int) -> None:
    for seed in range(first, first + MOTIFS_AT_ONCE):
        play(draw_from_motif(seed), by=BY[seed % 3])


@pytest.mark.filterwarnings("ignore::SyntaxWarning")
@settings(
    max_examples=150, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck)
)
@given(st.randoms(use_true_random=False), st.booleans(), st.sampled_from(BY))
def test_so_it_is_where_hypothesis_chooses(random: Random, of_motifs: bool, by: By) -> None:
    play(draw_by(random, of_motifs=of_motifs), by=by)


def test_so_it_is_on_a_real_kernel() -> None:
    with closing(Kernels()) as kernels:
        for seed in range(KERNEL_STORIES):
            failure = kernels.tell(draw(seed))
            assert not failure, f"seed {seed}:\n{failure}"
