"""Other reactive kernels, in environments of their own."""

from __future__ import annotations

import json
import subprocess
import venv
from collections.abc import Sequence
from pathlib import Path

from rows import Samples

FOLDER = Path(__file__).parent

LIBRARIES = ("ipykernel", "numpy", "pandas", "scikit-learn")
"""What the notebooks use that are run in a peer's kernel."""


class Peers:
    """The peers, installed when they are first asked for.

    Parameters
    ----------
    folder : Path or None
        Where their environments are kept; None for no peers at all.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._marimo: dict[int, dict[str, Samples]] = {}

    def __bool__(self) -> bool:
        return self._folder is not None

    def python(self, package: str) -> Path:
        """Return the Python of the environment that has a package."""
        assert self._folder is not None
        environment = self._folder / package
        python = environment / "bin" / "python"
        if not (environment / "installed").exists():
            venv.create(environment, with_pip=True, clear=True)
            command = [python, "-m", "pip", "install", "--quiet", package, *LIBRARIES]
            subprocess.run(command, check=True)
            (environment / "installed").touch()
        return python

    def version(self, package: str) -> str:
        code = f"import importlib.metadata as m; print(m.version({package!r}))"
        command = [self.python(package), "-c", code]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def specs(self, package: str) -> Path:
        """Return where the specification of a peer's kernel is."""
        python = self.python(package)
        folder = python.parents[1] / "specs"
        (folder / package).mkdir(parents=True, exist_ok=True)
        spec = {
            "argv": [str(python), "-m", f"{package}.kernel", "-f", "{connection_file}"],
            "display_name": package,
            "language": "python",
        }
        (folder / package / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
        return folder

    def marimo(self, sizes: Sequence[int]) -> dict[int, dict[str, Samples]]:
        """Return how long marimo's graph takes over chains of cells, by their size.

        ``register`` is to compile all cells and take them into the graph, ``edit`` to replace the
        last one.
        """
        if not self:
            return {}
        missing = [str(size) for size in sizes if size not in self._marimo]
        if missing:
            command = [self.python("marimo"), FOLDER / "marimo_graph.py", *missing]
            ended = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
            for size, times in json.loads(ended.stdout).items():
                self._marimo[int(size)] = {what: Samples(each) for what, each in times.items()}
        return {size: self._marimo[size] for size in sizes}
