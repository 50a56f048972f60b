"""What the page says, in the English of its sources."""

from __future__ import annotations

import json
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
EXTENSION = ROOT / "labextension"

_STRING = r"('(?:[^'\\\n]|\\.)*'|\"(?:[^\"\\\n]|\\.)*\")"
_CALL = re.compile(rf"\btrans\.(__|_n)\(\s*{_STRING}(?:,\s*{_STRING})?", re.ASCII)

SHOWN = {"title", "description", "label", "jupyter.lab.setting-icon-label"}
"""The keys of schemas whose values are shown, as in `schemas.ts`."""


def page_strings() -> dict[str, str | None]:
    """All strings, and for those that have one, the plural."""
    strings: dict[str, str | None] = {}
    for path in sorted((EXTENSION / "src").rglob("*.ts")):
        strings.update(_translated(path.read_text(encoding="utf-8")))
    for path in sorted((EXTENSION / "schema").glob("*.json")):
        strings.update(dict.fromkeys(_shown(json.loads(path.read_text(encoding="utf-8")))))
    return strings


def _translated(text: str) -> dict[str, str | None]:
    text = text.replace("this._trans.", "trans.").replace("this.trans.", "trans.")
    calls = [(call[1], call[2], call[3]) for call in _CALL.finditer(text)]
    # None of them is written in another way.
    assert len(calls) == text.count(".__(") + text.count("._n("), text
    return {_unquote(one): _unquote(other) if kind == "_n" else None for kind, one, other in calls}


def _unquote(quoted: str) -> str:
    return re.sub(r"\\(.)", r"\1", quoted[1:-1])


def _shown(schema: object) -> list[str]:
    if isinstance(schema, list):
        return [string for member in schema for string in _shown(member)]
    if not isinstance(schema, dict):
        return []
    own = [value for key, value in schema.items() if key in SHOWN and isinstance(value, str)]
    return own + [string for value in schema.values() for string in _shown(value)]
