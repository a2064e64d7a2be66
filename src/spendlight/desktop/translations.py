"""Installs the translation for the user's language, if there is one."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QLibraryInfo, QLocale, QTranslator
from PySide6.QtWidgets import QApplication

from spendlight.assets import resource


def install(app: QApplication, locale: QLocale | None = None) -> tuple[QTranslator, ...]:
    """Install the translations for a language: ours, and Qt's for the buttons of its dialogs.

    Args:
        app: The application; it keeps them.
        locale: The language and country; by default the user's.

    Returns:
        The installed translators; empty if there is no translation.
    """
    locale = locale or QLocale()
    qt_folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    found: list[QTranslator] = []
    for name, folder in (("qtbase", qt_folder), ("spendlight", _folder())):
        translator = QTranslator(app)
        is_loaded = bool(folder) and translator.load(locale, name, "_", folder)
        if is_loaded and app.installTranslator(translator):
            found.append(translator)
    return tuple(found)


def _folder() -> str:
    try:
        return str(Path(resource("i18n")))
    except FileNotFoundError:  # texts stay in English
        return ""
