"""Plays many stories: ``python -m fuzz --stories 1000 --kernel-stories 10 --seed 0``.

A story that fails is printed as code for the player of the core's tests, cut down to what makes
it fail; its seed plays it again.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import resource
import sys
import time
import warnings
from collections.abc import Iterable
from contextlib import closing
from functools import partial
from typing import get_args

from .shrinking import shrink
from .steps import Step, draw, draw_sql
from .stories import By, StoryError, play
from .watching import Tally

MEMORY = 4 << 30
MOST_WASTED = 1 / 200
BY: tuple[By, ...] = get_args(By)
SQL_SECONDS = 100
"""Databases are slow to open where much else runs."""


SQL_EVERY = 20
"""How often a story is of SQL, which takes long."""


def draw_any(seed: int, *, sql: bool) -> list[Step]:
    """Draw the story of a seed, now and then of SQL if that may be."""
    return draw_sql(seed) if sql and seed % SQL_EVERY == SQL_EVERY - 1 else draw(seed)


def play_as_drawn(seed: int, steps: Iterable[Step]) -> Tally:
    """Play steps as the story of a seed: through a session, or by the core, watched or not."""
    steps = list(steps)
    if any("%%sql" in repr(step) for step in steps):
        return play(steps, by=BY[seed // SQL_EVERY % len(BY)], seconds=SQL_SECONDS)
    match seed % 4:
        case 0:
            return play(steps, by="session")
        case 1:
            return play(steps, by="forgetful session")
        case rest:
            return play(steps, watched=rest == 2)


def tell(seed: int, *, sql: bool = False) -> tuple[int, Tally, str]:
    """Play the story of a seed; return what was counted, and what failed."""
    steps = draw_any(seed, sql=sql)
    try:
        return seed, play_as_drawn(seed, steps), ""
    except StoryError as error:
        return seed, Tally(), str(error)


def shortest(seed: int) -> str:
    """Return what fails in the story of a seed, cut down."""

    def failure(steps: Iterable[Step]) -> str:
        try:
            play_as_drawn(seed, steps)
        except StoryError as error:
            return str(error)
        return ""

    return failure(shrink(draw_any(seed, sql=True), lambda steps: bool(failure(steps))))


def main() -> int:
    """Play the stories asked for; return 1 if any failed."""
    parser = argparse.ArgumentParser(prog="fuzz", description=__doc__)
    parser.add_argument("--stories", type=int, default=1000, help="how many to play in process")
    parser.add_argument("--kernel-stories", type=int, default=0, help="how many on real kernels")
    parser.add_argument("--seed", type=int, default=0, help="of the first story")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--no-shrink", action="store_true", help="show failures as they were drawn")
    options = parser.parse_args()
    warnings.simplefilter("ignore", SyntaxWarning)
    limit_memory()
    failed = play_in_process(options) + play_on_kernels(options)
    print(f"{failed} stories failed" if failed else "no story failed")
    return int(failed > 0)


def play_in_process(options: argparse.Namespace) -> int:
    """Play stories on all processors; return how many failed."""
    tally, failed, began = Tally(), 0, time.monotonic()
    seeds = range(options.seed, options.seed + options.stories)
    with multiprocessing.Pool(options.processes) as pool:
        for number, (seed, counted, log) in enumerate(
            pool.imap(partial(tell, sql=True), seeds, chunksize=10), 1
        ):
            tally.add(counted)
            if log:
                failed += 1
                shown = log if options.no_shrink else shortest(seed)
                print(f"\n# seed {seed} fails:\n{shown}", flush=True)
            if number % 1000 == 0 or number == len(seeds):
                seconds = time.monotonic() - began
                print(f"{number} stories in {seconds:.0f} s, {failed} failed", flush=True)
    return failed + report(tally)


def limit_memory() -> None:
    """Make a cell that would take all memory fail."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def report(tally: Tally) -> int:
    """Print what was counted; return 1 if too much was run in vain."""
    if not tally.executions:
        return 0
    print(f"{tally.executions} executions counted, {len(tally.wasted)} of them in vain")
    print("ran without being in the first plan:", dict(tally.unplanned) or "none")
    if len(tally.wasted) <= MOST_WASTED * tally.executions:
        return 0
    print("too many in vain, such as:", *tally.wasted[:20], sep="\n  ")
    return 1


def play_on_kernels(options: argparse.Namespace) -> int:
    """Play stories on real kernels; return how many failed."""
    if not options.kernel_stories:
        return 0
    from .on_kernels import Kernels

    failed = 0
    with closing(Kernels()) as kernels:
        for seed in range(options.seed, options.seed + options.kernel_stories):
            log = kernels.tell(draw(seed))
            if log:
                failed += 1
                print(f"\n# seed {seed} fails on a kernel:\n{log}", flush=True)
    print(f"{options.kernel_stories} stories on kernels, {failed} failed")
    return failed


if __name__ == "__main__":
    sys.exit(main())
