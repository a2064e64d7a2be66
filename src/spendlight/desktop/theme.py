"""Dark and light: like the system, even if the style does not follow it, or as chosen."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from spendlight.settings import Appearance

OWN_STYLE = "fusion"
"""Qt's style for systems without a native one; its palette stays light by itself."""

_Role = QPalette.ColorRole

LIGHT = {
    _Role.Window: "#f6f7f8",
    _Role.WindowText: "#1d2126",
    _Role.Base: "#ffffff",
    _Role.AlternateBase: "#f0f1f3",
    _Role.Text: "#1d2126",
    _Role.PlaceholderText: "#5f6670",
    _Role.Button: "#eceef0",
    _Role.ButtonText: "#1d2126",
    _Role.BrightText: "#ffffff",
    _Role.Light: "#ffffff",
    _Role.Midlight: "#e3e5e8",
    _Role.Mid: "#cfd3d8",
    _Role.Dark: "#a9afb7",
    _Role.Shadow: "#7d848d",
    _Role.Highlight: "#2f6cc0",
    _Role.HighlightedText: "#ffffff",
    _Role.Accent: "#2f6cc0",
    _Role.Link: "#2a63b2",
    _Role.LinkVisited: "#7a4f9a",
    _Role.ToolTipBase: "#ffffff",
    _Role.ToolTipText: "#1d2126",
}

DARK = {
    _Role.Window: "#1e2125",
    _Role.WindowText: "#e6e8eb",
    _Role.Base: "#24282d",
    _Role.AlternateBase: "#2a2e34",
    _Role.Text: "#e6e8eb",
    _Role.PlaceholderText: "#a2a9b3",
    _Role.Button: "#2f343a",
    _Role.ButtonText: "#e6e8eb",
    _Role.BrightText: "#ffffff",
    _Role.Light: "#454b53",
    _Role.Midlight: "#3a4047",
    _Role.Mid: "#343a41",
    _Role.Dark: "#16181b",
    _Role.Shadow: "#767d87",
    _Role.Highlight: "#3a70bd",
    _Role.HighlightedText: "#ffffff",
    _Role.Accent: "#5b94e3",
    _Role.Link: "#7fb0f2",
    _Role.LinkVisited: "#bd9be0",
    _Role.ToolTipBase: "#2f343a",
    _Role.ToolTipText: "#e6e8eb",
}

_SCHEMES = {
    Appearance.SYSTEM: Qt.ColorScheme.Unknown,
    Appearance.LIGHT: Qt.ColorScheme.Light,
    Appearance.DARK: Qt.ColorScheme.Dark,
}

_DISABLED_ROLES = (_Role.WindowText, _Role.Text, _Role.ButtonText)

FIELDS: Final = (
    "QAbstractSpinBox",
    "QCheckBox",
    "QComboBox",
    "QLineEdit",
    "QPlainTextEdit",
    "QRadioButton",
    "QTreeWidget",
)
"""Widgets that consist of an outline, or have checkboxes that do, if empty."""

OUTLINE_DARKER: Final = 140
OUTLINE_LIGHTER: Final = 130
"""In percent. The style draws outlines darker than the window by the first, which is not visible on
dark; so fields get a window colour that is lighter by the second than their outline should be."""


class Theme(QObject):
    """Gives the application a palette for the system's colour scheme, now and when it changes."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._app = app
        self._hints = app.styleHints()
        self._chosen = Qt.ColorScheme.Unknown
        self._hints.colorSchemeChanged.connect(self.apply)

    def choose(self, appearance: Appearance) -> None:
        """Apply the user's choice."""
        chosen = _SCHEMES[appearance]
        if chosen != self._chosen:
            self._chosen = chosen
            self._hints.setColorScheme(chosen)
            self.apply()

    def apply(self) -> None:
        """Set the palette, unless the style is a native one with its own."""
        if self._app.style().name() == OWN_STYLE:
            scheme = self._chosen
            if scheme == Qt.ColorScheme.Unknown:
                scheme = self._hints.colorScheme()
            is_dark = scheme == Qt.ColorScheme.Dark
            self._app.setPalette(palette(is_dark=is_dark))
            for kind in FIELDS:
                self._app.setPalette(field_palette(is_dark=is_dark), kind)  # type: ignore[arg-type]  # a str is accepted


def palette(*, is_dark: bool) -> QPalette:
    """Return our palette."""
    made = QPalette()
    colors = DARK if is_dark else LIGHT
    for role, name in colors.items():
        made.setColor(role, QColor(name))
    for role in _DISABLED_ROLES:
        made.setColor(QPalette.ColorGroup.Disabled, role, QColor(colors[_Role.Shadow]))
    return made


def field_palette(*, is_dark: bool) -> QPalette:
    """Return our palette for widgets that only their outline separates from the background.

    The style derives the colour of outlines from that of the window, so this sets another one.
    """
    made = palette(is_dark=is_dark)
    made.setColor(_Role.Window, made.color(_Role.Shadow).lighter(OUTLINE_LIGHTER))
    return made
