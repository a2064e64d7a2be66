"""The dialog, shown in English or German."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from tests.desktop.settings_dialog.pages import preview

from spendlight.desktop import translations
from spendlight.desktop.settings_dialog import SettingsDialog
from spendlight.settings import Settings


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Use numbers and names of days as in the United States."""
    before = QLocale()
    QLocale.setDefault(QLocale(QLocale.Language.English))
    yield
    QLocale.setDefault(before)


@pytest.fixture
def dialog(qtbot: QtBot) -> Iterator[SettingsDialog]:
    """The dialog, shown with the defaults."""
    dialog = SettingsDialog(preview, lambda: "Memory: 75 MB")
    qtbot.addWidget(dialog)
    dialog.show_settings(Settings())
    dialog.show()
    yield dialog
    dialog.close()


@pytest.fixture
def german(qapp: QApplication) -> Iterator[None]:
    """Use German for all texts, numbers and days."""
    locale = QLocale(QLocale.Language.German, QLocale.Country.Germany)
    installed = translations.install(qapp, locale)
    QLocale.setDefault(locale)
    yield
    for translator in installed:
        qapp.removeTranslator(translator)
