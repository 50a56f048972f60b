"""What the demo's two files say leads to the example."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
import yaml

from .conftest import ROOT, Demo

pytestmark = pytest.mark.timeout(900)


def test_python_is_one_that_the_project_supports() -> None:
    described = yaml.safe_load((ROOT / "binder/environment.yml").read_text())
    [python] = [name for name in described["dependencies"] if name.startswith("python=")]
    assert tuple(int(part) for part in python.split("=")[1].split(".")) >= (3, 10)


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
