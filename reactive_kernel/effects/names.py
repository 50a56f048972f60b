"""What reading, binding, deleting and mutating a name means where it stands."""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from .code import Code
from .flow import NO_VALUES, OTHER, Flow, Text, Values, codes_in
from .scopes import CLASS, COMPREHENSION, FUNCTION, MODULE, TYPE_PARAMETERS, Scope

if TYPE_CHECKING:
    from collections.abc import Iterable

EVERY_NAME: Final = "*"


class MisplacedError(Exception):
    """A statement that the compiler refuses where it stands."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


class Use:
    """A place where functions of the cell may be called, and what holds there."""

    __slots__ = ("at", "bound", "codes", "values")

    def __init__(
        self, codes: Iterable[Code], bound: set[str], values: dict[str, Values], at: int
    ) -> None:
        self.codes = frozenset(codes)
        self.bound = bound.copy()
        self.values = values.copy()
        self.at = at


class Loop:
    """A loop being gone through.

    Attributes
    ----------
    early
        Names read before the body surely bound them: the next time round they may hold what the
        body binds later.
    awaited
        For names whose value was kept so early, what stands for that later value.
    """

    __slots__ = ("at", "awaited", "bound", "breaks", "continues", "early", "outer", "prefix")

    def __init__(self, outer: Loop | None, prefix: str, bound: set[str], at: int) -> None:
        self.outer = outer
        self.prefix = prefix
        self.bound = bound.copy()
        self.at = at
        self.early: set[str] = set()
        self.awaited: dict[str, Code] = {}
        self.breaks: list[Flow] = []
        self.continues: list[Flow] = []


class Names(ABC):
    """Gathers effects on names while a subclass goes through the tree.

    `frame` is the function or notebook whose code `flow` describes; `scope` is the block in it,
    which may be a class or comprehension running in that frame.
    """

    def __init__(self) -> None:
        self.scope = self.frame = Scope(MODULE, None)
        self.flow = Flow()
        self.loop: Loop | None = None
        self.inert = True
        self.reads: set[str] = set()
        self.probes: set[str] = set()
        self.shown_probes: set[str] = set()
        self.may_writes: set[str] = set()
        self.may_delete: set[str] = set()
        self.mutates: set[str] = set()
        self.may_mutate: set[str] = set()
        self.uses: list[Use] = []
        self.later: list[Code] = []
        self.bindings: list[tuple[str, Values]] = []
        self.deletions: list[str] = []
        self.opaque: dict[str, None] = {}
        self.lookups: list[tuple[str, ...]] = []
        self.queries: set[str] = set()
        self.dialects: dict[str, str] = {}
        self.star_imports: list[str] = []
        self.stores: defaultdict[str, int] = defaultdict(int)
        self.imports: defaultdict[str, int] = defaultdict(int)
        self._blocks = 0

    @abstractmethod
    def expr(self, node: ast.expr) -> None:
        """Go through an expression that is evaluated here."""

    @abstractmethod
    def body(self, statements: list[ast.stmt]) -> None:
        """Go through statements that run here."""

    @abstractmethod
    def procedure(self, statements: list[ast.stmt]) -> Code:
        """Go through statements that run as the body of a function of their own."""

    def prefix(self) -> str:
        """Make a prefix that no name has, for a block of its own."""
        self._blocks += 1
        return f"{self._blocks}."

    def tell(self, sentence: str) -> None:
        """Say that something cannot be told from the source."""
        if not self.flow.dead:
            self.opaque[sentence] = None

    # Reading

    def load(self, name: str) -> str | None:
        """Read a name; gives the key under which `flow.values` knows what it may hold."""
        flow = self.flow
        if flow.dead:
            return None
        scope: Scope | None = self.scope
        if name[:2] == "__":
            name = self.scope.private(name)
        while scope is not None:
            kind = scope.kind
            if kind == MODULE:
                if name not in flow.bound:
                    self.reads.add(name)
                return name
            if kind == FUNCTION:
                scope.read(name, flow.bound)
                return None
            if kind == CLASS:
                key = self._load_in_class(name, scope)
                if key is not None:
                    return key if self.frame.kind == MODULE else None
            elif name in scope.bound:
                return None
            scope = scope.around(self.scope)
        return None

    def _load_in_class(self, name: str, scope: Scope) -> str | None:
        """Read a name in a class body; nothing where it may have to be looked up further."""
        if name in scope.globals:
            self.load_global(name)
            return name
        key = scope.prefix + name
        if key in self.flow.bound:
            return key
        if scope.apart:
            scope.doubtful.add(name)
            return key
        if self.frame.kind == FUNCTION:
            scope.doubtful.add(name)
        elif key in self.flow.values:
            self.touch(key)
        return None

    def load_global(self, name: str) -> None:
        """Read a name of the notebook, whatever the scopes around."""
        if self.flow.dead:
            return
        if self.frame.kind == MODULE:
            if name not in self.flow.bound:
                self.reads.add(name)
        elif not (name in self.frame.globals and name in self.flow.bound):
            self.frame.code.read(name, self.frame.covered(self.flow.bound))

    def load_everything(self) -> None:
        """Read names that the source does not tell."""
        self.load_global(EVERY_NAME)
        if self.frame.kind == MODULE:
            self.use(code for values in self.flow.values.values() for code in codes_in(values))

    def probe(self, name: str, *, shown: bool = True) -> None:
        """Use only whether a name of the notebook is bound."""
        if self.flow.dead:
            return
        if self.frame.kind != MODULE:
            self.load_global(name)
        elif name not in self.flow.bound:
            self.probes.add(name)
            if shown:
                self.shown_probes.add(name)

    def is_builtin(self, name: str) -> bool:
        """Whether a name that has been given nothing else here means the builtin."""
        if name in self.flow.bound:
            return False
        scope: Scope | None = self.scope
        while scope is not None:
            if name in scope.bound:
                return False
            scope = scope.parent
        return True

    def is_local(self, name: str) -> bool:
        """Whether code run here surely finds a name before those of the notebook."""
        scope: Scope | None = self.scope
        if self.scope.kind == CLASS:
            return self.scope.prefix + name in self.flow.bound
        while scope is not None and scope.kind in (COMPREHENSION, TYPE_PARAMETERS):
            if name in scope.bound:
                return True
            scope = scope.parent
        frame = self.frame
        return frame.kind == FUNCTION and name in self.flow.bound and name not in frame.globals

    # Using what a name holds

    def touch(self, key: str) -> None:
        """Do with the value of a name what may call it."""
        values = self.flow.values.get(key)
        if values is not None:
            self.use(codes_in(values))
        self.expect(key)

    def expect(self, key: str) -> None:
        """In a loop, reckon with what a later part of the body gives a name."""
        loop = self.loop
        if loop is not None and loop.prefix + key not in self.flow.bound:
            loop.early.add(key)

    def awaited(self, key: str) -> Values:
        """In a loop, what a name may hold from an earlier round, when its value is only kept."""
        loop = self.loop
        if loop is None or loop.prefix + key in self.flow.bound:
            return NO_VALUES
        loop.early.add(key)
        return frozenset({loop.awaited.setdefault(key, Code(stands_in=True))}) | OTHER

    def use(self, codes: Iterable[Code]) -> None:
        """Reckon with calls of functions of the cell, here or anywhere below."""
        wanted = frozenset(codes)
        flow = self.flow
        if not wanted or flow.dead or self.frame.kind != MODULE:
            return
        for code in wanted:
            for name in flow.values.keys() & code.writes:
                flow.values[name] |= OTHER
        for use in reversed(self.uses):
            if wanted <= use.codes and use.bound <= flow.bound and use.values == flow.values:
                return
        self.uses.append(Use(wanted, flow.bound, flow.values, len(self.bindings)))

    # Binding

    def store(self, name: str, values: Values = NO_VALUES) -> None:
        """Bind a name."""
        scope = self.scope
        if name[:2] == "__":
            name = scope.private(name)
        while scope.kind in (COMPREHENSION, TYPE_PARAMETERS) and scope.parent is not None:
            # An assignment expression binds in the block around the comprehension.
            scope = scope.parent
        if scope.kind == MODULE or name in scope.globals:
            self.store_global(name, values)
        elif scope.kind == CLASS:
            scope.bound.add(name)
            self.flow.bound.add(scope.prefix + name)
            self.bind(scope.prefix + name, values)
        else:
            if name not in scope.outer:
                scope.bound.add(name)
            self.flow.bound.add(name)

    def store_global(self, name: str, values: Values = NO_VALUES) -> None:
        """Bind a name of the notebook, whatever the scopes around."""
        flow = self.flow
        if flow.dead:
            return
        if self.frame.kind == MODULE:
            self.may_writes.add(name)
            self.stores[name] += 1
            if name == EVERY_NAME:
                for known in flow.values:
                    flow.values[known] |= OTHER
            else:
                flow.bound.add(name)
                flow.gone.discard(name)
                self.bind(name, values)
        else:
            self.frame.code.writes.add(name)
            if name in self.frame.globals:
                flow.bound.add(name)

    def may_bind(self, names: Iterable[str]) -> None:
        """Reckon with the binding or deletion of names of the notebook."""
        for name in names:
            if self.frame.kind != MODULE:
                self.frame.code.writes.add(name)
            elif not self.flow.dead:
                self.may_writes.add(name)
                self.stores[name] += 1
                for known in self.flow.values if name == EVERY_NAME else (name,):
                    if known in self.flow.values:
                        self.flow.values[known] |= OTHER

    def may_unbind(self, names: Iterable[str]) -> None:
        """Reckon with the deletion of names of the notebook."""
        if self.frame.kind != MODULE:
            self.frame.code.deletes.update(names)
        elif not self.flow.dead:
            self.may_delete.update(names)

    def bind(self, key: str, values: Values) -> None:
        """Keep what a name now holds, where that matters."""
        flow = self.flow
        if self.frame.kind != MODULE or flow.dead:
            return
        if not values:
            if flow.values:
                flow.values.pop(key, None)
            return
        flow.values[key] = values
        self.bindings.append((key, values))
        loop = self.loop
        while loop is not None:
            flow.bound.add(loop.prefix + key)
            loop = loop.outer

    def delete(self, name: str) -> None:
        """Unbind a name by ``del``."""
        scope = self.scope
        if name[:2] == "__":
            name = scope.private(name)
        if scope.kind == MODULE or name in scope.globals:
            self.delete_global(name)
        elif scope.kind == CLASS:
            # Reading it below reads the global name again.
            scope.bound.add(name)
            self.flow.bound.discard(scope.prefix + name)
            self.flow.values.pop(scope.prefix + name, None)
        elif name not in scope.outer:
            scope.bound.add(name)

    def delete_global(self, name: str) -> None:
        """Unbind a name of the notebook that must be bound."""
        self.probe(name)
        self.forget_global(name)

    def forget_global(self, name: str) -> None:
        """Leave a name of the notebook unbound."""
        flow = self.flow
        if flow.dead:
            return
        if self.frame.kind == MODULE:
            self.may_writes.add(name)
            self.deletions.append(name)
            flow.gone.add(name)
            if name != EVERY_NAME:
                flow.bound.add(name)
                flow.values.pop(name, None)
        else:
            self.frame.code.writes.add(name)
            self.frame.code.deletes.add(name)
            if name in self.frame.globals:
                flow.bound.add(name)

    # Mutating

    def mutate(self, node: ast.expr, *, surely: bool) -> None:
        """Note that the value of the name that an expression starts with may change."""
        while isinstance(node, (ast.Attribute, ast.Subscript)):
            node = node.value
        if not isinstance(node, ast.Name) or self.flow.dead:
            return
        name = self.scope.private(node.id) if node.id[:2] == "__" else node.id
        scope: Scope | None = self.scope
        while scope is not None and scope.kind not in (MODULE, FUNCTION):
            if scope.kind == CLASS:
                if scope.prefix + name in self.flow.bound:
                    return
            elif name in scope.bound:
                return
            scope = scope.around(self.scope)
        if name in self.flow.bound:
            return
        if self.frame.kind == FUNCTION:
            self.frame.mutated.add(name)
            return
        self.may_mutate.add(name)
        if surely:
            self.mutates.add(name)

    # Code that may be left halfway

    def interrupted(self, before: Flow, bindings: int, deletions: int) -> Flow:
        """State where code that began in `before` was left anywhere on its way."""
        flow = before.copy()
        flow.gone.update(self.deletions[deletions:])
        for key in flow.values:
            if self.flow.values.get(key) != flow.values[key]:
                flow.values[key] |= OTHER
        for key, values in self.bindings[bindings:]:
            flow.values[key] = flow.values.get(key, OTHER) | values | OTHER
        return flow

    def enter_loop(self) -> Loop:
        """Begin a loop."""
        self.loop = Loop(self.loop, self.prefix(), self.flow.bound, len(self.bindings))
        return self.loop

    def leave_loop(self, loop: Loop) -> None:
        """End a loop, and meet what its body bound after it was read."""
        outer = self.loop = loop.outer
        if self.frame.kind != MODULE or not loop.early:
            return
        late: dict[str, list[Code]] = {key: [] for key in loop.early}
        for key, values in self.bindings[loop.at :]:
            if key in late:
                late[key] += codes_in(values)
        for key, code in loop.awaited.items():
            code.parts = tuple(late[key])
        if outer is not None:
            for key in loop.early:
                if outer.prefix + key not in loop.bound:
                    outer.early.add(key)
                    if key in loop.awaited:
                        above = outer.awaited.setdefault(key, Code(stands_in=True))
                        loop.awaited[key].parts += (above,)
        codes = [code for found in late.values() for code in found]
        if codes:
            self.uses.append(Use(codes, loop.bound, self.flow.values, loop.at))

    def text_in(self, name: str) -> str | None:
        """Find the string that a name of the notebook surely holds."""
        if self.frame.kind != MODULE:
            return None
        values = self.flow.values.get(name, NO_VALUES)
        if len(values) != 1 or name not in self.flow.bound:
            return None
        if self.loop is not None and self.loop.prefix + name not in self.flow.bound:
            return None
        (value,) = values
        return value.text if isinstance(value, Text) else None
