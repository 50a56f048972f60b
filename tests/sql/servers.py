"""A PostgreSQL server of the tests' own."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

PASSWORD = "pÄss:w@rd/%41'\"x"
"""It needs quoting wherever it is written."""

_PROGRAMS = "usr/lib/postgresql/*/bin"


@dataclass(frozen=True)
class Postgres:
    """A running server.

    Parameters
    ----------
    folder : Path
        Where its socket is.
    """

    folder: Path

    @property
    def url(self) -> str:
        """Where it is, with the password left to the environment."""
        return f"postgresql://ann:${{ANNS_PASSWORD}}@/postgres?host={self.folder}"

    @property
    def url_with_password(self) -> str:
        password = quote(PASSWORD, safe="")
        return f"postgresql+psycopg://ann:{password}@/postgres?host={self.folder}"

    def stop(self) -> None:
        run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "stop")

    def start(self) -> None:
        options = f"-c listen_addresses= -c unix_socket_directories={self.folder} -c fsync=off"
        log = str(self.folder / "log")
        data = str(self.folder / "data")
        run("pg_ctl", "-D", data, "-l", log, "-o", options, "-w", "start")


def run(program: str, *arguments: str) -> None:
    """Run a program of PostgreSQL's, which refuses to be run by root."""
    found = shutil.which(program)
    if found is None:
        found = str(max(Path("/").glob(f"{_PROGRAMS}/{program}")))
    user = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
    done = subprocess.run(
        [*user, found, *arguments],
        cwd="/",
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@contextmanager
def postgres() -> Iterator[Postgres]:
    """Start a server on a socket in a folder, which keeps the path of that short."""
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    try:
        (folder / "password").write_text(PASSWORD, encoding="utf-8")
        if os.getuid() == 0:
            for path in (folder, folder / "password"):
                shutil.chown(path, "postgres")
        run(
            "initdb",
            *("-D", str(folder / "data"), "-U", "ann", "-E", "UTF8", "--no-locale", "--no-sync"),
            *("-A", "scram-sha-256", f"--pwfile={folder / 'password'}"),
        )
        server = Postgres(folder)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder)
