"""Where outputs come from, told by sources alone."""

from __future__ import annotations

from reactive_kernel.document import Cell
from reactive_kernel.provenance import provenance


def digests(*sources: str) -> dict[str, str]:
    return provenance([Cell(f"c{i}", "code", source) for i, source in enumerate(sources)])


def changed(before: dict[str, str], after: dict[str, str]) -> set[str]:
    return {cell_id for cell_id in before if before[cell_id] != after[cell_id]}


def test_it_changes_with_what_a_cell_depends_on() -> None:
    before = digests("x = 1", "y = x", "print(y)", "print(2)")
    assert all(len(digest) == 8 for digest in before.values())
    assert changed(before, digests("x = 2", "y = x", "print(y)", "print(2)")) == {"c0", "c1", "c2"}
    assert changed(before, digests("x = 1", "y = x + 1", "print(y)", "print(2)")) == {"c1", "c2"}
    assert changed(before, digests("x = 1", "y = x", "print(y)", "x = 2")) == {"c3"}


def test_it_changes_with_who_gives_a_name() -> None:
    before = digests("x = 1", "z = 3", "print(x)")
    assert changed(before, digests("x = 1", "x = 2", "print(x)")) == {"c1", "c2"}


def test_cells_with_nothing_to_run_have_none() -> None:
    assert digests("# nothing", "", "x = 1").keys() == {"c2"}


def test_ids_do_not_count() -> None:
    cells = [Cell("other", "code", "x = 1"), Cell("ids", "code", "print(x)")]
    assert list(provenance(cells).values()) == list(digests("x = 1", "print(x)").values())
