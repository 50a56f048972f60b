"""Graph events: nodes, edges, problems, and that they add up to the whole graph."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .conftest import Open
    from .player import Cell, Message, Player


def problems(player: Player, kind: str) -> list[Message]:
    return [problem for problem in player.problems if problem["kind"] == kind]


def test_an_edge_goes_from_the_nearest_writer_above(play: Open) -> None:
    player = play("x = 1", "x = 2", "y = x")
    first, second, reader = player.cells
    assert player.edges == {(second.id, reader.id): ["x"]}
    player.move(second, 2)
    assert player.edges == {(first.id, reader.id): ["x"]}


def test_edges_name_all_names_sorted(play: Open) -> None:
    player = play("b = 1\na = 2\nunused = 3", "print(b, a)")
    writer, reader = player.cells
    assert player.edges == {(writer.id, reader.id): ["a", "b"]}
    assert player.nodes[writer.id]["writes"] == ["a", "b", "unused"]
    player.update(reader, "print(b)")
    assert player.edges == {(writer.id, reader.id): ["b"]}
    player.update(reader, "print('none')")
    assert player.edges == {}


def test_a_node_comes_changes_and_goes(play: Open) -> None:
    player = play()
    cell = player.create("d = {}")
    assert player.nodes[cell.id] == {"reads": [], "writes": ["d"], "mutates": []}
    player.update(cell, "e['k'] = d")
    assert player.nodes[cell.id]["mutates"] == ["e"]
    assert {"d", "e"} <= set(player.nodes[cell.id]["reads"])
    player.update(cell, "")
    assert player.nodes == {}


def test_a_run_reveals_writes(play: Open) -> None:
    player = play("for name in ['made']:\n    globals()[name] = 5", "print(made)")
    maker, reader = player.cells
    player.run([maker])
    player.run([reader])
    assert reader.text == "5\n"
    assert "made" in player.nodes[maker.id]["writes"]
    assert (maker.id, reader.id) in player.edges


def test_a_function_reads_where_it_is_called(play: Open) -> None:
    player = play("k = 1", "def f():\n    return k", "print(f())")
    k, f, call = player.cells
    player.run("all")
    player.update(k, "k = 2")
    finished = player.run([k])
    assert finished["executed"] == [k.id, call.id]
    assert call.text == "2\n"
    assert player.state(f) == "fresh"


def test_defined_below(play: Open) -> None:
    player = play("print(later)", "x = 1", "later = 5")
    early, _, later = player.cells
    [problem] = problems(player, "defined_below")
    assert problem["cells"] == [early.id, later.id]
    assert problem["names"] == ["later"]
    assert problem["message"]
    assert player.edges == {}
    player.run([later, early])
    assert early.error == "NameError"
    assert player.state(early) == "failed"
    player.move(later, 0)
    assert problems(player, "defined_below") == []
    player.run("stale")
    assert early.text == "5\n"


def test_cells_that_read_each_other_end(play: Open) -> None:
    player = play("a = b", "b = a")
    first, second = player.cells
    [problem] = problems(player, "defined_below")
    assert problem["cells"] == [first.id, second.id]
    finished = player.run("all")
    assert finished["executed"] == [first.id]
    assert finished["blocked"] == [second.id]


def test_syntax_error(play: Open) -> None:
    player = play("x = 1", "y = x")
    x, _ = player.cells
    player.update(x, "x = (")
    [problem] = problems(player, "syntax_error")
    assert problem["cells"] == [x.id]
    assert problem["message"]
    assert player.edges == {}
    player.update(x, "x = 1")
    assert player.problems == []


def test_opaque(play: Open) -> None:
    player = play("%%no_such_magic_anywhere\nwhatever")
    [problem] = problems(player, "opaque")
    assert problem["cells"] == [player.cells[0].id]
    assert problem["message"]


def test_a_pasted_cell_takes_part_at_its_place(play: Open) -> None:
    player = play("x = 1", "y = x", "z = y")
    x, y, z = player.cells
    player.delete(y)
    assert player.edges == {}
    player.create(y, 2)
    assert player.edges == {(x.id, y.id): ["x"]}
    player.move(y, 1)
    assert player.edges == {(x.id, y.id): ["x"], (y.id, z.id): ["y"]}


def test_events_add_up_over_a_long_session(play: Open) -> None:
    player, watcher = play(), play()
    chance = random.Random(4)
    names = "abcd"
    removed: list[Cell] = []
    for step in range(60):
        move = chance.choice(
            ["create", "create", "update", "delete", "move", "undo", "run", "replace"]
        )
        source = chance.choice(
            [
                f"{chance.choice(names)} = {chance.randrange(3)}",
                f"{chance.choice(names)} = {chance.choice(names)}",
                f"print({chance.choice(names)}, {chance.choice(names)})",
                f"def f():\n    return {chance.choice(names)}",
                f"{chance.choice(names)} = f()",
                f"del {chance.choice(names)}",
                f"{chance.choice(names)} = (",
                "",
            ]
        )
        place = chance.randrange(len(player.cells) + 1)
        if move == "create" or not player.cells:
            player.create(source, place)
        elif move == "update":
            player.update(chance.choice(player.cells), source)
        elif move == "delete":
            removed.append(chance.choice(player.cells))
            player.delete(removed[-1])
        elif move == "undo" and removed:
            player.create(removed.pop(), place)
        elif move == "move":
            player.move(chance.choice(player.cells), min(place, len(player.cells) - 1))
        elif move == "run":
            player.run(chance.choice(["stale", [chance.choice(player.cells)]]))
        else:
            chance.shuffle(player.cells)
            player.request("replace", cells=[cell.message() for cell in player.cells])
        if step % 6 == 5:
            assert player.disagreements() == {}
            assert watcher.disagreements() == {}
