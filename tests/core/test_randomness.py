"""Random numbers: what Run All would draw after a seed, and no marks without one."""

from __future__ import annotations

import random

import pytest

from .player import Player

SEEDED = {
    "random": ["import random", "random.seed(1)", "print(random.random())", "x = random.random()"],
    "numpy": [
        "import numpy as np",
        "np.random.seed(1)",
        "print(np.random.rand())",
        "x = np.random.normal()",
    ],
    "a function that sets the seed": [
        "import random\ndef set_all():\n    random.seed(1)",
        "set_all()",
        "print(random.random())",
        "x = random.random()",
    ],
    "a class that sets the seed": [
        "import random\nclass Story:\n    def __init__(self, seed):\n        random.seed(seed)",
        "story = Story(1)",
        "print(random.random())",
        "x = random.random()",
    ],
    "an import within a function": [
        (
            "def start():\n    import random\n    random.seed(1)\n"
            "def draw():\n    import random\n    return random.random()"
        ),
        "start()",
        "print(draw())",
        "x = draw()",
    ],
    "a call that sets the seed of numpy": [
        "import functools, numpy as np\nreset = functools.partial(np.random.seed, 1)",
        "reset()",
        "print(np.random.rand())",
        "x = np.random.normal()",
    ],
    "a call that sets the seed": [
        "import functools, random\nreset = functools.partial(random.seed, 1)",
        "reset()",
        "print(random.random())",
        "x = random.random()",
    ],
    "a generator held in a variable": [
        "import numpy as np",
        "rng = np.random.default_rng(1)",
        "print(rng.random())",
        "x = rng.random()",
    ],
}


@pytest.mark.parametrize("name", SEEDED)
def test_each_cell_draws_what_run_all_would_draw(name: str) -> None:
    player = Player(*SEEDED[name], "print(x)")
    player.run("all")
    player.check_promise()
    for cell_id in ("c3", "c2", "c2", "c4", "c1"):
        player.run([cell_id])
        player.check_promise()
        assert player.states() == ["fresh"] * 5
    player.update("c1", player.notebook.document["c1"].source.replace("1", "2"))
    player.run("stale")
    player.check_promise()
    player.create(SEEDED[name][3].replace("x =", "y ="), 2)
    player.run("stale")
    player.check_promise()
    player.delete("c2")
    player.run("stale")
    player.check_promise()


def test_a_failing_cell_draws_nothing() -> None:
    player = Player(
        "import random\nrandom.seed(1)", "random.random()\n1 / 0", "print(random.random())"
    )
    player.run("all")
    assert player.states() == ["fresh", "failed", "fresh"]
    player.check_promise()


def test_drawing_elsewhere_changes_no_cell() -> None:
    player = Player("import random\nrandom.seed(1)", "print(random.random())")
    player.run("all")
    before = player.namespace.before_console()
    exec("random.random()", player.user_ns)
    player.namespace.after_console(before)
    player.run(["c1"])
    player.check_promise()


def test_a_seed_counts_that_was_set_before_the_notebook_was_opened() -> None:
    random.seed(0)
    player = Player("import random\nrandom.seed(0)", "random.seed(1)", "print(random.random())")
    player.run("all")
    player.delete("c1")
    assert player.run("stale").executed == ["c2"]
    player.check_promise()


def test_without_a_seed_nothing_is_marked() -> None:
    player = Player("import random", "x = random.random()", "y = random.random()")
    player.run("all")
    player.run(["c1"])
    player.create("z = random.random()", 1)
    player.run([player.ids[1]])
    assert player.states() == ["fresh"] * 4


@pytest.mark.parametrize("library", ["random", "numpy.random"])
def test_functions_that_are_imported_by_name_are_as_they_were(library: str) -> None:
    player = Player(
        f"from {library} import randint\ndata = []", "x = randint(1, 6)", "y = randint(1, 6)"
    )
    player.run("all")
    player.update("c1", "x = randint(1, 60)")
    assert player.run("stale").executed == ["c1"]


def test_a_seed_set_above_reaches_all_that_draws() -> None:
    player = Player("import random", "print(random.random())", "print(random.random())")
    player.run("all")
    player.create("random.seed(5)", 1)
    player.run("stale")
    assert player.states() == ["fresh"] * 4
    player.check_promise()
    assert player.notebook.graph.edge("c1", "c2") == ("random:random",)
    assert player.notebook.graph.problems() == []


@pytest.mark.parametrize(
    "draws_and_seeds",
    [
        "import random\nrandom.seed(3)\nprint(random.random(), np.random.rand())",
        "print(np.random.rand())\nnp.random.seed(3)",
        "if np.random.rand() > 2:\n    np.random.seed(3)\nprint(np.random.rand())",
        "from random import seed\nseed(np.random.rand())",
        "np = np\nnp.random.rand()\nnp.random.seed(0)\nprint(1)",
    ],
)
def test_a_cell_that_draws_before_it_sets_a_seed_uses_what_is_above(draws_and_seeds: str) -> None:
    player = Player(
        "import numpy as np\nnp.random.seed(1)",
        "x = np.random.rand()",
        draws_and_seeds,
        "print(np.random.rand())",
    )
    player.run("all")
    player.update("c1", "x = np.random.rand(2)")
    assert player.states()[2] == "stale"
    player.run("stale")
    player.check_promise()


@pytest.mark.parametrize(
    "seeds",
    [
        "np.random.seed(3)\nprint(np.random.rand())",
        '"""Begin anew."""\nfrom numpy.random import seed\nstart = 3\nseed(start)',
        "import numpy\nnumpy.random.seed(3)",
    ],
)
def test_a_cell_that_sets_the_seed_first_does_not_use_what_is_above(seeds: str) -> None:
    player = Player(
        "import numpy as np\nnp.random.seed(1)", "x = np.random.rand()", seeds, "np.random.rand()"
    )
    player.run("all")
    player.update("c1", "x = np.random.rand(2)")
    player.run(["c1"])
    assert player.states() == ["fresh"] * 4
    player.check_promise()
    assert player.notebook.graph.edge("c1", "c2") is None
