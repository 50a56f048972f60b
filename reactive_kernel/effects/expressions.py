"""Effects of expressions, in the order in which they are evaluated."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterable
from typing import Any, Final, TypeVar

from . import dynamic, namespace
from .code import Code
from .flow import NO_VALUES, OTHER, Flow, Text, Values, codes_in, join
from .functions import Functions
from .names import MisplacedError
from .scopes import CLASS, COMPREHENSION, MODULE, Scope

_Handler = TypeVar("_Handler", bound=Callable[[Any, Any], None])

# Since Python 3.14 annotations are evaluated when they are asked for.
LAZY_ANNOTATIONS: Final = sys.version_info >= (3, 14)


HANDLERS: Final[dict[type, Callable[[Any, Any], None]]] = {}


def handles(*kinds: str) -> Callable[[_Handler], _Handler]:
    """Make a method the one that goes through some kinds of nodes, where Python has them."""

    def register(handler: _Handler) -> _Handler:
        for kind in kinds:
            if hasattr(ast, kind):
                HANDLERS[getattr(ast, kind)] = handler
        return handler

    return register


class Expressions(Functions):
    """Goes through expressions."""

    def __init__(self) -> None:
        super().__init__()
        self.plain_annotations = True

    def expr(self, node: ast.expr) -> None:
        """Go through an expression that is evaluated here."""
        handler = HANDLERS.get(type(node))
        if handler is not None:
            handler(self, node)
        else:
            self.parts(node)

    def parts(self, node: ast.AST) -> None:
        """Go through what an expression is made of, from left to right."""
        self.inert = False
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.expr(child)

    def stored(self, node: ast.expr) -> Values:
        """Go through an expression whose value is only kept, and tell what that may be."""
        kind = type(node)
        if kind is ast.Name:
            assert isinstance(node, ast.Name)
            key = self.load(node.id)
            if key is None:
                return NO_VALUES
            return self.flow.values.get(key, NO_VALUES) | self.awaited(key)
        if kind is ast.Constant:
            assert isinstance(node, ast.Constant)
            return frozenset({Text(node.value)}) if type(node.value) is str else NO_VALUES
        if self.frame.kind == MODULE:
            if isinstance(node, ast.Lambda):
                return frozenset({self.function_of(node)})
            if isinstance(node, (ast.Tuple, ast.List)):
                return self._contents(node.elts)
            if isinstance(node, ast.Dict) and all(
                isinstance(key, ast.Constant) for key in node.keys
            ):
                return self._contents(node.values)
            if isinstance(node, ast.NamedExpr):
                values = self.stored(node.value)
                self.target(node.target, values)
                return values
            if isinstance(node, ast.IfExp):
                self.inert = False
                true, false = self.test(node.test)
                self.flow = true
                first = self.stored(node.body)
                true, self.flow = self.flow, false
                second = self.stored(node.orelse)
                self.flow = join(true, self.flow)
                return (first or OTHER) | (second or OTHER) if first or second else NO_VALUES
            known = namespace.value_of(self, node)
            if known is not None:
                return known
        self.expr(node)
        return NO_VALUES

    def _contents(self, elements: Iterable[ast.expr]) -> Values:
        found: set[Code] = set()
        for element in elements:
            found.update(codes_in(self.stored(element)))
        return frozenset(found) | OTHER if found else NO_VALUES

    # Names and what is stored in them

    @handles("Name")
    def _visit_name(self, node: ast.Name) -> None:
        key = self.load(node.id)
        if key is not None and (self.flow.values or self.loop is not None):
            self.touch(key)

    @handles("Constant")
    def _visit_constant(self, node: ast.Constant) -> None:
        pass

    @handles("NamedExpr")
    def _visit_named_expr(self, node: ast.NamedExpr) -> None:
        self.target(node.target, self.stored(node.value))

    def target(self, node: ast.expr, values: Values = NO_VALUES) -> None:
        """Go through what is assigned to."""
        if isinstance(node, ast.Name):
            self.store(node.id, values)
        elif isinstance(node, (ast.Tuple, ast.List)):
            self.inert = False
            for element in node.elts:
                self.target(element)
        elif isinstance(node, ast.Starred):
            self.target(node.value)
        elif isinstance(node, (ast.Attribute, ast.Subscript)):
            self.inert = False
            if not namespace.item(self, node):
                self.expr(node.value)
                if isinstance(node, ast.Subscript):
                    self.expr(node.slice)
                self.mutate(node, surely=True)

    @handles("Subscript")
    def _visit_subscript(self, node: ast.Subscript) -> None:
        self.inert = False
        if not namespace.item(self, node):
            self.expr(node.value)
            self.expr(node.slice)

    @handles("Attribute")
    def _visit_attribute(self, node: ast.Attribute) -> None:
        self.inert = False
        if not namespace.namespace_of_shell(self, node):
            self.expr(node.value)

    # Displays

    @handles("Tuple", "List")
    def _visit_tuple(self, node: ast.Tuple | ast.List) -> None:
        for element in node.elts:
            self.expr(element)

    @handles("JoinedStr")
    def _visit_joined_str(self, node: ast.JoinedStr) -> None:
        self.inert = False
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                self.expr(part.value)
                if part.format_spec is not None:
                    self.expr(part.format_spec)

    @handles("Dict")
    def _visit_dict(self, node: ast.Dict) -> None:
        for key, value in zip(node.keys, node.values, strict=True):
            if not isinstance(key, ast.Constant):
                self.inert = False
            if key is not None:
                self.expr(key)
                self.expr(value)
            elif not namespace.copied(self, value):
                self.expr(value)

    # Calls

    @handles("Call")
    def _visit_call(self, node: ast.Call) -> None:
        self.inert = False
        if dynamic.call(self, node):
            return
        function = node.func
        self.expr(function)
        if isinstance(function, ast.Attribute):
            self.mutate(function.value, surely=False)
        self.arguments(node)
        if isinstance(function, ast.Name) and self.flow.values:
            self._called(function.id)

    def arguments(self, node: ast.Call) -> None:
        """Go through the arguments of a call."""
        for argument in node.args:
            self.expr(argument)
        for keyword in node.keywords:
            # timeit and its like look names up in the dict they are given.
            looked_into = keyword.arg is None or keyword.arg == "globals"
            if not (looked_into and namespace.copied(self, keyword.value)):
                self.expr(keyword.value)

    def _called(self, name: str) -> None:
        """Note what a call that has returned has surely written."""
        values = self.flow.values.get(name, NO_VALUES)
        if self.scope.kind != MODULE or len(values) != 1:
            return
        for code in codes_in(values):
            for written in code.surely:
                self.store_global(written)
                if written in code.deletes:
                    self.flow.gone.add(written)

    @handles("Lambda")
    def _visit_lambda(self, node: ast.Lambda) -> None:
        self.use([self.function_of(node)])

    def function_of(self, node: ast.Lambda) -> Code:
        """Go through a lambda, and tell what calling it does."""
        self.defaults(node.args)

        def body() -> None:
            self.expr(node.body)

        code = self.function(node.args, body)
        if self.scope.kind == CLASS:
            self.scope.code.parts += (code,)
        return code

    def defaults(self, arguments: ast.arguments) -> None:
        """Go through the defaults of parameters, which are only kept."""
        for default in (*arguments.defaults, *arguments.kw_defaults):
            if default is not None:
                self.use(codes_in(self.stored(default)))

    # Expressions of which parts may not be evaluated

    def test(self, node: ast.expr) -> tuple[Flow, Flow]:
        """Go through a condition; gives the states where it is true and where it is false."""
        if isinstance(node, ast.BoolOp):
            self.inert = False
            left_early: list[Flow] = []
            for part in node.values:
                true, false = self.test(part)
                if isinstance(node.op, ast.Or):
                    true, false = false, true
                self.flow = true
                left_early.append(false)
            last, short = self.flow, join(*left_early)
            return (short, last) if isinstance(node.op, ast.Or) else (last, short)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            self.inert = False
            true, false = self.test(node.operand)
            return false, true
        if isinstance(node, ast.Constant):
            never = self.flow.copy()
            never.dead = True
            return (self.flow, never) if node.value else (never, self.flow)
        self.expr(node)
        self.inert = False
        return self.flow, self.flow.copy()

    @handles("BoolOp")
    def _visit_bool_op(self, node: ast.BoolOp) -> None:
        self.flow = join(*self.test(node))

    @handles("IfExp")
    def _visit_if_exp(self, node: ast.IfExp) -> None:
        self.inert = False
        true, false = self.test(node.test)
        self.flow = true
        self.expr(node.body)
        true, self.flow = self.flow, false
        self.expr(node.orelse)
        self.flow = join(true, self.flow)

    @handles("Compare")
    def _visit_compare(self, node: ast.Compare) -> None:
        self.inert = False
        if namespace.membership(self, node):
            return
        self.expr(node.left)
        self.expr(node.comparators[0])
        for comparator in node.comparators[1:]:
            before = self.flow.copy()
            self.expr(comparator)
            self.flow = join(before, self.flow)

    @handles("BinOp")
    def _visit_bin_op(self, node: ast.BinOp) -> None:
        self.inert = False
        # Long sums nest as deep as they are long.
        right: list[ast.expr] = []
        left: ast.expr = node
        while isinstance(left, ast.BinOp):
            right.append(left.right)
            left = left.left
        self.expr(left)
        for operand in reversed(right):
            self.expr(operand)

    # Comprehensions

    def comprehension(
        self, generators: list[ast.comprehension], elements: tuple[ast.expr, ...]
    ) -> None:
        """Go through a comprehension, whose first iterable belongs to the code around."""
        self.inert = False
        self.expr(generators[0].iter)
        before = self.flow
        self.flow = before.copy()
        scope = Scope(COMPREHENSION, self.scope)
        for generator in generators:
            scope.bound.update(names_in(generator.target))
        outer, self.scope = self.scope, scope
        for position, generator in enumerate(generators):
            if position:
                self.expr(generator.iter)
            self._inner_target(generator.target)
            for condition in generator.ifs:
                self.flow, _ = self.test(condition)
        for element in elements:
            self.expr(element)
        self.scope = outer
        self.flow = join(before, self.flow)

    def _inner_target(self, node: ast.expr) -> None:
        if isinstance(node, (ast.Tuple, ast.List)):
            for element in node.elts:
                self._inner_target(element)
        elif isinstance(node, ast.Starred):
            self._inner_target(node.value)
        elif not isinstance(node, ast.Name):
            self.target(node)

    @handles("ListComp", "SetComp", "GeneratorExp")
    def _visit_list_comp(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp) -> None:
        self.comprehension(node.generators, (node.elt,))

    @handles("DictComp")
    def _visit_dict_comp(self, node: ast.DictComp) -> None:
        self.comprehension(node.generators, (node.key, node.value))

    # Generators

    @handles("Yield", "YieldFrom")
    def _visit_yield(self, node: ast.Yield | ast.YieldFrom) -> None:
        if self.frame.kind == MODULE:
            raise MisplacedError("'yield' outside function", node.lineno)
        # A generator that was called has not run yet.
        self.returns.append(Flow())
        self.parts(node)

    # Annotations

    def annotation(self, node: ast.expr | None) -> None:
        """Go through an annotation."""
        if node is None or not self.plain_annotations:
            return
        if LAZY_ANNOTATIONS:
            self.postponed(node)
        else:
            self.expr(node)


def names_in(target: ast.expr) -> Iterable[str]:
    """Names that a target binds."""
    if isinstance(target, ast.Name):
        yield target.id
    elif isinstance(target, (ast.Tuple, ast.List)):
        for element in target.elts:
            yield from names_in(element)
    elif isinstance(target, ast.Starred):
        yield from names_in(target.value)
