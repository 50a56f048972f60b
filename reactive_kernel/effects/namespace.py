"""The dict of the notebook's names, reached by ``globals()`` and the like."""

from __future__ import annotations

import ast
from typing import Final

from .flow import SHELL, Text, Values
from .names import EVERY_NAME, Names
from .nested import guarded
from .scopes import MODULE

_NAMESPACE_READS: Final = frozenset({"keys", "items", "values", "copy", "__iter__", "__len__"})
NAMESPACE_METHODS: Final = _NAMESPACE_READS | {
    "__contains__",
    "__getitem__",
    "get",
    "pop",
    "setdefault",
    "update",
}
# What an expression is


def is_namespace(names: Names, node: ast.expr) -> bool:
    """Whether an expression gives the dict of the notebook's names."""
    if isinstance(node, ast.Call):
        function = node.func
        if isinstance(function, ast.Name) and not node.args and not node.keywords:
            return names.is_builtin(function.id) and (
                function.id == "globals"
                or (function.id in ("locals", "vars") and names.scope.kind == MODULE)
            )
        return False
    return (
        isinstance(node, ast.Attribute)
        and node.attr in ("user_ns", "user_global_ns")
        and is_shell(names, node.value)
    )


def is_shell(names: Names, node: ast.expr) -> bool:
    """Whether an expression gives the shell that runs the cells."""
    if isinstance(node, ast.Call):
        function = node.func
        return isinstance(function, ast.Name) and function.id == "get_ipython"
    if isinstance(node, ast.Name):
        return names.flow.values.get(node.id) == SHELL
    return False


def text_of(names: Names, node: ast.expr | None) -> str | None:
    """Find the string that an expression surely gives."""
    if isinstance(node, ast.Constant):
        if isinstance(node.value, bytes):
            return node.value.decode("utf-8", "replace")
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.Name):
        return names.text_in(node.id)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = text_of(names, node.left), text_of(names, node.right)
        return None if left is None or right is None else left + right
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "compile"
        and node.args
        and names.is_builtin("compile")
    ):
        return text_of(names, node.args[0])
    return None


def value_of(names: Names, node: ast.expr) -> Values | None:
    """Go through an expression whose value is told by what it is; nothing for any other."""
    if isinstance(node, ast.Call):
        if is_shell(names, node):
            return SHELL
        text = text_of(names, node)
        if text is not None:
            names.expr(node)
            return frozenset({Text(text)})
    return None


# The dict of names


def open_namespace(names: Names, node: ast.expr) -> None:
    """Go through the expression that gives the dict."""
    names.inert = False
    if isinstance(node, ast.Call):
        names.expr(node.func)


def look_everywhere(names: Names, what: str) -> None:
    """Note that something may read any name."""
    names.tell(f"{what} may read any name.")
    names.load_everything()


def escape(names: Names, what: str) -> None:
    """Note that something may read and write any name."""
    names.tell(f"{what} may read and write any name.")
    names.load_everything()
    names.may_bind([EVERY_NAME])
    names.may_unbind([EVERY_NAME])


def read_key(names: Names, key: str) -> None:
    """Read a name by its key in the dict."""
    names.load_global(key)
    if names.frame.kind == MODULE:
        names.touch(key)


def item(names: Names, node: ast.Subscript | ast.Attribute) -> bool:
    """Go through ``globals()[key]``; tells whether this is one."""
    if not isinstance(node, ast.Subscript) or not isinstance(node.value, (ast.Call, ast.Attribute)):
        return False
    if not is_namespace(names, node.value):
        return False
    open_namespace(names, node.value)
    names.expr(node.slice)
    key = text_of(names, node.slice)
    if isinstance(node.ctx, ast.Load):
        if key is None:
            look_everywhere(names, "A computed key of globals()")
        else:
            read_key(names, key)
    elif key is None:
        if isinstance(node.ctx, ast.Del):
            # That there is nothing to delete is an error.
            look_everywhere(names, "A computed key of globals()")
            names.forget_global(EVERY_NAME)
        names.tell("A computed key of globals() may write any name.")
        names.store_global(EVERY_NAME)
    elif isinstance(node.ctx, ast.Del):
        names.delete_global(key)
    else:
        names.store_global(key)
    return True


def namespace_of_shell(names: Names, node: ast.Attribute) -> bool:
    """Go through the shell's dict of names where it goes anywhere; tells whether this is it."""
    if node.attr not in ("user_ns", "user_global_ns") or not is_namespace(names, node):
        return False
    escape(names, "globals() used as a whole")
    return True


def copied(names: Names, node: ast.expr) -> bool:
    """Go through a dict that is only copied, as by ``**``; tells whether it is that of names."""
    if not is_namespace(names, node):
        return False
    open_namespace(names, node)
    look_everywhere(names, "globals() used as a whole")
    return True


def membership(names: Names, node: ast.Compare) -> bool:
    """Go through ``name in globals()``; tells whether this is one."""
    if len(node.ops) != 1 or not isinstance(node.ops[0], (ast.In, ast.NotIn)):
        return False
    container = node.comparators[0]
    if isinstance(container, ast.Call) and _is_plain_call(names, container, "dir"):
        names.expr(container.func)
    elif is_namespace(names, container):
        open_namespace(names, container)
    else:
        return False
    names.expr(node.left)
    key = text_of(names, node.left)
    if key is None:
        look_everywhere(names, "A computed key of globals()")
    else:
        names.probe(key)
    return True


def _is_plain_call(names: Names, node: ast.Call, name: str) -> bool:
    return (
        isinstance(node.func, ast.Name)
        and node.func.id == name
        and not node.args
        and not node.keywords
        and names.is_builtin(name)
        and names.scope.kind == MODULE
    )


def namespace_method(names: Names, node: ast.Call, function: ast.Attribute) -> bool:
    """Go through ``globals().get(key)`` and the like."""
    open_namespace(names, function.value)
    for argument in node.args:
        if not isinstance(argument, ast.Dict):
            names.expr(argument)
    method = function.attr
    if method in _NAMESPACE_READS:
        look_everywhere(names, "globals() used as a whole")
        return True
    if method == "update":
        _update(names, node)
        return True
    key = text_of(names, node.args[0]) if node.args else None
    if key is None:
        what = "A computed key of globals()"
        if method in ("pop", "setdefault"):
            escape(names, what)
        else:
            look_everywhere(names, what)
    elif method == "__contains__":
        names.probe(key)
    else:
        read_key(names, key)
        if method == "pop":
            guarded(names, lambda: names.forget_global(key))
        elif method == "setdefault":
            guarded(names, lambda: names.store_global(key))
    return True


def _update(names: Names, node: ast.Call) -> None:
    """Go through an update of the dict of names with keys that are spelled out, or not."""
    for keyword in node.keywords:
        names.expr(keyword.value)
        names.store_global(keyword.arg or EVERY_NAME)
    for argument in node.args:
        if isinstance(argument, ast.Dict):
            for key, value in zip(argument.keys, argument.values, strict=True):
                names.expr(value)
                names.store_global(text_of(names, key) or EVERY_NAME)
        else:
            names.store_global(EVERY_NAME)
    if EVERY_NAME in names.may_writes:
        names.tell("A computed key of globals() may write any name.")
