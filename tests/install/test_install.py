"""What `pip install .` of a clean checkout puts in place."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from fnmatch import fnmatch
from pathlib import Path

import pytest

import reactive_kernel

ROOT = Path(__file__).parents[2]
EXTENSION = "share/jupyter/labextensions/@reactive-kernel/labextension"
KERNEL = "share/jupyter/kernels/reactive"


def run(*command: str | Path, **options: object) -> str:
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=600, check=False, **options
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of this checkout without what was made in it."""
    ignored = (ROOT / ".gitignore").read_text().split()
    names = {name.rstrip("/") for name in [*ignored, ".git"]}

    def made(folder: str, children: list[str]) -> set[str]:
        inside = Path(folder).relative_to(ROOT)
        return {
            child
            for child in children
            if any(fnmatch(child, name) or fnmatch(str(inside / child), name) for name in names)
        }

    folder = tmp_path_factory.mktemp("clean") / "checkout"
    return Path(shutil.copytree(ROOT, folder, ignore=made))


@pytest.fixture(scope="module")
def wheel(checkout: Path) -> zipfile.ZipFile:
    """The wheel, built as pip does it, but with the Node packages that are here."""
    modules = ROOT / "labextension/node_modules"
    if modules.is_dir() and modules.stat().st_dev == checkout.stat().st_dev:
        run("cp", "-al", modules, checkout / "labextension/node_modules")
    run(sys.executable, "-m", "pip", "wheel", "--no-deps", "--wheel-dir", "dist", ".", cwd=checkout)
    (path,) = (checkout / "dist").glob("reactive_kernel-*.whl")
    return zipfile.ZipFile(path)


@pytest.fixture(scope="module")
def prefix(wheel: zipfile.ZipFile, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that the wheel is installed in, with nothing beside it."""
    folder = tmp_path_factory.mktemp("prefix")
    # Without `--ignore-installed`, pip would uninstall the checkout that the tests run on.
    install = ["pip", "install", "--ignore-installed", "--no-deps", "--no-compile"]
    run(sys.executable, "-m", *install, "--prefix", folder, wheel.filename)
    return folder


@pytest.fixture(scope="module")
def environment(prefix: Path) -> dict[str, str]:
    """An environment in which only what is in the prefix is found, before all else."""
    variables = {"base": str(prefix), "platbase": str(prefix)}
    packages = sysconfig.get_path("purelib", "posix_prefix", variables)
    return {
        **os.environ,
        "PYTHONPATH": packages,
        "JUPYTER_PATH": str(prefix / "share/jupyter"),
        "JUPYTER_DATA_DIR": str(prefix / "data"),
        "JUPYTER_CONFIG_DIR": str(prefix / "config"),
    }


def test_wheel_holds_the_package_without_the_shared_files(wheel: zipfile.ZipFile) -> None:
    names = wheel.namelist()
    assert "reactive_kernel/__main__.py" in names
    shared = ("reactive_kernel/labextension", "reactive_kernel/kernelspec")
    assert not [n for n in names if n.startswith(shared)]
    jsons = [n for n in names if n.startswith("reactive_kernel/") and n.endswith(".json")]
    assert jsons == ["reactive_kernel/locale/de_DE/LC_MESSAGES/reactive_kernel.json"]
    assert not [n for n in names if "node_modules" in n or n.startswith("tests/")]


def test_kernelspec(prefix: Path) -> None:
    spec = json.loads((prefix / KERNEL / "kernel.json").read_text())
    assert spec["display_name"] == "Python 3 (reactive)"
    assert spec["argv"][1:3] == ["-m", "reactive_kernel"]
    assert {"kernel.json", "logo-svg.svg", "logo-32x32.png", "logo-64x64.png"} == {
        path.name for path in (prefix / KERNEL).iterdir()
    }


def test_extension_is_built_for_production(prefix: Path) -> None:
    package = json.loads((prefix / EXTENSION / "package.json").read_text())
    build = package["jupyterlab"]["_build"]
    assert (prefix / EXTENSION / build["load"]).is_file()
    assert not list((prefix / EXTENSION).rglob("*.map"))
    assert (prefix / EXTENSION / "install.json").is_file()


def test_jupyterlab_finds_the_extension_enabled_and_ok(
    prefix: Path, environment: dict[str, str]
) -> None:
    listed = run(sys.executable, "-m", "jupyter", "labextension", "list", env=environment)
    (line,) = [line for line in listed.splitlines() if "@reactive-kernel/labextension" in line]
    assert "enabled" in line
    assert "OK" in line
    assert str(prefix) in listed


def test_jupyter_server_finds_its_extension_enabled_and_ok(
    prefix: Path, environment: dict[str, str]
) -> None:
    config = {"JUPYTER_CONFIG_DIR": str(prefix / "etc/jupyter")}
    command = (sys.executable, "-m", "jupyter", "server", "extension", "list")
    listed = run(*command, env={**environment, **config})
    lines = [line for line in listed.splitlines() if "reactive_kernel.server" in line]
    assert any("enabled" in line for line in lines)
    assert any("OK" in line for line in lines)


def test_nothing_but_the_extension_needs_jupyter_server(environment: dict[str, str]) -> None:
    code = (
        "import sys; sys.modules['jupyter_server'] = None; "
        "import reactive_kernel.kernel, reactive_kernel.session, reactive_kernel.client, "
        "reactive_kernel.server"
    )
    run(sys.executable, "-c", code, env=environment)


def test_jupyter_finds_the_kernel(prefix: Path, environment: dict[str, str]) -> None:
    command = [sys.executable, "-m", "jupyter", "kernelspec", "list", "--json"]
    found = subprocess.run(command, env=environment, capture_output=True, check=True, timeout=60)
    specs = json.loads(found.stdout)["kernelspecs"]
    assert specs["reactive"]["resource_dir"] == str(prefix / KERNEL)


def test_jupyter_reactive(prefix: Path, environment: dict[str, str]) -> None:
    assert "run" in run(prefix / "bin/jupyter-reactive", "--help", env=environment)


def test_one_version() -> None:
    package = json.loads((ROOT / "labextension/package.json").read_text())
    lock = json.loads((ROOT / "labextension/package-lock.json").read_text())
    assert package["version"] == lock["version"] == reactive_kernel.__version__


def test_lock_names_no_host() -> None:
    lock = (ROOT / "labextension/package-lock.json").read_text()
    assert "http:" not in lock
    assert "https:" not in lock
