"""Completes SQL: connections, tables, columns, and names of Python's where these stand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from reactive_kernel.effects.sql import PREFIX
from reactive_kernel.effects.sql_text import OWN, read_options

from .connections import Connections
from .frames import is_frame
from .listing import columns_of
from .place import Bound

_MAGIC: Final = re.compile(r"\s*%%sql\b")
_LINE: Final = re.compile(r"^.*?%sql\b", re.MULTILINE)
_WORD: Final = re.compile(r"[\w.]*$")
_IN_PYTHON: Final = re.compile(r"(?:\{\{[^}]*|(?<![\w:'\"\])}]):\w*)$")
_ALIAS: Final = re.compile(
    r"\b(?:from|join|update|into|using)\s+([\w.]+)(?:\s+(?:as\s+)?(\w+))?", re.IGNORECASE
)
_NAME_TAKER: Final = re.compile(
    r"\b(from|join|into|update|table|describe|using)\s+$", re.IGNORECASE
)
_KEYWORDS: Final = tuple(
    re.findall(
        r"\w+",
        "alter and as between by case create delete distinct drop else end from full group having "
        "in inner insert into is join left like limit not null offset on or order outer over "
        "partition right select set table then union update using values view when where with",
    )
)


class Match(NamedTuple):
    """What a word may be completed to, and what that is."""

    text: str
    type: str


@dataclass(frozen=True, slots=True)
class Completion:
    """What may stand in the place of a part of the code.

    Parameters
    ----------
    matches : list of Match
        What, in the order in which it is offered.
    start, end : int
        Which part.
    """

    matches: list[Match]
    start: int
    end: int


def complete(
    code: str, cursor: int, connections: Connections, bound: Mapping[str, Bound], *, look: bool
) -> Completion | None:
    """Complete what stands before the cursor in a SQL cell, or on a line of SQL.

    Parameters
    ----------
    code : str
        The cell.
    cursor : int
        Where the cursor is.
    connections : Connections
        The connections.
    bound : mapping of str to Version or Absent
        What cells have left of tables and connections.
    look : bool
        Whether databases may be asked.

    Returns
    -------
    Completion or None
        None where the cursor is not in SQL.
    """
    start = _start_of_sql(code, cursor)
    if start is None:
        return None
    before = code[start:cursor]
    word = _WORD.search(before)
    assert word is not None
    begin = start + word.start()
    if _IN_PYTHON.search(before):
        return None if "." in word[0] else _completion(_variables(connections), word[0], begin)
    line = code[start:].partition("\n")[0]
    options, _ = read_options(line)
    if "\n" not in before and _is_of_options(before):
        names = [Match(name, "connection") for name in connections.names(bound)]
        return _completion(names, word[0], begin)
    known = dict(_tables(options.connection, connections, bound, look=look))
    text = code[start:].partition("\n")[2] or line
    owner, dot, _ = word[0].rpartition(".")
    if dot:
        columns = known.get(_aliases(text).get(owner.lower(), owner).lower(), [])
        found = [Match(f"{owner}.{column}", "column") for column in columns]
        found += [Match(name, "table") for name in known if name.startswith(f"{owner}.".lower())]
        return _completion(found, word[0], begin)
    tables = [Match(name, "table") for name in known]
    if _NAME_TAKER.search(before[: word.start()]):
        return _completion(tables, word[0], begin)
    named = {name.lower() for name in _aliases(text).values()}
    columns = [column for name in named for column in known.get(name, [])]
    found = [Match(column, "column") for column in dict.fromkeys(columns)]
    keywords = [Match(_cased(keyword, word[0]), "keyword") for keyword in _KEYWORDS]
    return _completion([*found, *tables, *keywords], word[0], begin)


def _start_of_sql(code: str, cursor: int) -> int | None:
    """Return where the SQL begins in which the cursor is, after the name of the magic."""
    cell = _MAGIC.match(code)
    if cell is not None:
        return cell.end() if cell.end() < cursor else None
    begin = code.rfind("\n", 0, cursor) + 1
    line = _LINE.match(code, begin, cursor)
    return line.end() if line is not None and line.end() < cursor else None


def _is_of_options(before: str) -> bool:
    return re.fullmatch(r"\s*[\w-]*", before) is not None


def _variables(connections: Connections) -> list[Match]:
    return [Match(name, "instance") for name in connections.variables if name[0] != "_"]


def _tables(
    connection: str, connections: Connections, bound: Mapping[str, Bound], *, look: bool
) -> Iterator[tuple[str, list[str]]]:
    """Go through the tables of a connection as statements name them, and their columns."""
    prefix = f"{PREFIX}{connection}/"
    for name, entry in bound.items():
        columns = columns_of(entry)
        if name.startswith(prefix) and columns is not None:
            yield from _named(name.removeprefix(prefix), [column for column, _ in columns])
    if connection == OWN:
        for name, value in connections.variables.items():
            if name[0] != "_" and is_frame(value):
                yield name, _columns_of_frame(value)
        return
    opened = connections.opened(connection, bound) if look else None
    if opened is not None:
        default = opened.engine.schemas()[0]
        for table in opened.engine.tables():
            names = [column for column, _ in opened.engine.columns(table)]
            schema = table.schema or default
            yield from _named(f"{schema}.{table.name}", names, default)


def _named(name: str, columns: list[str], default: str = "") -> Iterator[tuple[str, list[str]]]:
    schema, _, own = name.rpartition(".")
    if schema in ("main", "public", "temp", default):
        yield own, columns
    yield name, columns


def _columns_of_frame(value: Any) -> list[str]:
    if hasattr(value, "column_names"):
        return list(map(str, value.column_names))
    # Asking a lazy frame for its columns would work them out.
    return list(map(str, value.columns)) if hasattr(value, "shape") else []


def _aliases(text: str) -> dict[str, str]:
    """Return what tables are called in a text."""
    found: dict[str, str] = {}
    for name, alias in _ALIAS.findall(text):
        found[name.lower()] = name
        if alias and alias.lower() not in _KEYWORDS:
            found[alias.lower()] = name
    return found


def _cased(keyword: str, word: str) -> str:
    return keyword.upper() if word.isupper() else keyword


def _completion(matches: Iterable[Match], word: str, start: int) -> Completion:
    fitting = [match for match in matches if match.text.lower().startswith(word.lower())]
    return Completion(list(dict.fromkeys(fitting)), start, start + len(word))
