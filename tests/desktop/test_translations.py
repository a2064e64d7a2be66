from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from PySide6.QtCore import QCoreApplication, QLocale
from PySide6.QtWidgets import QApplication
from tests.desktop.makers import make_snapshot
from tests.desktop.window.conftest import show

from spendlight.assets import resource
from spendlight.desktop import translations, words
from spendlight.desktop.window import MainWindow
from spendlight.desktop.words import Situation

GERMAN = QLocale(QLocale.Language.German, QLocale.Country.Germany)
SOURCES = Path(translations.__file__).parents[1]
FIELD = re.compile(r"\{\w*\}")


@pytest.fixture
def german(qapp: QApplication) -> Iterator[None]:
    """Use German for all texts."""
    installed = translations.install(qapp, GERMAN)
    assert len(installed) == 2
    before = QLocale()
    QLocale.setDefault(GERMAN)
    yield
    QLocale.setDefault(before)
    for translator in installed:
        qapp.removeTranslator(translator)


def messages() -> list[tuple[str, str, str]]:
    """Return the context, the text and the translation of each message."""
    root = ET.parse(resource("i18n", "spendlight_de.ts")).getroot()  # noqa: S314  # a file of ours
    return [
        (
            context.findtext("name") or "",
            message.findtext("source") or "",
            message.findtext("translation") or "",
        )
        for context in root.iter("context")
        for message in context.iter("message")
    ]


def test_the_german_translation_is_complete() -> None:
    assert [source for _, source, translation in messages() if not translation] == []
    assert len(messages()) > 300


def test_a_translation_has_the_fields_of_its_text() -> None:
    wrong = [
        (source, translation)
        for _, source, translation in messages()
        if sorted(FIELD.findall(source)) != sorted(FIELD.findall(translation))
    ]

    assert wrong == []


def test_each_heading_of_a_table_can_be_translated() -> None:
    found: set[str] = set()
    for path in SOURCES.rglob("*.py"):
        if path.parent.name == "cli":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            is_column = isinstance(node, ast.Call) and "Column" in ast.unparse(node.func)
            if is_column and isinstance(node, ast.Call) and node.args:
                first = node.args[0]
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    found.add(first.value)

    known = {source for context, source, _ in messages() if context == "Column"}
    assert found <= known
    assert "Cost" in found


@pytest.mark.usefixtures("german")
def test_the_window_is_translated(qapp: QApplication) -> None:
    window = MainWindow(UTC)
    snapshot = make_snapshot()
    show(window, snapshot)
    window.come_up()
    qapp.processEvents()

    from PySide6.QtWidgets import QLabel, QListWidget

    pages = window.findChild(QListWidget)
    assert isinstance(pages, QListWidget)
    texts = {label.text().replace("\xa0", " ") for label in window.findChildren(QLabel)}
    assert pages.item(0).text() == "Jetzt"
    assert {"Dieser Block", "3,75 $", "1,20 $/h", "1,28 M Tokens"} <= texts
    window.shut_down()
    window.deleteLater()


@pytest.mark.usefixtures("german")
def test_the_tray_is_translated() -> None:
    snapshot = make_snapshot()

    texts = words.tray_texts(Situation(snapshot.at, snapshot=snapshot, zone=UTC))

    assert "Heute" in texts.tooltip
    assert QCoreApplication.translate("QPlatformTheme", "Cancel") == "Abbrechen"


def test_without_a_translation_the_language_is_english(qapp: QApplication) -> None:
    finnish = QLocale(QLocale.Language.NorthernSami, QLocale.Country.Finland)

    assert translations.install(qapp, finnish) == ()
