"""What `pip install .` of a clean checkout puts in place."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import reactive_kernel

from .conftest import ROOT, Demo

EXTENSION = "share/jupyter/labextensions/@reactive-kernel/labextension"
KERNEL = "share/jupyter/kernels/reactive"

pytestmark = pytest.mark.timeout(900)


def installed(demo: Demo) -> list[str]:
    """Return what belongs to the package, by its paths from where packages are."""
    (record,) = demo.prefix.glob("lib/python*/site-packages/reactive_kernel-*.dist-info/RECORD")
    return [line.split(",")[0] for line in record.read_text().splitlines()]


def test_the_package_is_there_without_the_shared_files(demo: Demo) -> None:
    names = [name for name in installed(demo) if not name.endswith(".pyc")]
    assert "reactive_kernel/__main__.py" in names
    shared = ("reactive_kernel/labextension", "reactive_kernel/kernelspec")
    assert not [n for n in names if n.startswith(shared)]
    jsons = [n for n in names if n.startswith("reactive_kernel/") and n.endswith(".json")]
    assert jsons == ["reactive_kernel/locale/de_DE/LC_MESSAGES/reactive_kernel.json"]
    assert not [n for n in names if "node_modules" in n or n.startswith("tests/")]


def test_kernelspec(demo: Demo) -> None:
    listed = json.loads(demo.run("jupyter", "kernelspec", "list", "--json").stdout)
    spec = listed["kernelspecs"]["reactive"]
    assert Path(spec["resource_dir"]) == demo.prefix / KERNEL
    assert spec["spec"]["display_name"] == "Python 3 (reactive)"
    assert spec["spec"]["argv"][1:3] == ["-m", "reactive_kernel"]
    assert {"kernel.json", "logo-svg.svg", "logo-32x32.png", "logo-64x64.png"} == {
        path.name for path in (demo.prefix / KERNEL).iterdir()
    }


def test_extension_is_built_for_production(demo: Demo) -> None:
    package = json.loads((demo.prefix / EXTENSION / "package.json").read_text())
    build = package["jupyterlab"]["_build"]
    assert (demo.prefix / EXTENSION / build["load"]).is_file()
    assert not list((demo.prefix / EXTENSION).rglob("*.map"))
    assert (demo.prefix / EXTENSION / "install.json").is_file()


def test_jupyterlab_finds_the_extension_enabled_and_ok(demo: Demo) -> None:
    listed = demo.run("jupyter", "labextension", "list").stderr
    (line,) = [line for line in listed.splitlines() if "@reactive-kernel/labextension" in line]
    assert "enabled" in line
    assert "OK" in line
    assert str(demo.prefix) in listed


def test_jupyter_server_finds_its_extension_enabled_and_ok(demo: Demo) -> None:
    listed = demo.run("jupyter", "server", "extension", "list")
    lines = (listed.stdout + listed.stderr).splitlines()
    found = [line for line in lines if "reactive_kernel.server" in line]
    assert any("enabled" in line for line in found)
    assert any("OK" in line for line in found)


def test_nothing_but_the_extension_needs_jupyter_server(demo: Demo) -> None:
    code = (
        "import sys; sys.modules['jupyter_server'] = None; "
        "import reactive_kernel.kernel, reactive_kernel.session, reactive_kernel.client, "
        "reactive_kernel.server"
    )
    demo.run("python", "-I", "-c", code)


def test_jupyter_reactive(demo: Demo) -> None:
    assert "run" in demo.run("jupyter-reactive", "--help").stdout


def test_one_version() -> None:
    package = json.loads((ROOT / "labextension/package.json").read_text())
    lock = json.loads((ROOT / "labextension/package-lock.json").read_text())
    assert package["version"] == lock["version"] == reactive_kernel.__version__


def test_lock_names_no_host() -> None:
    lock = (ROOT / "labextension/package-lock.json").read_text()
    assert "http:" not in lock
    assert "https:" not in lock
