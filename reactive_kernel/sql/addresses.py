"""Where connections lead: URLs whose secrets come from the environment.

A notebook's text, outputs and graph are seen by many. So a URL in a notebook may name the variable
that holds a password, as in ``postgresql://ann:${PG_PASSWORD}@db/sales``, and not the password.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, quote_plus, unquote

from .errors import SqlError

HIDDEN: Final = "***"

_URL: Final = re.compile(
    r"(?P<scheme>[A-Za-z][\w+.-]*)://(?:(?P<user>[^:@/?]*)(?::(?P<password>.*))?@)?"
    r"(?P<rest>[^@?]*)(?:\?(?P<query>.*))?",
    re.DOTALL,
)
_VARIABLE: Final = re.compile(r"\$\{(\w+)\}")
_SECRET_NAMES: Final = re.compile(r"passw|pwd|secret|token|key|credential", re.IGNORECASE)
_DIALECTS: Final = {
    "postgresql": "postgres",
    "mariadb": "mysql",
    "mssql": "tsql",
    "awsathena": "athena",
}


@dataclass(frozen=True, slots=True)
class Address:
    """Where a connection leads.

    Parameters
    ----------
    url : str
        A URL as SQLAlchemy reads it, with ``${NAME}`` for what is in the environment.
    """

    url: str

    def __repr__(self) -> str:
        return f"<Address {self.public}>"

    @property
    def dialect(self) -> str:
        """The SQL that is spoken there, by sqlglot's name."""
        scheme = self.url.partition(":")[0].partition("+")[0].lower()
        return _DIALECTS.get(scheme, scheme)

    @property
    def public(self) -> str:
        """The URL as anybody may see it."""
        text = self.url
        for start, end in sorted(self._secret_spans(), reverse=True):
            text = text[:start] + HIDDEN + text[end:]
        return text

    def check_public(self) -> None:
        """Refuse a URL with a secret in it, for a place where others read it.

        Raises
        ------
        SqlError
            That does not say it again.
        """
        for start, end in self._secret_spans():
            if _VARIABLE.sub("", self.url[start:end]):
                raise SqlError(
                    "A password does not belong into a notebook: put it into an environment "
                    "variable, and write ${NAME} in its place, or keep the URL in "
                    "connections.toml."
                )

    def resolve(self) -> tuple[str, set[str]]:
        """Put in what is in the environment.

        Returns
        -------
        url : str
            The URL to connect to.
        secrets : set of str
            What of it nobody is to see, in each of the forms that it may be told in.

        Raises
        ------
        SqlError
            Where there is no such variable.
        """
        secrets: set[str] = set()

        def value(match: re.Match[str]) -> str:
            found = os.environ.get(match[1])
            if found is None:
                raise SqlError(f"The environment has no variable {match[1]}.")
            secrets.update(_forms(found))
            return quote(found, safe="")

        for start, end in self._secret_spans():
            plain = _VARIABLE.sub("", self.url[start:end])
            secrets.update(_forms(unquote(plain)), {plain} - {""})
        if self._is_path_only():
            # A path is no place for what is quoted in URLs.
            return _VARIABLE.sub(lambda match: unquote(value(match)), self.url), secrets
        return _VARIABLE.sub(value, self.url), secrets

    def _is_path_only(self) -> bool:
        return self.dialect in ("sqlite", "duckdb")

    def _secret_spans(self) -> Iterator[tuple[int, int]]:
        match = _URL.fullmatch(self.url)
        if match is None:
            yield 0, len(self.url)
            return
        if match["password"]:
            yield match.span("password")
        start = match.start("query")
        for part in (match["query"] or "").split("&"):
            name, _, value = part.partition("=")
            if value and _SECRET_NAMES.search(name):
                yield start + len(name) + 1, start + len(part)
            start += len(part) + 1


def _forms(secret: str) -> set[str]:
    """Return a secret as messages may write it."""
    return {secret, quote(secret, safe=""), quote_plus(secret), repr(secret)[1:-1]} - {""}
