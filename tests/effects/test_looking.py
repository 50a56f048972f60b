"""Which names a cell only looks at, by its source."""

from __future__ import annotations

import pytest

from reactive_kernel.effects import only_looked_at

LOOKS = [
    "a",
    "print(a)",
    "a.describe()",
    "a['x'].sum()",
    "np.sum(a)",
    "len(a.get('k'))",
    "for _ in range(10):\n    s = a.sum()",
    "[x + 1 for x in a]",
    "c = a[a.x > 3].groupby('y').mean()",
    "f'{a} {a!r}'",
    "b = a\nprint(b)",
    "if a:\n    pass",
]
MAY_CHANGE = [
    "a.append(1)",
    "a[0] = 1",
    "a.x = 1",
    "a += [1]",
    "del a[0]",
    "f(a)",
    "a()",
    "np.add(a, 1, out=a)",
    "np.put(a, 0, 1)",
    "a.drop(columns='x', inplace=True)",
    "heapq.heappush(a, 1)",
    "b = a\nb.append(1)",
    "b = a['k']\nb += [1]",
    "for row in a:\n    row.pop()",
    "for a.x in range(3):\n    pass",
    "g = lambda: a",
    "def g():\n    return a",
    "with a:\n    pass",
    "b = [a]\nf(b)",
    "!echo {a}",
    "a =",
]


@pytest.mark.parametrize("source", LOOKS)
def test_a_look_changes_nothing(source: str) -> None:
    assert "a" in only_looked_at(source)


@pytest.mark.parametrize("source", MAY_CHANGE)
def test_anything_else_may(source: str) -> None:
    assert "a" not in only_looked_at(source)
