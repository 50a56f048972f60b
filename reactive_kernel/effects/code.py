"""What functions and classes of a cell do when they are called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

NOTHING: Final[frozenset[str]] = frozenset()


class Code:
    """What running the body of a function or lambda, or using a class, does to global names.

    Attributes
    ----------
    reads
        Global names it reads, each with the names it has surely written itself by then.
    writes
        Global names it may bind or delete.
    deletes
        Those it may delete.
    surely
        Global names that every call that returns has bound or deleted.
    mutates
        Global names whose value it may mutate.
    parts
        For a class its methods and bases.
    hooked
        Whether deriving from the class may run code of it.
    stands_in
        Whether it only stands for its parts, of which there may be none.
    """

    __slots__ = (
        "deletes",
        "hooked",
        "mutates",
        "parts",
        "reads",
        "stands_in",
        "surely",
        "writes",
    )

    def __init__(self, *, stands_in: bool = False) -> None:
        self.stands_in = stands_in
        self.reads: dict[str, frozenset[str]] = {}
        self.writes: set[str] = set()
        self.deletes: set[str] = set()
        self.surely: frozenset[str] = NOTHING
        self.mutates: set[str] = set()
        self.parts: tuple[Code, ...] = ()
        self.hooked = False

    def read(self, name: str, covered: frozenset[str] = NOTHING) -> None:
        """Note that it reads a name, with `covered` surely written by itself before."""
        before = self.reads.get(name)
        self.reads[name] = covered if before is None else before & covered

    def absorb(self, other: Code) -> None:
        """Count what a function defined in this one does as done by this one."""
        for name, covered in other.reads.items():
            self.read(name, covered)
        self.writes |= other.writes
        self.deletes |= other.deletes
        self.mutates |= other.mutates


class Reach:
    """What calling some functions does, with all that they call in turn."""

    __slots__ = ("deletes", "mutates", "reads", "writes")

    def __init__(self) -> None:
        self.reads: set[str] = set()
        self.writes: set[str] = set()
        self.deletes: set[str] = set()
        self.mutates: set[str] = set()


def reach(
    codes: Iterable[Code],
    lookup: Callable[[str], Iterable[Code]],
    bound: Iterable[str] = (),
) -> Reach:
    """Follow calls from function to function.

    Parameters
    ----------
    codes
        What is called.
    lookup
        The functions that a global name may hold.
    bound
        Names that the cell itself has surely written before the call.

    Returns
    -------
    Reach
        All effects together.
    """
    found = Reach()
    pending = [(code, NOTHING) for code in codes]
    seen = set(pending)
    while pending:
        code, covered = pending.pop()
        found.writes |= code.writes
        found.deletes |= code.deletes
        found.mutates |= code.mutates
        onward = [(part, covered) for part in code.parts]
        for name, own in code.reads.items():
            known = covered | own
            if name not in known:
                found.reads.add(name)
            onward.extend((callee, known) for callee in lookup(name))
        for step in onward:
            if step not in seen:
                seen.add(step)
                pending.append(step)
    found.reads.difference_update(bound)
    found.mutates.difference_update(bound)
    return found
