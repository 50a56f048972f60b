"""The jupyter_server extension: REST for the cells of notebooks, and prompt messages to pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "reactive_kernel.server"}]


def _load_jupyter_server_extension(server: ServerApp) -> None:
    from .handlers import NOTEBOOKS, routes
    from .notebooks import Notebooks
    from .websockets import without_delay

    application = server.web_app
    connection = "kernel_websocket_connection_class"
    application.settings[connection] = without_delay(application.settings[connection])
    application.settings[NOTEBOOKS] = Notebooks(
        server.contents_manager, server.session_manager, server.kernel_manager
    )
    application.add_handlers(".*$", routes(application.settings["base_url"]))
