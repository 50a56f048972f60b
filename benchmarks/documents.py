"""What it costs to take in a notebook, and a change of one cell of it."""

from __future__ import annotations

import ast
import gc
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress

from kernels import Answer, Cell, ReactiveKernel
from peers import Peers
from rows import OURS, Row, Samples, growth, ratio, value
from sources import KINDS, chain

OPEN_AIMS = {"chain": 8.0, "wide": 8.0, "real sources": 2.5}
"""How many times as long as `ast.parse` of its sources the opening of a notebook may take."""

LINEAR = 1.15
"""The most that the exponent of a linear growth may be, for noise's sake."""


def measure(peers: Peers, *, tiny: bool) -> Iterator[Row]:
    """Open, edit and plan notebooks of several sizes in a live kernel."""
    sizes = (20, 40, 80) if tiny else (100, 1_000, 10_000)
    with closing(ReactiveKernel()) as kernel:
        kernel.wait_until_ready()
        kernel.open(chain(10, "first"))
        registered = peers.marimo(sizes[:2])
        for kind, make in KINDS.items():
            yield from _opened(kernel, kind, make, sizes, registered if kind == "chain" else {})
        yield from _changed(kernel, sizes[1:], peers)
        yield from _planned(kernel, sizes[-1])


def _opened(
    kernel: ReactiveKernel,
    kind: str,
    make: Callable[[int, str], list[Cell]],
    sizes: tuple[int, ...],
    peers: dict[int, dict[str, Samples]],
) -> Iterator[Row]:
    by_size: dict[int, Samples] = {}
    for size in sizes:
        ours, parse = Samples(), Samples()
        for number in range(5 if size < 5_000 else 3):
            cells = make(size, f"{kind[0]}{size}_{number}")
            parse.values.append(_parse(cells))
            kernel.ask({"type": "replace", "cells": []})
            answer = kernel.open(cells)
            ours.values.append(answer.seconds)
        by_size[size] = ours
        sides = {OURS: ours, "ast.parse": parse}
        if size in peers:
            sides["marimo's graph"] = peers[size]["register"]
        name = f"open {size:,} cells, {kind}"
        yield ratio(name, sides, "ast.parse", OPEN_AIMS[kind], curve=(f"open, {kind}", size))
    larger = {size: by_size[size] for size in sizes[-2:]}
    yield growth(f"growth of opening, {kind}", larger, LINEAR)


def _parse(cells: list[Cell]) -> float:
    """Return how long it takes to parse cells, but those that hold IPython's syntax."""
    gc.collect()
    start = time.perf_counter()
    for cell in cells:
        with suppress(SyntaxError):
            ast.parse(cell.source)
    return time.perf_counter() - start


def _changed(kernel: ReactiveKernel, sizes: tuple[int, ...], peers: Peers) -> Iterator[Row]:
    times: dict[str, dict[int, Samples]] = {}
    sent, received = Samples(), Samples()
    for size in sizes:
        cells = chain(size, f"changed{size}")
        kernel.ask({"type": "replace", "cells": []})
        kernel.open(cells)
        for number in range(min(40, size // 4)):
            for what, operation in _operations(cells, number):
                answer = kernel.ask({"type": "edit", "ops": [operation]})
                samples = times.setdefault(what, {}).setdefault(size, Samples())
                samples.values.append(answer.seconds)
                if what == "edit" and size == sizes[-1]:
                    sent.values.append(float(answer.sent))
                    received.values.append(float(answer.received))
    edited = peers.marimo(sizes[:1])
    for what, by_size in times.items():
        for size, samples in by_size.items():
            sides = {OURS: samples}
            if what == "edit" and size in edited:
                sides["marimo's graph"] = edited[size]["edit"]
            most = 0.005 if size == sizes[-1] else None
            yield value(f"{what} one cell in {size:,}", sides, most, curve=(what, size))
        yield growth(f"growth of: {what} one cell", by_size, 0.15)
    yield value("message of one edit", {OURS: sent}, 2_000, "B")
    yield value("reply and events of one edit", {OURS: received}, 2_000, "B")


def _operations(cells: list[Cell], number: int) -> Iterator[tuple[str, dict[str, object]]]:
    """Yield one operation of each kind, which together leave the same cells and a new source."""
    place = len(cells) // 2 + number
    cell, made = cells[place], Cell(f"made-{number}", f"{cells[place].source}\nmade = {number}")
    source = f"{cell.source} + {number}"
    yield "edit", {"op": "update_cell", "cell_id": cell.id, "source": source}
    yield "create", {"op": "create_cell", "cell": made.message(), "index": place + 1}
    yield "move", {"op": "move_cell", "cell_id": made.id, "index": place - 1}
    yield "delete", {"op": "delete_cell", "cell_id": made.id}


def _planned(kernel: ReactiveKernel, size: int) -> Iterator[Row]:
    """Plan the run of the first cell of a chain that has run, after an edit of it."""
    cells = chain(size, "planned")
    kernel.ask({"type": "replace", "cells": []})
    kernel.open(cells)
    sources = {cell.id: cell.source for cell in cells}
    kernel.run([cell.id for cell in cells], sources)
    samples = Samples()
    for number in range(5):
        edit = {"op": "update_cell", "cell_id": cells[0].id, "source": f"planned_0 = {number + 1}"}
        kernel.ask({"type": "edit", "ops": [edit]})
        answer: Answer = kernel.ask({"type": "run", "cells": [cells[0].id]})
        assert len(answer.data["plan"]) == size
        samples.values.append(answer.seconds)
        kernel.ask({"type": "cancel", "run": answer.data["run"]})
    yield value(f"plan for a run of the first of {size:,} cells", {OURS: samples}, 0.050)
