from __future__ import annotations

import itertools

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QCheckBox
from pytestqt.qtbot import QtBot

from spendlight.desktop.theme import OUTLINE_DARKER, OWN_STYLE, Theme, field_palette, palette
from spendlight.desktop.window.cells import toned
from spendlight.desktop.window.tones import SECONDARY
from spendlight.settings import Appearance

Role = QPalette.ColorRole


def luminance(color: QColor) -> float:
    parts = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (color.redF(), color.greenF(), color.blueF())
    )
    red, green, blue = parts
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: QColor, other: QColor) -> float:
    """Return the contrast by WCAG 2."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("is_dark", [False, True])
@pytest.mark.parametrize(
    ("ink", "ground"),
    [
        *itertools.product(
            (Role.WindowText, Role.Text, Role.PlaceholderText, Role.Link),
            (Role.Window, Role.Base, Role.AlternateBase),
        ),
        (Role.ButtonText, Role.Button),
        (Role.HighlightedText, Role.Highlight),
        (Role.ToolTipText, Role.ToolTipBase),
    ],
)
def test_all_texts_have_enough_contrast(*, is_dark: bool, ink: Role, ground: Role) -> None:
    made = palette(is_dark=is_dark)

    assert contrast(made.color(ink), made.color(ground)) >= 4.5


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("is_dark", [False, True])
def test_secondary_texts_have_enough_contrast(*, is_dark: bool) -> None:
    made = palette(is_dark=is_dark)

    for ground in (Role.Window, Role.Base):
        assert contrast(toned(made, SECONDARY), made.color(ground)) >= 4.5


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("is_dark", [False, True])
def test_an_empty_field_is_distinguishable_from_its_background(*, is_dark: bool) -> None:
    outline = field_palette(is_dark=is_dark).color(Role.Window).darker(OUTLINE_DARKER)

    assert contrast(outline, palette(is_dark=is_dark).color(Role.Window)) >= 3


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("is_dark", [False, True])
def test_an_empty_checkbox_is_visible(qtbot: QtBot, *, is_dark: bool) -> None:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    before, style = app.palette(), app.style().name()
    app.setStyle(OWN_STYLE)
    theme = Theme(app)
    try:
        theme.choose(Appearance.DARK if is_dark else Appearance.LIGHT)
        box = QCheckBox("A box")
        qtbot.addWidget(box)
        box.show()
        image = box.grab().toImage()
        row = image.height() // 2
        ground = palette(is_dark=is_dark).color(Role.Window)
        contrasts = [contrast(image.pixelColor(x, row), ground) for x in range(image.height())]
        assert max(contrasts) >= 3
    finally:
        app.styleHints().colorSchemeChanged.disconnect(theme.apply)
        theme.choose(Appearance.SYSTEM)
        app.setStyle(style)
        app.setPalette(before)


def test_the_palette_follows_the_system(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = qapp.palette()
    hints = qapp.styleHints()
    theme = Theme(qapp)
    try:
        monkeypatch.setattr(theme, "_hints", Scheme(Qt.ColorScheme.Dark))
        hints.colorSchemeChanged.emit(Qt.ColorScheme.Dark)
        assert luminance(qapp.palette().window().color()) < 0.1

        monkeypatch.setattr(theme, "_hints", Scheme(Qt.ColorScheme.Light))
        hints.colorSchemeChanged.emit(Qt.ColorScheme.Light)
        assert luminance(qapp.palette().window().color()) > 0.8
    finally:
        hints.colorSchemeChanged.disconnect(theme.apply)
        qapp.setPalette(before)


class Scheme:
    """The system's colour scheme."""

    def __init__(self, scheme: Qt.ColorScheme) -> None:
        self._scheme = scheme

    def colorScheme(self) -> Qt.ColorScheme:
        return self._scheme
