"""`%reactive memory`, and the limits that a kernel's configuration sets."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from protocol.player import Cell, Kernel, Player


@pytest.fixture
def kernel() -> Iterator[Kernel]:
    limits = ["--ReactiveKernel.memory_limit=1000000", "--ReactiveKernel.look_share=0.1"]
    kernel = Kernel(extra_arguments=limits)
    yield kernel
    kernel.close()


def test_what_is_kept_is_told(kernel: Kernel) -> None:
    sources = ["x = ['a' * 50_000]", "x.append(1)", "%reactive memory", "%reactive nothing"]
    page = Player(kernel.connect(), [Cell(source) for source in sources])
    page.run("all")
    told = page.cells[2].text.splitlines()
    assert told[0].split() == ["name", "cell", "size", "kept", "as"]
    assert {line.split()[0] for line in told[1:-2]} == {"x", "all"}
    assert told[-1].endswith("at most 1 MB is kept.")
    assert page.state(page.cells[3]) == "failed"
