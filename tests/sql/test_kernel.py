"""SQL cells on real kernels: headless, with a client, and in a plain kernel's way."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from protocol.player import PATIENCE, Cell, Kernel, Message, Player

from reactive_kernel.client import NotebookRunError, ReactiveNotebookClient

FRAME = "import pandas as pd\ndf = pd.DataFrame({'fruit': ['fig', 'plum'], 'weight': [3, 5]})"


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    kernel = Kernel()
    yield kernel
    kernel.close()


@pytest.fixture
def page(kernel: Kernel) -> Iterator[Player]:
    page = Player(kernel.connect(), [])
    yield page
    page.close()


def add(page: Player, *sources: str) -> list[Cell]:
    cells = [Cell(source) for source in sources]
    for cell in cells:
        page.create(cell, len(page.cells))
    page.run("all")
    return cells


def text_of(cell: Cell) -> str:
    """Return the frame that a cell shows."""
    [shown] = [output[1] for output in cell.outputs if output[0] == "execute_result"]
    return shown


def test_cascades_in_both_directions(page: Player) -> None:
    _, least, table, change, total, shown = add(
        page,
        FRAME,
        "least = 4",
        "%%sql\ncreate or replace table fruits as select * from df where weight >= {{ least }}",
        "%%sql\ninsert into fruits values ('kiwi', 1)",
        "%%sql total <<\nselect sum(weight)::int as total from fruits",
        "print(total.total[0])",
    )
    assert shown.text == "6\n"
    page.update(least, "least = 3")
    assert [page.state(cell) for cell in (table, change, total, shown)] == ["stale"] * 4
    page.run([least])
    assert shown.text == "9\n"
    page.update(change, "%%sql\ninsert into fruits values ('kiwi', 2)")
    page.run([change])
    assert shown.text == "10\n"
    page.delete(change)
    page.run("stale")
    assert shown.text == "8\n"
    assert set(page.states()) == {"fresh"}
    assert page.disagreements() == {}


def test_connections_can_be_configured(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    kernel = Kernel(extra_arguments=[f"--ReactiveKernel.connections=shop={url}"])
    page = Player(kernel.connect(), [])
    _, shown = add(
        page, "%%sql shop\ncreate table t as select 7 as n", "%%sql shop\nselect n from t"
    )
    assert "7" in text_of(shown)
    assert (tmp_path / "shop.db").exists()
    page.close()
    kernel.close()


def test_a_line_of_sql_gives_a_value(page: Player) -> None:
    cells = add(
        page, FRAME, "n = 2\nheavy = %sql select fruit from df where weight > :n + 2", "heavy"
    )
    assert "plum" in text_of(cells[2])
    assert cells[1].text == ""


def test_rows_and_time_are_told(page: Player) -> None:
    cells = add(
        page,
        FRAME,
        "%%sql\nselect * from df",
        "%%sql --limit 1\nselect * from df",
        "%%sql\ncreate or replace table t as from df",
        "%%sql\nset threads = 1",
    )
    told = [cell.text for cell in cells[1:]]
    assert [text.rpartition(" in ")[0] for text in told] == [
        "2 rows",
        "first 1 row",
        "2 rows changed",
        "done",
    ]
    assert "text/html" in cells[1].messages[-1]["content"]["data"] or any(
        "text/html" in message["content"].get("data", {}) for message in cells[1].messages
    )


def test_an_error_names_the_statement_and_the_place(page: Player) -> None:
    [cell] = add(page, "%%sql\nselect 1;\n\nselect *\nfrom nosuch;\nselect 2")
    [error] = [message["content"] for message in cell.messages if message["msg_type"] == "error"]
    assert error["ename"] == "SqlError"
    assert error["evalue"].startswith("statement 2, line 4: ")
    assert "nosuch" in error["evalue"]
    assert len(error["traceback"]) == 1


def test_variables_list_tables(page: Player) -> None:
    cells = add(page, FRAME, "%%sql\ncreate or replace table fruits as from df")
    listed = {each["name"]: each for each in page.request("variables")["variables"]}
    assert listed["sql:duckdb/main.fruits"] == {
        "name": "sql:duckdb/main.fruits",
        "cell": cells[1].id,
        "type": "table",
        "size": 2,
        "shape": [2, 2],
        "preview": "fruit VARCHAR, weight BIGINT",
    }


def completed(page: Player, code: str) -> list[str]:
    """Return what the place of the bar may be completed to."""
    cursor = code.index("|")
    msg_id = page.connection.client.complete(code.replace("|", ""), cursor)
    while True:
        message: Message = page.connection.client.get_shell_msg(timeout=PATIENCE)
        if message["parent_header"].get("msg_id") == msg_id:
            content: dict[str, Any] = message["content"]
            assert content["cursor_end"] == cursor
            return [match for match in content["matches"] if not match.startswith("_")]


@pytest.mark.parametrize(
    ("code", "matches"),
    [
        ("%%sql\nselect * from fru|", ["fruits"]),
        ("%%sql\nselect wei| from fruits", ["weight"]),
        ("%%sql\nselect f.| from fruits as f", ["f.fruit", "f.weight"]),
        ("%%sql\nselect * from main.|", ["main.fruits"]),
        ("%%sql\nselect * from basket join ha|", []),
        ("%%sql\nselect ri| from basket", ["ripe", "right"]),
        ("%%sql\nselect * from fruits where weight > {{ bas|", ["basket"]),
        ("%%sql\nselect * from fruits where weight > :bas|", ["basket"]),
        ("%%sql duck|", ["duckdb"]),
        ("%%sql\nSEL|", ["SELECT"]),
        ("x = %sql select wei| from fruits", ["weight"]),
    ],
)
def test_completion(page: Player, code: str, matches: list[str]) -> None:
    add(
        page,
        FRAME + "\nbasket = pd.DataFrame({'ripe': [True]})",
        "%%sql\ncreate or replace table fruits as from df",
    )
    assert completed(page, code) == matches


def book(*sources: str) -> nbformat.NotebookNode:
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    return nbformat.v4.new_notebook(cells=cells)


STORY = (
    FRAME,
    "%%sql\ncreate table fruits as from df",
    "%%sql\ninsert into fruits values ('kiwi', 1)",
    "%%sql heaviest <<\nselect max(weight)::int as most from fruits",
    "print(heaviest.most[0])",
)


@pytest.mark.parametrize("client", [NotebookClient, ReactiveNotebookClient])
def test_headless(client: type[NotebookClient]) -> None:
    """With a client of the protocol, and with one that knows nothing of it."""
    notebook = book(*STORY)
    client(notebook, kernel_name="reactive").execute()
    assert notebook.cells[-1].outputs[0].text == "5\n"


@pytest.mark.parametrize("missing", ["sqlglot", "duckdb"])
def test_without_the_packages_the_message_says_what_to_install(
    missing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fails = f"raise ModuleNotFoundError('none of that name', name={missing!r})"
    (tmp_path / f"{missing}.py").write_text(fails)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    notebook = book("print('begins')", "%%sql\nselect 1", "print('goes on')")
    with pytest.raises(NotebookRunError):
        ReactiveNotebookClient(notebook, kernel_name="reactive").execute()
    [error] = notebook.cells[1].outputs
    assert f"{missing!r}, which is not installed" in error.evalue
    assert "pip install 'reactive-kernel[sql]'" in error.evalue
    assert notebook.cells[2].outputs[0].text == "goes on\n"


HEAVY = ("duckdb", "pyarrow", "psycopg", "pymysql", "sqlalchemy", "sqlglot")


def test_nothing_of_sql_is_imported_before_it_is_used() -> None:
    loaded = f"""
import sys
print(sorted(name for name in sys.modules
    if name in {HEAVY!r}
    or name.startswith("reactive_kernel.sql.") and name.rpartition(".")[2] not in
    ("databases", "place")))
"""
    notebook = book("x = 1\nimport collections", "print(x)\n%matplotlib inline", loaded)
    ReactiveNotebookClient(notebook, kernel_name="reactive").execute()
    assert notebook.cells[2].outputs[0].text == "[]\n"
    assert "reactive_kernel.sql" not in modules_of(
        "from reactive_kernel.kernel import ReactiveKernel"
    )


def modules_of(code: str) -> str:
    """Return the names of all modules that code imports."""
    code += "\nimport sys\nprint('\\n'.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path.cwd()
    )
    return done.stdout
