"""What a user does to a notebook: the kernel follows every step."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from notebook_page import NotebookPage

CHAIN = ["x = 1", "y = x + 1", "print(x, y)"]


def test_run_edit_run(page: NotebookPage) -> None:
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
