"""The command `jupyter reactive`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import nbformat
from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
from nbclient.exceptions import CellTimeoutError
from nbformat.reader import NotJSONError

from reactive_kernel import __version__

from .exceptions import KernelNotReactiveError, NotebookRunError, RefusedError
from .notebook_client import ReactiveNotebookClient, cell_ids


class CommandError(Exception):
    """What the user asked for cannot be done."""


def main(argv: list[str] | None = None) -> int:
    """Carry out the command line.

    Parameters
    ----------
    argv : list of str or None
        The arguments, by default those of the process.

    Returns
    -------
    int
        0 if all went well, 1 if cells failed, 2 if the notebook could not be run.
    """
    options = parser().parse_args(argv)
    try:
        return run(options)
    except (CommandError, KernelNotReactiveError, RefusedError) as error:
        say(f"{options.notebook}: {error}")
        return 2


def parser() -> argparse.ArgumentParser:
    """Build the parser of the command line.

    Returns
    -------
    argparse.ArgumentParser
        The parser.
    """
    top = argparse.ArgumentParser(
        prog="jupyter reactive", description="Work with notebooks of the reactive kernel."
    )
    top.add_argument("--version", action="version", version=__version__)
    command = top.add_subparsers(metavar="COMMAND", required=True).add_parser(
        "run",
        help="run a notebook file",
        description=(
            "Run a notebook file. Where a cell fails, everything that does not depend on it is "
            "run all the same; the failing cells are named in the end, and the exit code is 1."
        ),
    )
    command.add_argument("notebook", metavar="NOTEBOOK", help="the notebook file")
    command.add_argument(
        "--cells",
        metavar="ID",
        nargs="+",
        default=[],
        help="run these cells, with what they need, and leave the others as they are",
    )
    target = command.add_mutually_exclusive_group()
    target.add_argument(
        "--output",
        metavar="NAME",
        help="write the notebook that was run to this file, relative to NOTEBOOK's folder; "
        "'{notebook_name}' in it stands for the name of NOTEBOOK",
    )
    target.add_argument(
        "--inplace", action="store_true", help="write the notebook that was run to NOTEBOOK"
    )
    command.add_argument(
        "--kernel-name",
        "--kernel_name",
        default="",
        metavar="NAME",
        help="the kernel to run it with, by default the one that the notebook names",
    )
    command.add_argument(
        "--timeout",
        type=int,
        metavar="SECONDS",
        help="how long one cell may take, by default as long as it wants",
    )
    command.add_argument(
        "--startup-timeout",
        "--startup_timeout",
        type=int,
        default=60,
        metavar="SECONDS",
        help="how long the kernel may take to start (default: 60)",
    )
    command.add_argument(
        "--allow-errors", action="store_true", help="exit with 0 even if cells failed"
    )
    return top


def run(options: argparse.Namespace) -> int:
    """Run a notebook file and write it as the options say.

    Parameters
    ----------
    options : argparse.Namespace
        The parsed command line.

    Returns
    -------
    int
        0 if all cells ran, 1 if some failed.

    Raises
    ------
    CommandError
        If the notebook cannot be read or written, or the kernel cannot be started.
    """
    path = Path(options.notebook).with_suffix(".ipynb")
    target = output_path(path, options)
    notebook = read(path)
    unknown = set(options.cells) - set(cell_ids(notebook.cells))
    if unknown:
        raise CommandError(f"there is no cell with the id {', '.join(sorted(unknown))}")
    kernel_name = options.kernel_name or kernel_of(notebook)
    try:
        KernelSpecManager().get_kernel_spec(kernel_name)
    except NoSuchKernel as error:
        raise CommandError(
            f"there is no kernel named {kernel_name!r}; 'jupyter kernelspec list' shows those "
            "there are, and --kernel-name chooses one"
        ) from error
    client = ReactiveNotebookClient(
        notebook,
        cells=options.cells,
        path=path.name,
        timeout=options.timeout,
        startup_timeout=options.startup_timeout,
        allow_errors=options.allow_errors,
        kernel_name=kernel_name,
        resources={"metadata": {"path": str(path.parent.absolute())}},
    )
    say(f"Executing {path}")
    failed = False
    try:
        client.execute()
    except NotebookRunError as error:
        report(path, error)
        failed = True
    except CellTimeoutError as error:
        say(f"{path}: {error}")
        failed = True
    if target is not None:
        say(f"Save executed results to {target}")
        nbformat.write(notebook, target)  # type: ignore[no-untyped-call]
    return int(failed)


def output_path(path: Path, options: argparse.Namespace) -> Path | None:
    """Where the notebook is to be written.

    Parameters
    ----------
    path : pathlib.Path
        The file that is run.
    options : argparse.Namespace
        The parsed command line.

    Returns
    -------
    pathlib.Path or None
        The file to write, None if there is none.

    Raises
    ------
    CommandError
        If its folder does not exist.
    """
    if options.inplace:
        return path
    if options.output is None:
        return None
    name: str = options.output.format(notebook_name=path.stem)
    target: Path = (path.parent / name).with_suffix(".ipynb")
    if not target.parent.is_dir():
        raise CommandError(f"cannot write to {target}: there is no folder {target.parent}")
    return target


def read(path: Path) -> nbformat.NotebookNode:
    """Read a notebook file.

    Parameters
    ----------
    path : pathlib.Path
        The file.

    Returns
    -------
    nbformat.NotebookNode
        The notebook.

    Raises
    ------
    CommandError
        If the file cannot be read as a notebook.
    """
    try:
        notebook: nbformat.NotebookNode = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    except FileNotFoundError as error:
        raise CommandError(f"there is no file {path}") from error
    except (OSError, NotJSONError, nbformat.ValidationError) as error:
        raise CommandError(f"it cannot be read as a notebook: {error}") from error
    return notebook


def kernel_of(notebook: nbformat.NotebookNode) -> str:
    """Name the kernel of a notebook.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        The notebook.

    Returns
    -------
    str
        The kernel that its metadata name, or else the reactive one.
    """
    name: str = notebook.metadata.get("kernelspec", {}).get("name", "reactive")
    return name


def report(path: Path, error: NotebookRunError) -> None:
    """Say which cells failed and which were not run for it.

    Parameters
    ----------
    path : pathlib.Path
        The notebook file.
    error : NotebookRunError
        What went wrong.
    """
    say(f"{path}: not every cell ran")
    for line in str(error).splitlines():
        say(f"  {line}")


def say(text: str) -> None:
    """Write a line to stderr.

    Parameters
    ----------
    text : str
        The line.
    """
    sys.stderr.write(f"[jupyter-reactive] {text}\n")


if __name__ == "__main__":
    sys.exit(main())
