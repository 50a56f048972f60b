"""Where names live: the notebook, functions, classes, comprehensions, type parameters."""

from __future__ import annotations

from typing import Final

from .code import NOTHING, Code

MODULE: Final = 0
FUNCTION: Final = 1
CLASS: Final = 2
COMPREHENSION: Final = 3
TYPE_PARAMETERS: Final = 4


class Scope:
    """One block of code with names of its own.

    Attributes
    ----------
    kind
        One of the constants of this module.
    parent
        The block around it.
    visible
        The nearest block around it whose names code inside can see: classes are passed over.
    bound
        Names that are local here.
    globals, outer
        Names declared ``global`` and ``nonlocal`` here.
    prefix
        What marks names of this class among those of the code it runs in.
    klass
        Name of the class around, for private names; nothing outside classes.
    sees_class
        Whether names of a class directly around are seen, as annotations do.
    reads
        What a function reads that may or may not turn out to be local, with what it has surely
        written to global names by then.
    doubtful
        What a class body in a function read before it bound it, if it binds it.
    apart
        Whether this is code in a string, all of whose own reads are `doubtful`.
    mutated
        Names with mutating syntax or method calls rooted at them in a function.
    code
        What a function does to names that are surely global; of a class, its methods.
    """

    __slots__ = (
        "apart",
        "bound",
        "code",
        "doubtful",
        "globals",
        "kind",
        "klass",
        "mutated",
        "outer",
        "parent",
        "prefix",
        "reads",
        "sees_class",
        "visible",
    )

    def __init__(self, kind: int, parent: Scope | None, prefix: str = "") -> None:
        self.kind = kind
        self.parent = parent
        self.visible: Scope | None = parent
        self.klass: str | None = None
        if parent is not None:
            self.klass = parent.klass
            if parent.kind == CLASS:
                self.visible = parent.visible
        self.bound: set[str] = set()
        self.globals: set[str] = set()
        self.outer: set[str] = set()
        self.prefix = prefix
        self.sees_class = False
        self.apart = False
        self.reads: dict[str, frozenset[str]] = {}
        self.doubtful: set[str] = set()
        self.mutated: set[str] = set()
        self.code = Code()

    def around(self, inside: Scope) -> Scope | None:
        """Where a name that is not from here is looked up next, coming from `inside`."""
        if self is inside and self.kind == TYPE_PARAMETERS:
            return self.parent
        return self.visible

    def private(self, name: str) -> str:
        """Give a name the form it has in a class: ``__x`` is ``_A__x`` there."""
        if self.klass is None or name[:2] != "__" or name.endswith("__") or "." in name:
            return name
        klass = self.klass.lstrip("_")
        return f"_{klass}{name}" if klass else name

    def covered(self, bound: set[str]) -> frozenset[str]:
        """Global names that this function has surely written itself."""
        return frozenset(self.globals & bound) if self.globals else NOTHING

    def read(self, name: str, bound: set[str]) -> None:
        """Note that a function reads a name, unless it surely has written it."""
        if name not in bound:
            covered = self.covered(bound)
            before = self.reads.get(name)
            self.reads[name] = covered if before is None else before & covered

    def is_local(self, name: str) -> bool:
        """Whether a name of a function that has been gone through is not global."""
        if name in self.globals:
            return False
        if name in self.bound or name in self.outer:
            return True
        if name == "__class__" and self.klass is not None:
            return True
        above = self.parent
        while above is not None and above.kind == TYPE_PARAMETERS:
            above = above.parent
        return (
            self.sees_class
            and above is not None
            and above.kind == CLASS
            and name in above.bound
            and name not in above.globals
        )
