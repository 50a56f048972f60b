"""One connection: opened when it is used, in the state that cells above have left it in."""

from __future__ import annotations

from collections.abc import Iterable

from reactive_kernel.effects.sql_statements import MissingSqlError
from reactive_kernel.implicit import EAR
from reactive_kernel.versions import Version

from .addresses import HIDDEN, Address
from .duck import Duck
from .engine import Engine
from .errors import SqlError
from .logs import State
from .tables import Tables


class Connection:
    """A name that leads to one database.

    Parameters
    ----------
    name : str
        The name.
    address : Address or None
        Where it leads; None for the notebook's own database.
    tables : Tables
        What is known of its tables.
    secrets : set of str
        Takes what nobody is to see of how it is made.
    """

    def __init__(
        self, name: str, address: Address | None, tables: Tables, secrets: set[str]
    ) -> None:
        self.name = name
        self.tables = tables
        self._address = address
        self._secrets = secrets
        self._state: State | None = None
        self._version: Version | None = None
        self._engine: Engine | None = None

    @property
    def engine(self) -> Engine:
        """The open connection."""
        assert self._engine is not None
        return self._engine

    @property
    def is_open(self) -> bool:
        """Whether it has been opened."""
        return self._engine is not None

    def come_to(self, state: State) -> None:
        """Be open, and in a state.

        Raises
        ------
        SqlError
            Where that cannot be; without the connection's secrets.
        """
        if self._state is not None and self._state.key == state.key:
            if self.engine.is_alive():
                return
            self.tables.reset(self.engine)
            self._lose()
            self._open(state, "lost, and cannot be opened again")
            return
        if self._engine is not None:
            self.tables.reset(self._engine)
            self._lose()
        self._open(state, "not open")

    def set(self, state: State, version: Version) -> None:
        """Take in the state that a statement has brought it into, and the version that is."""
        self._state, self._version = state, version

    def forget_state(self) -> None:
        """Take in that its state is not what is known, so that it is opened anew."""
        self._state = None

    def close(self) -> None:
        """Close it, for good."""
        if self._engine is not None:
            self._lose()

    def hide(self, text: str) -> str:
        """Leave secrets out of a text."""
        return hide(text, self._secrets)

    def _lose(self) -> None:
        if self._version is not None and self._state is not None and self._state.is_lost:
            self._version.spent = True
        engine, self._engine, self._state, self._version = self._engine, None, None, None
        if engine is not None:
            try:
                engine.close()
            except Exception:
                # It is gone already, which is what is wanted.
                return

    def _open(self, state: State, how: str) -> None:
        try:
            # A database's file is not read as a file by who connects to it.
            with EAR.deaf():
                self._engine = self._connect()
            for each in state.log:
                if each.fate == "again":
                    self._engine.run(each.piece, each.values, {}, None)
        except MissingSqlError as error:
            raise SqlError(str(error)) from None
        except SqlError as error:
            raise SqlError(f"The connection {self.name!r} is {how}: {error}") from None
        except Exception as error:
            self._lose()
            told = self.hide(reason(error))
            raise SqlError(f"The connection {self.name!r} is {how}: {told}") from None
        self._state = state

    def _connect(self) -> Engine:
        if self._address is None:
            return Duck()
        from .alchemy import Alchemy

        url, secrets = self._address.resolve()
        self._secrets |= secrets
        if self._address.dialect == Duck.dialect:
            return Duck(url.partition("://")[2].removeprefix("/") or ":memory:")
        return Alchemy(url, self._address.dialect)


def hide(text: str, secrets: Iterable[str]) -> str:
    """Leave secrets out of a text."""
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    return text


def reason(error: BaseException) -> str:
    """Return what a database says of an error, without the statement and its values."""
    return str(getattr(error, "orig", None) or error).strip() or type(error).__name__
