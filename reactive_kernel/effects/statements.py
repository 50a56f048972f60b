"""Effects of statements, along every way that execution can take."""

from __future__ import annotations

import ast
from typing import Final

from .definitions import Definitions, last_name
from .expressions import HANDLERS, handles
from .flow import NO_VALUES, Flow, join
from .names import Loop, MisplacedError
from .scopes import CLASS, FUNCTION, MODULE

# Context managers made to swallow what their body raises.
_SWALLOWING: Final = frozenset(
    {"suppress", "raises", "assertRaises", "assertRaisesRegex", "ExitStack", "AsyncExitStack"}
)


class Statements(Definitions):
    """Goes through statements."""

    def body(self, statements: list[ast.stmt]) -> None:
        """Go through statements that run one after the other."""
        for statement in statements:
            if self.flow.dead and self.frame.kind == MODULE:
                # In a function what never runs still decides which names are local.
                return
            HANDLERS[type(statement)](self, statement)

    @handles("Pass")
    def _visit_pass(self, node: ast.Pass) -> None:
        pass

    @handles("Expr")
    def _visit_expr(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):
            self.inert = False
            self.expr(node.value)

    # Assignments

    @handles("Assign")
    def _visit_assign(self, node: ast.Assign) -> None:
        targets = node.targets
        if len(targets) == 1 and _alike(targets[0], node.value):
            self._assign_each(targets[0], node.value)
            return
        if not all(isinstance(target, ast.Name) for target in targets):
            self.expr(node.value)
            values = NO_VALUES
        else:
            values = self.stored(node.value)
        for target in targets:
            self.target(target, values)

    def _assign_each(self, target: ast.expr, value: ast.expr) -> None:
        assert isinstance(target, (ast.Tuple, ast.List))
        assert isinstance(value, (ast.Tuple, ast.List))
        kept = [self.stored(element) for element in value.elts]
        for element, values in zip(target.elts, kept, strict=True):
            self.target(element, values)

    @handles("AugAssign")
    def _visit_aug_assign(self, node: ast.AugAssign) -> None:
        self.inert = False
        target = node.target
        if isinstance(target, ast.Name):
            self._visit_name(target)
            self.mutate(target, surely=False)
            self.expr(node.value)
            self.store(target.id)
        else:
            self.expr(_as_read(target))
            self.expr(node.value)
            self.target(target)

    @handles("AnnAssign")
    def _visit_ann_assign(self, node: ast.AnnAssign) -> None:
        target = node.target
        if node.value is not None:
            values = self.stored(node.value)
            self.target(target, values if isinstance(target, ast.Name) else NO_VALUES)
        elif isinstance(target, ast.Name):
            # A bare annotation binds nothing, and makes the name local all the same.
            if self.scope.kind in (FUNCTION, CLASS) and target.id not in self.scope.globals:
                self.scope.bound.add(self.scope.private(target.id))
        elif isinstance(target, (ast.Attribute, ast.Subscript)):
            self.expr(target.value)
            if isinstance(target, ast.Subscript):
                self.expr(target.slice)
        if self.scope.kind != FUNCTION:
            self.annotation(node.annotation)

    @handles("Delete")
    def _visit_delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            self._delete(target)

    def _delete(self, target: ast.expr) -> None:
        if isinstance(target, ast.Name):
            self.delete(target.id)
        elif isinstance(target, (ast.Tuple, ast.List)):
            for element in target.elts:
                self._delete(element)
        else:
            self.target(target)

    @handles("Global")
    def _visit_global(self, node: ast.Global) -> None:
        if self.scope.kind != MODULE:
            self.scope.globals.update(map(self.scope.private, node.names))

    @handles("Nonlocal")
    def _visit_nonlocal(self, node: ast.Nonlocal) -> None:
        if self.scope.kind == MODULE:
            raise MisplacedError("nonlocal declaration not allowed at module level", node.lineno)
        self.scope.outer.update(map(self.scope.private, node.names))

    # Branches

    @handles("If")
    def _visit_if(self, node: ast.If) -> None:
        true, false = self.test(node.test)
        self.flow = true
        self.body(node.body)
        true, self.flow = self.flow, false
        self.body(node.orelse)
        self.flow = join(true, self.flow)

    @handles("Match")
    def _visit_match(self, node: ast.Match) -> None:
        self.inert = False
        self.expr(node.subject)
        ends: list[Flow] = []
        rest = self.flow
        for case in node.cases:
            self.flow = rest.copy()
            names: list[str] = []
            always = self._pattern(case.pattern, names)
            for name in names:
                self.store(name)
            if always:
                rest.dead = True
            if case.guard is not None:
                self.flow, refused = self.test(case.guard)
                rest = join(rest, refused)
            self.body(case.body)
            ends.append(self.flow)
        self.flow = join(rest, *ends)

    def _pattern(self, pattern: ast.pattern, names: list[str]) -> bool:
        """Go through a pattern, whose names are bound once all of it matches.

        Tells whether it matches everything.
        """
        if isinstance(pattern, ast.MatchValue):
            self.expr(pattern.value)
        elif isinstance(pattern, ast.MatchClass):
            self.expr(pattern.cls)
        elif isinstance(pattern, ast.MatchMapping):
            for key in pattern.keys:
                self.expr(key)
            if pattern.rest is not None:
                names.append(pattern.rest)
        within = [
            self._pattern(child, names)
            for child in ast.iter_child_nodes(pattern)
            if isinstance(child, ast.pattern)
        ]
        if isinstance(pattern, (ast.MatchAs, ast.MatchStar)) and pattern.name is not None:
            names.append(pattern.name)
        if isinstance(pattern, ast.MatchAs):
            return pattern.pattern is None or within[0]
        return isinstance(pattern, ast.MatchOr) and any(within)

    # Loops

    @handles("While")
    def _visit_while(self, node: ast.While) -> None:
        before = self.flow.bound.copy()
        loop = self.enter_loop()
        true, false = self.test(node.test)
        self.flow = true
        self.body(node.body)
        self._round_again(loop)
        gained = false.bound - before
        self.flow = join(false, self.flow, *loop.continues) if not false.dead else false
        # However often it has run, the condition was evaluated to the end once more.
        self.flow.bound |= gained
        self._leave_by(loop, node.orelse)

    @handles("For", "AsyncFor")
    def _visit_for(self, node: ast.For | ast.AsyncFor) -> None:
        self.inert = False
        self.expr(node.iter)
        before = self.flow.copy()
        loop = self.enter_loop()
        self.target(node.target)
        self.body(node.body)
        self._round_again(loop)
        self.flow = join(self.flow, *loop.continues)
        if not _has_items(node.iter):
            self.flow = join(before, self.flow)
        self._leave_by(loop, node.orelse)

    def _round_again(self, loop: Loop) -> None:
        """Let a loop be broken off in a later round than the first."""
        for end in (self.flow, *loop.continues):
            if not end.dead:
                for flow in loop.breaks:
                    flow.gone |= end.gone - (flow.bound - loop.bound)

    def _leave_by(self, loop: Loop, otherwise: list[ast.stmt]) -> None:
        """Go through what follows a loop that was not broken off, and end the loop."""
        self.leave_loop(loop)
        self.body(otherwise)
        self.flow = join(self.flow, *loop.breaks)

    @handles("Break")
    def _visit_break(self, node: ast.Break) -> None:
        if self.loop is None:
            raise MisplacedError("'break' outside loop", node.lineno)
        self.loop.breaks.append(self.flow.copy())
        self.flow.dead = True

    @handles("Continue")
    def _visit_continue(self, node: ast.Continue) -> None:
        if self.loop is None:
            raise MisplacedError("'continue' not properly in loop", node.lineno)
        self.loop.continues.append(self.flow.copy())
        self.flow.dead = True

    # Leaving

    @handles("Return")
    def _visit_return(self, node: ast.Return) -> None:
        if self.scope.kind != FUNCTION:
            raise MisplacedError("'return' outside function", node.lineno)
        if node.value is not None:
            self.expr(node.value)
        self.returns.append(self.flow.copy())
        self.flow.dead = True

    @handles("Raise")
    def _visit_raise(self, node: ast.Raise) -> None:
        self.parts(node)
        self.flow.dead = True

    @handles("Assert")
    def _visit_assert(self, node: ast.Assert) -> None:
        true, self.flow = self.test(node.test)
        if node.msg is not None:
            self.expr(node.msg)
        self.flow = true

    @handles("Try", "TryStar")
    def _visit_try(self, node: ast.Try) -> None:
        before = self.flow.copy()
        bindings, deletions = len(self.bindings), len(self.deletions)
        breaks = len(self.loop.breaks) if self.loop is not None else 0
        self.body(node.body)
        caught = self.interrupted(before, bindings, deletions)
        self.body(node.orelse)
        ends = [self.flow]
        for handler in node.handlers:
            self.flow = caught.copy()
            if handler.type is not None:
                self.inert = False
                self.expr(handler.type)
            if handler.name is None:
                self.body(handler.body)
            else:
                self._named_handler(handler.name, handler.body)
            ends.append(self.flow)
        normal = join(*ends)
        if not node.finalbody:
            self.flow = normal
            return
        self.flow = normal
        self.flow = self.interrupted(before, bindings, deletions)
        entry_gone = self.flow.gone.copy()
        deletions = len(self.deletions)
        self.body(node.finalbody)
        final, again = self.flow, set(self.deletions[deletions:])
        final.dead = final.dead or normal.dead
        final.bound |= normal.bound
        final.gone = {
            name
            for name in final.gone
            if name in normal.gone or name not in entry_gone or name in again
        }
        if self.loop is not None:
            for flow in self.loop.breaks[breaks:]:
                flow.gone |= again

    def _named_handler(self, name: str, body: list[ast.stmt]) -> None:
        """Go through a handler, whose name is unbound whichever way it is left."""
        scope, loop = self.scope, self.loop
        is_global = scope.kind == MODULE or name in scope.globals
        if is_global:
            self.probe(name, shown=False)
        self.store(name)
        leaving = (len(loop.breaks), len(loop.continues)) if loop is not None else (0, 0)
        self.body(body)
        if is_global:
            self.forget_global(name)
            # Also where the handler raises, and a statement around it goes on from there.
            self.deletions.append(name)
            if loop is not None:
                for flow in loop.breaks[leaving[0] :] + loop.continues[leaving[1] :]:
                    flow.gone.add(name)
        elif scope.kind == CLASS:
            self.flow.bound.discard(scope.prefix + name)

    @handles("With", "AsyncWith")
    def _visit_with(self, node: ast.With | ast.AsyncWith) -> None:
        self.inert = False
        swallowed: Flow | None = None
        bindings, deletions = len(self.bindings), len(self.deletions)
        for item in node.items:
            manager = item.context_expr
            self.expr(manager)
            name = last_name(manager)
            if swallowed is None and (name in _SWALLOWING or name in self.flow.values):
                swallowed = self.flow.copy()
            if item.optional_vars is not None:
                self.target(item.optional_vars)
        self.body(node.body)
        if swallowed is not None:
            left = self.interrupted(swallowed, bindings, deletions)
            self.flow = join(self.flow, left)


def _as_read(target: ast.Attribute | ast.Subscript) -> ast.expr:
    if isinstance(target, ast.Attribute):
        return ast.Attribute(target.value, target.attr, ast.Load())
    return ast.Subscript(target.value, target.slice, ast.Load())


def _alike(target: ast.expr, value: ast.expr) -> bool:
    """Whether a display is unpacked item by item."""
    return (
        isinstance(target, (ast.Tuple, ast.List))
        and isinstance(value, (ast.Tuple, ast.List))
        and len(target.elts) == len(value.elts)
        and all(isinstance(element, ast.Name) for element in target.elts)
        and not any(isinstance(element, ast.Starred) for element in value.elts)
    )


def _has_items(iterable: ast.expr) -> bool:
    """Whether a loop over an expression surely runs."""
    if isinstance(iterable, (ast.Tuple, ast.List)):
        return any(not isinstance(element, ast.Starred) for element in iterable.elts)
    return isinstance(iterable, ast.Constant) and bool(iterable.value)
