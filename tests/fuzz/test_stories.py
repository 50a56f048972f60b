"""Random notebooks and edits, held to Run All."""

from __future__ import annotations

from random import Random

import pytest

from .on_kernels import Judge, Kernel, KernelStory
from .stories import Story


@pytest.mark.parametrize("first", range(0, 500, 50))
def test_what_is_not_marked_is_what_run_all_shows(first: int) -> None:
    for seed in range(first, first + 50):
        Story(Random(seed)).tell(steps=8)


def test_so_it_is_on_a_real_kernel() -> None:
    kernel, judge = Kernel(), Judge()
    try:
        for seed in range(10):
            story = KernelStory(Random(seed), kernel, judge)
            story.tell(steps=6)
            story.end()
    finally:
        kernel.close()
        judge.close()
