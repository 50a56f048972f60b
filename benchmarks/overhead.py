"""How much longer a cell takes in the reactive kernel than in plain ipykernel.

Two live kernels run the same cells in turn, one pair after the other: two processes of one kernel
differ among themselves by some percent. The times are those of one client until the kernel is idle
again, and what the kernel's process spends on processors for it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import ExitStack

from cases import NOTEBOOK, Case, cases
from kernels import Cell, LiveKernel, ReactiveKernel
from peers import Peers
from rows import OURS, Row, Samples, added, ratio

WARM_UP = 3
"""Runs of the measured cell in each kernel that do not count."""

GROUPS = 5
"""Groups of kernels among which the runs of a cell are shared out."""

Group = dict[str, LiveKernel]


def measure(peers: Peers, *, tiny: bool) -> Iterator[Row]:
    """Run each case on all kernels in turn."""
    chosen = cases(tiny=tiny)
    sides: dict[str, dict[str, Samples]] = {case.name: {} for case in chosen}
    groups = 1 if tiny else GROUPS
    for number in range(groups):
        with ExitStack() as stack:
            group = _started(stack, number, peers if number == 0 else Peers(None))
            for case in chosen:
                if not case.fresh:
                    repeats = math.ceil(case.repeats / groups)
                    _take(sides[case.name], group, case, repeats=repeats, warm_up=WARM_UP)
    for case in chosen:
        for number in range(case.repeats if case.fresh else 0):
            with ExitStack() as stack:
                group = _started(stack, number, Peers(None))
                _take(sides[case.name], group, case, repeats=1, warm_up=0)
        yield _row(case, sides[case.name])


def _row(case: Case, sides: dict[str, Samples]) -> Row:
    target = case.target
    if target is not None and target.kind == "seconds":
        return added(case.name, sides, "ipykernel", target.most)
    return ratio(case.name, sides, "ipykernel", None if target is None else target.most)


def _started(stack: ExitStack, number: int, peers: Peers) -> Group:
    """Start kernels; all of a group place strings in dicts in the same way."""
    group: Group = {"ipykernel": LiveKernel(hash_seed=number)}
    stack.callback(group["ipykernel"].close)
    group[OURS] = ReactiveKernel(hash_seed=number)
    stack.callback(group[OURS].close)
    if peers:
        group["ipyflow"] = LiveKernel("ipyflow", number, peers.specs("ipyflow"))
        stack.callback(group["ipyflow"].close)
    for kernel in group.values():
        kernel.wait_until_ready()
    return group


def _take(
    sides: dict[str, Samples], group: Group, case: Case, *, repeats: int, warm_up: int
) -> None:
    """Run a case on all kernels of a group in turn."""
    above = [Cell(f"above-{i}", source) for i, source in enumerate(case.above)]
    measured = Cell("measured", case.measured)
    taking = {name: group[name] for name in group if name != "ipyflow" or case.peers}
    for kernel in taking.values():
        kernel.hold([*NOTEBOOK, *above, measured])
        for cell in [*NOTEBOOK, *above, *[measured] * warm_up]:
            kernel.execute(cell.source, cell.id)
    before = dict.fromkeys(taking, 0.0)
    for number in range(repeats):
        for name in _in_turn(list(taking), number):
            kernel, samples = taking[name], sides.setdefault(name, Samples())
            # Before its next turn, so that what it does after it has said that it is idle counts.
            now = kernel.processor_time()
            if number:
                samples.processor.append(now - before[name])
            before[name] = now
            samples.values.append(kernel.execute(measured.source, measured.id))
    for name, kernel in taking.items():
        sides[name].processor.append(kernel.processor_time() - before[name])
        kernel.hold([])


def _in_turn(names: Sequence[str], number: int) -> Sequence[str]:
    return names if number % 2 else names[::-1]
