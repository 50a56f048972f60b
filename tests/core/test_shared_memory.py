"""Arrays, and what else is on the memory of an array or a frame."""

from __future__ import annotations

import pytest

from .edits import check_each_step, update
from .player import Player

VIEWS = {
    "a view": "m = d[1:]",
    "a masked array": "m = np.ma.array(d, copy=False)",
    "a part of a masked array": "m = np.ma.array(d, copy=False)[1:]",
    "a list of masked arrays": "m = [np.ma.masked_invalid(d, copy=False)]",
    "records": "m = np.rec.array(d, copy=False)",
    "a matrix": "m = d.view(np.matrix)",
    "text": "d = np.array(['a', 'b'])\nm = d.view(np.char.chararray)",
    "a class of the notebook": "class A(np.ndarray):\n    pass\nm = d.view(A)",
    "a class that computes its base": (
        "class A(np.ndarray):\n    base = property(lambda self: 1 / 0)\nm = d.view(A)"
    ),
    "an iterator over it": "m = d.flat",
}


@pytest.mark.parametrize("name", VIEWS)
def test_what_is_written_into_an_array_is_seen_through_its_views(name: str) -> None:
    sources = [
        f"import numpy as np\nd = np.arange(4.)\n{VIEWS[name]}",
        "d[1] = 7",
        "print(list(m))",
    ]
    check_each_step(sources, [update(1, "d[1] = 8"), update(1, "d[0] = 9")])


ARRAYS = {
    "values": "a = s.values",
    "to_numpy": "a = s.to_numpy()",
    "asarray": "import numpy as np\na = np.asarray(s)",
    "of a frame": "f = s.to_frame()\ns = f['n']\na = f.values",
}


@pytest.mark.parametrize("name", ARRAYS)
@pytest.mark.parametrize("write", ["s.iloc[0] = 7", "s[:] = 7", "s.update([7, 8, 9])"])
def test_what_is_written_into_a_series_is_seen_through_its_arrays(name: str, write: str) -> None:
    make = "import pandas as pd\ns = pd.Series([1, 2, 3], name='n')"
    together = Player(make, f"{ARRAYS[name]}\n{write}\nprint(a)")
    together.run("all")
    together.check_promise()
    check_each_step(
        [make, ARRAYS[name], write, "print(a, s.tolist())"],
        [update(1, f"{ARRAYS[name]}  # again"), update(2, "s.iloc[1] = 5"), update(2, write)],
    )


def test_an_array_is_taken_of_a_series_that_was_written_to_before() -> None:
    player = Player("import pandas as pd\ns = pd.Series([1, 2])", "", "s.iloc[0] = 7", "")
    player.run("all")
    player.update("c1", "a = s.to_numpy()")
    player.update("c3", "print(a)")
    player.run("stale")
    player.check_promise()
    assert player.printed("c3") == "[7 2]\n"


NAMED = {
    "of the array": "s = r",
    "of a copy": "s = r.copy()",
    "of a part": "s = r[1:]",
    "of another": "s = np.ones(3, dtype=r.dtype)",
}


@pytest.mark.parametrize("name", NAMED)
def test_the_names_of_fields_are_set_for_all_arrays_that_have_them(name: str) -> None:
    sources = [
        "import numpy as np\nr = np.zeros(2, dtype=[('a', int), ('b', float)])",
        NAMED[name],
        "r.dtype.names = ('x', 'y')",
        "r['x'] += 4",
        "print(s.dtype.names, r.tolist())",
    ]
    edits = ("r.dtype.names = ('x', 'z')", "pass", sources[2])
    check_each_step(sources, [update(2, edit) for edit in edits])
