"""Cells that put something in the place of standard output, or log to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from protocol.player import Cell, Kernel, Player


@pytest.fixture
def kernel() -> Iterator[Kernel]:
    kernel = Kernel()
    yield kernel
    kernel.close()


def outputs(player: Player) -> list[list[tuple[str, ...]]]:
    assert {player.state(cell) for cell in player.cells} == {"fresh"}
    return [cell.outputs for cell in player.cells]


@pytest.mark.parametrize(
    "redirect",
    [
        ("sys.stdout = buffer", "sys.stdout = real"),
        ("redirected = redirect_stdout(buffer)\nredirected.__enter__();", "redirected.__exit__();"),
    ],
)
def test_what_is_printed_goes_where_run_all_has_it_go(
    kernel: Kernel, redirect: tuple[str, str]
) -> None:
    begin, end = (line.replace("__exit__()", "__exit__(*[None] * 3)") for line in redirect)
    sources = [
        "import io, sys\nfrom contextlib import redirect_stdout\nreal = sys.stdout",
        f"buffer = io.StringIO()\n{begin}",
        "print('one')",
        end,
        "buffer.getvalue()",
    ]
    player = Player(kernel.connect(), [Cell(source) for source in sources], mode="auto")
    player.run("all")
    assert outputs(player) == [[], [], [], [], [("execute_result", "'one\\n'")]]
    player.update(player.cells[2], "print('two')")
    for cell in player.cells[1:4]:
        player.run([cell])
        player.run("stale")
        assert outputs(player) == [[], [], [], [], [("execute_result", "'two\\n'")]]
    player.update(player.cells[1], "buffer = io.StringIO()")
    player.update(player.cells[3], "pass")
    player.run("stale")
    assert outputs(player) == [[], [], [("stdout", "two\n")], [], [("execute_result", "''")]]


def test_a_handler_on_standard_output_is_as_the_cells_above_leave_it(kernel: Kernel) -> None:
    sources = [
        (
            "import logging, sys\nlog = logging.getLogger('app')\n"
            "log.addHandler(logging.StreamHandler(sys.stdout))"
        ),
        "log.error('one')",
        "log.handlers[0].setFormatter(logging.Formatter('new %(message)s'))",
        "log.error('two')",
    ]
    player = Player(kernel.connect(), [Cell(source) for source in sources], mode="auto")
    player.run("all")
    for _ in range(2):
        assert outputs(player) == [[], [("stdout", "one\n")], [], [("stdout", "new two\n")]]
        player.run([player.cells[1]])
        player.run("stale")
    player.update(player.cells[2], "pass")
    player.run("stale")
    assert outputs(player) == [[], [("stdout", "one\n")], [], [("stdout", "two\n")]]


def test_who_logs_to_it_does_not_make_others_run(kernel: Kernel) -> None:
    first = "import logging\nlogging.basicConfig(level='INFO')\nlog = logging.getLogger('x')"
    sources = [first, "log.info('one')", "log.info('two')"]
    player = Player(kernel.connect(), [Cell(source) for source in sources], mode="auto")
    player.run("all")
    player.run([player.cells[1]])
    assert [cell.runs for cell in player.cells] == [1, 2, 1]


OF_THE_KERNEL = {
    "standard output": ["import sys\nreal = sys.stdout", "real.flush()", "real.encoding"],
    "a widget": ["import ipywidgets as w\ns = w.IntSlider()", "s.value = 8", "s.value"],
    "a thread": [
        "import threading\nt = threading.Thread(target=print)\nt.start()",
        "t.join()",
        "t.is_alive()",
    ],
    "a task": [
        "import asyncio\nasync def f():\n    return 1\nt = asyncio.create_task(f())",
        "await t",
        "t.done()",
    ],
    "the shell": ["ip = get_ipython()", "ip.push({'m': 1})", "m"],
}

LARGEST = """
import gc
from reactive_kernel.versions import Version
max(len(thing.parts) for thing in gc.get_objects() if type(thing) is Version)
"""


@pytest.mark.parametrize("name", OF_THE_KERNEL)
def test_a_value_that_leads_to_the_kernel_ends_there(kernel: Kernel, name: str) -> None:
    """Else all that was ever looked at would be a part of it, and of what is looked at next."""
    cells = [Cell(source) for source in OF_THE_KERNEL[name]]
    player = Player(kernel.connect(), cells, mode="auto")
    for _ in range(2):
        player.run("all")
        outputs(player)
        [(_, largest)] = player.type_in_console(LARGEST)
        assert int(largest) < 5_000


def test_who_reads_a_widget_does_not_make_it_anew(kernel: Kernel) -> None:
    sources = ["import ipywidgets as w\ns = w.IntSlider()", "print(s.value)"]
    player = Player(kernel.connect(), [Cell(source) for source in sources], mode="auto")
    player.run("all")
    player.run([player.cells[1]])
    assert [cell.runs for cell in player.cells] == [1, 2]
