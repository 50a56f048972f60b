"""The text of a SQL cell: its options, its statements, and the parameters in them.

Nothing here knows a dialect, and nothing is imported that knows SQL.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

OWN: Final = "duckdb"
"""The connection of cells that name none: a DuckDB database in the kernel's process."""

_FIRST_WORDS: Final = frozenset(
    re.findall(
        r"\w+",
        """
    alter analyze attach begin call checkpoint comment commit copy create deallocate delete desc
    describe detach drop end execute explain export from grant import insert install load merge
    pivot pragma prepare refresh release replace reset revoke rollback savepoint select set show
    start summarize table truncate unpivot update use vacuum values with
    """,
    )
)
_TARGET: Final = re.compile(r"\s*(?P<name>[^\W\d]\w*)\s*<<")
_CONNECTION: Final = re.compile(r"\s*(?P<name>[^\W\d][\w.-]*)(?=\s|$)")
_LIMIT: Final = re.compile(r"\s*--limit(?:\s+|=)(?P<number>\d+)(?=\s|$)")

# What ends a statement, takes a value, or is no code: strings, quoted names, comments, strings
# between dollars.
_TOKEN: Final = re.compile(
    r"""
      (?P<comment> --[^\n]* | /\*.*?\*/ )
    | (?P<quoted> '(?:[^']|'')*' | "(?:[^"]|"")*" | `[^`]*` )
    | (?P<tagged> \$(?P<tag>[^\W\d]\w*|)\$ .*? \$(?P=tag)\$ )
    | \{\{ (?P<expression> .+? ) \}\}
    | (?<! [\w:'"\])}] ) : (?P<name> [^\W\d]\w* )
    | (?P<end> ; )
    """,
    re.VERBOSE | re.DOTALL,
)
_TRIGGER: Final = re.compile(r"\s*create\s+(?:temp(?:orary)?\s+)?trigger\b", re.IGNORECASE)
_LAST_WORD: Final = re.compile(r"\bend\s*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Options:
    """What the first line of a SQL cell says beside SQL.

    Parameters
    ----------
    connection : str
        The connection that its statements are for.
    target : str or None
        The variable that takes the result.
    limit : int or None
        How many rows of the result are taken at most.
    """

    connection: str = OWN
    target: str | None = None
    limit: int | None = None


def read_options(line: str) -> tuple[Options, str]:
    """Take the options off the front of the first line.

    Parameters
    ----------
    line : str
        What follows the name of the magic: ``[CONNECTION] [NAME <<] [--limit N]``, and SQL.

    Returns
    -------
    options : Options
        What they say.
    rest : str
        The SQL on that line. The word that begins a statement is no connection.
    """
    connection, target, limit = OWN, None, None
    match = _TARGET.match(line)
    if match is None:
        named = _CONNECTION.match(line)
        if named is not None and named["name"].lower() not in _FIRST_WORDS:
            connection, line = named["name"], line[named.end() :]
            match = _TARGET.match(line)
    while True:
        if target is None and match is not None:
            target, line = match["name"], line[match.end() :]
        limited = _LIMIT.match(line) if limit is None else None
        if limited is None:
            return Options(connection, target, limit), line
        limit, line = int(limited["number"]), line[limited.end() :]
        match = _TARGET.match(line)


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a statement that takes a value of Python's.

    Parameters
    ----------
    start, end : int
        Where it stands.
    expression : str
        What gives the value.
    """

    start: int
    end: int
    expression: str


@dataclass(frozen=True, slots=True)
class Piece:
    """One statement of a cell.

    Parameters
    ----------
    text : str
        The statement as written, from its first word on, without the semicolon.
    line : int
        The line of the cell in which it begins, counted from 1.
    number : int
        Which of the cell's statements it is, counted from 1.
    places : tuple of Place
        Where it takes values.
    """

    text: str
    line: int
    number: int
    places: tuple[Place, ...]

    def with_markers(self, marker: str, escape: str = "") -> str:
        """Return the text with numbered parameters in the places.

        Parameters
        ----------
        marker : str
            What stands before the name of a parameter: ``$`` or ``:``.
        escape : str
            What to put before every other ``marker``.
        """
        parts: list[str] = []
        end = 0
        for number, place in enumerate(self.places):
            parts += (self._escaped(end, place.start, marker, escape), f"{marker}p{number}")
            end = place.end
        parts.append(self._escaped(end, len(self.text), marker, escape))
        return "".join(parts)

    def _escaped(self, start: int, end: int, marker: str, escape: str) -> str:
        text = self.text[start:end]
        return text.replace(marker, escape + marker) if escape else text


def statements(text: str, first_line: int = 1) -> list[Piece]:
    """Cut the text of a cell into its statements.

    Parameters
    ----------
    text : str
        SQL, with any number of statements.
    first_line : int
        The number of its first line.

    Returns
    -------
    list of Piece
        Those that are more than comments.
    """
    pieces: list[Piece] = []
    places: list[Place] = []
    comments: list[tuple[int, int]] = []
    start = 0

    def end_at(end: int) -> None:
        begin = _first_of_code(text, start, end, comments)
        if begin < end:
            moved = (Place(p.start - begin, p.end - begin, p.expression) for p in places)
            line = first_line + text.count("\n", 0, begin)
            number = len(pieces) + 1
            pieces.append(Piece(text[begin:end].rstrip(), line, number, tuple(moved)))
        places.clear()
        comments.clear()

    for token in _TOKEN.finditer(text):
        expression = token["expression"] or token["name"]
        if token["comment"] is not None:
            comments.append(token.span())
        elif expression is not None:
            places.append(Place(*token.span(), expression.strip()))
        elif token["end"] is not None:
            within = _TRIGGER.match(text, start)
            # The statements of a trigger are its own.
            if within is None or _LAST_WORD.search(text, start, token.start()):
                end_at(token.start())
                start = token.end()
    end_at(len(text))
    return pieces


def _first_of_code(text: str, start: int, end: int, comments: list[tuple[int, int]]) -> int:
    """Return where a statement begins, past blanks and comments before it; its end for none."""
    for comment in (*comments, (end, end)):
        code = text[start : comment[0]]
        if code.strip():
            return start + len(code) - len(code.lstrip())
        start = comment[1]
    return end
