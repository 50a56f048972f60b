"""Soaks one kernel: ``python -m soak --operations 10000``.

Prints how many operations were done, how long they took, and what memory the kernel held at the
beginning and in the end. Fails as soon as clients disagree, cut down to the operations it takes.
"""

from __future__ import annotations

import argparse
import time
from contextlib import closing

import psutil
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from protocol.player import Kernel

from .machine import Soak

STEPS = 50
MEGABYTE = 2**20


def main() -> None:
    """Do the operations asked for, and print the figures."""
    parser = argparse.ArgumentParser(prog="soak", description=__doc__)
    parser.add_argument("--operations", type=int, default=10_000)
    options = parser.parse_args()
    with closing(Kernel()) as kernel:
        machine = type("SoakOnKernel", (Soak,), {"kernel": kernel})
        play(machine, STEPS)
        process = psutil.Process(kernel.manager.provisioner.pid)  # type: ignore[union-attr]
        before, began, Soak.operations = process.memory_full_info().uss, time.monotonic(), 0
        while Soak.operations < options.operations:
            play(machine, options.operations - Soak.operations)
        seconds, after = time.monotonic() - began, process.memory_full_info().uss
    print(
        f"{Soak.operations} operations in {Soak.notebooks} notebooks, {seconds:.0f} s; "
        f"the kernel held {before / MEGABYTE:.0f} MB before and {after / MEGABYTE:.0f} MB after"
    )


def play(machine: type[Soak], operations: int) -> None:
    """Play notebooks of some operations each."""
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=max(1, operations // STEPS),
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


if __name__ == "__main__":
    main()
