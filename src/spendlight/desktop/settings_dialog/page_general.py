"""The page of general settings: start, appearance, calendar, updates."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from PySide6.QtCore import QCoreApplication, QLocale, QTimeZone
from PySide6.QtWidgets import QComboBox

from spendlight.desktop.settings_dialog.parts import (
    Problem,
    ProblemLine,
    SettingsPage,
    add_field,
    choice_box,
    choose,
    searched_box,
)
from spendlight.settings import Appearance, Settings

translate = QCoreApplication.translate

ZONE_CHARS: Final = 22
"""The width of the time zone's field, in characters."""


class GeneralPage(SettingsPage):
    """Settings for start at login, appearance, time zone, weeks, and updates."""

    def __init__(self) -> None:
        super().__init__(translate("settings", "General"))
        self._is_looking_usual = True
        self._is_offline = False
        self._at_login = self.add_check(translate("settings", "Start when I &log in"))
        self._login_note = self.add_text(is_secondary=True)
        self._login_note.hide()
        self.add_gap()
        form = self.add_form()
        self._appearance = choice_box(
            translate("settings", "Appearance"),
            [
                (Appearance.SYSTEM, translate("settings", "Same as the system")),
                (Appearance.LIGHT, translate("settings", "Light")),
                (Appearance.DARK, translate("settings", "Dark")),
            ],
        )
        add_field(form, translate("settings", "App&earance"), self._appearance)
        days = [(number, QLocale().standaloneDayName(number + 1)) for number in range(7)]
        self._week = choice_box(translate("settings", "First day of the week"), days)
        add_field(form, translate("settings", "&First day of the week"), self._week)
        self._zone = _zone_box()
        add_field(form, translate("settings", "Time &zone"), self._zone)
        self._problem = ProblemLine()
        self.column.addWidget(self._problem)
        self.add_text(
            translate(
                "settings",
                ("Days begin at midnight in this time zone. Leave it empty to use the computer’s."),
            ),
            is_secondary=True,
        )
        self.add_group(translate("settings", "Updates"))
        self._updates = self.add_check(translate("settings", "Check for &updates"))
        self._updates_note = self.add_text(is_secondary=True)
        self._note_updates()
        for box in (self._appearance, self._week):
            box.currentIndexChanged.connect(self.edited)
        self._zone.currentTextChanged.connect(self._on_zone)
        self.finish()

    def show_login(self, is_on: bool, note: str) -> None:  # noqa: FBT001  # a slot
        """Show whether the system will start the program at login.

        Args:
            is_on: Whether it will.
            note: A note on that, or "".
        """
        self._at_login.setChecked(is_on)
        self._login_note.setText(note)
        self._login_note.setVisible(bool(note))

    def show_updates(self, *, is_usual: bool) -> None:
        """Set whether newer versions are checked for by default."""
        self._is_looking_usual = is_usual
        self._note_updates()

    def show_offline(self, is_offline: bool) -> None:  # noqa: FBT001  # a slot
        """Set whether the program is offline."""
        self._is_offline = is_offline
        self._updates.setEnabled(not is_offline)
        self._note_updates()

    def show_settings(self, settings: Settings) -> None:
        """Show the settings."""
        self._at_login.setChecked(settings.starts_at_login)
        choose(self._appearance, settings.appearance)
        choose(self._week, settings.week_start)
        self._zone.setEditText(settings.time_zone)
        chosen = settings.check_for_updates
        self._updates.setChecked(self._is_looking_usual if chosen is None else chosen)

    def chosen(self, settings: Settings) -> Settings:
        """Return the settings with what is chosen on this page."""
        is_looking, chosen = self._updates.isChecked(), settings.check_for_updates
        is_as_usual = chosen is None and is_looking == self._is_looking_usual
        return replace(
            settings,
            check_for_updates=None if is_as_usual else is_looking,
            starts_at_login=self._at_login.isChecked(),
            appearance=Appearance(self._appearance.currentData()),
            week_start=int(self._week.currentData()),
            time_zone=self._zone.currentText().strip(),
        )

    def problem(self) -> Problem | None:
        """Return the problem if the time zone is unknown."""
        name = self._zone.currentText().strip()
        if not name or QTimeZone(name.encode()).isValid():
            return None
        text = translate(
            "settings", "There is no time zone “{name}”. Choose one, or leave it empty."
        )
        return Problem(text.format(name=name), self._zone)

    def _note_updates(self) -> None:
        if self._is_offline:
            text = translate("settings", "“Never go online” is turned on under Prices.")
        else:
            text = translate(
                "settings",
                "At most once a day, Spendlight asks api.github.com for its latest release. The "
                "request contains nothing about you. You are notified of each version once; "
                "nothing is installed.",
            )
            if not self._is_looking_usual:
                usual = translate(
                    "settings",
                    "Off by default, because updates come with your system’s packages.",
                )
                text = f"{usual} {text}"
        self._updates_note.setText(text)

    def _on_zone(self) -> None:
        self._problem.show_problem(self.problem())
        self.edited.emit()


def _zone_box() -> QComboBox:
    """Return a box with all time zones that completes what is typed."""
    names = sorted(bytes(name.data()).decode() for name in QTimeZone.availableTimeZoneIds())
    choices = [name for name in names if "/" in name or name == "UTC"]
    box = searched_box(translate("settings", "Time zone"), choices, ZONE_CHARS)
    box.setCurrentIndex(-1)
    edit = box.lineEdit()
    if edit is not None:
        edit.setPlaceholderText(translate("settings", "The computer’s time zone"))
    return box
