"""A process that has the large libraries loaded and forks plain kernels, each fresh and ready.

Run as a script. Each line of its input is the JSON of a kernel to start: its connection file and
its folder. When the input ends it ends, and its kernels with it.

Only modules are loaded that keep no state which a notebook could see: not `matplotlib.pyplot`,
which asks what runs it for a backend.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import signal
import sys

import pandas as pd
from ipykernel.kernelapp import IPKernelApp

MODULES = (
    "ipykernel.ipkernel",
    "matplotlib.backends.backend_agg",
    "matplotlib.figure",
    "networkx",
    "numpy",
    "pandas",
    "scipy.sparse.linalg",
    "scipy.stats",
    "sklearn.cluster",
    "sklearn.compose",
    "sklearn.datasets",
    "sklearn.decomposition",
    "sklearn.ensemble",
    "sklearn.linear_model",
    "sklearn.model_selection",
    "sklearn.pipeline",
)


def become_a_kernel(connection_file: str, folder: str) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    parent = os.getppid()
    os.chdir(folder)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    app = IPKernelApp.instance()
    app.initialize(["-f", connection_file, f"--IPKernelApp.parent_handle={parent}"])
    app.start()


INLINE = "module://matplotlib_inline.backend_inline"
"""The backend that a kernel names before matplotlib is imported."""


def main() -> None:
    os.environ["MPLBACKEND"] = INLINE
    for module in MODULES:
        importlib.import_module(module)
    del os.environ["MPLBACKEND"]
    # Imported by a kernel, pandas does not fit frames to a terminal.
    pd.set_option("display.max_columns", 20)
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    # Not through `sys.stdin`, whose buffer a fork would copy.
    pending = b""
    while chunk := os.read(0, 65536):
        *lines, pending = (pending + chunk).split(b"\n")
        for line in lines:
            if os.fork() == 0:
                sys.argv = ["ipykernel_launcher"]
                become_a_kernel(**json.loads(line))
                os._exit(0)


if __name__ == "__main__":
    main()
