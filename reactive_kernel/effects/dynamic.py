"""Names reached through strings and dicts: ``exec``, ``eval``, ``globals()``, the shell."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from . import magics
from .names import EVERY_NAME, Names
from .namespace import (
    NAMESPACE_METHODS,
    copied,
    escape,
    is_namespace,
    is_shell,
    look_everywhere,
    namespace_method,
    open_namespace,
    text_of,
)
from .nested import evaluate, guarded, run, run_apart, run_here
from .parsing import parse_expression, parse_python
from .queries import frames_in, variables_in
from .scopes import MODULE

if TYPE_CHECKING:
    from collections.abc import Callable

# Functions that only look at a dict they are given.
_READING: Final = (
    *("any", "all", "dict", "enumerate", "frozenset", "iter", "len", "list", "max", "min"),
    *("print", "repr", "set", "sorted", "str", "tuple"),
)
_COPIES_CONTEXT: Final = "copy_context"
"""Takes what each variable of contexts holds (PEP 567), whatever names these have."""

_STATEMENTS: Final = frozenset({"execute", "query", "sql"})
"""Methods that take SQL, of which DuckDB's and Polars' find frames by their variables."""

_RUN_TESTS: Final = frozenset({"doctest.testmod", "ipytest.run", "unittest.main"})

_COMMANDS: Final = frozenset({"system", "system_piped", "system_raw", "getoutput"})
_SHELL_METHODS: Final = _COMMANDS | {
    *("run_line_magic", "run_cell_magic", "magic", "push"),
    *("run_cell", "run_cell_async", "ev", "ex"),
}


def call(names: Names, node: ast.Call) -> bool:
    """Go through a call that reaches names in other ways than by spelling them.

    Tells whether it was one; otherwise it is left to be gone through as any call.
    """
    function = node.func
    if isinstance(function, ast.Name):
        if function.id == _COPIES_CONTEXT:
            names.load_everything()
        handler = _CALLS.get(function.id)
        return handler is not None and names.is_builtin(function.id) and handler(names, node)
    if not isinstance(function, ast.Attribute):
        return False
    method = function.attr
    if method in NAMESPACE_METHODS and is_namespace(names, function.value):
        return namespace_method(names, node, function)
    if method in _SHELL_METHODS and is_shell(names, function.value):
        return _shell_method(names, node, method)
    if method in ("query", "eval"):
        _query(names, node, function)
    if method in _STATEMENTS and node.args:
        text = text_of(names, node.args[0]) or _constants_in(node.args[0])
        for name in frames_in(text):
            names.expr(ast.Name(name, ast.Load()))
    elif _runs_tests(function):
        look_everywhere(names, f"{ast.unparse(function)}()")
    elif method == _COPIES_CONTEXT:
        names.load_everything()
    return False


def _runs_tests(function: ast.Attribute) -> bool:
    """Tell whether a function finds what it runs in ``__main__``."""
    root = function.value
    return isinstance(root, ast.Name) and f"{root.id}.{function.attr}" in _RUN_TESTS


def _exec(names: Names, node: ast.Call) -> bool:
    if not node.args:
        return False
    assert isinstance(node.func, ast.Name)
    runs = node.func.id == "exec"
    named = {keyword.arg: keyword.value for keyword in node.keywords}
    arguments: list[ast.expr | None] = [*node.args, named.get("globals"), named.get("locals")]
    its_globals, its_locals = (_given(argument) for argument in arguments[1:3])
    source = node.args[0]
    text = text_of(names, source)
    for part in (node.func, source):
        names.expr(part)
    shared = its_globals is not None and is_namespace(names, its_globals)
    for argument in (its_globals, its_locals):
        if argument is not None and is_namespace(names, argument):
            open_namespace(names, argument)
        elif argument is not None:
            names.expr(argument)
            names.mutate(argument, surely=False)
    if its_globals is not None and not shared:
        # Its names are those of another dict.
        return True
    if text is None:
        what = f"{node.func.id}() of something computed"
        if runs:
            escape(names, what)
        else:
            look_everywhere(names, what)
        return True
    visit = _visitor(text, runs=runs)
    if visit is None:
        return True
    if its_locals is not None and not is_namespace(names, its_locals):
        run_apart(names, visit, local=True)
    elif shared and names.scope.kind != MODULE:
        run_apart(names, visit, local=False)
    else:
        run_here(names, visit)
    return True


def _given(argument: ast.expr | None) -> ast.expr | None:
    """Leave out ``None``, which says that nothing is given."""
    return None if isinstance(argument, ast.Constant) and argument.value is None else argument


def _visitor(text: str, *, runs: bool) -> Callable[[Names], None] | None:
    """Make what goes through the code in a string; nothing where it does not parse."""
    if not runs:
        node = parse_expression(text)
        return None if node is None else lambda names: names.expr(node)
    try:
        statements = parse_python(text).body
    except (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError):
        return None
    return lambda names: names.body(statements)


def _namespace_call(names: Names, node: ast.Call) -> bool:
    if not is_namespace(names, node):
        return False
    open_namespace(names, node)
    escape(names, "globals() used as a whole")
    return True


def _dir(names: Names, node: ast.Call) -> bool:
    if node.args or node.keywords or names.scope.kind != MODULE:
        return False
    names.expr(node.func)
    look_everywhere(names, "dir()")
    return True


def _reader(names: Names, node: ast.Call) -> bool:
    if not any(is_namespace(names, argument) for argument in node.args):
        return False
    names.expr(node.func)
    for argument in node.args:
        if not copied(names, argument):
            names.expr(argument)
    for keyword in node.keywords:
        names.expr(keyword.value)
    return True


def _attribute_setter(names: Names, node: ast.Call) -> bool:
    if node.args:
        names.mutate(node.args[0], surely=False)
    return False


def _shell(_names: Names, node: ast.Call) -> bool:
    """Leave out the name that IPython's own syntax is rewritten to."""
    return not node.args and not node.keywords


_CALLS: Final[dict[str, Callable[[Names, ast.Call], bool]]] = {
    "exec": _exec,
    "eval": _exec,
    "globals": _namespace_call,
    "locals": _namespace_call,
    "vars": _namespace_call,
    "dir": _dir,
    "setattr": _attribute_setter,
    "delattr": _attribute_setter,
    "get_ipython": _shell,
    **dict.fromkeys(_READING, _reader),
}


def _shell_method(names: Names, node: ast.Call, method: str) -> bool:
    names.inert = False
    if method == "push":
        _push(names, node)
        return True
    texts = [text_of(names, argument) for argument in node.args]
    for argument in (*node.args, *(keyword.value for keyword in node.keywords)):
        names.expr(argument)
    known = [text for text in texts if text is not None]
    if known and len(known) == len(texts):
        _shell_text(names, method, *known)
    elif method not in _COMMANDS:
        escape(names, f"get_ipython().{method}() of something computed")
    return True


def _shell_text(names: Names, method: str, first: str, second: str = "", *more: str) -> None:
    """Go through what the shell is told to run."""
    if method in _COMMANDS:
        magics.expand(names, first)
    elif method == "magic":
        name, _, line = first.lstrip("%").partition(" ")
        magics.line_magic(names, name, line)
    elif method == "run_line_magic":
        magics.line_magic(names, first, second)
    elif method == "run_cell_magic":
        magics.cell_magic(names, first, second, "".join(more))
    elif method == "ev":
        evaluate(names, first)
    elif method == "ex":
        visit = _visitor(first, runs=True)
        if visit is not None:
            run_here(names, visit)
    else:
        guarded(names, lambda: run(names, first))


def _push(names: Names, node: ast.Call) -> None:
    for argument in node.args[:1]:
        if isinstance(argument, ast.Dict):
            for key, value in zip(argument.keys, argument.values, strict=True):
                names.expr(value)
                names.store_global(text_of(names, key) or EVERY_NAME)
        else:
            names.expr(argument)
            names.tell("get_ipython().push() of something computed may write any name.")
            names.store_global(EVERY_NAME)


def _query(names: Names, node: ast.Call, function: ast.Attribute) -> None:
    """Read the variables that a pandas expression names."""
    source = node.args[0] if node.args else None
    for keyword in node.keywords:
        if keyword.arg == "expr":
            source = keyword.value
    if source is None:
        return
    text = text_of(names, source)
    root = function.value
    if function.attr == "eval" and isinstance(root, ast.Name) and root.id in ("pd", "pandas"):
        expression = None if text is None else parse_expression(text.replace("@", ""))
        if expression is not None:
            names.expr(expression)
        elif text is None:
            look_everywhere(names, "pandas.eval() of something computed")
        return
    if text is None:
        text = _constants_in(source)
        if names.frame.kind == MODULE:
            parts = ast.walk(source)
            names.queries.update(part.id for part in parts if isinstance(part, ast.Name))
    for name in variables_in(text):
        names.expr(ast.Name(name, ast.Load()))


def _constants_in(source: ast.expr) -> str:
    """Return the texts of which one that is computed consists, as a formatted one does."""
    values = (part.value for part in ast.walk(source) if isinstance(part, ast.Constant))
    return " ".join(value for value in values if isinstance(value, str))
