"""Where a kernel of a test listens."""

from __future__ import annotations

import tempfile
import uuid
from pathlib import Path


def socket_files() -> dict[str, str]:
    """Return options of a kernel manager by which the kernel's sockets are files.

    A port that is free when it is chosen may be taken when the kernel binds it.
    """
    connection_file = Path(tempfile.gettempdir()) / f"kernel-{uuid.uuid4()}.json"
    return {"transport": "ipc", "connection_file": str(connection_file)}
