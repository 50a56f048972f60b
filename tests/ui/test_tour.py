"""The tour for those who are new."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .notebook_page import PANEL, REGISTRY, SETTINGS

if TYPE_CHECKING:
    from playwright.sync_api import Locator

    from .notebook_page import NotebookPage

CHAIN = ["x = 1", "y = x + 1"]


def tour(page: NotebookPage) -> Locator:
    return page.page.get_by_role("dialog", name="Tour of reactive notebooks")


def test_help_has_it_and_keys_lead_through_it(page: NotebookPage) -> None:
    page.open(CHAIN)
    page.select(1)
    page.evaluate(f"{PANEL}.content.activate()")
    page.page.locator(".lm-MenuBar-item", has_text="Help").click()
    page.page.locator(".lm-Menu-item", has_text="Tour of Reactive Notebooks").click()
    keyboard = page.page.keyboard
    for number in (1, 2, 3, 4, 5):
        tour(page).get_by_text(f"{number} of 5").wait_for()
        last = tour(page).get_by_role("button").last
        page.wait_for("document.activeElement.closest('.jp-ReactiveTour')")
        assert last.evaluate("button => button === document.activeElement")
        keyboard.press("Enter")
    tour(page).wait_for(state="detached")
    assert page.page.get_by_role("region", name="Reactive", exact=True).is_visible()
    assert page.states == ["new", "new"]


def test_it_is_left_at_any_time(page: NotebookPage) -> None:
    page.open(CHAIN)
    page.evaluate(f"{PANEL}.content.activate()")
    for leave in ("Escape", "Skip"):
        page.command("reactive-kernel:tour")
        tour(page).get_by_role("button", name="Next").click()
        tour(page).get_by_text("2 of 5").wait_for()
        tour(page).get_by_role("button", name="Back").click()
        tour(page).get_by_text("1 of 5").wait_for()
        if leave == "Escape":
            page.page.keyboard.press("Escape")
        else:
            tour(page).get_by_role("button", name="Skip").click()
        tour(page).wait_for(state="detached")
        assert page.page.locator(".jp-ReactiveTour-frame").count() == 0
        assert page.evaluate(f"{PANEL}.content.node.contains(document.activeElement)")


def test_it_is_offered_once_to_who_opens_a_reactive_notebook(page: NotebookPage) -> None:
    offer = page.page.locator(".Toastify__toast", has_text="This notebook is reactive.")
    is_on = f"plugin => {REGISTRY}.get(plugin, 'tour').then(({{ composite }}) => composite)"
    page.open(CHAIN, kernel="python3")
    page.evaluate(f"plugin => {REGISTRY}.set(plugin, 'tour', true)", SETTINGS)
    assert page.evaluate(is_on, SETTINGS)
    assert offer.count() == 0
    page.evaluate(f"{PANEL}.sessionContext.changeKernel({{ name: 'reactive' }})")
    offer.get_by_role("button", name="Take the tour").click()
    tour(page).get_by_text("1 of 5").wait_for()
    page.page.keyboard.press("Escape")
    page.wait_for(f"plugin => {REGISTRY}.get(plugin, 'tour').then(it => !it.composite)", SETTINGS)
