"""Who hangs together with whom."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from reactive_kernel.values import Sharing


class Holder:
    def __init__(self, parts: frozenset[int]) -> None:
        self.parts = parts


def linked(start: Holder, holders: list[Holder]) -> set[Holder]:
    found = {start}
    while True:
        parts = {part for holder in found for part in holder.parts}
        wider = found | {holder for holder in holders if not parts.isdisjoint(holder.parts)}
        if wider == found:
            return found
        found = wider


PARTS = st.frozensets(st.integers(0, 12), min_size=1, max_size=3)


@given(st.lists(PARTS | st.integers(0, 20)))
def test_those_that_are_there_and_no_others(steps: list[frozenset[int] | int]) -> None:
    """A holder comes for a set of parts; a number lets the holder at that place go."""
    sharing: Sharing[Holder] = Sharing()
    holders: list[Holder] = []
    for step in steps:
        if isinstance(step, int):
            del holders[step : step + 1]
            continue
        holders.append(Holder(step))
        sharing.add(holders[-1])
    for holder in holders:
        assert sharing.component([holder]) == linked(holder, holders)
