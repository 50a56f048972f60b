"""How soon an edit is answered while a cell computes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing

from kernels import Cell, ReactiveKernel
from peers import Peers
from rows import OURS, Row, Samples, value
from sources import chain

NUMPY = """
import time
import numpy as np
a = np.random.rand(700, 700)
end = time.monotonic() + {seconds}
while time.monotonic() < end:
    b = a @ a
"""

COMPUTING = {
    "sleeps": ("import time\ntime.sleep({seconds})", 0.020),
    "runs a Python loop": (
        "import time\nend = time.monotonic() + {seconds}\nwhile time.monotonic() < end:\n    pass",
        0.150,
    ),
    "computes with NumPy": (NUMPY, 0.050),
}


def measure(_peers: Peers, *, tiny: bool) -> Iterator[Row]:
    """Edit a cell again and again while another one runs, over a subshell as JupyterLab does."""
    seconds = 0.5 if tiny else 6
    for what, (source, most) in COMPUTING.items():
        with closing(ReactiveKernel()) as kernel:
            kernel.wait_until_ready()
            kernel.use_subshell()
            busy = Cell("busy", source.format(seconds=seconds))
            cells = [*chain(20, "edited"), busy]
            kernel.open(cells)
            for cell in cells[:-1]:
                kernel.execute(cell.source, cell.id)
            end = time.monotonic() + seconds
            msg_id = kernel.send_cell(busy.source, busy.id)
            samples = Samples()
            while time.monotonic() < end - 0.3:
                text = f"edited_19 = edited_18 + {len(samples.values)}"
                edit = {"op": "update_cell", "cell_id": cells[19].id, "source": text}
                samples.values.append(kernel.ask({"type": "edit", "ops": [edit]}).seconds)
                time.sleep(0.02)
            kernel.wait_for(msg_id)
        yield value(f"answer to an edit while a cell {what}", {OURS: samples}, most)
