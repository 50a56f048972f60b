"""Code inside code: strings that are run where they stand."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from .flow import codes_in, join
from .names import MisplacedError, Names
from .parsing import UnparsableError, parse, parse_expression
from .scopes import CLASS, COMPREHENSION, MODULE, Scope

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable


def run(names: Names, text: str) -> None:
    """Go through statements, in Python or IPython, that run here."""
    statements = statements_in(text)
    if statements is not None:
        run_here(names, lambda where: where.body(statements))


def evaluate(names: Names, text: str) -> bool:
    """Go through an expression that is evaluated here; tells whether it parses."""
    node = parse_expression(text)
    if node is None:
        return False
    names.inert = False
    run_here(names, lambda where: where.expr(node))
    return True


def run_here(names: Names, visit: Callable[[Names], None]) -> None:
    """Go through code as ``exec`` runs it: what a function's own names are given is lost."""
    if names.frame.kind != MODULE or names.scope.kind not in (MODULE, CLASS):
        run_apart(names, visit, local=True)
        return
    kept = (names.scope, names.frame, names.loop)
    try:
        visit(names)
    except MisplacedError:
        # The compiler refuses it, so none of it runs.
        pass
    finally:
        names.scope, names.frame, names.loop = kept


def run_apart(names: Names, visit: Callable[[Names], None], *, local: bool) -> None:
    """Go through code that is compiled by itself, and so has global names only.

    Where it is `local`, what it binds is lost, and it sees names surely bound around it.
    """
    inner = type(names)()
    if local:
        inner.scope = Scope(CLASS, inner.scope, inner.prefix())
        inner.scope.apart = True
    own = inner.scope
    with contextlib.suppress(MisplacedError):
        visit(inner)
    for name in inner.reads | inner.probes | own.doubtful:
        # Functions and comprehensions in the string do not see what is around it.
        if name in inner.reads or not names.is_local(name):
            names.load_global(name)
    held = (code for values in inner.flow.values.values() for code in codes_in(values))
    called = {code for use in inner.uses for code in use.codes}.union(held)
    for code in called:
        for part in (code, *code.parts):
            for name in part.reads:
                names.load_global(name)
            names.may_bind(part.writes)
            names.may_unbind(part.deletes)
    names.may_bind(inner.may_writes)
    names.may_unbind((*inner.deletions, *inner.may_delete))
    if names.scope.kind == CLASS:
        names.scope.bound |= own.bound
    if names.scope.kind == COMPREHENSION and names.frame.kind == MODULE:
        # Python 3.12 and later run comprehensions in the code around them.
        names.may_bind(own.bound)
    names.opaque.update(inner.opaque)
    names.queries |= inner.queries
    names.dialects.update(inner.dialects)
    for candidates in inner.lookups:
        for name in candidates:
            names.load_global(name)


def guarded(names: Names, visit: Callable[[], object]) -> None:
    """Go through code whose exceptions are kept from the cell."""
    before = names.flow.copy()
    bindings, deletions = len(names.bindings), len(names.deletions)
    visit()
    left = names.interrupted(before, bindings, deletions)
    names.flow = join(names.flow, left)


def statements_in(text: str) -> list[ast.stmt] | None:
    """Parse statements, or nothing where they do not parse."""
    try:
        return parse(text).tree.body
    except UnparsableError:
        return None
