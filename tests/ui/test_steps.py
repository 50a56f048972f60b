"""Each thing that a user does to cells: the kernel follows, and outputs are right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .notebook_page import PANEL

if TYPE_CHECKING:
    from .notebook_page import NotebookPage

CHAIN = ["x = 1", "y = x + 1", "print(x, y)"]


def test_edit_and_run(page: NotebookPage) -> None:
    page.open(CHAIN)
    page.shows(["", "", ""], ["new", "new", "new"])
    page.in_step()
    page.command("notebook:run-all-cells")
    page.shows(["", "", "1 2"], ["fresh", "fresh", "fresh"])
    page.write(0, "x = 5")
    page.shows(["", "", "1 2"], ["stale", "stale", "stale"])
    page.in_step()
    page.run(0)
    page.shows(["", "", "5 6"], ["fresh", "fresh", "fresh"])
    page.in_step()


def test_typing_a_change_back_makes_cells_fresh_again(page: NotebookPage) -> None:
    page.open(CHAIN)
    page.run(0, 2)
    page.write(0, "x = 5")
    page.shows(states=["stale", "stale", "stale"])
    page.write(0, "x = 1  # as before")
    page.shows(["", "", "1 2"], ["fresh", "fresh", "fresh"])
    assert page.counts == [1, 2, 3]


def test_an_equal_value_leaves_what_is_below_alone(page: NotebookPage) -> None:
    page.open(CHAIN)
    page.run(0, 2)
    page.write(0, "x = 2 - 1")
    page.run(0)
    page.shows(["", "", "1 2"], ["fresh", "fresh", "fresh"])
    assert page.counts == [4, 2, 3]


def test_created_cell_runs_at_once_and_takes_part(page: NotebookPage) -> None:
    page.open(["x = 1", "print(x)"])
    page.run(0, 1)
    page.insert(0, "z = x * 10; z")
    page.in_step()
    page.run(1)
    page.shows(["", "10", "1"], ["fresh", "fresh", "fresh"])
    page.in_step()
    page.write(0, "x = 2")
    page.run(0)
    page.shows(["", "20", "2"], ["fresh", "fresh", "fresh"])
    page.in_step()


def test_deleted_cell_leaves_nothing_and_never_runs(page: NotebookPage) -> None:
    page.open(["runs = []", "y = 1", "print(y)", "print('y' in globals())"])
    page.run(0, 3)
    page.shows(["", "", "1", "True"])
    page.select(1)
    page.command("notebook:delete-cell")
    page.in_step()
    page.shows(["", "1", "True"], ["fresh", "stale", "stale"])
    page.run(1)
    page.shows(["", "NameError: name 'y' is not defined", "True"])
    page.run(2)
    page.shows(["", "NameError: name 'y' is not defined", "False"])
    page.command("notebook:run-all-cells")
    page.shows(["", "NameError: name 'y' is not defined", "False"], ["fresh", "failed", "fresh"])
    page.in_step()


def test_undo_of_a_deletion(page: NotebookPage) -> None:
    page.open(CHAIN)
    page.run(0, 2)
    page.select(1)
    page.command("notebook:delete-cell")
    page.shows(["", "1 2"], ["fresh", "stale"])
    page.in_step()
    page.command("notebook:undo-cell-action")
    page.shows(["", "", "1 2"], ["fresh", "fresh", "fresh"])
    page.in_step()
    page.command("notebook:redo-cell-action")
    page.shows(["", "1 2"], ["fresh", "stale"])
    page.in_step()


def test_new_cell_becomes_the_writer_of_a_deleted_one(page: NotebookPage) -> None:
    page.open(CHAIN)
    page.run(0, 2)
    page.select(0)
    page.command("notebook:delete-cell")
    page.command("notebook:insert-cell-above")
    page.write(0, "x = 7")
    page.in_step()
    page.run(0)
    page.shows(["", "", "7 8"], ["fresh", "fresh", "fresh"])
    page.write(0, "x = 8")
    page.run(0)
    page.shows(["", "", "8 9"], ["fresh", "fresh", "fresh"])
    page.in_step()


def test_move(page: NotebookPage) -> None:
    page.open(["x = 1", "x = 2", "print(x)"])
    page.run(0, 2)
    page.shows(["", "", "2"])
    ids = page.ids
    page.select(0)
    page.command("notebook:move-cell-down")
    assert page.ids == [ids[1], ids[0], ids[2]]
    page.shows(["", "", "2"], ["fresh", "fresh", "stale"])
    page.in_step()
    page.command("notebook:move-cell-up")
    page.shows(["", "", "2"], ["fresh", "fresh", "fresh"])
    page.in_step()
    page.command("notebook:move-cell-down")
    page.run(2)
    page.shows(["", "", "1"], ["fresh", "fresh", "fresh"])
    page.in_step()


def test_cut_and_paste(page: NotebookPage) -> None:
    page.open(["x = 1", "x = 2", "print(x)"])
    page.run(0, 2)
    page.select(1)
    page.command("notebook:cut-cell")
    page.shows(["", "2"], ["fresh", "stale"])
    page.in_step()
    page.select(1)
    page.command("notebook:paste-cell-below")
    page.shows(["", "2", ""], ["fresh", "stale", "fresh"])
    page.in_step()
    page.run(1)
    page.shows(["", "1", ""], ["fresh", "fresh", "fresh"])


def test_copy_and_paste(page: NotebookPage) -> None:
    page.open(["x = 1", "x = x + 1; x"])
    page.run(0, 1)
    page.select(1)
    page.command("notebook:copy-cell")
    page.command("notebook:paste-cell-below")
    page.in_step()
    page.run(2)
    page.shows(["", "2", "3"], ["fresh", "fresh", "fresh"])
    page.in_step()


def test_split_and_merge(page: NotebookPage) -> None:
    page.open(["x = 1\ny = 2", "print(x, y)"])
    page.run(0, 1)
    page.select(0)
    page.evaluate(f"{PANEL}.content.activeCell.editor.setCursorPosition({{line: 1, column: 0}})")
    page.command("notebook:split-cell-at-cursor")
    assert page.sources == ["x = 1", "y = 2", "print(x, y)"]
    page.in_step()
    page.run(0, 1)
    page.shows(["", "", "1 2"], ["fresh", "fresh", "fresh"])
    page.select(0, 1)
    page.end_undo_step()
    page.command("notebook:merge-cells")
    page.in_step()
    page.command("notebook:undo-cell-action")
    assert page.sources == ["x = 1", "y = 2", "print(x, y)"]
    page.in_step()
    page.shows(["", "", "1 2"], ["fresh", "fresh", "fresh"])
    page.select(0, 1)
    page.command("notebook:merge-cells")
    page.run(0)
    page.shows(["", "1 2"], ["fresh", "fresh"])
    page.in_step()


def test_change_of_type(page: NotebookPage) -> None:
    page.open(CHAIN)
    page.run(0, 2)
    page.select(1)
    page.command("notebook:change-cell-to-markdown")
    page.in_step()
    page.shows(states=["fresh", None, "stale"])
    page.command("notebook:change-cell-to-code")
    page.in_step()
    page.run(2)
    # It need not run again, and what it has put out went with its type.
    page.shows(["", "", "1 2"], ["fresh", "outdated", "fresh"])


def test_raw_markdown_and_empty_cells_run_as_ever(page: NotebookPage) -> None:
    page.open(["1", "# Title", "", "raw"])
    page.select(1)
    page.command("notebook:change-cell-to-markdown")
    page.select(3)
    page.command("notebook:change-cell-to-raw")
    page.command("notebook:run-all-cells")
    page.shows(["1", "", "", ""], ["fresh", None, "fresh", None])
    page.wait_for("document.querySelector('.jp-Notebook h1')?.textContent.includes('Title')")
    page.in_step()


def test_tags(page: NotebookPage) -> None:
    page.open(CHAIN)
    page.evaluate(
        "jupyterapp.shell.currentWidget.content.model.cells.get(0).setMetadata('tags', ['a'])"
    )
    page.in_step()
    page.run(0, 2)
    page.shows(["", "", "1 2"])
