"""Random stories in which cells are frozen, or left to be run by hand, and set free again."""

from __future__ import annotations

from random import Random

import pytest
from core.player import Player, run_source

from reactive_kernel.document import UpdateCell

from .steps import Run, as_code, can_apply, draw
from .stories import random_states_kept, time_limit

STORIES = 400
AT_ONCE = 100
TAGS = ((), ("reactive-frozen",), ("reactive-manual",))


def differing(player: Player) -> str:
    """Compare fresh cells with a Run All of just these: none of them uses what another left."""
    fresh = [cell_id for cell_id in player.ids if player.state(cell_id) == "fresh"]
    namespace = {"__name__": "__main__"}
    with random_states_kept():
        expected = {cell_id: run_source(player.source(cell_id), namespace) for cell_id in fresh}
    return "\n".join(
        f"# {cell_id} shows {player.outputs[cell_id]}, Run All {result}"
        for cell_id, result in expected.items()
        if player.outputs[cell_id] != result
    )


@pytest.mark.filterwarnings("ignore::SyntaxWarning")
@pytest.mark.parametrize("first", range(0, STORIES, AT_ONCE))
def test_what_is_fresh_is_what_run_all_shows(first: int) -> None:
    for seed in range(first, first + AT_ONCE):
        random = Random(seed)
        player = Player()
        done: list[str] = []
        with time_limit(), random_states_kept():
            for step in draw(seed):
                if not can_apply(step, player.ids):
                    continue
                if player.ids and random.random() < 0.3:
                    cell, tags = random.choice(player.ids), random.choice(TAGS)
                    player.apply(UpdateCell(cell, tags=tags))
                    done.append(f"player.apply(UpdateCell({cell!r}, tags={tags!r}))")
                step.apply(player)
                done.append(as_code([step]).partition("\n")[2])
                if isinstance(step, Run):
                    difference = differing(player)
                    assert not difference, "\n".join([f"# seed {seed}", *done, difference])
