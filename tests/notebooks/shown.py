"""Outputs as values to compare."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable
from typing import Any

from protocol.player import Message

Outputs = list[tuple[str, Any]]
Shown = dict[str, Outputs]
"""What each code cell shows, by its id."""

_PASSING = (
    # scikit-learn counts up with every estimator that it draws.
    (re.compile(r"sk-(container|estimator)-id-\d+"), "sk-id"),
    # Warnings tell where: in a file named after the process.
    (re.compile(r"/tmp/ipykernel_\d+/\d+\.py"), "cell.py"),
    # Whether a file was there depends on what ran before this life of the kernel.
    (re.compile(r"^(Writ|Overwrit)ing (?=\S+\n)", re.MULTILINE), "Writing "),
)
"""What differs between any two processes."""


def shown(messages: Iterable[Message]) -> Outputs:
    """What a cell shows: each stream in one piece, errors by their type, no prompt numbers."""
    outputs: Outputs = []
    streams: dict[str, str] = {}
    for message in messages:
        kind, content = message["msg_type"], message["content"]
        if kind == "stream":
            streams[content["name"]] = streams.get(content["name"], "") + content["text"]
        elif kind == "error":
            outputs.append(("error", content["ename"]))
        elif kind in ("execute_result", "display_data"):
            outputs.append((kind, {mime: lasting(v) for mime, v in content["data"].items()}))
    return [*((name, lasting(text)) for name, text in sorted(streams.items())), *outputs]


def lasting(value: Any) -> Any:
    """Return what of a text another process would show as well."""
    if isinstance(value, str):
        for pattern, replacement in _PASSING:
            value = pattern.sub(replacement, value)
    return value


def difference(mine: Outputs, right: Outputs) -> str:
    """Describe how what a cell shows differs from what is right."""
    lines = []
    for index in range(max(len(mine), len(right))):
        pair = [outputs[index] if index < len(outputs) else None for outputs in (mine, right)]
        if pair[0] != pair[1]:
            lines += [f"  shows   {brief(pair[0])}", f"  Run All {brief(pair[1])}"]
    return "\n".join(lines)


def brief(output: tuple[str, Any] | None) -> str:
    if output is None:
        return "nothing"
    kind, value = output
    if isinstance(value, dict):
        images = {
            mime: zlib.crc32(str(v).encode()) for mime, v in value.items() if "text" not in mime
        }
        value = f"{value.get('text/plain')} {images or ''}"
    return f"{kind}: {value[:600]!r}"


def error(outputs: Outputs) -> str | None:
    """Return the type of the error that a cell shows."""
    return next((value for kind, value in outputs if kind == "error"), None)
