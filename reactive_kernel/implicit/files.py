"""Files that cells write and others read: one name each, ``file:PATH``.

What a cell opens, lists, makes, renames or removes is heard of through Python's audit events
(PEP 578). A file is never restored: its version says what was in it.
"""

from __future__ import annotations

import importlib.util
import io
import os
import stat
import sys
import sysconfig
import tempfile
import threading
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import xxhash

from reactive_kernel.values import Step, inside_function, is_installed, levels

_LARGEST_COMPARED: Final = 64 * 2**20
_WRITING: Final = os.O_WRONLY | os.O_RDWR
_NOT_DATA: Final = (".pyi", ".so", ".pyd", ".dll", ".dylib")
_OF_JUPYTER: Final = ("IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_DATA_DIR", "MPLCONFIGDIR")
HOLD_FILES: Final = frozenset(
    {"_csv", "_io", "bz2", "codecs", "csv", "dbm", "fileinput", "gzip", "io", "logging", "lzma"}
    | {"mailbox", "shelve", "tarfile", "tempfile", "wave", "zipfile"}
)
"""Libraries whose values may hold open files."""

_HANDLES: Final = (io.TextIOWrapper, io.BufferedWriter, io.BufferedReader, io.BufferedRandom)
_IMPORTERS: Final = ("<frozen importlib", "<frozen zipimport", "<frozen runpy")
_LOOKS_AT_CODE: Final = (
    *("linecache.py", "tokenize.py", "inspect.py", "pkgutil.py"),
    "importlib/metadata/__init__.py",
)
_OF_PACKAGES: Final = (".py", "entry_points.txt", "METADATA")

Key = tuple[Any, ...] | None
"""What is in a file: equal for equal contents; None where there is none."""


@dataclass(slots=True)
class Accesses:
    """What one run did with files.

    Parameters
    ----------
    read : dict of str to Key
        The paths that it took something from, and what was there when it first did.
    written : dict of str to Key
        The paths that it may have changed, and what was there before.
    relative : bool
        Whether it named a file by a path that depends on the working directory.
    processes : bool
        Whether it has started a process, of which nothing is heard.
    """

    read: dict[str, Key] = field(default_factory=dict)
    written: dict[str, Key] = field(default_factory=dict)
    relative: bool = False
    processes: bool = False

    def take_read(self, path: str) -> None:
        """Take in that a path is opened to read, or listed."""
        if path not in self.read and path not in self.written:
            self.read[path] = stat_key(path)

    def take_written(self, path: str, *, keeps: bool) -> None:
        """Take in that a path is opened to write, made or removed.

        Parameters
        ----------
        path : str
            The path.
        keeps : bool
            Whether what it leaves depends on what was there.
        """
        if keeps:
            self.take_read(path)
        if path not in self.written:
            self.written[path] = stat_key(path)


class _Ear:
    """Hears audit events; an audit hook can never be taken out again, so there is one."""

    def __init__(self) -> None:
        self._accesses: Accesses | None = None
        self._others: set[int] = set()
        self._hearing: set[int] = set()
        self._is_installed = False

    def listen(self) -> Accesses:
        """Begin to take in what is done with files."""
        if not self._is_installed:
            self._is_installed = True
            # Not when it is first asked for: a hook may be called while a library holds a lock.
            _places_of_others()
            sys.addaudithook(_hook_of(self))
        # Threads of the kernel's own write its history and more meanwhile.
        self._others = {thread.ident or 0 for thread in threading.enumerate()}
        self._others.discard(threading.get_ident())
        self._accesses = Accesses()
        return self._accesses

    def take_read(self, path: str) -> None:
        """Take in a read that raises no event."""
        if self._accesses is not None:
            full = _path_of(self._accesses, path)
            if full is not None:
                self._accesses.take_read(full)

    def take_written(self, path: str) -> None:
        """Take in that a file is made anew, where that raises no event."""
        if self._accesses is not None:
            full = _path_of(self._accesses, path)
            if full is not None:
                self._accesses.take_written(full, keeps=False)
                _folder_of(self._accesses, full)

    @contextmanager
    def deaf(self) -> Iterator[None]:
        """Take in nothing meanwhile."""
        accesses, self._accesses = self._accesses, None
        try:
            yield
        finally:
            self._accesses = accesses

    def stop(self) -> None:
        """Take in nothing more."""
        self._accesses = None

    def hear(self, event: str, take: Callable[..., None], arguments: tuple[Any, ...]) -> None:
        """Take in an event that is about files."""
        accesses, thread = self._accesses, threading.get_ident()
        # What is done here, to understand an event, leads to events itself.
        if accesses is None or thread in self._others or thread in self._hearing:
            return
        self._hearing.add(thread)
        try:
            if not _is_for_code(event):
                take(accesses, *arguments)
        except Exception:
            # An exception here would be raised in the user's code; what cannot be understood
            # fails there by itself.
            pass
        finally:
            self._hearing.discard(thread)


EAR: Final = _Ear()


def _hook_of(ear: _Ear) -> Callable[[str, tuple[Any, ...]], None]:
    # Called for each event there is, and most are of no interest: nothing else is done for those.
    take_of, hear_it = _EVENTS.get, ear.hear

    def hear(event: str, arguments: tuple[Any, ...]) -> None:
        take = take_of(event)
        if take is not None:
            hear_it(event, take, arguments)

    return hear


def take_handles(accesses: Accesses, value: object) -> None:
    """Take in that a cell has files in hand that another one has opened, in what a value holds."""
    for level in levels(value, _step_to_handles):
        for part in level:
            if not issubclass(type(part), _HANDLES):
                continue
            try:
                name, mode = part.name, part.mode
            except (AttributeError, ValueError):
                # Text of what is no file of its own, such as one that is packed, or of nothing.
                continue
            path = _path_of(accesses, name) if isinstance(name, str) else None
            if path is not None and "r" in mode and "+" not in mode:
                accesses.take_read(path)
            elif path is not None:
                accesses.take_written(path, keeps=True)


def _step_to_handles(kind: type) -> Step:
    if kind is types.ModuleType or issubclass(kind, type):
        return None
    return inside_function if kind is types.FunctionType else "referents"


def stat_key(path: str) -> Key:
    """Tell what is at a path, by its size and time stamp, or the names in a folder.

    Returns
    -------
    Key
        None where there is nothing.
    """
    try:
        found = os.stat(path)
        if stat.S_ISDIR(found.st_mode):
            return ("folder", *sorted(os.listdir(path)))
    except OSError:
        return None
    return ("stamp", found.st_size, found.st_mtime_ns)


def content_key(path: str) -> Key:
    """Tell what is at a path, by its content where that is not too much."""
    key = stat_key(path)
    if key is None or key[0] == "folder" or key[1] > _LARGEST_COMPARED:
        return key
    try:
        content = Path(path).read_bytes()
    except OSError:
        return key
    return ("content", xxhash.xxh3_128_digest(content))


def _is_for_code(event: str) -> bool:
    """Tell whether a file is looked at to show code, or a folder to find a module in it."""
    frame: types.FrameType | None = sys._getframe(2)
    for _ in range(6):
        if frame is None:
            return False
        purpose = _purpose_of(frame.f_code)
        if purpose == "show" or (purpose == "import" and event != "open"):
            return True
        frame = frame.f_back
    return False


@lru_cache(maxsize=4096)
def _purpose_of(code: types.CodeType) -> str:
    """Tell what a function looks at files for, by where it stands."""
    if code.co_filename.startswith(_IMPORTERS):
        return "import"
    return "show" if code.co_filename.endswith(_LOOKS_AT_CODE) else ""


def _path_of(accesses: Accesses, given: object, folder_fd: object = -1) -> str | None:
    """Return the path that is meant, or None where it is nothing of the notebook's."""
    if not isinstance(given, str | bytes | os.PathLike) or folder_fd not in (-1, None):
        return None
    path = os.fsdecode(given)
    if path.endswith(".pyc") and path.startswith(_places_of_others()):
        # One import may read thousands of these: no link is followed.
        return None
    full = os.path.realpath(path)
    if full.endswith(".pyc"):
        # What Python has compiled stands for its source.
        full = importlib.util.source_from_cache(full)
    if full.endswith(_NOT_DATA) or full.startswith(_places_of_others()):
        return None
    if full.endswith(_OF_PACKAGES) and is_installed(os.path.dirname(full)):
        return None
    accesses.relative |= not os.path.isabs(path)
    return full


@lru_cache(maxsize=1)
def _places_of_others() -> tuple[str, ...]:
    """Return where the system, Python, its libraries and their caches have their files."""
    home = Path.home()
    places = {
        *("/proc", "/sys", "/dev", "/etc", "/usr"),
        *(str(home / name) for name in (".cache", ".config", ".local", ".ipython", ".jupyter")),
        *(os.environ[name] for name in _OF_JUPYTER if os.environ.get(name)),
        *(os.path.realpath(sysconfig.get_path(name)) for name in ("stdlib", "purelib", "platlib")),
        os.path.realpath(sys.prefix),
        os.path.realpath(sys.base_prefix),
        tempfile.gettempdir() + "/matplotlib-",
    }
    return tuple(place + ("" if place.endswith("-") else os.sep) for place in places)


def _open(accesses: Accesses, given: object, mode: object, flags: object) -> None:
    path = _path_of(accesses, given)
    if path is None or os.path.isdir(path):
        return
    mode = mode if isinstance(mode, str) else ""
    flags = flags if isinstance(flags, int) else 0
    if not set("wax+").isdisjoint(mode) or flags & _WRITING:
        renewed = "w" in mode or "x" in mode or bool(flags & (os.O_TRUNC | os.O_EXCL))
        accesses.take_written(path, keeps=not renewed)
        _folder_of(accesses, path)
    else:
        accesses.take_read(path)


def _folder_of(accesses: Accesses, path: str) -> None:
    folder = os.path.dirname(path)
    # Without it the cell fails, until one above makes it.
    accesses.take_written(folder, keeps=not os.path.isdir(folder))


def _list(accesses: Accesses, given: object = ".") -> None:
    path = _path_of(accesses, "." if given is None else given)
    if path is not None:
        accesses.take_read(path)


def _make(accesses: Accesses, given: object, folder_fd: object = -1) -> None:
    path = _path_of(accesses, given, folder_fd)
    if path is not None:
        accesses.take_written(path, keeps=False)
        _folder_of(accesses, path)


def _change(accesses: Accesses, given: object, folder_fd: object = -1) -> None:
    path = _path_of(accesses, given, folder_fd)
    if path is not None:
        accesses.take_written(path, keeps=True)
        _folder_of(accesses, path)


def _rename(accesses: Accesses, source: object, target: object, *folders: object) -> None:
    _change(accesses, source, *folders[:1])
    _make(accesses, target, *folders[1:])


def _connect(accesses: Accesses, given: object) -> None:
    if given != ":memory:":
        path = _path_of(accesses, given)
        if path is not None:
            accesses.take_written(path, keeps=True)


def _remove_tree(accesses: Accesses, given: object, folder_fd: object = None) -> None:
    path = _path_of(accesses, given, folder_fd)
    if path is None:
        return
    for folder, _, names in os.walk(path):
        accesses.take_written(folder, keeps=True)
        for name in names:
            accesses.take_written(os.path.join(folder, name), keeps=True)
    _folder_of(accesses, path)


def _start_process(accesses: Accesses, *_: object) -> None:
    accesses.processes = True


_EVENTS: Final[dict[str, Callable[..., None]]] = {
    "open": _open,
    "os.listdir": _list,
    "os.scandir": _list,
    "os.mkdir": lambda accesses, path, _mode, fd=-1: _make(accesses, path, fd),
    "os.rmdir": _change,
    "os.remove": _change,
    "os.truncate": lambda accesses, path, _length: _change(accesses, path),
    "os.rename": _rename,
    "os.link": _rename,
    "os.symlink": lambda accesses, _source, path, fd=-1: _make(accesses, path, fd),
    "shutil.rmtree": _remove_tree,
    "sqlite3.connect": _connect,
    **dict.fromkeys(
        ("os.fork", "os.forkpty", "os.posix_spawn", "os.system", "subprocess.Popen"),
        _start_process,
    ),
}
