"""The pages of prices and of privacy."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QLineEdit

from spendlight.desktop.settings_dialog.parts import (
    RELATED_PX,
    SettingsPage,
    choice_box,
    choose,
    plain_button,
)
from spendlight.metering.pricing import CostMode
from spendlight.settings import Settings

translate = QCoreApplication.translate

PATH_CHARS: Final = 20
"""The width of a file's field, in characters."""


class PricesPage(SettingsPage):
    """The price list in force, a button to renew it, the user's own list, and the cost mode.

    Signals:
        prices_requested: The user wants a newer price list, if there is one.
        offline_toggled: The program was set offline or online; carries a bool.
    """

    prices_requested = Signal()
    offline_toggled = Signal(bool)

    def __init__(self) -> None:
        super().__init__(translate("settings", "Prices"))
        self._words = self.add_text()
        self._look = self.add_button(translate("settings", "Check for &newer prices"))
        self._look.clicked.connect(self.prices_requested)
        self.add_gap()
        self._offline = self.add_check(translate("settings", "Never go &online"))
        self._offline.toggled.connect(self._on_offline)
        self.add_text(
            translate(
                "settings",
                "If this is off, LiteLLM’s price list is downloaded at most once a day. If it is "
                "on, the price list included with Spendlight is used, and there is no check for "
                "updates.",
            ),
            is_secondary=True,
        )
        self.add_group(translate("settings", "Your own price list"))
        label = QLabel(translate("settings", "Fi&le"))
        self._file = QLineEdit()
        self._file.setAccessibleName(translate("settings", "Your own price list"))
        self._file.setPlaceholderText(translate("settings", "None"))
        self._file.setMinimumWidth(self._file.fontMetrics().averageCharWidth() * PATH_CHARS)
        self._file.textChanged.connect(self.edited)
        label.setBuddy(self._file)
        choose_file = plain_button(translate("settings", "Choo&se…"))
        choose_file.clicked.connect(self._choose)
        row = QHBoxLayout()
        row.setSpacing(RELATED_PX)
        row.addWidget(label)
        row.addWidget(self._file, 1)
        row.addWidget(choose_file)
        self.column.addLayout(row)
        self.add_text(
            translate(
                "settings",
                "A JSON file in LiteLLM’s format. Its prices take precedence; all other models "
                "keep theirs.",
            ),
            is_secondary=True,
        )
        self.add_group(translate("settings", "Cost of an answer"))
        self._mode = choice_box(
            translate("settings", "Cost of an answer"),
            [
                (
                    CostMode.AUTO,
                    translate("settings", "As recorded, otherwise from the price list"),
                ),
                (CostMode.CALCULATE, translate("settings", "Always from the price list")),
                (CostMode.DISPLAY, translate("settings", "Only as recorded by Claude Code")),
            ],
        )
        self._mode.currentIndexChanged.connect(self.edited)
        self.add_row(self._mode)
        self.finish()

    def show_prices(self, words: str) -> None:
        """Show which price list is in force."""
        self._words.setText(words)
        self._words.setVisible(bool(words))

    def show_settings(self, settings: Settings) -> None:
        """Show the settings."""
        self._offline.setChecked(settings.is_offline)
        self._file.setText(settings.prices_file)
        choose(self._mode, settings.cost_mode)

    def chosen(self, settings: Settings) -> Settings:
        """Return the settings with what is chosen on this page."""
        return replace(
            settings,
            is_offline=self._offline.isChecked(),
            prices_file=self._file.text().strip(),
            cost_mode=CostMode(self._mode.currentData()),
        )

    def _on_offline(self) -> None:
        is_offline = self._offline.isChecked()
        self._look.setEnabled(not is_offline)
        self.offline_toggled.emit(is_offline)

    def _choose(self) -> None:
        title = translate("settings", "Price list in LiteLLM’s format")
        chosen, _ = QFileDialog.getOpenFileName(self, title, self._file.text(), "*.json")
        if chosen:
            self._file.setText(chosen)


class PrivacyPage(SettingsPage):
    """Settings for privacy."""

    def __init__(self) -> None:
        super().__init__(translate("settings", "Privacy"))
        self._private = self.add_check(translate("settings", "&Hide amounts"))
        self.add_text(
            translate(
                "settings",
                "In the tray, the window and notifications, when others can see your screen.",
            ),
            is_secondary=True,
        )
        self.add_group(translate("settings", "What is stored"))
        self.add_text(
            translate(
                "settings",
                "Spendlight reads Claude Code’s logs and stores figures from them, only on this "
                "computer and only for you: time, project, session, model and number of tokens. "
                "It never stores what was said.",
            )
        )
        self.add_group(translate("settings", "What is sent"))
        self.add_text(
            translate(
                "settings",
                "Only two requests, each at most once a day: one for the price list, to "
                "raw.githubusercontent.com, and one for the latest release, to api.github.com. "
                "They contain nothing about you. “Never go online” under Prices turns off both; "
                "“Check for updates” under General turns off the second. There is no telemetry "
                "and no account.",
            )
        )
        self.finish()

    def show_settings(self, settings: Settings) -> None:
        """Show the settings."""
        self._private.setChecked(settings.is_private)

    def chosen(self, settings: Settings) -> Settings:
        """Return the settings with what is chosen on this page."""
        return replace(settings, is_private=self._private.isChecked())
