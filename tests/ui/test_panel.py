"""The panel at the side: the cells, what depends on what, and the variables."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from .notebook_page import PANEL

if TYPE_CHECKING:
    from playwright.sync_api import Locator

    from .notebook_page import NotebookPage

CHAIN = ["x = 1", "y = x + 1", "z = 3", "print(x, y)"]

ACTIVE = f"{PANEL}.content.activeCellIndex"


def show_panel(page: NotebookPage) -> Locator:
    """Show the panel, which may be open since the last test."""
    page.command("reactive-kernel:show-panel")
    panel = page.page.get_by_role("region", name="Reactive", exact=True)
    panel.wait_for()
    return panel


def row(panel: Locator, position: int) -> Locator:
    """The row of the cell at a position, counted from 1."""
    return panel.locator(f"[role=option][aria-posinset='{position}']")


def test_each_cell_has_a_row_with_its_state(page: NotebookPage) -> None:
    page.open(CHAIN)
    page.evaluate(
        f"""() => {PANEL}.content.model.sharedModel.insertCell(
            0, {{ cell_type: 'markdown', source: 'Text\\n# The chain' }}
        )"""
    )
    panel = show_panel(page)
    row(panel, 1).get_by_text("The chain").wait_for()
    row(panel, 2).get_by_text("Not run").wait_for()
    page.run(1, 4)
    row(panel, 5).get_by_text("Fresh").wait_for()
    page.write(1, "x = 5")
    for position in (2, 3, 5):
        row(panel, position).get_by_text("Stale").wait_for()
    assert "x = 5" in row(panel, 2).inner_text()
    assert row(panel, 2).locator("svg").count() == 1
    assert row(panel, 4).locator("svg").count() == 0


def test_a_row_tells_how_long_its_cell_ran(page: NotebookPage) -> None:
    page.open(["x = 1"])
    panel = show_panel(page)
    page.evaluate(
        f"""() => {{
            const notebook = {PANEL}.content;
            notebook.notebookConfig = {{ ...notebook.notebookConfig, recordTiming: true }};
        }}"""
    )
    page.run(0)
    row(panel, 1).get_by_text(re.compile(r"^\d+ ms$")).wait_for()


def test_rows_follow_cells_that_come_and_go(page: NotebookPage) -> None:
    page.open(["a = 1", "b = 2"])
    panel = show_panel(page)
    row(panel, 2).get_by_text("b = 2").wait_for()
    page.insert(0, "c = 3")
    row(panel, 2).get_by_text("c = 3").wait_for()
    row(panel, 3).get_by_text("b = 2").wait_for()
    page.select(0)
    page.command("notebook:delete-cell")
    row(panel, 1).get_by_text("c = 3").wait_for()
    assert panel.get_by_role("option").count() == 2


def test_what_the_active_cell_depends_on_stands_out(page: NotebookPage) -> None:
    page.open(CHAIN)
    panel = show_panel(page)
    page.select(1)
    row(panel, 1).get_by_text("the active cell depends on it").wait_for(state="attached")
    row(panel, 4).get_by_text("depends on the active cell").wait_for()
    assert row(panel, 2).get_attribute("aria-selected") == "true"
    arcs = panel.locator(".jp-ReactiveMinimap-arcs")
    for relation in ("upstream", "downstream"):
        assert arcs.locator(f".jp-mod-{relation}").get_attribute("d")
    page.select(2)
    cells = panel.get_by_role("listbox", name="Cells")
    cells.get_by_text("the active cell depends on it").wait_for(state="detached")
    assert not arcs.locator(".jp-mod-upstream").get_attribute("d")


def test_a_row_leads_to_its_cell(page: NotebookPage) -> None:
    page.open(CHAIN)
    panel = show_panel(page)
    row(panel, 3).click()
    page.wait_for(f"{ACTIVE} === 2")
    cells = panel.get_by_role("listbox", name="Cells")
    keyboard = page.page.keyboard
    for keys, index in (("ArrowUp",), 1), (("End",), 3), (("Home",), 0), (("ArrowDown",) * 2, 2):
        cells.focus()
        for key in keys:
            keyboard.press(key)
        keyboard.press("Enter")
        page.wait_for(f"index => {ACTIVE} === index", index)
    assert cells.evaluate("cells => cells !== document.activeElement")


def test_arcs_of_what_nearly_all_cells_use_are_folded(page: NotebookPage) -> None:
    page.open(["import math", *[f"x{i} = math.sqrt({i})" for i in range(10)], "print(x9)"])
    panel = show_panel(page)
    page.select(11)
    row(panel, 1).get_by_text("10 users").wait_for()
    arcs = panel.locator(".jp-ReactiveMinimap-arcs path").first
    assert not arcs.get_attribute("d")
    page.select(0)
    row(panel, 1).get_by_text("10 users").wait_for(state="detached")
    assert panel.locator(".jp-ReactiveMinimap-arcs .jp-mod-downstream").get_attribute("d")


def test_of_a_large_notebook_the_rows_in_view_are_drawn(page: NotebookPage) -> None:
    page.open([f"x{i} = {i}" for i in range(1000)])
    panel = show_panel(page)
    row(panel, 1).wait_for()
    assert row(panel, 1).get_attribute("aria-setsize") == "1000"
    assert panel.get_by_role("option").count() < 100
    panel.get_by_role("listbox").evaluate("cells => { cells.scrollTop = cells.scrollHeight; }")
    row(panel, 1000).get_by_text("x999 = 999").wait_for()
    assert row(panel, 1).count() == 0
    assert panel.get_by_role("option").count() < 100
    row(panel, 1000).click()
    page.wait_for(f"{ACTIVE} === 999")
    page.select(0)
    row(panel, 1).wait_for()


def test_a_notebook_with_another_kernel_has_no_rows(page: NotebookPage) -> None:
    page.open(CHAIN)
    panel = show_panel(page)
    row(panel, 4).wait_for()
    page.evaluate(f"{PANEL}.sessionContext.changeKernel({{ name: 'python3' }})")
    panel.get_by_text("Open a notebook with a reactive kernel").wait_for()
    assert not row(panel, 1).is_visible()


def test_notebook_has_the_panel_too(page: NotebookPage) -> None:
    page.open(CHAIN, app="notebooks")
    panel = show_panel(page)
    row(panel, 2).click()
    page.wait_for(f"{ACTIVE} === 1")
    row(panel, 4).get_by_text("depends on the active cell").wait_for()


def variable(panel: Locator, name: str) -> Locator:
    """The row of a variable."""
    header = panel.page.get_by_role("rowheader", name=name, exact=True)
    return panel.get_by_role("row").filter(has=header)


def cells_of(found: Locator) -> list[str]:
    return [text.strip() for text in found.get_by_role("cell").all_inner_texts()]


def names(panel: Locator) -> list[str]:
    return panel.get_by_role("rowheader").all_inner_texts()


def test_variables_are_told_with_the_cells_that_set_and_use_them(page: NotebookPage) -> None:
    page.open(["x = [1, 2]", "y = x[0]", "print(x, y)"])
    panel = show_panel(page)
    panel.get_by_text("No cell that has run defines a variable.").wait_for()
    page.run(0, 2)
    variable(panel, "y").wait_for()
    assert cells_of(variable(panel, "x")) == ["list", "2", "[1, 2]", "[1]", "[2][3]"]
    page.write(0, "x = [5, 6, 7]")
    page.run(0)
    variable(panel, "x").get_by_text("[5, 6, 7]").wait_for()
    assert cells_of(variable(panel, "y")) == ["int", "", "5", "[5]", "[6]"]
    variable(panel, "y").get_by_role("button", name="Go to cell [6]").click()
    page.wait_for(f"{ACTIVE} === 2")
    variable(panel, "x").get_by_role("button", name="Go to cell [4]").click()
    page.wait_for(f"{ACTIVE} === 0")
    page.command("notebook:delete-cell")
    variable(panel, "x").wait_for(state="detached")


def test_variables_are_filtered_and_sorted(page: NotebookPage) -> None:
    page.open(["beta = [1, 2, 3]\nalpha = 'four'\ngamma = 1"])
    panel = show_panel(page)
    page.run(0)
    variable(panel, "gamma").wait_for()
    assert names(panel) == ["alpha", "beta", "gamma"]
    size = panel.get_by_role("columnheader", name="Size")
    size.get_by_role("button").click()
    assert names(panel) == ["gamma", "beta", "alpha"]
    assert size.get_attribute("aria-sort") == "ascending"
    size.get_by_role("button").click()
    assert names(panel) == ["alpha", "beta", "gamma"]
    panel.get_by_role("searchbox").fill("LIST")
    assert names(panel) == ["beta"]
    panel.get_by_role("searchbox").fill("nowhere")
    panel.get_by_text("No variable has that in its name or type.").wait_for()
    panel.get_by_role("searchbox").fill("")


def test_only_rows_in_view_are_there(page: NotebookPage) -> None:
    page.open(["for n in range(1000):\n    globals()[f'name_{n}'] = 10**(n % 30)"])
    panel = show_panel(page)
    page.run(0)
    first = variable(panel, "name_0")
    first.wait_for()
    assert first.get_attribute("aria-rowindex") == "3"
    assert panel.get_by_role("table").get_attribute("aria-rowcount") == "1002"
    header = panel.get_by_role("columnheader", name="Value")
    place = header.bounding_box()
    panel.locator(".jp-ReactiveVariables-table").evaluate("it => { it.scrollTop = 1e9; }")
    last = variable(panel, "name_999")
    last.wait_for()
    first.wait_for(state="detached")
    assert len(names(panel)) < 100
    assert header.bounding_box() == place
    link = last.get_by_role("button")
    link.focus()
    panel.locator(".jp-ReactiveVariables-table").evaluate("it => { it.scrollTop -= 60; }")
    page.wait_for(
        "document.querySelector('.jp-ReactiveVariables').textContent.includes('name_978')"
    )
    assert link.evaluate("it => it === document.activeElement")


def test_variables_are_not_asked_for_while_nobody_sees_them(page: NotebookPage) -> None:
    page.open(["x = 1"])
    panel = show_panel(page)
    title = panel.get_by_label("Variables Section")
    title.click()
    page.evaluate(
        f"""() => {{
            window.asked = 0;
            const {{ kernel }} = {PANEL}.sessionContext.session;
            kernel.anyMessage.connect((_, {{ msg }}) => {{
                window.asked += msg.content.data?.type === 'variables' ? 1 : 0;
            }});
        }}"""
    )
    page.run(0)
    row(panel, 1).get_by_text("Fresh").wait_for()
    assert page.evaluate("window.asked") == 0
    title.click()
    variable(panel, "x").wait_for()
    assert page.evaluate("window.asked") >= 1


def node(panel: Locator, text: str) -> Locator:
    """The node of a cell in the graph."""
    return panel.locator(f"g[role=button][aria-label*='{text}']")


def button(panel: Locator, name: str) -> Locator:
    return panel.get_by_role("button", name=name)


def test_the_graph_shows_what_cells_take_from_others(page: NotebookPage) -> None:
    page.open(CHAIN)
    panel = show_panel(page)
    node(panel, "y = x + 1, Not run").wait_for()
    page.run(0, 3)
    page.write(1, "y = x + 2")
    page.select(1)
    node(panel, "y = x + 2, Stale").wait_for()
    node(panel, "x = 1, Fresh, the active cell depends on it").wait_for(state="attached")
    node(panel, "print(x, y), Stale, depends on the active cell").wait_for(state="attached")
    assert node(panel, "y = x + 2").locator("svg").count() == 1
    assert node(panel, "z = 3").locator("svg").count() == 0
    links = panel.locator(".jp-ReactiveGraph-link title")
    assert sorted(links.all_text_contents()) == ["x", "x", "y"]


def test_a_node_leads_to_its_cell(page: NotebookPage) -> None:
    page.open(CHAIN)
    panel = show_panel(page)
    page.select(0)
    node(panel, "y = x").wait_for()
    button(panel, "Fit").click()
    node(panel, "y = x").click()
    page.wait_for(f"{ACTIVE} === 1")
    node(panel, "y = x").focus()
    page.page.keyboard.press("ArrowDown")
    page.page.keyboard.press("Enter")
    page.wait_for(f"{ACTIVE} === 2")


def test_a_node_that_looks_different_keeps_the_focus(page: NotebookPage) -> None:
    page.open(CHAIN)
    panel = show_panel(page)
    page.run(0, 3)
    shown = node(panel, "y = x + 1, Fresh")
    shown.focus()
    other = node(panel, "z = 3").element_handle()
    page.evaluate(f"{PANEL}.content.model.cells.get(1).sharedModel.setSource('y = x + 2')")
    changed = node(panel, "y = x + 2, Stale")
    changed.wait_for()
    assert changed.evaluate("it => it === document.activeElement && it.tabIndex === 0")
    assert other
    assert other.evaluate("it => it.isConnected")


def test_the_graph_is_zoomed_and_dragged(page: NotebookPage) -> None:
    page.open(CHAIN)
    panel = show_panel(page)
    node(panel, "z = 3").wait_for()
    button(panel, "Fit").click()

    def place() -> dict[str, float]:
        found = node(panel, "z = 3").locator("rect").bounding_box()
        assert found
        return dict(found)

    fitted = place()
    button(panel, "Zoom In").click()
    assert place()["width"] > fitted["width"]
    button(panel, "Zoom Out").press("Enter")
    assert place()["width"] < fitted["width"] * 1.01
    button(panel, "Fit").click()
    assert place() == fitted
    view = panel.locator(".jp-ReactiveGraph-view").bounding_box()
    assert view
    mouse = page.page.mouse
    mouse.move(view["x"] + 5, view["y"] + 5)
    mouse.down()
    mouse.move(view["x"] + 25, view["y"] + 35, steps=4)
    mouse.up()
    assert place()["x"] == fitted["x"] + 20
    assert place()["y"] == fitted["y"] + 30
    mouse.wheel(0, -200)
    page.wait_for(
        """width => document.querySelector('.jp-ReactiveGraph-node rect')
            .getBoundingClientRect().width > width""",
        fitted["width"],
    )


def test_nodes_are_grouped_by_heading(page: NotebookPage) -> None:
    page.open(CHAIN)
    page.evaluate(
        f"""() => {PANEL}.content.model.sharedModel.insertCell(
            2, {{ cell_type: 'markdown', source: '## Results' }}
        )"""
    )
    panel = show_panel(page)
    node(panel, "z = 3").wait_for()
    title = panel.locator(".jp-ReactiveGraph-group").get_by_text("Results")
    assert title.count() == 0
    button(panel, "Group by Heading").click()
    title.wait_for(state="attached")
    button(panel, "Group by Heading").click()
    title.wait_for(state="detached")


def test_the_graph_is_saved(page: NotebookPage) -> None:
    page.open(CHAIN)
    panel = show_panel(page)
    node(panel, "z = 3").wait_for()
    with page.page.expect_download() as saved:
        button(panel, "Save as SVG").click()
    assert saved.value.suggested_filename == "test_the_graph_is_saved.svg"
    text = saved.value.path().read_text()
    ET.fromstring(text)
    assert "z = 3" in text
    assert "var(" not in text
    assert "class=" not in text
    with page.page.expect_download() as saved:
        button(panel, "Save as PNG").click()
    assert saved.value.suggested_filename == "test_the_graph_is_saved.png"
    assert saved.value.path().read_bytes().startswith(b"\x89PNG")


def test_of_a_large_notebook_the_graph_around_the_active_cell_is_drawn(
    page: NotebookPage,
) -> None:
    page.open(["x0 = 0", *[f"x{i} = x{i - 1}" for i in range(1, 150)]])
    panel = show_panel(page)
    page.select(0)
    panel.get_by_text("what depends on it: 100 of 150 cells.").wait_for()
    node(panel, "x99 = ").wait_for(state="attached")
    assert node(panel, "x100 = ").count() == 0
    page.select(149)
    node(panel, "x149 = ").wait_for(state="attached")
    assert panel.locator(".jp-ReactiveGraph-node").count() == 100


def test_its_parts_are_chosen(page: NotebookPage) -> None:
    page.open(CHAIN)
    panel = show_panel(page)
    titles = panel.locator(".jp-AccordionPanel-title")
    assert [title.strip() for title in titles.all_text_contents()] == [
        "Minimap",
        "Graph",
        "Variables",
    ]
    page.set("panelParts", ["variables"])
    page.wait_for(
        "document.querySelectorAll('.jp-ReactivePanel .jp-AccordionPanel-title').length === 1"
    )
    page.set("panelParts", ["variables", "minimap"])
    page.wait_for(
        "document.querySelectorAll('.jp-ReactivePanel .jp-AccordionPanel-title').length === 2"
    )
    assert [title.strip() for title in titles.all_text_contents()] == ["Minimap", "Variables"]
    row(panel, 4).get_by_text("print(x, y)").wait_for()
