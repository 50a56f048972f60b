"""What the demo's two files say is done in an empty environment, and leads to the example."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]

PROVIDED = ("python", "pip")
"""What an environment of Python's own has already."""

pytestmark = pytest.mark.timeout(900)


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


@pytest.fixture(scope="module")
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


def test_python_is_one_that_the_project_supports() -> None:
    described = yaml.safe_load((ROOT / "binder/environment.yml").read_text())
    [python] = [name for name in described["dependencies"] if name.startswith("python=")]
    assert tuple(int(part) for part in python.split("=")[1].split(".")) >= (3, 10)


def test_the_kernel_is_there(demo: Demo) -> None:
    listed = json.loads(demo.run("jupyter", "kernelspec", "list", "--json").stdout)
    spec = listed["kernelspecs"]["reactive"]
    assert spec["spec"]["display_name"] == "Python 3 (reactive)"
    assert Path(spec["resource_dir"]).is_relative_to(demo.prefix)


def test_the_extension_is_enabled(demo: Demo) -> None:
    listed = demo.run("jupyter", "labextension", "list")
    [line] = [line for line in listed.stderr.splitlines() if "@reactive-kernel" in line]
    assert "enabled" in line
    assert "OK" in line


def test_jupyterlab_opens_the_example(demo: Demo) -> None:
    config = json.loads(demo.run("jupyter", "lab", "--show-config-json").stdout)
    opened = config["LabApp"]["default_url"]
    assert opened == config["ServerApp"]["default_url"]
    example = demo.checkout / opened.removeprefix("/lab/tree/")
    kernel = json.loads(example.read_text(encoding="utf-8"))["metadata"]["kernelspec"]["name"]
    assert kernel == "reactive"


def test_the_example_runs_there(demo: Demo) -> None:
    demo.run("jupyter", "reactive", "run", "examples/first_steps.ipynb")
    demo.run("jupyter", "reactive", "run", "examples/wine.ipynb", "--cells", "best")


def test_this_python_has_lent_nothing(demo: Demo) -> None:
    where = demo.run("python", "-I", "-c", "import reactive_kernel as r; print(r.__file__)").stdout
    assert not Path(where).is_relative_to(ROOT)
    assert sys.prefix not in where
