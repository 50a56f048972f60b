"""From the source of a cell to its effects."""

from __future__ import annotations

import ast
import functools
from types import MappingProxyType
from typing import TYPE_CHECKING

from .code import Code, Reach, reach
from .effect import NO_NAMES, NOTHING_CALLED, Calls, Effects, Problem
from .flow import codes_in
from .names import EVERY_NAME, MisplacedError, Names
from .parsing import SOURCES_KEPT, UnparsableError, parse
from .sql import PREFIX, dialect_of, is_own
from .sql import set_dialect as _set_dialect
from .statements import Statements

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from .flow import Values


@functools.lru_cache(maxsize=SOURCES_KEPT)
def effects_of(source: str) -> Effects:
    """Tell what a run of a cell may do to the names of the notebook.

    Parameters
    ----------
    source
        Source of a code cell, in Python with IPython's additions. Nothing of it is run.

    Returns
    -------
    Effects
        What the source shows. A source that cannot run gives a `problem` and nothing else.

    Examples
    --------
    >>> effects = effects_of("total = sum(prices)")
    >>> sorted(effects.reads), sorted(effects.writes)
    (['prices', 'sum'], ['total'])
    """
    try:
        statements = parse(source).tree.body
    except UnparsableError as error:
        return Effects(problem=Problem(error.message, error.line), source=source)
    if not statements:
        return Effects(empty=True, source=source)
    names = Statements()
    try:
        names.body(statements)
    except MisplacedError as error:
        return Effects(problem=Problem(error.message, error.line), source=source)
    except RecursionError:
        return _roughly(statements, source)
    return _gathered(names, source)


def set_dialect(connection: str, dialect: str) -> None:
    """Say which SQL a connection speaks, by sqlglot's name of it."""
    if _set_dialect(connection, dialect):
        effects_of.cache_clear()


def is_outdated(effects: Effects) -> bool:
    """Tell whether a connection speaks another SQL than was known when a cell was looked at."""
    return any(dialect_of(connection) != dialect for connection, dialect in effects.dialects)


def _gathered(names: Names, source: str) -> Effects:
    """Put together what was found on the way, following calls."""
    reads, may_writes, may_delete = names.reads, names.may_writes, names.may_delete
    later: set[str] = set()
    if names.uses:
        found = _used(names)
        if names.inert:
            later |= found.reads
        else:
            reads |= found.reads
            may_writes |= found.writes
            may_delete |= found.deletes
            names.may_mutate |= found.mutates
    end = names.flow
    writes = _kept(may_writes & end.bound)
    calls = _calls(end.values)
    later.update(*(each.reads for each in calls.values()))
    if names.later:
        later |= reach(names.later, _lookup(end.values)).reads
    deferred = _kept(later - writes - reads)
    final_reads = _kept(reads)
    shown = final_reads
    if names.dialects:
        shown = _kept(name for name in reads if not is_own(name))
    return Effects(
        reads=final_reads,
        probes=_kept(names.probes - reads),
        writes=writes,
        may_writes=writes if may_writes == writes else _kept(may_writes),
        deletes=_kept(may_writes & (end.gone | may_delete)),
        mutates=_kept(names.mutates),
        may_mutate=_kept(names.may_mutate | names.mutates),
        calls=calls,
        inert=names.inert,
        imports=_kept(n for n, times in names.imports.items() if names.stores[n] == times),
        star_imports=tuple(names.star_imports),
        opaque=tuple(names.opaque),
        deferred=deferred,
        shown_reads=(
            shown | deferred | names.shown_probes if deferred or names.shown_probes else shown
        ),
        lookups=tuple(dict.fromkeys(names.lookups)),
        queries=_kept(names.queries),
        dialects=frozenset(names.dialects.items()),
        source=source,
    )


def _kept(names: Iterable[str]) -> frozenset[str]:
    """Return a set to be kept: no cell needs an empty one of its own."""
    return frozenset(names) or NO_NAMES


def _lookup(values: dict[str, Values]) -> Callable[[str], Iterable[Code]]:
    return lambda name: codes_in(values[name]) if name in values else ()


def _calls(values: dict[str, Values]) -> Mapping[str, Calls]:
    lookup = _lookup(values)
    calls: dict[str, Calls] = {}
    for name, held in values.items():
        codes = [code for code in codes_in(held) if code.parts or not code.stands_in]
        if codes and ("." not in name or name.startswith(PREFIX)):
            found = reach(codes, lookup)
            calls[name] = Calls(frozenset(found.reads), frozenset(found.writes))
    return MappingProxyType(calls) if calls else NOTHING_CALLED


def _used(names: Names) -> Reach:
    """Follow all calls that the cell itself may make."""
    bound_at: dict[str, list[tuple[int, list[Code]]]] = {}
    for position, (name, values) in enumerate(names.bindings):
        codes = codes_in(values)
        if codes:
            bound_at.setdefault(name, []).append((position, codes))
    total = Reach()
    for use in names.uses:

        def lookup(name: str, at: int = use.at, held: dict[str, Values] = use.values) -> list[Code]:
            found = codes_in(held[name]) if name in held else []
            for position, codes in bound_at.get(name, ()):
                if position >= at:
                    found += codes
            return found

        found = reach(use.codes, lookup, use.bound)
        total.reads |= found.reads
        total.writes |= found.writes
        total.deletes |= found.deletes
        total.mutates |= found.mutates
    return total


def _roughly(statements: list[ast.stmt], source: str) -> Effects:
    """Take all names in code that nests too deep to follow."""
    reads: set[str] = set()
    writes: set[str] = set()
    for statement in statements:
        for node in ast.walk(statement):
            if isinstance(node, ast.Name):
                reads.add(node.id)
                if not isinstance(node.ctx, ast.Load):
                    writes.add(node.id)
            elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                writes.add(node.name)
            elif isinstance(node, ast.alias):
                writes.add((node.asname or node.name).partition(".")[0])
    reads.add(EVERY_NAME)
    writes.add(EVERY_NAME)
    return Effects(
        reads=frozenset(reads),
        may_writes=frozenset(writes),
        inert=False,
        opaque=("The code nests too deep to be followed.",),
        shown_reads=frozenset(reads),
        source=source,
    )
