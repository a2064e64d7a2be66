from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QFileDialog,
    QLineEdit,
    QPlainTextEdit,
    QTreeWidget,
    QTreeWidgetItem,
)
from pytestqt.qtbot import QtBot
from tests.desktop.settings_dialog.pages import PRICES, SOURCES, button, named, said

from spendlight.desktop.settings_dialog import SettingsDialog
from spendlight.metering.pricing import PriceSource
from spendlight.settings import AgentChoices
from spendlight.tracker.health import HealthReport, RootHealth, UnreadablePath

HEALTH = HealthReport(
    roots=(
        RootHealth("/home/ada/.claude", "", exists=True, files=2227, gone=312),
        RootHealth("/home/ada/.config/claude", "", exists=False, files=0, gone=0),
        RootHealth("/home/ada/.claude/vms/box", "box", exists=True, files=1, gone=0),
    ),
    ledger_path="/home/ada/data/ledger.sqlite3",
    ledger_bytes=14_800_000,
    answers=215_345,
    first_at=None,
    last_at=None,
    problems=(),
    unreadable=(),
    prices=PriceSource("LiteLLM list"),
    unpriced=(),
    warnings=(),
)


@pytest.fixture(autouse=True)
def page(dialog: SettingsDialog) -> None:
    dialog.show_page(SOURCES)


def test_a_folder_is_shown_as_data(qtbot: QtBot, dialog: SettingsDialog) -> None:
    odd = RootHealth("/home/ada\u200b\u202e/.claude", "", exists=True, files=1, gone=0)

    dialog.show_sources(replace(HEALTH, roots=(odd,)))

    qtbot.waitUntil(lambda: "/home/ada\\u200b\\u202e/.claude\n1 log" in said(dialog))


def test_folders_are_shown_with_what_is_in_them(qtbot: QtBot, dialog: SettingsDialog) -> None:
    dialog.show_sources(HEALTH)
    dialog.show_sources(HEALTH)  # again, after a change

    qtbot.waitUntil(lambda: "/home/ada/.claude\n" in said(dialog))
    assert (
        "/home/ada/.claude\n2,227 logs · 312 deleted, still counted\n"
        "/home/ada/.config/claude\ndoes not exist\n"
        "/home/ada/.claude/vms/box\n1 log · machine box"
    ) in said(dialog)
    assert said(dialog).count("2,227") == 1
    assert "/home/ada/data/ledger.sqlite3\n215,345 answers · 14.8 MB" in said(dialog)
    assert "could not be read" not in said(dialog)


def agent_rows(dialog: SettingsDialog) -> dict[str, tuple[str, str, bool]]:
    """Return each agent's folder and logs, and whether it is on."""
    table = named(dialog, QTreeWidget, "Coding agents")
    items = [item for n in range(table.topLevelItemCount()) if (item := table.topLevelItem(n))]
    return {
        item.text(0): (item.text(1), item.text(2), item.checkState(0) is Qt.CheckState.Checked)
        for item in items
    }


def select_agent(dialog: SettingsDialog, title: str) -> QTreeWidgetItem:
    table = named(dialog, QTreeWidget, "Coding agents")
    (item,) = table.findItems(title, Qt.MatchFlag.MatchExactly)
    table.setCurrentItem(item)
    return item


def test_each_agent_is_listed_with_what_was_found(dialog: SettingsDialog) -> None:
    codex = RootHealth("/home/ada/.codex", "", exists=True, files=12, gone=0, agent="codex")
    dialog.show_sources(replace(HEALTH, roots=(*HEALTH.roots, codex)))

    rows = agent_rows(dialog)
    assert list(rows)[:2] == ["Claude Code", "Codex"]
    assert rows["Claude Code"] == ("/home/ada/.claude +1", "2,228", True)
    assert rows["Codex"] == ("/home/ada/.codex", "12", True)
    assert rows["Gemini CLI"] == ("", "not found", True)
    assert "/home/ada/.codex" not in said(dialog)  # the labels are Claude Code's folders


def test_an_agent_is_switched_off_and_on(dialog: SettingsDialog) -> None:
    item = select_agent(dialog, "Codex")

    item.setCheckState(0, Qt.CheckState.Unchecked)
    assert dialog.chosen().agents == AgentChoices(off=("codex",))
    assert agent_rows(dialog)["Codex"][1:] == ("off", False)

    item.setCheckState(0, Qt.CheckState.Checked)
    assert dialog.chosen().agents == AgentChoices()


def test_an_agent_is_looked_for_in_another_folder(
    dialog: SettingsDialog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: "/data/gem")
    usual = button(dialog, "Use default folder")
    select_agent(dialog, "Gemini CLI")
    assert not usual.isEnabled()

    QTest.mouseClick(button(dialog, "Choose folder"), Qt.MouseButton.LeftButton)
    assert dialog.chosen().agents == AgentChoices(folders=(("gemini", ("/data/gem",)),))
    assert agent_rows(dialog)["Gemini CLI"][0] == "/data/gem"

    QTest.mouseClick(usual, Qt.MouseButton.LeftButton)
    assert dialog.chosen().agents == AgentChoices()


def test_claude_codes_folders_have_their_own_fields(dialog: SettingsDialog) -> None:
    select_agent(dialog, "Claude Code")

    assert not button(dialog, "Choose folder").isEnabled()


def test_unreadable_files_are_counted(qtbot: QtBot, dialog: SettingsDialog) -> None:
    dialog.show_sources(replace(HEALTH, unreadable=(UnreadablePath("/x", "closed"),), roots=()))

    assert "Files and folders that could not be read: 1" in said(dialog)
    qtbot.waitUntil(lambda: "None" in said(dialog))


def test_the_ledgers_folder_is_opened(
    dialog: SettingsDialog, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(
        QDesktopServices, "openUrl", lambda url: opened.append(QUrl(url).toLocalFile())
    )
    folder = button(dialog, "Open folder")
    assert not folder.isEnabled()
    dialog.show_sources(HEALTH)

    QTest.mouseClick(folder, Qt.MouseButton.LeftButton)

    assert opened == ["/home/ada/data"]


def test_additional_folders_are_typed_or_selected(
    dialog: SettingsDialog, monkeypatch: pytest.MonkeyPatch
) -> None:
    more = named(dialog, QPlainTextEdit, "More data folders, one per line")
    more.setPlainText("~/a\n\n  /b \n~/a\n")
    assert dialog.chosen().config_dirs == ("~/a", "/b")
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: "/c, d")

    QTest.mouseClick(button(dialog, "Add folder"), Qt.MouseButton.LeftButton)

    assert dialog.chosen().config_dirs == ("~/a", "/b", "/c, d")


def test_nothing_is_added_if_the_selection_is_cancelled(
    dialog: SettingsDialog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: "")

    QTest.mouseClick(button(dialog, "Add folder"), Qt.MouseButton.LeftButton)

    assert dialog.chosen().config_dirs == ()


def test_additional_folders_are_disabled_if_the_environment_lists_all(
    dialog: SettingsDialog,
) -> None:
    dialog.show_sources(HEALTH, is_listed=True)

    assert "CLAUDE_CONFIG_DIR is set, so these folders are not used" in said(dialog)
    assert not named(dialog, QPlainTextEdit, "More data folders, one per line").isEnabled()


def test_a_price_list_can_be_selected(
    dialog: SettingsDialog, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    dialog.show_page(PRICES)
    chosen = str(tmp_path / "prices.json")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (chosen, ""))

    QTest.mouseClick(button(dialog, "Choose…"), Qt.MouseButton.LeftButton)

    assert named(dialog, QLineEdit, "Your own price list").text() == chosen
    assert dialog.chosen().prices_file == chosen
