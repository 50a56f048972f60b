"""What the server sends a page."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import websocket

from .conftest import TOKEN, Server

TELLS = """
import socket
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection

class Telling(ZMQChannelsWebsocketConnection):
    def connect(self):
        connected = self.websocket_handler.ws_connection.stream.socket
        prompt = connected.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        print("The page's socket", "is prompt" if prompt else "waits", flush=True)
        return super().connect()

c.ServerApp.kernel_websocket_connection_class = Telling
"""
"""Configuration of a server that logs whether Nagle's algorithm is on, by a class of its own."""


def test_messages_do_not_wait_for_one_another(tmp_path: Path) -> None:
    for name in ("served", "home"):
        (tmp_path / name).mkdir()
    with closing(Server(tmp_path / "served", tmp_path / "home", TELLS)) as server:
        kernel_id = server.start_session("notebook.ipynb")
        address = server.url.replace("http", "ws")
        page = websocket.create_connection(
            f"{address}/api/kernels/{kernel_id}/channels?token={TOKEN}"
        )
        server.wait_for(lambda: "The page's socket " in server.log.read_text())
        page.close()
        assert "The page's socket is prompt" in server.log.read_text()
