"""What a kernel costs before anybody has run anything."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

from kernels import LiveKernel, ReactiveKernel
from peers import Peers
from rows import OURS, Row, Samples, ratio
from sources import chain


def measure(peers: Peers, *, tiny: bool) -> Iterator[Row]:
    """Start kernels in turn; see how long they take, and how much memory they hold."""
    ready, memory, following = _sides(), _sides(), _sides()
    for number in range(1 if tiny else 15):
        with closing(ReactiveKernel(hash_seed=number)) as kernel:
            _ready(kernel, ready[OURS], memory[OURS])
            kernel.open(chain(20, "s"))
            following[OURS].values.append(kernel.memory())
        with closing(LiveKernel(hash_seed=number)) as kernel:
            _ready(kernel, ready["ipykernel"], memory["ipykernel"])
        following["ipykernel"].values = memory["ipykernel"].values
        if peers and number < 5:
            with closing(LiveKernel("ipyflow", number, peers.specs("ipyflow"))) as kernel:
                ipyflow = ready.setdefault("ipyflow", Samples())
                _ready(kernel, ipyflow, memory.setdefault("ipyflow", Samples()))
    yield ratio("start-up until ready, processor time", ready, "ipykernel", 1.15)
    yield ratio("memory of an idle kernel (USS)", memory, "ipykernel", 1.2, "B")
    name = "memory with a notebook of 20 cells open (USS)"
    yield ratio(name, following, "ipykernel", None, "B")


def _sides() -> dict[str, Samples]:
    return {OURS: Samples(), "ipykernel": Samples()}


def _ready(kernel: LiveKernel, ready: Samples, memory: Samples) -> None:
    kernel.wait_until_ready()
    ready.values.append(kernel.processor_time())
    memory.values.append(kernel.memory())
