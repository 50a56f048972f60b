"""Effects of imports and of defining functions and classes."""

from __future__ import annotations

import ast
from typing import Final, TypeAlias

from .code import Code
from .expressions import Expressions, handles
from .flow import OTHER, Values, codes_in
from .scopes import CLASS, FUNCTION, MODULE, TYPE_PARAMETERS, Scope

_Definition: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef

# Decorators that keep what they decorate and call nothing of it.
_KEEPING: Final = frozenset(
    {
        "abstractmethod",
        "asynccontextmanager",
        "cache",
        "cached_property",
        "classmethod",
        "contextmanager",
        "dataclass",
        "deleter",
        "final",
        "getter",
        "lru_cache",
        "overload",
        "override",
        "property",
        "runtime_checkable",
        "setter",
        "staticmethod",
        "total_ordering",
        "wraps",
    }
)


def last_name(node: ast.expr) -> str:
    """Name of what is called, or of its last attribute."""
    if isinstance(node, ast.Call):
        node = node.func
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


class Definitions(Expressions):
    """Goes through imports and definitions."""

    # Imports

    @handles("Import")
    def _visit_import(self, node: ast.Import) -> None:
        self.inert = False
        for alias in node.names:
            self._imported(alias.asname or alias.name.partition(".")[0])

    @handles("ImportFrom")
    def _visit_import_from(self, node: ast.ImportFrom) -> None:
        self.inert = False
        for alias in node.names:
            if alias.name != "*":
                self._imported(alias.asname or alias.name)
                if node.module == "__future__" and alias.name == "annotations":
                    self.plain_annotations = False
            elif not self.flow.dead:
                self.store_global(alias.name)
                self.star_imports.append("." * node.level + (node.module or ""))

    def _imported(self, name: str) -> None:
        self.store(name)
        if self.scope.kind == MODULE and not self.flow.dead:
            self.imports[name] += 1

    # Definitions

    @handles("FunctionDef", "AsyncFunctionDef")
    def _visit_function_def(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        called = self._decorators(node.decorator_list)
        self.defaults(node.args)
        outer = self._type_parameters(node)
        arguments = node.args
        for argument in (
            *arguments.posonlyargs,
            *arguments.args,
            *arguments.kwonlyargs,
            *filter(None, (arguments.vararg, arguments.kwarg)),
        ):
            self.annotation(argument.annotation)
        self.annotation(node.returns)

        def body() -> None:
            self.body(node.body)

        code = self.function(arguments, body)
        self.scope = outer
        if isinstance(node, ast.AsyncFunctionDef):
            code.surely = frozenset()
        if outer.kind == CLASS:
            outer.code.parts += (code,)
            if node.name in ("__init_subclass__", "__mro_entries__"):
                outer.code.hooked = True
        if called:
            self.use([code])
        self._define(node, code)

    @handles("ClassDef")
    def _visit_class_def(self, node: ast.ClassDef) -> None:
        called = self._decorators(node.decorator_list)
        outer = self._type_parameters(node)
        bases = [code for base in node.bases for code in self._base(base)]
        for keyword in node.keywords:
            self.expr(keyword.value)
        if node.bases or node.keywords:
            self.inert = False
        scope = Scope(CLASS, self.scope, self.prefix())
        scope.klass = node.name
        scope.code.hooked = bool(node.keywords) or any(base.hooked for base in bases)
        self.flow.bound.update(
            scope.prefix + name for name in ("__module__", "__qualname__", "__firstlineno__")
        )
        self.scope = scope
        for statement in node.body:
            if isinstance(statement, (ast.Assign, ast.AnnAssign)) and not isinstance(
                statement.value, (ast.Constant, ast.Lambda)
            ):
                # What is stored in a class may have a `__set_name__`, which is called.
                self.inert = False
        self.body(node.body)
        self.scope = outer
        code = scope.code
        if self.frame.kind == FUNCTION and not self.flow.dead:
            for name in scope.doubtful & scope.bound:
                self.frame.code.read(name)
        code.parts += tuple(bases)
        if called:
            self.use([code])
        self._define(node, code)

    def _base(self, node: ast.expr) -> list[Code]:
        """Go through a base class, of which deriving from it calls nothing but hooks."""
        if not isinstance(node, ast.Name):
            self.expr(node)
            return []
        codes = codes_in(self.stored(node))
        self.use(code for code in codes if code.hooked)
        return codes

    def _decorators(self, decorators: list[ast.expr]) -> bool:
        """Go through decorators; tells whether they may call what they decorate."""
        called = False
        for decorator in decorators:
            self.inert = False
            name = last_name(decorator)
            if isinstance(decorator, ast.Attribute) and name in ("deleter", "getter", "setter"):
                self.stored(decorator.value)
            else:
                self.expr(decorator)
            called = called or name not in _KEEPING or name in self.flow.values
        return called

    def _type_parameters(self, node: ast.stmt) -> Scope:
        """Open the scope of type parameters, if there are any; gives the scope around it."""
        outer = self.scope
        parameters = getattr(node, "type_params", ())
        if parameters:
            self.scope = Scope(TYPE_PARAMETERS, outer)
            self.scope.bound.update(self.scope.private(each.name) for each in parameters)
            for each in parameters:
                for expression in (
                    getattr(each, "bound", None),
                    getattr(each, "default_value", None),
                ):
                    if expression is not None:
                        self.postponed(expression)
        return outer

    def _define(self, node: _Definition, code: Code) -> None:
        values: Values = frozenset({code})
        self.store(node.name, values | OTHER if node.decorator_list else values)

    @handles("TypeAlias")
    def _visit_type_alias(self, node: ast.stmt) -> None:
        outer = self._type_parameters(node)
        code = self.postponed(node.value)  # type: ignore[attr-defined]
        self.scope = outer
        self.store(node.name.id, frozenset({code}) | OTHER)  # type: ignore[attr-defined]
