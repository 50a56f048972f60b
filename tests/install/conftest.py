"""An empty environment in which what the binder folder says is done, from a clean checkout."""

from __future__ import annotations

import os
import shutil
import subprocess
import venv
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]

PROVIDED = ("python", "pip")
"""What an environment of Python's own has already."""


class Demo:
    """A copy of the checkout, and the environment that its binder folder describes."""

    def __init__(self, folder: Path):
        self.checkout = folder / "checkout"
        self.prefix = folder / "environment"
        own = {f"JUPYTER_{kind}_DIR": str(folder / kind) for kind in ("CONFIG", "DATA", "RUNTIME")}
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("JUPYTER", "PYTHON", "VIRTUAL_ENV"))
        }
        path = f"{self.prefix / 'bin'}{os.pathsep}{os.environ['PATH']}"
        # What is never imported here need not be compiled.
        self.environment = {**inherited, **own, "PATH": path, "PIP_NO_COMPILE": "1"}

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the environment in the checkout."""
        done = subprocess.run(
            command,
            cwd=self.checkout,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command} failed:\n{done.stdout}\n{done.stderr}"
        return done


def copy_checkout(target: Path) -> None:
    """Copy what a clone would hold, with what is not committed yet."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target / name)


@pytest.fixture(scope="package")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    demo = Demo(tmp_path_factory.mktemp("binder"))
    copy_checkout(demo.checkout)
    venv.create(demo.prefix, with_pip=True)
    described = yaml.safe_load((demo.checkout / "binder/environment.yml").read_text())
    packages = [name for name in described["dependencies"] if name.split("=")[0] not in PROVIDED]
    if packages:
        demo.run("python", "-m", "pip", "install", *packages)
    demo.run("binder/postBuild")
    return demo
