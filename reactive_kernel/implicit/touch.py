"""What a cell has to do with libraries: the values it uses are of them, or its code names them.

Whether code reads a setting of a library cannot be seen. So every cell that touches the library
counts as a reader.
"""

from __future__ import annotations

import ast
import dis
import functools
import gc
import operator
import re
import sys
import types
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from reactive_kernel.effects.parsing import SOURCES_KEPT, plain_tree
from reactive_kernel.values import (
    ATOMS,
    MOST_PARTS,
    Step,
    inside_function,
    is_of_sys,
    levels,
    made_here,
    own_file,
)
from reactive_kernel.versions import BUILTINS

_WORD: Final = re.compile(r"[^\W\d]\w*")
_MAGIC: Final = re.compile(r"^\s*(?:[\w, ]+=\s*)?(%%?\w+|!.*|\?.*)", re.MULTILINE)
_MAGICS_OF_THE_SESSION: Final = frozenset(
    {
        *("%autoreload", "%capture", "%colors", "%config", "%history", "%lsmagic", "%magic"),
        *("%matplotlib", "%pinfo", "%pinfo2", "%pprint", "%precision", "%prun", "%psearch"),
        *("%quickref", "%reactive", "%reset", "%reset_selective", "%time", "%timeit", "%who"),
        *("%sql", "%who_ls", "%whos", "%xmode", "%%capture", "%%html", "%%javascript", "%%js"),
        *("%%latex", "%%markdown", "%%prun", "%%sql", "%%svg", "%%time", "%%timeit"),
    }
)
_MAGICS_OF_FRAMES: Final = frozenset({"%sql", "%%sql"})
_FRAMES: Final = frozenset({"pandas", "polars"})
_MAGICS_OF_DISPLAY: Final = frozenset({"%config", "%matplotlib", "%pprint", "%precision"})
_REACH_ANYTHING: Final = frozenset(
    {"__import__", "compile", "eval", "exec", "get_ipython", "globals", "import_module"}
)
_TELL_IDENTITY: Final = frozenset({"id", "shares_memory", "may_share_memory", "base"})
_ASK_FOR_CLASSES: Final = frozenset({"isinstance", "issubclass"})
_KNOWN_AS: Final = {
    **dict.fromkeys(("posix", "nt", "posixpath", "ntpath", "genericpath"), "os"),
    "_warnings": "warnings",
    "_decimal": "decimal",
    "pylab": "matplotlib",
}
"""What functions are made in, by what people import them from."""

_OF_THE_NOTEBOOK: Final = frozenset({"builtins", "__main__", ""})
_IDENTICAL_OR_EQUAL: Final = (ast.Is, ast.IsNot, ast.Eq, ast.NotEq, ast.In, ast.NotIn)
_HOLD_OTHERS: Final = frozenset({"collections", "contextlib", "functools", "types", "weakref"})
_TELL_THEIR_MODULE: Final = (types.ModuleType, types.FunctionType, types.BuiltinFunctionType)


@dataclass(frozen=True, slots=True)
class Touch:
    """What code may use.

    Parameters
    ----------
    libraries : frozenset of str
        Top-level modules whose functions, classes or instances are in its reach.
    words : frozenset of str
        The identifiers in the code.
    imports : bool
        Whether it imports something.
    magic : bool
        Whether it holds commands, other than Python's, that use the process and its folder.
    compares_identity : bool
        Whether it asks if two values are one.
    displays : bool
        Whether it may show what an expression gives.
    configures : bool
        Whether it holds commands that set how values are shown.
    """

    libraries: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    imports: bool = False
    magic: bool = False
    compares_identity: bool = False
    displays: bool = False
    configures: bool = False

    def __or__(self, other: Touch) -> Touch:
        """Return what one or the other may use."""
        return Touch(
            self.libraries | other.libraries,
            self.words | other.words,
            self.imports or other.imports,
            self.magic or other.magic,
            self.compares_identity or other.compares_identity,
            self.displays or other.displays,
            self.configures or other.configures,
        )

    @property
    def reaches_nothing(self) -> bool:
        """Whether only builtins and the notebook's own values are in reach."""
        return not (self.libraries or self.magic) and self.words.isdisjoint(_REACH_ANYTHING)

    @property
    def prints(self) -> bool:
        """Whether it may print something, itself or through what it calls."""
        return "print" in self.words or bool(self.libraries) or self.magic

    @property
    def reaches_packages(self) -> bool:
        """Whether a library beside Python's own is in reach."""
        return self.reaches_beyond(frozenset())

    def reaches_beyond(self, packages: frozenset[str]) -> bool:
        """Tell whether a library is in reach that is neither Python's own nor one of some."""
        return not self.libraries - packages <= sys.stdlib_module_names

    @property
    def reaches_python_only(self) -> bool:
        """Whether of all libraries only Python's own are in reach."""
        return (
            not self.reaches_packages and not self.magic and self.words.isdisjoint(_REACH_ANYTHING)
        )

    def any_of(self, *libraries: str) -> bool:
        """Tell whether one of some libraries is touched."""
        return not self.libraries.isdisjoint(libraries)


NO_TOUCH: Final = Touch()


@lru_cache(maxsize=SOURCES_KEPT)
def touch_of_source(source: str) -> Touch:
    """Tell what a cell's own code names."""
    words = frozenset(_WORD.findall(source))
    tree = plain_tree(source)
    if tree is None:
        commands = {command.partition(" ")[0] for command in _MAGIC.findall(source)}
        return Touch(
            # Results are shown as these libraries show frames.
            _FRAMES if not commands.isdisjoint(_MAGICS_OF_FRAMES) else frozenset(),
            words=words,
            imports="import" in words,
            magic=not commands <= _MAGICS_OF_THE_SESSION,
            displays=True,
            configures=not commands.isdisjoint(_MAGICS_OF_DISPLAY),
        )
    libraries: set[str] = set()
    identity = not words.isdisjoint(_TELL_IDENTITY)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            libraries.update(_root(alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            libraries.add(_root(node.module or ""))
        else:
            identity = identity or _compares_identity(node)
    return Touch(
        frozenset(libraries),
        words,
        imports=bool(libraries),
        compares_identity=identity,
        displays="display" in words or any(isinstance(each, ast.Expr) for each in tree.body),
    )


def _compares_identity(node: ast.AST) -> bool:
    """Tell whether an expression may ask if two values are one.

    Equality is identity for functions, classes and most instances: a class that is made anew is
    another for who asks what is of it.
    """
    match node:
        case ast.Compare():
            operands = [node.left, *node.comparators]
            return any(isinstance(operator, _IDENTICAL_OR_EQUAL) for operator in node.ops) and not (
                any(isinstance(operand, ast.Constant) for operand in operands)
            )
        case ast.Call(func=ast.Name(name), args=[_, kind]) if name in _ASK_FOR_CLASSES:
            return _is_own_class(kind)
        case ast.ExceptHandler(type=ast.expr() as kind) | ast.MatchClass(cls=kind):
            return _is_own_class(kind)
    return False


def _is_own_class(kind: ast.expr) -> bool:
    """Tell whether an expression may stand for a class that is not Python's own."""
    parts = kind.elts if isinstance(kind, ast.Tuple) else [kind]
    return not all(isinstance(part, ast.Name) and part.id in BUILTINS for part in parts)


def touch_of_value(value: object) -> Touch:
    """Tell what whoever has a value may use through it.

    Parameters
    ----------
    value : object
        Any value; none of its code is run.

    Returns
    -------
    Touch
    """
    if type(value) in ATOMS:
        return NO_TOUCH
    held = value.__self__ if type(value) is types.BuiltinFunctionType else value
    libraries: set[str] = {"sys"} if is_of_sys(held) else set()
    touches: set[Touch] = set()

    def inside(part: Any) -> list[object]:
        root = _library_of(part)
        if root not in _OF_THE_NOTEBOOK:
            libraries.add(root)
            return _inside_project(part, libraries) if _is_of_project(root) else []
        if type(part) is not types.FunctionType:
            return gc.get_referents(part)
        touches.add(_touch_of_code(part.__code__))
        return inside_function(part)

    def step_of(kind: type) -> Step:
        if kind in _TELL_THEIR_MODULE or issubclass(kind, type):
            return inside
        root = _root(kind.__module__)
        if root in _OF_THE_NOTEBOOK:
            return "referents"
        libraries.add(root)
        return "referents" if root in _HOLD_OTHERS or _is_of_project(root) else None

    looked_at = sum(map(len, levels(value, step_of)))
    everything = looked_at >= MOST_PARTS
    return functools.reduce(operator.or_, touches, Touch(frozenset(libraries), magic=everything))


def touch_of_imports(touch: Touch) -> Touch:
    """Tell what code may use through the modules beside the notebook that it has imported."""
    imported = touch.libraries if touch.imports else ()
    modules = (sys.modules[name] for name in imported if _is_of_project(name))
    return functools.reduce(operator.or_, map(touch_of_value, modules), NO_TOUCH)


def _is_of_project(root: str) -> bool:
    """Tell whether a top-level module is no library, but a file beside the notebook."""
    return root in sys.modules and own_file(sys.modules[root]) is not None


def _inside_project(part: Any, libraries: set[str]) -> list[Any]:
    """Return what the code of such a module, or of a class or function of one, may use."""
    if type(part) is types.ModuleType:
        return [value for name, value in vars(part).items() if not name.startswith("__")]
    if type(part) is types.FunctionType:
        libraries.update(_touch_of_code(part.__code__).libraries)
    own = gc.get_referents(part) if isinstance(part, type) else []
    return [*own, sys.modules.get(part.__module__)]


def _library_of(value: Any) -> str:
    """Return the top-level module of a module, function or class."""
    if type(value) is types.ModuleType:
        return "" if made_here(value) else _root(vars(value).get("__name__", ""))
    return _root(getattr(value, "__module__", None) or "")


@lru_cache(maxsize=4096)
def _touch_of_code(code: types.CodeType) -> Touch:
    words = {*code.co_names, *code.co_varnames}
    instructions = list(dis.get_instructions(code))
    imported = [_root(each.argval) for each in instructions if each.opname == "IMPORT_NAME"]
    touch = Touch(
        frozenset(imported),
        words=frozenset(words),
        imports=bool(imported),
        compares_identity=not words.isdisjoint(_TELL_IDENTITY | _ASK_FOR_CLASSES)
        or any(map(_is_identity_asked, instructions, instructions[1:], instructions[2:])),
    )
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            touch |= _touch_of_code(constant)
    return touch


def _is_identity_asked(
    before: dis.Instruction, last: dis.Instruction, instruction: dis.Instruction
) -> bool:
    """Tell whether an instruction may ask if two values are one, by the two before it."""
    match instruction.opname:
        case "IS_OP" | "CONTAINS_OP":
            return not (_is_constant(before) or _is_constant(last))
        case "COMPARE_OP":
            equal = "==" in instruction.argrepr or "!=" in instruction.argrepr
            return equal and not _is_constant(last)
        case "CHECK_EXC_MATCH":
            return last.argval not in BUILTINS
    return instruction.opname == "MATCH_CLASS"


def _is_constant(instruction: dis.Instruction) -> bool:
    return instruction.opname in ("LOAD_CONST", "LOAD_SMALL_INT")


def _root(module: object) -> str:
    root = module.partition(".")[0] if isinstance(module, str) else ""
    return _KNOWN_AS.get(root, root)
