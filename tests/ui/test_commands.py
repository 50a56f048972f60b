"""What every command of the extension has, and where it is found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .notebook_page import SETTINGS

if TYPE_CHECKING:
    from .notebook_page import NotebookPage

OURS = "jupyterapp.commands.listCommands().filter(id => id.startsWith('reactive-kernel:'))"


def shown(page: NotebookPage, selector: str) -> set[str]:
    """The commands of the extension that elements of a kind stand for."""
    return set(
        page.page.locator(f"{selector}[data-command^='reactive-kernel:']").evaluate_all(
            "items => items.map(item => item.dataset.command)"
        )
    )


def test_each_is_described_and_is_in_a_menu_and_the_palette(page: NotebookPage) -> None:
    page.open(["x = 1"])
    ours = set(page.evaluate(OURS))
    assert len(ours) > 8
    told = page.evaluate(
        f"""() => Promise.all({OURS}.map(async id => {{
            const {{ commands }} = jupyterapp;
            const {{ args }} = await commands.describedBy(id);
            return [id, commands.label(id), commands.caption(id), args?.type ?? null];
        }}))"""
    )
    assert not [one for one in told if not all(one)]

    page.page.locator(".lm-MenuBar-item", has_text="Run").click()
    page.page.locator(".lm-Menu-item[data-type=submenu]", has_text="Reactive").hover()
    page.page.locator(".lm-Menu-item", has_text="Run Stale Cells").wait_for()
    menus = shown(page, ".lm-Menu-item")
    page.page.locator(".lm-MenuBar-item", has_text="Help").hover()
    page.page.locator(".lm-Menu-item", has_text="Tour of Reactive Notebooks").wait_for()
    menus |= shown(page, ".lm-Menu-item")
    page.page.keyboard.press("Escape")
    assert menus == ours

    page.command("apputils:activate-command-palette")
    page.page.keyboard.insert_text("reactive")
    page.page.locator(".lm-CommandPalette-item", has_text="Run Stale Cells").wait_for()
    palette = shown(page, ".lm-CommandPalette-item")
    page.page.keyboard.press("Escape")
    assert palette == ours


def test_no_shortcut_is_taken_by_two(page: NotebookPage) -> None:
    page.open(["x = 1"])
    page.wait_for(
        "jupyterapp.commands.keyBindings.some(it => it.command === 'reactive-kernel:run-stale')"
    )
    bindings = page.evaluate(
        "jupyterapp.commands.keyBindings.map(({ command, keys }) => [command, keys.join(' ')])"
    )
    ours = {keys: command for command, keys in bindings if command.startswith("reactive-kernel:")}
    assert sorted(ours.values()) == ["reactive-kernel:run-only", "reactive-kernel:run-stale"]
    assert [one for one in bindings if one[1] in ours and one[0] != ours[one[1]]] == []


def test_every_setting_is_described_and_has_a_default(page: NotebookPage) -> None:
    page.open(["x = 1"])
    registry = "jupyterapp.pluginRegistry._plugins.get('@jupyterlab/apputils-extension:settings')"
    schema = page.evaluate(
        f"async plugin => (await {registry}.service.load(plugin)).schema", SETTINGS
    )
    settings = schema["properties"]
    assert settings.keys() >= {"mode", "marks", "lookAhead", "confirmAfter", "panelParts"}
    for name, setting in settings.items():
        assert {"title", "description", "default"} <= setting.keys(), name
