"""Catalogues have what the page says, and no more."""

from __future__ import annotations

import json
import re
from importlib.metadata import entry_points
from pathlib import Path

import pytest

import reactive_kernel

from .strings import page_strings

LOCALES = Path(reactive_kernel.__file__).parent / "locale"
CATALOGUES = sorted(LOCALES.glob("*/LC_MESSAGES/reactive_kernel.json"))


def test_the_sources_are_understood() -> None:
    strings = page_strings()
    assert strings["%1 user"] == "%1 users"  # a plural
    assert strings["each run gives another result"] is None  # in a switch
    assert strings["Send this many cells ahead"] is None  # in a schema
    assert "Frozen: it runs only alone, when you run it" in strings


def test_jupyter_server_finds_them() -> None:
    (found,) = entry_points(group="jupyterlab.locale", name="reactive_kernel")
    assert found.load() is reactive_kernel
    assert [path.parts[-3] for path in CATALOGUES] == ["de_DE"]


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-3])
def test_a_catalogue_has_every_string_of_the_page(path: Path) -> None:
    catalogue = json.loads(path.read_text(encoding="utf-8"))
    head = catalogue.pop("")
    assert head["domain"] == "reactive_kernel"
    assert head["language"] == path.parts[-3].replace("_", "-")
    strings = page_strings()
    assert sorted(catalogue) == sorted(strings)
    for singular, plural in strings.items():
        translations = catalogue[singular]
        assert len(translations) == (1 if plural is None else 2), singular
        for original, translation in zip((singular, plural), translations, strict=False):
            assert translation.strip()
            assert placeholders(original or "") == placeholders(translation), singular


def placeholders(text: str) -> list[str]:
    return sorted(re.findall(r"%\d", text))
