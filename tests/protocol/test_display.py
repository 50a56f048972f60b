"""How values are shown is what a cell above has set."""

from __future__ import annotations

from .conftest import Open
from .player import Cell


def shown(cell: Cell) -> list[str]:
    return [output[-1] for output in cell.outputs]


def mimes(cell: Cell) -> set[str]:
    return {mime for m in cell.messages for mime in m["content"].get("data", {})} - {"text/plain"}


def test_precision_is_what_a_cell_above_sets(play: Open) -> None:
    player = play("1 / 3", "%precision 2", "1 / 3", "x = 1 / 3")
    above, precision, below, silent = player.cells
    player.run("all")
    assert [shown(above), shown(below)] == [["0.3333333333333333"], ["0.33"]]
    player.update(precision, "%precision 4")
    assert player.run([precision])["executed"] == [precision.id, below.id]
    assert shown(below) == ["0.3333"]
    player.run([above])
    assert shown(above) == ["0.3333333333333333"]
    player.delete(precision)
    assert player.states(above, below, silent) == ["fresh", "stale", "fresh"]
    player.run("stale")
    assert shown(below) == ["0.3333333333333333"]


def test_how_arrays_are_printed_is_what_a_cell_above_sets(play: Open) -> None:
    player = play("import numpy as np", "%precision 2", "print(np.array([1 / 3]))")
    _, precision, prints = player.cells
    player.run("all")
    assert prints.text == "[0.33]\n"
    player.update(precision, "%precision 3")
    player.run([precision])
    assert prints.text == "[0.333]\n"


def test_which_expressions_are_shown_is_what_a_cell_above_sets(play: Open) -> None:
    source = (
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "InteractiveShell.ast_node_interactivity = 'all'"
    )
    player = play("1\n2", source, "3\n4")
    above, setting, below = player.cells
    player.run("all")
    assert [shown(above), shown(below)] == [["2"], ["3", "4"]]
    player.run([above])
    player.run([below])
    assert [shown(above), shown(below)] == [["2"], ["3", "4"]]
    player.update(setting, source.replace("'all'", "'none'"))
    player.run([setting])
    assert [shown(above), shown(below)] == [["2"], []]
    player.delete(setting)
    player.run("stale")
    assert shown(below) == ["4"]


def test_the_format_of_figures_is_what_a_cell_above_sets(play: Open) -> None:
    player = play(
        "import matplotlib.pyplot as plt",
        "%config InlineBackend.figure_formats = ['svg']",
        "plt.plot([1, 2])\nplt.show()",
    )
    imports, config, plots = player.cells
    player.run("all")
    assert mimes(plots) == {"image/svg+xml"}
    player.update(config, "%config InlineBackend.figure_formats = ['png', 'svg']")
    assert player.run([config])["executed"] == [config.id, plots.id]
    assert mimes(plots) == {"image/svg+xml", "image/png"}
    player.run([imports])
    player.delete(config)
    player.run("stale")
    assert mimes(plots) == {"image/png"}
