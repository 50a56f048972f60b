"""What a SQL statement reads and writes, from its text alone.

`sqlglot` parses it in the dialect of its connection. It is imported when the first SQL cell is
looked at. What it cannot parse, or takes for something unknown, is *opaque*: such a statement may
read and write anything.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from .parsing import SOURCES_KEPT

if TYPE_CHECKING:
    from sqlglot import exp

_OPAQUE_KINDS: Final = frozenset({"TRIGGER", "PROCEDURE"})
_MACROS: Final = frozenset({"MACRO", "FUNCTION"})
_OBJECTS: Final = frozenset({"TABLE", "VIEW", "SEQUENCE"})
_READ_FILES: Final = re.compile(
    r"(read_|sniff_|glob$)|(parquet|csv|json|arrow|ipc|iceberg|delta|sqlite|excel|xlsx?)_?scan$"
)
_TELL_THE_CATALOG: Final = re.compile(r"(duckdb|pragma|pg|sqlite)_\w+$|(all_)?show_")
_CATALOGS: Final = frozenset({"information_schema", "pg_catalog", "sqlite_master"})
_CATALOG_TABLES: Final = frozenset({"sqlite_master", "sqlite_schema", "sqlite_temp_master"})
_DYNAMIC: Final = frozenset({"query", "query_table", "dblink", "postgres_query", "mysql_query"})
_OF_SEQUENCES: Final = frozenset({"nextval", "currval", "setval"})
_FILE: Final = re.compile(
    r".*\.(csv|tsv|txt|json|jsonl|ndjson|parquet|arrow|feather|ipc|xlsx|db|sqlite|duckdb)"
    r"(\.gz|\.zst)?$|.*[/*\\].*",
    re.IGNORECASE | re.DOTALL,
)
_QUIET_WORDS: Final = frozenset({"analyze", "checkpoint", "grant", "lock", "reindex", "revoke"})
_OF_TRANSACTIONS: Final = frozenset(
    {"abort", "begin", "commit", "end", "release", "rollback", "savepoint", "start", "vacuum"}
)
_SESSION_COMMANDS: Final = frozenset({"LOAD", "INSTALL", "SET", "RESET", "USE", "ATTACH", "DETACH"})
_SESSION_CREATES: Final = re.compile(
    r"(or\s+replace\s+)?(temp\w*\s+|persistent\s+)?(type|secret)\b", re.IGNORECASE
)
_ALTERED: Final = re.compile(
    r"(?:table|view)\s+(?:if\s+exists\s+)?(?:only\s+)?(?P<name>\S+)\s+(?!rename|set\s+schema)",
    re.IGNORECASE,
)
_REPLACE: Final = re.compile(r"replace(?=\s+into\b)", re.IGNORECASE)
_QUERIES: Final = frozenset({"describe", "from", "select", "show", "table", "values", "with"})
_CHANGES: Final = re.compile(r"\b(delete|insert|into|merge|update)\b", re.IGNORECASE)
_STREAMS: Final = frozenset({"stdin", "stdout"})


@dataclass(frozen=True, slots=True)
class Table:
    """A name of a table, view or sequence, folded as its dialect folds it.

    Parameters
    ----------
    catalog, schema : str
        Where it is; empty where the statement does not say.
    name : str
        Its own name.
    spelled : str
        The name as written, which may be that of a variable.
    """

    catalog: str
    schema: str
    name: str
    spelled: str = field(default="", compare=False)


@dataclass(slots=True)
class Statement:
    """What one statement does.

    Parameters
    ----------
    reads : list of Table
        What it takes rows from.
    probes : list of Table
        What it uses only for whether it is there, and what kind of thing it is.
    creates : list of Table
        What every clean run makes anew, whatever was there.
    may_create : list of Table
        What it makes if it is not there.
    mutates : list of Table
        What it changes in place.
    drops : list of Table
        What is not there afterwards.
    temporary : bool
        Whether what it creates is gone with the connection.
    view : bool
        Whether what it creates is a view, which reads anew what it was made from.
    files_read, files_written : list of str
        Paths and patterns of paths, as written.
    functions : set of str
        The names of functions that only the database knows.
    session : bool
        Whether it changes what later statements on the connection mean.
    defines : bool
        Whether that outlives the connection, as a schema does in a file.
    transaction : bool
        Whether it begins or ends a transaction, or cannot run within one.
    trigger : bool
        Whether it makes other statements change more than they say.
    everything : bool
        Whether it looks at whatever is in the database.
    unknown : bool
        Whether it may change whatever there is.
    opaque : str
        Why nobody can tell what it does; empty where that can be told.
    """

    reads: list[Table] = field(default_factory=list)
    probes: list[Table] = field(default_factory=list)
    creates: list[Table] = field(default_factory=list)
    may_create: list[Table] = field(default_factory=list)
    mutates: list[Table] = field(default_factory=list)
    drops: list[Table] = field(default_factory=list)
    temporary: bool = False
    view: bool = False
    files_read: list[str] = field(default_factory=list)
    files_written: list[str] = field(default_factory=list)
    functions: set[str] = field(default_factory=set)
    session: bool = False
    defines: bool = False
    transaction: bool = False
    trigger: bool = False
    everything: bool = False
    unknown: bool = False
    opaque: str = ""

    @property
    def writes(self) -> list[Table]:
        """Everything that may be another afterwards."""
        return [*self.creates, *self.may_create, *self.mutates, *self.drops]


class MissingSqlError(ImportError):
    """What SQL cells need is not installed."""

    def __init__(self, package: str) -> None:
        super().__init__(
            f"SQL cells need the package {package!r}, which is not installed: "
            "pip install 'reactive-kernel[sql]', and restart the kernel."
        )


@lru_cache(maxsize=SOURCES_KEPT)
def look_at(text: str, dialect: str) -> Statement:
    """Tell what a statement does.

    Parameters
    ----------
    text : str
        One statement.
    dialect : str
        Its dialect, by the name that `sqlglot` has for it; empty where that is not known.

    Returns
    -------
    Statement
        Shared, and not to be changed.

    Raises
    ------
    MissingSqlError
        Where `sqlglot` is not installed.
    """
    word = text.split(maxsplit=1)[0].lower()
    if word in _QUIET_WORDS or word in _OF_TRANSACTIONS:
        return Statement(transaction=word in _OF_TRANSACTIONS)
    tree = _parse(_REPLACE.sub("insert", text, count=1) if word == "replace" else text, dialect)
    found = Statement(opaque=tree) if isinstance(tree, str) else _Look(dialect).at(tree)
    if found.opaque:
        # A query changes nothing, whatever is in it.
        found.unknown = found.session = word not in _QUERIES or bool(_CHANGES.search(text))
    return found


def _parse(text: str, dialect: str) -> exp.Expr | str:
    try:
        import sqlglot
    except ImportError as error:
        raise MissingSqlError("sqlglot") from error
    # What it does not know it takes for a command, and says so; here that is told otherwise.
    logging.getLogger("sqlglot").setLevel(logging.ERROR)
    try:
        trees = [tree for tree in sqlglot.parse(text, dialect=dialect or None) if tree is not None]
    except (sqlglot.errors.SqlglotError, RecursionError, ValueError):
        return "The SQL cannot be parsed: what it reads and writes cannot be told."
    if len(trees) != 1:
        return "The SQL cannot be cut into statements: what it reads and writes cannot be told."
    return trees[0]


class _Look:
    """Goes through the tree of one statement."""

    def __init__(self, dialect: str) -> None:
        from sqlglot import exp
        from sqlglot.dialects.dialect import Dialect

        self._exp = exp
        self._dialect = Dialect.get_or_raise(dialect or None)
        self._is_duckdb = dialect in ("", "duckdb")
        self._name = dialect
        self._found = Statement()
        self._targets: set[int] = set()

    def at(self, tree: exp.Expr) -> Statement:
        exp, found = self._exp, self._found
        handlers: dict[type, Callable[[Any], None]] = {
            exp.Create: self._create,
            exp.Insert: self._ignore,
            exp.Update: self._ignore,
            exp.Delete: self._ignore,
            exp.Merge: self._ignore,
            exp.Copy: self._copy,
            exp.Alter: self._alter,
            exp.Drop: self._drop,
            exp.TruncateTable: self._truncate,
            exp.Comment: self._comment,
            exp.Describe: self._describe,
            exp.Summarize: self._ignore,
            exp.Command: self._command,
            exp.Pragma: self._pragma,
            exp.Show: self._show,
            exp.Pivot: self._ignore,
            exp.Values: self._ignore,
            exp.Set: self._set,
            **dict.fromkeys((exp.Use, exp.Attach, exp.Detach, exp.Install), self._session),
        }
        handler = next((handlers[kind] for kind in type(tree).__mro__ if kind in handlers), None)
        if handler is None and isinstance(tree, exp.Query):
            handler = self._ignore
        if handler is None:
            return Statement(opaque=_unknown(tree.sql()[:40]))
        handler(tree)
        if not (found.session or found.opaque):
            self._change_in_place(tree)
            self._read(tree)
        return found

    # Statements by kind

    def _ignore(self, _tree: Any) -> None:
        """Leave it to what every statement is gone through for."""

    def _create(self, tree: Any) -> None:
        exp, found = self._exp, self._found
        kind = (tree.args.get("kind") or "").upper()
        if kind in _OPAQUE_KINDS:
            found.trigger = True
            found.opaque = _unknown(f"CREATE {kind}")
        elif kind == "INDEX":
            table = tree.find(exp.Table)
            if table is not None:
                found.mutates.append(self._target(table))
        elif kind in _MACROS and self._is_duckdb:
            self._create_macro(tree)
        elif kind not in _OBJECTS:
            found.session = found.defines = True
        else:
            found.temporary = tree.find(exp.TemporaryProperty) is not None
            stored = tree.find(exp.MaterializedProperty) is not None
            found.view = kind == "VIEW" and not stored
            target = self._target(tree.this)
            if tree.args.get("exists"):
                found.reads.append(target)
                found.may_create.append(target)
            else:
                found.probes.append(target)
                found.creates.append(target)

    def _create_macro(self, tree: Any) -> None:
        found = self._found
        found.view = True
        found.temporary = tree.find(self._exp.TemporaryProperty) is not None
        target = macro(self._target(tree.this))
        if tree.args.get("exists"):
            found.reads.append(target)
            found.may_create.append(target)
        else:
            found.probes.append(target)
            found.creates.append(target)

    def _copy(self, tree: Any) -> None:
        exp, found = self._exp, self._found
        given = (str(each.name) for each in tree.args.get("files") or ())
        files = [path for path in given if path.lower() not in _STREAMS]
        if tree.args.get("kind"):
            found.files_read += files
            found.mutates.append(self._target(tree.this))
        else:
            found.files_written += files
            if isinstance(tree.this, exp.Schema):
                found.reads.append(self._target(tree.this))

    def _alter(self, tree: Any) -> None:
        exp, found = self._exp, self._found
        if (tree.args.get("kind") or "").upper() not in _OBJECTS:
            found.session = found.defines = True
            return
        target = self._target(tree.this)
        renamed = tree.find(exp.AlterRename)
        if renamed is None:
            found.mutates.append(target)
        else:
            new = self._target(renamed.this)
            found.reads.append(target)
            found.drops.append(target)
            found.probes.append(new)
            found.creates.append(Table(target.catalog, target.schema, new.name, new.spelled))

    def _drop(self, tree: Any) -> None:
        found = self._found
        kind = (tree.args.get("kind") or "").upper()
        if kind == "INDEX":
            return
        is_macro = kind in _MACROS and self._is_duckdb
        if kind not in _OBJECTS and not is_macro:
            found.session = found.defines = True
            return
        for table in tree.find_all(self._exp.Table):
            target = macro(self._target(table)) if is_macro else self._target(table)
            found.drops.append(target)
            found.probes.append(target)

    def _truncate(self, tree: Any) -> None:
        self._found.mutates += [self._target(table) for table in tree.find_all(self._exp.Table)]

    def _comment(self, tree: Any) -> None:
        if isinstance(tree.this, self._exp.Table):
            self._found.mutates.append(self._target(tree.this))

    def _describe(self, tree: Any) -> None:
        if not isinstance(tree.this, self._exp.Table | self._exp.Query):
            self._found.everything = True

    def _command(self, tree: Any) -> None:
        found = self._found
        word = str(tree.this).upper()
        given = tree.args.get("expression")
        rest = str(getattr(given, "this", given) or "").strip()
        altered = _ALTERED.match(rest) if word == "ALTER" else None
        if altered is not None:
            found.mutates.append(self._table(self._exp.to_table(altered["name"], self._name)))
        elif word == "EXPLAIN":
            found.everything = True
            if rest.lower().startswith("analyze"):
                found.opaque = _unknown("EXPLAIN ANALYZE")
        elif word in _SESSION_COMMANDS:
            found.session = True
        elif word == "CREATE" and _SESSION_CREATES.match(rest):
            found.session = found.defines = True
        elif word == "SHOW":
            found.everything = True
        else:
            found.opaque = _unknown(word.split(maxsplit=1)[0])

    def _set(self, tree: Any) -> None:
        self._found.session = True
        if tree.find(self._exp.Query) is not None:
            self._found.opaque = _unknown("SET to what a query gives")

    def _pragma(self, _tree: Any) -> None:
        self._found.session = self._found.everything = True

    def _show(self, _tree: Any) -> None:
        self._found.everything = True

    def _session(self, _tree: Any) -> None:
        self._found.session = True

    # What all have in common

    def _change_in_place(self, tree: Any) -> None:
        """Find what is changed, in the middle of a statement too."""
        exp = self._exp
        for node in tree.find_all(exp.Insert, exp.Update, exp.Delete, exp.Merge):
            if isinstance(node.parent, exp.When):
                # What MERGE does with the rows of its own target.
                continue
            self._found.mutates.append(self._target(node.this))
        for select in tree.find_all(exp.Into):
            target = self._target(select.this)
            self._found.probes.append(target)
            self._found.creates.append(target)

    def _read(self, tree: Any) -> None:
        exp, found = self._exp, self._found
        for function in tree.find_all(exp.Func):
            self._call(function)
        for table in tree.find_all(exp.Table):
            if id(table) in self._targets or not isinstance(table.this, exp.Identifier):
                continue
            if _is_of_cte(table):
                continue
            name = self._table(table)
            if self._is_file(table):
                found.files_read.append(table.name)
            elif name.schema in _CATALOGS or name.name in _CATALOG_TABLES:
                found.everything = True
            elif name not in found.reads:
                found.reads.append(name)

    def _is_file(self, table: Any) -> bool:
        alone = not (table.args.get("db") or table.args.get("catalog"))
        return self._is_duckdb and alone and _FILE.match(table.name) is not None

    def _call(self, function: Any) -> None:
        found = self._found
        name = function.name if isinstance(function, self._exp.Anonymous) else function.sql_name()
        name = name.lower()
        texts = self._texts_given(function)
        if name in _OF_SEQUENCES:
            for text in texts[:1]:
                schema, _, own = text.rpartition(".")
                found.mutates.append(Table("", schema.lower(), own.lower()))
        elif name in _DYNAMIC:
            found.opaque = _unknown(f"{name}()")
        elif self._is_duckdb and _READ_FILES.match(name):
            found.files_read += texts
        elif _TELL_THE_CATALOG.match(name):
            found.everything = True
        elif isinstance(function, self._exp.Anonymous):
            found.functions.add(name)

    def _texts_given(self, function: Any) -> list[str]:
        """Return the strings in the first argument of a call."""
        given = function.args.get("this")
        if not isinstance(given, self._exp.Expr):
            given = next(iter(function.expressions), None)
        literals = given.find_all(self._exp.Literal) if given is not None else ()
        return [str(literal.this) for literal in literals if literal.is_string]

    def _target(self, node: Any) -> Table:
        """Return the table that a part of a statement names, which is not read for being named."""
        table = node if isinstance(node, self._exp.Table) else node.find(self._exp.Table)
        if table is None:
            return Table("", "", str(node.name).lower(), str(node.name))
        self._targets.add(id(table))
        return self._table(table)

    def _table(self, table: Any) -> Table:
        return Table(
            self._folded(table.args.get("catalog")),
            self._folded(table.args.get("db")),
            self._folded(table.this),
            table.name,
        )

    def _folded(self, identifier: Any) -> str:
        if identifier is None or not isinstance(identifier, self._exp.Identifier):
            return ""
        return str(self._dialect.normalize_identifier(identifier.copy()).name)


def macro(table: Table) -> Table:
    """Return the name of a macro, which a table may have as well."""
    return Table(table.catalog, table.schema, f"{table.name}()")


def _unknown(what: str) -> str:
    return f"What {what} reads and writes cannot be told."


def _is_of_cte(table: Any) -> bool:
    """Tell whether a name stands for a common table expression in whose reach it is."""
    if table.args.get("db"):
        return False
    name = table.name.lower()
    node, parent = table, table.parent
    while parent is not None:
        clause = parent.args.get("with_") or parent.args.get("with")
        if clause is not None and any(
            each.alias.lower() == name for each in _ctes_seen(clause, node, table)
        ):
            return True
        node, parent = parent, parent.parent
    return False


def _ctes_seen(clause: Any, node: Any, table: Any) -> Iterator[Any]:
    """Return the expressions of a ``WITH`` that a place sees: within it those before its own."""
    within = node is clause
    for each in clause.expressions:
        if within and any(ancestor is each for ancestor in _ancestors(table)):
            if clause.args.get("recursive"):
                yield each
            return
        yield each


def _ancestors(node: Any) -> Iterator[Any]:
    while node is not None:
        yield node
        node = node.parent
