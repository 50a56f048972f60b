"""A short soak; ``make soak`` runs a long one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from protocol.player import Kernel

from .machine import Soak

NOTEBOOKS = 12
STEPS = 30


@pytest.fixture
def kernel() -> Iterator[Kernel]:
    with closing(Kernel()) as kernel:
        yield kernel


def test_whatever_clients_do_they_agree_and_lose_nothing(kernel: Kernel) -> None:
    machine = type("SoakOnKernel", (Soak,), {"kernel": kernel})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=NOTEBOOKS,
            stateful_step_count=STEPS,
            derandomize=True,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
