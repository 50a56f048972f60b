"""Names reached through strings and dicts: ``exec``, ``eval``, ``globals()``, the shell."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Final

from . import magics
from .code import codes_in
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
from .nested import evaluate, guarded, run, run_here
from .parsing import parse_expression, parse_python
from .scopes import MODULE

if TYPE_CHECKING:
    from collections.abc import Callable

# Functions that only look at a dict they are given.
_READING: Final = (
    *("any", "all", "dict", "enumerate", "frozenset", "iter", "len", "list", "max", "min"),
    *("print", "repr", "set", "sorted", "str", "tuple"),
)
_SHELL_METHODS: Final = frozenset(
    {
        *("run_line_magic", "run_cell_magic", "magic", "push"),
        *("system", "system_piped", "system_raw", "getoutput"),
        *("run_cell", "run_cell_async", "ev", "ex"),
    }
)
_QUOTED: Final = re.compile(r"'[^']*'|\"[^\"]*\"|`[^`]*`")
_LOCAL_VARIABLE: Final = re.compile(r"@\s*([^\W\d]\w*)")


def call(names: Names, node: ast.Call) -> bool:
    """Go through a call that reaches names in other ways than by spelling them.

    Tells whether it was one; otherwise it is left to be gone through as any call.
    """
    function = node.func
    if isinstance(function, ast.Name):
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
    return False


def _exec(names: Names, node: ast.Call) -> bool:
    if not node.args:
        return False
    assert isinstance(node.func, ast.Name)
    names.expr(node.func)
    source, *rest = node.args
    rest += [each.value for each in node.keywords]
    text = text_of(names, source)
    names.expr(source)
    here, shared = True, False
    for position, argument in enumerate(rest):
        if is_namespace(names, argument):
            open_namespace(names, argument)
            shared = shared or position == 0
        elif not (isinstance(argument, ast.Constant) and argument.value is None):
            names.expr(argument)
            names.mutate(argument, surely=False)
            here = here and position > 0
            if position == 0:
                # Its names are those of another dict.
                return True
    runs = node.func.id == "exec"
    if text is None:
        names.tell(f"{node.func.id}() of something computed may read any name.")
        names.load_everything()
        if runs and (names.scope.kind == MODULE or shared):
            names.tell("exec() of something computed may write any name.")
            names.store_global(EVERY_NAME)
    elif shared and names.frame.kind != MODULE:
        _run_outside(names, text, runs=runs, writes=True)
    elif len(rest) > 1 and not is_namespace(names, rest[1]):
        _run_outside(names, text, runs=runs, writes=False)
    elif runs:
        _run_python(names, text)
    else:
        evaluate(names, text)
    return True


def _run_python(names: Names, text: str) -> None:
    try:
        tree = parse_python(text)
    except (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError):
        return
    run_here(names, lambda: names.body(tree.body))


def _run_outside(names: Names, text: str, *, runs: bool, writes: bool) -> None:
    """Go through code that sees the notebook's names and not those around it."""
    inner = type(names)()
    if runs:
        _run_python(inner, text)
    else:
        evaluate(inner, text)
    inner.use(code for values in inner.flow.values.values() for code in codes_in(values))
    found = set(inner.reads | inner.probes)
    for use in inner.uses:
        for code in use.codes:
            found.update(code.reads)
    for name in found:
        names.load_global(name)
    if writes:
        for name in inner.may_writes:
            guarded(names, lambda name=name: names.store_global(name))  # type: ignore[misc]


def _namespace_call(names: Names, node: ast.Call) -> bool:
    if not is_namespace(names, node):
        return False
    open_namespace(names, node)
    escape(names, "The dict of the notebook's names")
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
    texts = [text_of(names, argument) for argument in node.args]
    for argument in (*node.args, *(keyword.value for keyword in node.keywords)):
        if not (method == "push" and isinstance(argument, ast.Dict)):
            names.expr(argument)
    if method == "push":
        _push(names, node)
        return True
    if not texts or any(text is None for text in texts[:3]):
        if method.startswith(("system", "getoutput")):
            return True
        escape(names, f"get_ipython().{method}() of something computed")
        return True
    first, *rest = [text for text in texts if text is not None]
    if method.startswith(("system", "getoutput")):
        magics.expand(names, first)
    elif method == "magic":
        name, _, line = first.lstrip("%").partition(" ")
        magics.line_magic(names, name, line)
    elif method == "run_line_magic":
        magics.line_magic(names, first, rest[0] if rest else "")
    elif method == "run_cell_magic":
        magics.cell_magic(names, first, rest[0] if rest else "", "".join(rest[1:2]))
    elif method == "ev":
        evaluate(names, first)
    elif method == "ex":
        _run_python(names, first)
    else:
        guarded(names, lambda: run(names, first))
    return True


def _push(names: Names, node: ast.Call) -> None:
    for argument in node.args[:1]:
        if isinstance(argument, ast.Dict):
            for key, value in zip(argument.keys, argument.values, strict=True):
                names.expr(value)
                names.store_global(text_of(names, key) or EVERY_NAME)
        else:
            names.tell("get_ipython().push() of something computed may write any name.")
            names.store_global(EVERY_NAME)


def _query(names: Names, node: ast.Call, function: ast.Attribute) -> None:
    """Read the variables that a pandas expression names."""
    source = node.args[0] if node.args else None
    for keyword in node.keywords:
        if keyword.arg == "expr":
            source = keyword.value
    text = text_of(names, source)
    if text is None and isinstance(source, ast.JoinedStr):
        text = " ".join(
            part.value
            for part in source.values
            if isinstance(part, ast.Constant) and isinstance(part.value, str)
        )
    if text is None:
        return
    root = function.value
    if function.attr == "eval" and isinstance(root, ast.Name) and root.id in ("pd", "pandas"):
        expression = parse_expression(text.replace("@", ""))
        if expression is not None:
            names.expr(expression)
        return
    for match in _LOCAL_VARIABLE.finditer(_QUOTED.sub("", text)):
        names.expr(ast.Name(match[1], ast.Load()))
