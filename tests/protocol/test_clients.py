"""Two clients at once: who hears what, who executes, and concurrent edits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .player import Cell, Kernel

if TYPE_CHECKING:
    from .conftest import Open


def server(**fields: str) -> dict[str, dict[str, str]]:
    return {"client": {"name": "player", "version": "1", "kind": "server", **fields}}


def test_edits_reach_every_client_but_their_origin(play: Open) -> None:
    one, two, three = play("x = 1"), play(), play()
    created = two.create("y = x", 1)
    for other in (one, three):
        assert other.in_step()
        [edited] = other.heard("edited")
        assert edited["origin"] == two.welcome["client_id"]
        assert edited["revision"] == two.revision
        assert edited["ops"] == [{"op": "create_cell", "cell": created.message(), "index": 1}]
        assert other.edges == two.edges
    assert two.heard("edited") == []


def test_indexes_are_always_given(play: Open) -> None:
    one, two = play("x = 1"), play()
    late = Cell("y = 2")
    one.cells.append(late)
    one.edit({"op": "create_cell", "cell": late.message()})
    one.delete(one.cells[0])
    one.create("z = 1", 0)
    one.move(one.cells[0], 1)
    assert two.in_step()
    ops = [op for event in two.heard("edited") for op in event["ops"]]
    assert [op["op"] for op in ops] == ["create_cell", "delete_cell", "create_cell", "move_cell"]
    assert [op["index"] for op in ops if op["op"] != "delete_cell"] == [1, 0, 1]


def test_everybody_hears_of_a_run_and_one_executes_it(play: Open) -> None:
    one, two = play("x = 1", "y = x"), play()
    run = two.begin_run("all")["run"]
    two.end_run(run)
    one.request("status")
    assert one.status == two.status
    assert one.states() == ["fresh", "fresh"]
    assert one.told == []
    assert two.told == [cell.id for cell in two.cells]
    [started] = one.heard("run_started")
    assert (started["run"], started["origin"]) == (run, two.welcome["client_id"])
    assert one.finished[run] == two.finished[run]
    running = [status for status in one.history(one.cells[0]) if status["state"] == "running"]
    assert [status["msg_id"] for status in running] == [next(iter(two.executed))]


def test_either_may_run_what_the_other_wrote(play: Open) -> None:
    one, two = play("x = 1"), play()
    two.create("y = x + 1\nprint(y)")
    assert one.in_step()
    one.run([one.cells[1]])
    assert one.cells[1].text == "2\n"
    two.request("status")
    assert two.states() == ["fresh", "fresh"]


def test_a_server_has_a_front_end_execute(play: Open) -> None:
    frontend = play("x = 1", "y = x")
    headless = play(client={"name": "player", "version": "1", "kind": "headless"})
    asks = play(**server())
    run = asks.begin_run("all")["run"]
    frontend.end_run(run)
    assert frontend.told == [cell.id for cell in frontend.cells]
    assert (headless.told, asks.told) == ([], [])
    asks.pump(lambda: run in asks.finished)
    assert asks.states() == ["fresh", "fresh"]


def test_a_server_alone_executes_itself(play: Open) -> None:
    asks = play("x = 1", **server())
    asks.run("all")
    assert asks.told == [asks.cells[0].id]


def test_concurrent_edits_apply_in_the_order_of_arrival(play: Open) -> None:
    one, two = play("x = 1", "y = x"), play()
    one.cells[0].source = "x = 'one'"
    two.cells[1].source = "y = 'two'"
    numbers = [
        client.begin("edit", ops=[{"op": "update_cell", "cell_id": cell.id, "source": cell.source}])
        for client, cell in ((one, one.cells[0]), (two, two.cells[1]))
    ]
    one.reply(numbers[0])
    two.reply(numbers[1])
    assert one.in_step()
    assert two.in_step()
    assert [cell.source for cell in one.cells] == ["x = 'one'", "y = 'two'"]


def test_an_operation_on_a_cell_the_other_deleted(play: Open) -> None:
    one, two = play("x = 1", "y = x"), play()
    gone = two.cells[0]
    one.delete(one.cells[0])
    number = two.begin("edit", ops=[{"op": "update_cell", "cell_id": gone.id, "source": "x = 2"}])
    two.pump(lambda: bool(two.replies))
    assert two.replies.popitem()[1]["error"]["code"] == "unknown_cell"
    assert number
    assert two.in_step()


def test_one_leaves_and_the_other_goes_on(play: Open) -> None:
    one, two = play("x = 1", "y = x"), play()
    one.close()
    two.run("all")
    assert two.states() == ["fresh", "fresh"]
    assert two.welcome["revision"] <= two.revision


def test_a_client_that_leaves_takes_its_runs_with_it(play: Open, kernel: Kernel) -> None:
    leaves, stays = play("x = 1", "y = x", obey=False), play()
    run = leaves.begin_run("all")["run"]
    leaves.pump(lambda: leaves.told == [cell.id for cell in leaves.cells])
    leaves.close()
    stays.pump(lambda: run in stays.finished)
    assert stays.finished[run]["cancelled"] is True
    assert stays.states() == ["new", "new"]
    assert stays.run("all")["executed"] == [cell.id for cell in stays.cells]
