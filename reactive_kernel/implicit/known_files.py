"""What cells have written into files, and what they have read from them.

A file is on the disk once, however many cells write it: only the last one's version is there, and
a reader of an earlier one needs its writer to run again. What no cell above writes is the
outside's.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from weakref import WeakSet

from reactive_kernel.traces import Trace
from reactive_kernel.versions import ABSENT, NO_CALLS, Absent, Version

from .files import Accesses, Key, content_key, stat_key

Bound = Version | Absent

_GONE: Final = 1
_NOT_AS_GIVEN: Final = 2
"""As the `layout` of a file's version: for who lists files, all others are alike."""


@dataclass(slots=True)
class FileUse:
    """What a cell did with files.

    Parameters
    ----------
    reads : dict of str to Version or Absent
        The versions that it read.
    writes : dict of str to Version or Absent
        Those that it left.
    listed : set of str
        Of what it read, the files of which it has only seen that they are there, or are not.
    outside : dict of str to Version or Absent
        What of the outside it was the first to see.
    spoilt : list of str
        What it may have left half done, where it was not clean.
    """

    reads: dict[str, Bound] = field(default_factory=dict)
    writes: dict[str, Bound] = field(default_factory=dict)
    listed: set[str] = field(default_factory=set)
    outside: dict[str, Bound] = field(default_factory=dict)
    spoilt: list[str] = field(default_factory=list)


class KnownFiles:
    """The files that cells of a notebook have used."""

    def __init__(self) -> None:
        self._stamps: dict[str, Key] = {}
        self._written: defaultdict[str, WeakSet[Version]] = defaultdict(WeakSet)
        self._own: defaultdict[str, set[str]] = defaultdict(set)

    def use(
        self,
        accesses: Accesses,
        cell_id: str,
        given: Callable[[str], Bound | None],
        outside: Mapping[str, Version],
        old: Trace | None,
        *,
        clean: bool,
    ) -> FileUse:
        """Find what a cell has read and written.

        Parameters
        ----------
        accesses : Accesses
            What was heard of it.
        cell_id : str
            The cell.
        given : callable
            Returns what the cells above leave of a name; None where none has a say.
        outside : mapping of str to Version
            What is known of files that no cell above writes.
        old : Trace or None
            That of the run before.
        clean : bool
            Whether it has come to its end.

        Returns
        -------
        FileUse
        """
        use = FileUse()
        if accesses.processes:
            self._take_changed(accesses)
        for path, key in accesses.read.items():
            if key is not None and _is_folder(key):
                self._list(use, path, key, given)
        for path, key in accesses.read.items():
            self._read(use, path, key, given, outside)
        for path, before in accesses.written.items():
            now = stat_key(path)
            if _is_folder(now) and _is_folder(before):
                # What is written in it is told by itself. A folder is made once, by who made it.
                self._keep(use, path, old)
                continue
            if before == now:
                continue
            self._own[os.path.dirname(path)].add(os.path.basename(path))
            if clean:
                self._write(use, path, now, cell_id, old)
            else:
                use.spoilt.append(_name(path))
                self._is_now(path, now)
        self._tell_made(use, cell_id, given)
        return use

    def look(self, outside: Mapping[str, Version]) -> Iterator[tuple[str, Version | None]]:
        """Look whether files have been changed by others.

        Yields
        ------
        str, Version or None
            Names of the outside that are others now.
        """
        for path, stamp in list(self._stamps.items()):
            now = self._seen(path)
            if now == stamp:
                continue
            self._is_now(path, now)
            name = _name(path)
            if now is None:
                if name in outside:
                    yield name, None
            elif name in outside or stamp is None:
                yield name, _version(name, "", now)

    def _take_changed(self, accesses: Accesses) -> None:
        """Take in what a program has done, which the cell has started, to files of cells above."""
        for path, stamp in self._stamps.items():
            if self._written.get(path) and stat_key(path) != stamp:
                accesses.read.setdefault(path, stamp)
                accesses.written.setdefault(path, stamp)

    def _list(
        self, use: FileUse, folder: str, key: tuple[Any, ...], given: Callable[[str], Bound | None]
    ) -> None:
        """Take in which of the files that cells have made a cell has seen in a folder."""
        made = _name_of_made(folder)
        above = use.reads[made] = given(made) or ABSENT
        names: Any = above.key if isinstance(above, Version) else ()
        for file, _ in names:
            name = _name(os.path.join(folder, file))
            bound = given(name)
            if isinstance(bound, Version):
                if (file in key[1:]) != _is_there(bound):
                    # A cell below had it removed, or one above has made it again.
                    bound = _version(name, bound.cell, object(), layout=_NOT_AS_GIVEN)
                use.reads[name] = bound
                use.listed.add(name)

    def _read(
        self,
        use: FileUse,
        path: str,
        key: Key,
        given: Callable[[str], Bound | None],
        outside: Mapping[str, Version],
    ) -> None:
        name = _name(path)
        use.listed.discard(name)
        bound = given(name)
        if bound is not None:
            if isinstance(bound, Version) and bound.spent:
                # Another content than the cells above have left was there.
                bound = _version(name, bound.cell, object())
            use.reads[name] = bound
            return
        if _is_folder(key):
            key = self._without_own(path, key)
        known = outside.get(name)
        if known is not None and (known.key == key or self._stamps.get(path) == key):
            # As it was; or changed by nobody but cells further down.
            use.reads[name] = known
            return
        self._stamps[path] = key
        seen = ABSENT if key is None else _version(name, "", key)
        use.reads[name] = use.outside[name] = seen

    def _keep(self, use: FileUse, folder: str, old: Trace | None) -> None:
        name = _name(folder)
        was = old.writes.get(name) if old is not None else None
        if isinstance(was, Version) and not was.spent:
            use.writes[name] = was

    def _write(self, use: FileUse, path: str, now: Key, cell_id: str, old: Trace | None) -> None:
        name = _name(path)
        self._is_now(path, now)
        # One that says that there is none is spent like others, when there is one again.
        version = _version(name, cell_id, _content_of(path), layout=_GONE if now is None else 0)
        was = old.writes.get(name) if old is not None else None
        if isinstance(was, Version) and was.key == version.key and not was.spent:
            version = was
        self._written[path].add(version)
        use.writes[name] = version

    def _is_now(self, path: str, now: Key) -> None:
        """Take in what is on the disk: only versions equal to it are there."""
        self._stamps[path] = self._without_own(path, now) if _is_folder(now) else now
        if path in self._written:
            content = _content_of(path)
            for version in self._written[path]:
                version.spent = version.key != content

    def _tell_made(self, use: FileUse, cell_id: str, given: Callable[[str], Bound | None]) -> None:
        """Tell which files cells have made in the folders that a cell has written into."""
        folders: defaultdict[str, list[tuple[str, bool]]] = defaultdict(list)
        for name, left in use.writes.items():
            folder, file = os.path.split(name.removeprefix("file:"))
            folders[folder].append((file, isinstance(left, Version) and _is_there(left)))
        for folder, files in folders.items():
            name = _name_of_made(folder)
            above = given(name) or ABSENT
            key: Any = above.key if isinstance(above, Version) else ()
            made: dict[str, bool] = dict(key)
            made.update(files)
            use.reads.setdefault(name, above)
            use.writes[name] = _version(name, cell_id, tuple(sorted(made.items())))

    def _seen(self, path: str) -> Key:
        key = stat_key(path)
        return self._without_own(path, key) if _is_folder(key) else key

    def _without_own(self, folder: str, key: Key) -> Key:
        """Leave out what cells have made in a folder."""
        if key is None:
            return None
        return ("folder", *(name for name in key[1:] if name not in self._own[folder]))


def _name(path: str) -> str:
    return f"file:{path}"


def _name_of_made(folder: str) -> str:
    """Return the name of what cells have made in a folder, apart from what was there."""
    return _name(os.path.join(folder, ""))


def _is_folder(key: Key) -> bool:
    return key is not None and key[0] == "folder"


def _content_of(path: str) -> Key:
    """Tell what a cell has left at a path; of a folder that is told by what it left in it."""
    key = content_key(path)
    return ("folder",) if _is_folder(key) else key


def _version(name: str, cell_id: str, key: object, *, layout: int = 0) -> Version:
    return Version(name, cell_id, key, None, frozenset(), layout, NO_CALLS, None)


def _is_there(version: Version) -> bool:
    """Tell whether a version of a file says that there is one."""
    return version.layout != _GONE
