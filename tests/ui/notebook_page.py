"""A notebook in the browser, as a test drives and sees it."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from playwright.sync_api import Locator, Page

# What a test waits for, as functions of the page.
PANEL = "window.jupyterapp?.shell.currentWidget"
CELLS = f"Array.from({PANEL}.content.model.cells)"
SOURCES = f"{CELLS}.map(cell => cell.sharedModel.getSource())"
TEXTS = f"""{CELLS}.map(cell => (cell.outputs?.toJSON() ?? []).map(
    o => o.text ?? o.data?.['text/plain'] ?? `${{o.ename}}: ${{o.evalue}}`
).flat().join('').trim())"""
STATES = f"{PANEL}.content.widgets.map(cell => cell.model.type === 'code' ? \
cell.node.querySelector('.jp-ReactiveMark')?.dataset.state ?? 'fresh' : null)"
PROMPTS = f"""{PANEL}.content.widgets.map(
    cell => cell.node.querySelector('.jp-InputPrompt')?.textContent ?? ''
)"""
IDLE = f"{PANEL}.sessionContext.session?.kernel?.status === 'idle' && \
{CELLS}.every(cell => cell.type !== 'code' || cell.executionState !== 'running')"
SETTINGS = "@reactive-kernel/labextension:settings"
REGISTRY = "jupyterapp.pluginRegistry._plugins\
.get('@jupyterlab/apputils-extension:settings').service"


class NotebookPage:
    """One page with one notebook."""

    def __init__(self, page: Page, server: str, path: Path) -> None:
        self.page = page
        self.server = server
        self.path = path
        self._set: set[tuple[str, str]] = set()

    def open(
        self,
        sources: Sequence[str],
        kernel: str = "reactive",
        app: str = "lab",
        *,
        answers: bool = True,
    ) -> None:
        """Write a notebook with these code cells, and open it."""
        notebook = new_notebook(
            cells=[new_code_cell(source) for source in sources],
            metadata={"kernelspec": {"name": kernel, "display_name": kernel}},
        )
        nbformat.write(notebook, self.path)
        if app == "lab" and self.page.url.startswith(f"{self.server}/lab"):
            self.command("docmanager:open", path=self.path.name)
        else:
            folder = "lab/tree" if app == "lab" else app
            self.page.goto(f"{self.server}/{folder}/{self.path.name}?reset")
        self.wait_until_ready(kernel if answers else "")

    def join(self, first: NotebookPage, *, ready: bool = True) -> None:
        """Open the notebook of another page on this one too."""
        self.path = first.path
        self.page.goto(f"{self.server}/lab/workspaces/other/tree/{self.path.name}?reset")
        if ready:
            self.wait_until_ready("reactive")
        else:
            self.wait_for(f"{PANEL}?.content?.model?.cells.length")

    def reload(self) -> None:
        """Load the page anew, with the notebook as it was saved."""
        self.page.goto(f"{self.server}/lab/tree/{self.path.name}?reset")
        self.wait_until_ready("reactive")

    def wait_until_ready(self, kernel: str) -> None:
        self.wait_for(f"{PANEL}?.content?.model?.cells.length && {IDLE}")
        if kernel == "reactive":
            self.wait_for("jupyterapp.commands.isEnabled('reactive-kernel:check')")

    def confirm(self) -> None:
        """Accept the dialog."""
        self.page.locator(".jp-Dialog .jp-mod-accept").click()

    def set(self, name: str, value: object, plugin: str = SETTINGS) -> None:
        """Change a setting, as the settings editor does; `leave` takes it back."""
        self._set.add((plugin, name))
        self.evaluate(
            f"async ([plugin, ...set]) => {{ await {REGISTRY}.set(plugin, ...set); }}",
            [plugin, name, value],
        )

    def restart(self, command: str = "notebook:restart-kernel") -> None:
        """Restart the kernel, and wait until it has taken in the notebook again."""
        self.evaluate(
            f"""() => {{
                window.restarted = false;
                {PANEL}.sessionContext.connectionStatusChanged.connect((_, status) => {{
                    window.restarted ||= status === 'connected';
                }});
            }}"""
        )
        self.start(command)
        self.confirm()
        self.wait_for("window.restarted")
        self.wait_for("jupyterapp.commands.isEnabled('reactive-kernel:check')")

    def leave(self) -> None:
        """Leave nothing running."""
        if self.page.is_closed():
            return
        for plugin, name in self._set:
            self.evaluate(
                f"async set => {{ await {REGISTRY}.remove(...set); }}",
                [plugin, name],
            )
        self.evaluate(
            """async () => {
                const { shell, serviceManager } = window.jupyterapp;
                const { sessions } = serviceManager;
                Array.from(shell.widgets('main')).forEach(widget => widget.dispose());
                await sessions.refreshRunning();
                // The kernels end while the next test begins.
                Array.from(sessions.running()).forEach(({ id }) => void sessions.shutdown(id));
            }"""
        )

    def evaluate(self, expression: str, argument: object = None) -> Any:
        return self.page.evaluate(expression, argument)

    def wait_for(self, expression: str, argument: object = None) -> None:
        self.page.wait_for_function(expression, arg=argument)

    def command(self, name: str, **arguments: object) -> None:
        """Carry out a command of the application, until it is done."""
        self.evaluate(
            "async ([id, args]) => { await jupyterapp.commands.execute(id, args); }",
            [name, arguments],
        )

    def pass_an_hour(self) -> None:
        """Have the page take it for an hour later."""
        self.evaluate(
            """() => {
                const now = performance.now.bind(performance);
                performance.now = () => now() + 60 * 60 * 1000;
            }"""
        )

    def end_undo_step(self) -> None:
        """Have what comes now undone by itself; JupyterLab joins what is done within 0.5 s."""
        self.evaluate(f"{PANEL}.content.model.sharedModel.undoManager.stopCapturing()")

    def start(self, name: str) -> None:
        """Carry out a command, and don't wait for it."""
        self.evaluate("id => { jupyterapp.commands.execute(id); }", name)

    def cell(self, index: int) -> Locator:
        return self.page.locator(f".jp-Cell[data-windowed-list-index='{index}']")

    def select(self, index: int, to: int | None = None) -> None:
        self.evaluate(
            f"""([index, to]) => {{
                const notebook = {PANEL}.content;
                notebook.deselectAll();
                notebook.activeCellIndex = index;
                notebook.mode = 'command';
                if (to !== null) notebook.extendContiguousSelectionTo(to);
            }}""",
            [index, to],
        )

    def write(self, index: int, text: str) -> None:
        """Type a new source into a cell."""
        self.cell(index).locator(".cm-content").click()
        self.page.keyboard.press("ControlOrMeta+A")
        self.page.keyboard.insert_text(text)
        self.page.keyboard.press("Escape")

    def run(self, index: int, to: int | None = None) -> None:
        """Run a cell (or up to another) with the command that Ctrl Enter has."""
        self.select(index, to)
        self.command("notebook:run-cell")

    def start_running(self, index: int, to: int | None = None) -> None:
        """Like `run`, but return when the first cell is running."""
        self.select(index, to)
        self.start("notebook:run-cell")
        self.wait_for(f"index => {STATES}[index] === 'running'", index)

    def insert(self, index: int, text: str) -> None:
        """Make a new cell below another, and write it."""
        self.select(index)
        self.command("notebook:insert-cell-below")
        self.write(index + 1, text)

    @property
    def sources(self) -> list[str]:
        return self.evaluate(SOURCES)

    @property
    def kernel_id(self) -> str:
        return self.evaluate(f"{PANEL}.sessionContext.session.kernel.id")

    @property
    def texts(self) -> list[str]:
        """What the cells put out, as text."""
        return self.evaluate(TEXTS)

    def has(self, sources: Sequence[str]) -> None:
        """Wait until the cells have these sources."""
        try:
            self.wait_for(
                f"wanted => JSON.stringify({SOURCES}) === JSON.stringify(wanted)", list(sources)
            )
        except Exception as error:
            raise AssertionError(f"{self.sources} instead of {list(sources)}") from error

    @property
    def ids(self) -> list[str]:
        return self.evaluate(f"{CELLS}.map(cell => cell.id)")

    @property
    def counts(self) -> list[int | None]:
        """The numbers in the prompts of the cells."""
        prompts = (text.strip("[]: ") for text in self.evaluate(PROMPTS))
        return [int(text) if text.isdecimal() else None for text in prompts]

    @property
    def dirty(self) -> list[bool]:
        """Which cells are shown as edited since they ran."""
        return self.evaluate(
            f"{PANEL}.content.widgets.map(cell => cell.node.matches('.jp-mod-dirty'))"
        )

    @property
    def states(self) -> list[str]:
        """What the marks of the cells show."""
        return self.evaluate(STATES)

    def shows(
        self, outputs: Sequence[str] | None = None, states: Sequence[str] | None = None
    ) -> None:
        """Wait until the cells have these outputs and marks."""
        for seen, wanted in ((TEXTS, outputs), (STATES, states)):
            if wanted is not None:
                try:
                    self.wait_for(
                        f"wanted => JSON.stringify({seen}) === JSON.stringify(wanted) && {IDLE}",
                        list(wanted),
                    )
                except Exception as error:
                    raise AssertionError(f"{self.evaluate(seen)} instead of {wanted}") from error

    def in_step(self) -> None:
        """The kernel has the notebook as it is on the page."""
        # From the notebook itself, not from what the extension takes for it.
        cells = self.evaluate(f"{CELLS}.map(c => [c.id, c.type, c.sharedModel.getSource()])")
        text = "".join(f"{cell}\x1f{kind}\x1f{source}\x1e" for cell, kind, source in cells)
        self.wait_for("jupyterapp.commands.isEnabled('reactive-kernel:check')")
        check = self.evaluate("jupyterapp.commands.execute('reactive-kernel:check')")
        assert check["digest"] == f"{zlib.crc32(text.encode()):08x}"
        assert check["match"]


def agree(*pages: NotebookPage) -> None:
    """All pages show the same cells, and the kernel has them."""
    first = pages[0]
    for page in pages:
        page.command("reactive-kernel:check")  # Sends what has just been typed.
    for page in pages[1:]:
        page.has(first.sources)
        assert page.ids == first.ids
    for page in pages:
        page.in_step()
