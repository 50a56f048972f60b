"""SQL cells on the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .notebook_page import PANEL
from .test_panel import show_panel

if TYPE_CHECKING:
    from .notebook_page import NotebookPage

SOURCES = [
    "import pandas as pd\nfruits = pd.DataFrame({'name': ['fig'], 'weight': [3]})",
    "%%sql\nCREATE TABLE basket AS SELECT name FROM fruits",
    "x = 'FROM'",
]
CONNECTIONS = f"""{PANEL}.content.widgets.map(
    cell => cell.node.querySelector('.jp-ReactiveConnection')?.textContent ?? null
)"""
KEYWORDS = f"""{PANEL}.content.widgets.map(cell => Array.from(
    cell.node.querySelectorAll('.cm-line span'), span => span.textContent
).filter(text => ['CREATE', 'TABLE', 'SELECT', 'FROM'].includes(text)).length)"""


def test_sql_is_highlighted_and_its_connection_shown(page: NotebookPage) -> None:
    page.open(SOURCES)
    page.wait_for(f"JSON.stringify({CONNECTIONS}) === JSON.stringify([null, 'duckdb', null])")
    page.wait_for(f"JSON.stringify({KEYWORDS}) === JSON.stringify([0, 4, 0])")
    page.write(1, "%%sql shop\nSELECT 1")
    page.wait_for(f"JSON.stringify({CONNECTIONS}) === JSON.stringify([null, 'shop', null])")
    page.write(1, "SELECT = 1")
    page.wait_for(f"JSON.stringify({CONNECTIONS}) === JSON.stringify([null, null, null])")
    page.wait_for(f"JSON.stringify({KEYWORDS}) === JSON.stringify([0, 0, 0])")
    assert not page.evaluate(f"{PANEL}.content.widgets[1].model.mimeType").startswith("text/x-sql")


def test_tables_are_among_the_variables(page: NotebookPage) -> None:
    page.open(SOURCES)
    panel = show_panel(page)
    page.run(0, 1)
    row = panel.get_by_role("row").filter(has_text="sql:duckdb/main.basket")
    row.wait_for()
    assert row.get_by_text("name VARCHAR").count() == 1
    assert row.get_by_role("cell").nth(1).inner_text().split()[::2] == ["1", "1"]
