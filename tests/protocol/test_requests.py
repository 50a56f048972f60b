"""The requests that only ask, the mode, and messages that make no sense."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from .player import Cell, Player, RequestError

if TYPE_CHECKING:
    from .conftest import Open


def reads(player: Player, cell: Cell) -> dict[str, tuple[str, str | None]]:
    explained = player.request("explain", cell_id=cell.id)["reads"]
    return {read["name"]: (read["kind"], read["cell"]) for read in explained}


def test_graph(play: Open) -> None:
    player = play("x = 1", "y = x", Cell("# text", cell_type="markdown"), "")
    x, y = player.cells[:2]
    reply = player.request("graph")
    assert reply["revision"] == player.revision
    assert reply["graph"] == {
        "nodes": {
            x.id: {"reads": [], "writes": ["x"], "mutates": []},
            y.id: {"reads": ["x"], "writes": ["y"], "mutates": []},
        },
        "edges": [{"from": x.id, "to": y.id, "names": ["x"]}],
        "problems": [],
    }


def test_status(play: Open) -> None:
    player = play("x = 1", Cell("# text", cell_type="markdown"))
    reply = player.request("status")
    assert reply["revision"] == player.revision
    assert reply["cells"] == player.status
    assert set(reply["cells"]) == {cell.id for cell in player.cells}


def test_explain(play: Open) -> None:
    player = play(
        "x = 1", "y = x", "def f():\n    return y + late", "print(f())\nz = 1", "late = 1"
    )
    x, y, f, call, late = player.cells
    reply = player.request("explain", cell_id=call.id)
    assert reply["writes"] == ["z"]
    assert reply["mutates"] == []
    assert reply["upstream"] == [x.id, y.id, f.id]
    assert reply["downstream"] == []
    assert reply["cell_status"] == player.status[call.id]
    assert reads(player, call)["f"] == ("cell", f.id)
    assert reads(player, call)["print"] == ("builtin", None)
    assert reads(player, y) == {"x": ("cell", x.id)}
    assert reads(player, f) == {"y": ("cell", y.id), "late": ("missing", late.id)}
    assert player.request("explain", cell_id=x.id)["downstream"] == [y.id, call.id]


def test_explain_names_what_is_missing_and_what_comes_from_outside(play: Open) -> None:
    player = play("y = Out, nowhere")
    assert reads(player, player.cells[0]) == {
        "Out": ("outside", None),
        "nowhere": ("missing", None),
    }


def test_explain_a_mutation(play: Open) -> None:
    player = play("d = {}", "d['k'] = 1")
    assert player.request("explain", cell_id=player.cells[1].id)["mutates"] == ["d"]


def test_explain_markdown(play: Open) -> None:
    player = play(Cell("# text", cell_type="markdown"))
    reply = player.request("explain", cell_id=player.cells[0].id)
    assert (reply["reads"], reply["writes"], reply["upstream"], reply["downstream"]) == ([],) * 4
    assert reply["cell_status"]["state"] == "idle"


def test_explain_unknown_cell(play: Open) -> None:
    with pytest.raises(RequestError) as error:
        play("x = 1").request("explain", cell_id="nobody")
    assert error.value.code == "unknown_cell"


def test_variables(play: Open) -> None:
    player = play("number = 5", "words = ['a', 'b', 'c']", "never_ran = 1")
    number, words, _ = player.cells
    player.run([number, words])
    held = {entry["name"]: entry for entry in player.request("variables")["variables"]}
    assert set(held) >= {"number", "words"}
    assert "never_ran" not in held
    assert not {"In", "Out", "get_ipython", "exit", "quit"} & set(held)
    assert (held["number"]["cell"], held["number"]["type"]) == (number.id, "int")
    assert held["number"]["preview"] == "5"
    assert (held["words"]["cell"], held["words"]["type"]) == (words.id, "list")
    assert "'a'" in held["words"]["preview"]
    for entry in held.values():
        assert set(entry) >= {"name", "cell", "type", "size", "preview"}
        assert entry["size"] is None or isinstance(entry["size"], int)


def test_variables_of_unruly_values(play: Open) -> None:
    player = play(
        "class Unruly:\n"
        "    def __repr__(self):\n        raise RuntimeError\n"
        "    def __len__(self):\n        raise RuntimeError\n"
        "    def __sizeof__(self):\n        raise RuntimeError\n"
        "unruly = Unruly()\nlong = 'x' * 10**6"
    )
    player.run("all")
    held = {entry["name"]: entry for entry in player.request("variables")["variables"]}
    assert held["unruly"]["type"] == "Unruly"
    assert len(held["long"]["preview"]) < 10_000


def test_variables_follow_the_last_writer(play: Open) -> None:
    player = play("x = 1", "x = 2")
    player.run("all")
    held = {entry["name"]: entry for entry in player.request("variables")["variables"]}
    assert (held["x"]["preview"], held["x"]["cell"]) == ("2", player.cells[1].id)


def test_variables_have_a_shape_where_there_is_one(play: Open) -> None:
    player = play("import numpy as np\nx = np.zeros((2, 3))\ny = [1]")
    player.run("all")
    held = {entry["name"]: entry for entry in player.request("variables")["variables"]}
    assert held["x"]["shape"] == [2, 3]
    assert held["y"]["shape"] is None


def test_set_mode(play: Open) -> None:
    player, other = play("x = 1"), play()
    assert player.request("set_mode", mode="lazy")["mode"] == "lazy"
    player.request("status")
    other.request("status")
    assert (player.mode, other.mode) == ("lazy", "lazy")
    assert play().welcome["mode"] == "lazy"
    with pytest.raises(RequestError) as error:
        player.request("set_mode", mode="eager")
    assert error.value.code == "bad_message"
    assert player.request("set_mode", mode="auto")["mode"] == "auto"


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("edit", {}),
        ("edit", {"ops": 5}),
        ("edit", {"ops": [None]}),
        ("replace", {}),
        ("check", {}),
        ("check", {"digest": 5}),
        ("run", {}),
        ("run", {"cells": 7}),
        ("run", {"cells": "some"}),
        ("run", {"cells": [5]}),
        ("run", {"cells": "all", "scope": "universe"}),
        ("cancel", {}),
        ("cancel", {"run": []}),
        ("set_mode", {}),
        ("explain", {}),
        ("explain", {"cell_id": None}),
        ("dance", {}),
    ],
)
def test_bad_message(play: Open, kind: str, fields: dict[str, Any]) -> None:
    player = play("x = 1")
    with pytest.raises(RequestError) as error:
        player.request(kind, **fields)
    assert error.value.code == "bad_message"
    assert player.told == []
    assert player.in_step()


@pytest.mark.parametrize(
    "data", [None, 3, "x", True, [], [1], {}, {"type": 5}, {"type": "edit"}, {"type": None}]
)
def test_a_message_without_a_request_is_answered_with_null(play: Open, data: Any) -> None:
    player = play("x = 1")
    player.post(data)
    with pytest.raises(RequestError) as error:
        player.reply(None)
    assert error.value.code == "bad_message"
    assert player.in_step()


@pytest.mark.parametrize("number", [0, "text", 1.5, {"a": [1]}, [1, 2], True])
def test_whatever_the_client_chose_as_request_comes_back(play: Open, number: Any) -> None:
    player = play("x = 1")
    player.post({"type": "check", "request": number, "digest": ""})
    assert player.reply(number)["request"] == number


def test_unknown_fields_are_passed_over(play: Open) -> None:
    player = play("x = 1")
    assert player.request("check", digest="", colour="blue")["match"] is False


def test_messages_are_handled_in_order(play: Open) -> None:
    player = play("x = 1")
    cell = player.cells[0]
    numbers = []
    for value in range(20):
        cell.source = f"x = {value}"
        op = {"op": "update_cell", "cell_id": cell.id, "source": cell.source}
        numbers.append(player.begin("edit", ops=[op]))
    revisions = [player.reply(number)["revision"] for number in numbers]
    assert revisions == sorted(revisions)
    assert player.in_step()
