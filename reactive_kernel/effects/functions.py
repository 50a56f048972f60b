"""Effects of the bodies of functions, which run when they are called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .flow import Flow
from .names import Names
from .scopes import FUNCTION, MODULE, Scope

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable

    from .code import Code


class Functions(Names):
    """Goes through functions."""

    def __init__(self) -> None:
        super().__init__()
        self.returns: list[Flow] = []

    def function(
        self,
        arguments: ast.arguments | None,
        body: Callable[[], None],
        *,
        sees_class: bool = False,
    ) -> Code:
        """Go through the body of a function, and tell what calling it does."""
        scope = Scope(FUNCTION, self.scope)
        scope.sees_class = sees_class
        if arguments is not None:
            for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
                scope.bound.add(scope.private(argument.arg))
            for rest in (arguments.vararg, arguments.kwarg):
                if rest is not None:
                    scope.bound.add(scope.private(rest.arg))
        kept = (self.scope, self.frame, self.flow, self.loop, self.returns, self.inert)
        self.scope = self.frame = scope
        self.flow = Flow()
        self.flow.bound.update(scope.bound)
        self.loop = None
        self.returns = []
        body()
        ends = [flow.bound for flow in (*self.returns, self.flow) if not flow.dead]
        self.scope, self.frame, self.flow, self.loop, self.returns, self.inert = kept
        code = scope.code
        if ends and scope.globals:
            code.surely = frozenset(scope.globals).intersection(*ends)
        self._leave(scope)
        return code

    def _leave(self, scope: Scope) -> None:
        """Settle which names of a function that ends are global."""
        code = scope.code
        for name, covered in scope.reads.items():
            if name in scope.globals:
                code.read(name, covered)
            elif not scope.is_local(name):
                above = self._owner(name, scope)
                if above is None:
                    continue
                if above.kind == FUNCTION:
                    above.read(name, self.flow.bound)
                else:
                    code.read(name, covered)
        self._leave_mutated(scope)
        if self.frame.kind == FUNCTION and not self.flow.dead:
            self.frame.code.absorb(code)

    def _leave_mutated(self, scope: Scope) -> None:
        """Settle which names that a function that ends mutates are global."""
        code = scope.code
        for name in scope.mutated:
            if name in scope.globals:
                code.mutates.add(name)
            elif not scope.is_local(name):
                above = self._owner(name, scope)
                if above is not None and above.kind == FUNCTION:
                    if name not in self.flow.bound:
                        above.mutated.add(name)
                elif above is not None:
                    code.mutates.add(name)

    def _owner(self, name: str, scope: Scope) -> Scope | None:
        """Find the function or notebook around that a name belongs to; none if found before."""
        above = scope.visible
        while above is not None and above.kind not in (MODULE, FUNCTION):
            if name in above.bound:
                return None
            above = above.visible
        return above

    def postponed(self, node: ast.expr) -> Code:
        """Go through an expression that is evaluated when it is asked for."""

        def body() -> None:
            self.expr(node)

        code = self.function(None, body, sees_class=True)
        if self.frame.kind == MODULE:
            self.later.append(code)
        return code

    def procedure(self, statements: list[ast.stmt]) -> Code:
        """Go through statements that run as the body of a function of their own."""

        def body() -> None:
            self.body(statements)

        return self.function(None, body)
