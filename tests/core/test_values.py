"""Fingerprints: equal for what no reader can tell apart, and for nothing else."""

from __future__ import annotations

import datetime as dt
import functools
import gc
import logging
import types
import weakref
from collections import Counter, OrderedDict, defaultdict, deque
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from hypothesis import given
from hypothesis import strategies as st

from reactive_kernel.values import (
    calls_of,
    fingerprint,
    identity_of,
    parts_of,
    preview,
    sample,
)

PRELUDE = """
import enum, functools
from dataclasses import dataclass, field

class Plain:
    kind = 1
    def __init__(self, x): self.x = x
    def double(self): return self.x * rate

class Slotted:
    __slots__ = ("x",)
    def __init__(self, x): self.x = x

class Color(enum.Enum):
    RED = 1

@dataclass
class Point:
    x: int
    tags: list = field(default_factory=list)

def counter(start):
    n = [start]
    def step(by=1):
        n[0] += by
        return n[0]
    return step

def double(x): return x * rate
def reset():
    global rate
    rate = 1
def anything(name): return eval(name)
"""


def notebook() -> dict[str, Any]:
    namespace: dict[str, Any] = {"__name__": "__main__"}
    exec(PRELUDE, namespace)
    return namespace


def made(source: str) -> object:
    """Return what a source binds to v."""
    namespace = notebook()
    exec(source, namespace)
    return namespace["v"]


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary()
    | st.decimals(allow_nan=False),
    lambda inner: (
        st.lists(inner)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(), inner)
        | st.frozensets(st.integers())
    ),
    max_leaves=20,
)


def looks(value: object) -> bytes:
    found = fingerprint(value)
    assert found is not None
    return found.digest


@given(VALUES, VALUES)
def test_values_alike_and_no_others(one: object, other: object) -> None:
    # `repr` tells 1 from True and 0.0 from -0.0, as a reader can.
    same = repr(one) == repr(other)
    assert (looks(one) == looks(other)) is same


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, True),
        (0.0, -0.0),
        ([1], (1,)),
        ({1: 2, 3: 4}, {3: 4, 1: 2}),
        ("1", b"1"),
        (["ab", "c"], ["a", "bc"]),
        (OrderedDict(a=1), {"a": 1}),
        (defaultdict(list), defaultdict(dict)),
        (deque([1]), deque([1], 5)),
        (np.zeros(2), np.zeros(2, "f4")),
        (np.zeros((2, 3)), np.zeros((3, 2))),
        (pd.DataFrame({"a": [1]}), pd.DataFrame({"a": [1]}, index=[5])),
        (Path("a"), Path("b")),
        (functools.partial(int, "1"), functools.partial(int, "2")),
    ],
)
def test_values_that_differ(one: object, other: object) -> None:
    assert looks(one) != looks(other)


@pytest.mark.parametrize(
    "make",
    [
        lambda: {1, "a", (2, 3)},
        lambda: Counter("hello"),
        lambda: types.SimpleNamespace(x=[1]),
        lambda: dt.datetime(2020, 1, 1, tzinfo=dt.timezone.utc),
        lambda: Decimal("1.10"),
        lambda: pd.Series(["a", None]),
        lambda: np.random.default_rng(0),
        lambda: np.array([[1], "x"], dtype=object),
        lambda: logging.getLogger("reactive"),
        lambda: range(5),
        lambda: len,
        lambda: "".join,
        lambda: np,
    ],
)
def test_values_made_twice_look_alike(make: Any) -> None:
    assert looks(make()) == looks(make())


@pytest.mark.parametrize(
    "name", ["Plain", "Slotted", "Color", "Point", "counter", "double", "reset"]
)
def test_functions_and_classes_are_their_code(name: str) -> None:
    one, alike, other = notebook(), notebook(), notebook()
    assert looks(one[name]) == looks(alike[name])
    changed = PRELUDE.replace("self.x = x", "self.x = [x]").replace("RED = 1", "RED = 2")
    changed = changed.replace("n[0] += by", "n[0] -= by").replace("rate", "scale")
    exec(changed.replace("x: int", "x: float"), other)
    assert looks(one[name]) != looks(other[name])


@pytest.mark.parametrize(
    ("expression", "change"),
    [
        ("Plain([1])", "v.x.append(2)"),
        ("Slotted([1])", "v.x = 3"),
        ("Point(1)", "v.tags.append('new')"),
        ("counter(1)", "v()"),
        ("Plain", "v.kind = 2"),
        ("[[1], {2: {3}}]", "v[1][2].add(4)"),
    ],
)
def test_a_change_in_place_is_seen(expression: str, change: str) -> None:
    namespace = notebook()
    value = namespace["v"] = eval(expression, namespace)
    before = looks(value)
    exec(change, namespace)
    assert looks(value) != before


FRAMES = {
    "numbers": pd.DataFrame({"a": [1, 2, 3], "b": [1.5, 2.5, 3.5], "c": [True, False, True]}),
    "texts": pd.DataFrame({"a": ["x", "y", None], "b": ["z", "z", "z"]}),
    "objects": pd.DataFrame({"a": pd.Series([[1], {"k": 2}, "x"], dtype=object)}),
    "dates": pd.DataFrame({"a": pd.date_range("2020", periods=3), "b": 1}),
    "zones": pd.DataFrame({"a": pd.date_range("2020", periods=3, tz="Europe/Berlin")}),
    "categories": pd.DataFrame({"a": pd.Categorical(["x", "y", "x"]), "b": [1, 2, 3]}),
    "missing": pd.DataFrame({"a": pd.array([1, None, 3]), "b": pd.array([True, None, False])}),
    "arrow": pd.DataFrame({"a": pd.array([1, 2, None], dtype="int64[pyarrow]")}),
    "periods": pd.DataFrame({"a": pd.period_range("2020", periods=3, freq="M")}),
    "an array": pd.DataFrame(np.arange(12.0).reshape(3, 4)),
    "each second": pd.DataFrame(np.arange(12.0).reshape(6, 2)).iloc[::2],
    "two levels": pd.DataFrame(
        {"a": [1, 2]}, index=pd.MultiIndex.from_tuples([(1, "a"), (2, "b")])
    ),
    "a series": pd.Series(["x", "y"], index=pd.Index(["a", "b"], name="k"), name="s"),
    "one of dates": pd.Series(pd.date_range("2020", periods=2)),
    "an index": pd.Index(["a", "b"]),
    "days": pd.date_range("2020", periods=3),
    "nothing": pd.DataFrame(),
}


def widened(name: str) -> Any:
    """Return a copy, of a frame with columns in the place of others: these lie apart in memory."""
    value = FRAMES[name].copy()
    if isinstance(value, pd.DataFrame):
        for column in [*value.columns]:
            value[column] = value[column].copy()
    return value


@pytest.mark.parametrize("name", FRAMES)
def test_how_pandas_keeps_a_frame_is_no_part_of_it(name: str) -> None:
    value = widened(name)
    before = looks(value)
    assert looks(value.copy()) == looks(FRAMES[name]) == before
    looked: list[object] = [repr(value), value.to_numpy(), value.size, value.T.copy()]
    if not isinstance(value, pd.Index):
        looked += [value.isna().sum(), value.index.is_unique, value.sort_index(), value.head()]
    if isinstance(value, pd.DataFrame):
        looked += [value.nunique() if name != "objects" else 0, [value[c].array for c in value]]
    assert looks(value) == before
    assert looked


@pytest.mark.parametrize("name", FRAMES)
def test_what_is_in_a_frame_is_a_part_of_it(name: str) -> None:
    known = {looks(value) for value in FRAMES.values()}
    assert len(known) == len(FRAMES)
    changed = widened(name)
    if isinstance(changed, pd.Index):
        changed = changed[::-1]
    elif changed.size:
        column = changed if isinstance(changed, pd.Series) else changed[changed.columns[0]].copy()
        column.iloc[0] = column.iloc[1]
        changed = column if changed is column else changed.assign(**{str(column.name): column})
    else:
        changed["a"] = []
    assert looks(changed) not in known
    renamed = widened(name)
    if isinstance(renamed, pd.DataFrame):
        renamed.columns = [f"{column}!" for column in renamed.columns]
        renamed.index.name = "row"
    else:
        renamed.name = "other"
    assert looks(renamed) not in known


def test_a_sparse_matrix_that_was_asked_is_as_before() -> None:
    matrix = scipy.sparse.csr_matrix([[1, 2], [0, 3]])
    before = looks(matrix)
    assert (matrix.max(), matrix.has_sorted_indices) == (3, True)
    assert looks(matrix) == before
    matrix[0, 0] = 5
    assert looks(matrix) != before


@pytest.mark.parametrize("rows", [3, 40_000])
def test_the_order_of_an_array_is_no_part_of_a_frame(rows: int) -> None:
    array = np.arange(4.0 * rows).reshape(rows, 4)
    frame = pd.DataFrame(array)
    before = looks(frame)
    assert looks(frame.copy()) == before
    frame.iloc[rows // 2, 2] += 1
    assert looks(frame) != before


def test_an_equal_object_in_the_place_of_another_is_a_change_of_layout() -> None:
    value: list[Any] = [[], 1]
    before, replaced = fingerprint(value), value[0]
    value[0] = []
    after = fingerprint(value)
    assert replaced is not value[0]
    assert before is not None
    assert after is not None
    assert before.digest == after.digest
    assert before.layout != after.layout


def test_sharing_within_a_value_is_part_of_it() -> None:
    inner: list[int] = []
    assert looks([inner, inner]) != looks([[], []])


def test_cycles_and_deep_nesting_come_to_an_end() -> None:
    def cycle() -> list[Any]:
        value: list[Any] = [1]
        value.append(value)
        return value

    assert looks(cycle()) == looks(cycle())
    nested: list[Any] = []
    for _ in range(100_000):
        nested = [nested]
    assert fingerprint(nested) is None


@pytest.mark.parametrize(
    "source",
    [
        "class v: known = [str(i) for i in range(50_000)]",
        "def make(known): return lambda i: known[i]\nv = make(dict.fromkeys(range(50_000)))",
        "def words(known=frozenset(range(50_000))): return known\nv = {'words': words}",
    ],
)
def test_functions_and_classes_may_hold_much(source: str) -> None:
    value, again = made(source), made(source)
    found = fingerprint(value)
    assert found is not None
    assert fingerprint(value) == found
    assert looks(again) == found.digest
    assert looks(made(source.replace("50_000", "50_001"))) != found.digest


@pytest.mark.parametrize(
    "source",
    [
        "class v: all = []\nfor _ in range(50_000): v.all.append(v())",
        (
            "import pandas\ndef make(frame): return lambda: frame\n"
            "frame = pandas.DataFrame({'a': [None]})\nv = frame.at[0, 'a'] = make(frame)"
        ),
    ],
)
def test_code_that_holds_what_pickles_with_it_has_no_fingerprint(source: str) -> None:
    assert fingerprint(made(source)) is None


@given(st.integers(15_000, 20_000), st.integers(0, 1))
def test_numbers_of_thousands_of_digits(bits: int, more: int) -> None:
    number = 1 << bits
    assert (looks(number) == looks(number + more)) == (not more)


def test_what_a_value_tells_by_code_of_its_own_is_not_asked() -> None:
    source = "class v(dict):\n    def __getattr__(self, name): return self[name]"
    kind: Any = made(source)
    assert sample(kind(x=np.zeros(3))) is None


def test_pairs_of_numbers_are_few_parts() -> None:
    namespace = notebook()
    points = [(i, 0.5) for i in range(1_100_000)]
    assert "*" not in calls_of(points, namespace).reads


@pytest.mark.parametrize(
    "source",
    ["class C: pass", "class C: __slots__ = ()", "class C(list): pass", "class C(property): pass"],
)
def test_a_class_that_was_looked_at_goes_with_the_last_that_uses_it(source: str) -> None:
    value = made(f"{source}\nv = C()")
    looks(value)
    kind = weakref.ref(type(value))
    del value
    gc.collect()
    assert kind() is None


def test_what_cannot_be_looked_into_has_no_fingerprint() -> None:
    with Path(__file__).open() as file:
        for value in (iter([1]), (x for x in [1]), map(str, [1]), file, [file]):
            assert fingerprint(value) is None


def test_no_code_of_the_value_runs() -> None:
    class Touchy:
        def __getattribute__(self, name: str) -> Any:
            raise RuntimeError(name)

        def __eq__(self, other: object) -> bool:
            raise RuntimeError

        def __hash__(self) -> int:
            raise RuntimeError

        def __repr__(self) -> str:
            raise RuntimeError

    value = Touchy()
    fingerprint([value])
    assert preview([value]).preview == f"[<{Touchy.__qualname__}>]"
    assert calls_of([value], {}).reads == frozenset()
    assert parts_of([value]) >= {identity_of(value)}


def test_views_hold_their_base() -> None:
    base = np.zeros(3)
    one, other = fingerprint(base), fingerprint(base[1:][:1])
    assert one is not None
    assert other is not None
    assert one.parts & other.parts


def test_calls_are_found_through_values() -> None:
    namespace = notebook()
    double, step = namespace["double"], namespace["counter"](1)
    instance = namespace["Plain"](2)
    for value in (double, [double], {"a": (double,)}, functools.partial(double, 1), instance):
        assert "rate" in calls_of(value, namespace).reads
    assert calls_of(namespace["reset"], namespace).writes == {"rate"}
    assert "*" in calls_of(namespace["anything"], namespace).reads
    assert calls_of(step, namespace).reads == frozenset()
    assert calls_of(double, {}).reads == frozenset()


@pytest.mark.parametrize(
    ("value", "size", "shown"),
    [
        ([1, 2], 2, "[1, 2]"),
        ("text", 4, "'text'"),
        (5, None, "5"),
        ({"b": [1], "a": 2}, 2, "{'b': [1], 'a': 2}"),
        (dict.fromkeys(range(9)), 9, "{0: None, 1: None, 2: None, 3: None, ...}"),
        ({1}, 1, "{1}"),
        (set(), 0, "set()"),
        (frozenset({1}), 1, "frozenset({1})"),
        ([[[[1]]], [[{1: 2}]]], 2, "[[[[...]]], [[{...}]]]"),
        (b"abc", 3, "b'abc'"),
        pytest.param(bytearray(100), 100, f"bytearray({bytes(80)!r}...)", id="long bytes"),
        pytest.param(10**5000, None, "<int>", id="a long int"),
        (Counter, None, "<class 'collections.Counter'>"),
        (pd.DataFrame({"a": [1]}), None, "<DataFrame>"),
    ],
)
def test_previews(value: object, size: int | None, shown: str) -> None:
    found = preview(value)
    assert (found.type, found.size, found.preview) == (type(value).__name__, size, shown)


def test_previews_of_many_members_look_at_few() -> None:
    compared = 0

    class Key(int):
        def __lt__(self, other: int) -> bool:
            nonlocal compared
            compared += 1
            return int(self) < int(other)

    keys = [Key(number) for number in range(100)]
    for value in (dict.fromkeys(keys), set(keys), frozenset(keys)):
        assert preview(value).preview.endswith(("...}", "...})"))
    assert compared == 0


@pytest.mark.parametrize(
    ("value", "shape"),
    [
        (np.zeros((2, 3)), [2, 3]),
        (np.array(1), []),
        (pd.DataFrame({"a": [1, 2]}), [2, 1]),
        (pd.Series([1, 2, 3]), [3]),
        ([1, 2], None),
        (np.ma.zeros(3), None),
    ],
)
def test_arrays_and_frames_tell_their_shape(value: object, shape: list[int] | None) -> None:
    assert preview(value).shape == shape
