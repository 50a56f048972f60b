"""A connection between page and kernel that a test breaks."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import WebSocketRoute

    from .notebook_page import NotebookPage


class Link:
    """The websockets of one page to kernels, from when it next loads JupyterLab."""

    def __init__(self, page: NotebookPage) -> None:
        self._asleep = False
        self._down = False
        self._sockets: list[tuple[WebSocketRoute, WebSocketRoute]] = []
        page.page.goto("about:blank")
        page.page.route_web_socket("**/api/kernels/**", self._connect)

    def drop(self) -> None:
        """Break the connection; it cannot be made again before `restore`."""
        self._down = True
        for socket, server in self._sockets:
            socket.close()
            server.close()
        self._sockets.clear()

    def sleep(self) -> None:
        """Lose whatever either side sends, without either side's knowing."""
        self._asleep = True

    def restore(self) -> None:
        """Let the page connect again; one that slept finds its connection broken."""
        self._asleep = False
        self.drop()
        self._down = False

    def _connect(self, socket: WebSocketRoute) -> None:
        if self._down:
            socket.close()
            return
        server = socket.connect_to_server()
        socket.on_message(lambda message: None if self._asleep else server.send(message))
        server.on_message(lambda message: None if self._asleep else socket.send(message))
        self._sockets.append((socket, server))
