"""Code inside code: strings that are run where they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .flow import join
from .names import MisplacedError, Names
from .parsing import UnparsableError, parse, parse_expression
from .scopes import CLASS, MODULE, Scope

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable


def run(names: Names, text: str) -> bool:
    """Go through statements that run here, in Python or IPython; tells whether they parse."""
    try:
        tree = parse(text).tree
    except UnparsableError:
        return False
    run_here(names, lambda: names.body(tree.body))
    return True


def evaluate(names: Names, text: str) -> bool:
    """Go through an expression that is evaluated here; tells whether it parses."""
    node = parse_expression(text)
    if node is None:
        return False
    names.inert = False
    run_here(names, lambda: names.expr(node))
    return True


def run_here(names: Names, visit: Callable[[], None]) -> None:
    """Go through code as ``exec`` runs it: what a function's own names are given is lost."""
    kept = (names.scope, names.frame, names.loop, names.inert)
    if names.scope.kind not in (MODULE, CLASS):
        names.scope = Scope(CLASS, names.scope, names.prefix())
    try:
        visit()
    except MisplacedError:
        # The compiler refuses it, so none of it runs.
        pass
    finally:
        inert = names.inert
        names.scope, names.frame, names.loop, names.inert = kept
        names.inert = names.inert and inert


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
