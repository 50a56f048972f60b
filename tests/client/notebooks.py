"""Small notebooks, and what their cells show."""

from __future__ import annotations

from typing import Any

from nbformat import NotebookNode, v4


def notebook(**sources: str) -> NotebookNode:
    """Make a notebook whose cell ids are the names of the arguments."""
    cells = [v4.new_code_cell(source, id=cell_id) for cell_id, source in sources.items()]
    return v4.new_notebook(cells=cells)


def cell(book: NotebookNode, cell_id: str) -> NotebookNode:
    return next(cell for cell in book.cells if cell.id == cell_id)


def shown(book: NotebookNode) -> dict[str, list[Any]]:
    """What each code cell shows, by id."""
    return {cell.id: [told(output) for output in cell.outputs] for cell in book.cells}


def told(output: NotebookNode) -> Any:
    if output.output_type == "stream":
        return output.name, output.text
    if output.output_type == "error":
        return output.ename, output.evalue
    return output.data["text/plain"]


TOUR = {
    "values": "x = 20\nwords = ['a', 'b']",
    "function": "def double(n):\n    return 2 * n",
    "result": "double(x)",
    "streams": "import sys\nprint('out')\nprint('err', file=sys.stderr)",
    "display": "from IPython.display import display\ndisplay(words)\ndisplay('second')\n'third'",
    "magic": "%%capture caught\nprint('hidden')",
    "caught": "caught.stdout",
    "shell": "lines = !echo from the shell\nlines",
    "await": "import asyncio\nawait asyncio.sleep(0, 'waited')",
    "history": "_",
}
"""A notebook that uses what notebooks use, none of it peculiar to a kernel."""
