"""The user's settings: read from a TOML file that people may edit, and written atomically."""

from __future__ import annotations

from spendlight.settings.reading import unused_name
from spendlight.settings.settings_file import SettingsFile, SettingsNotSavedError
from spendlight.settings.values import AgentChoices, Appearance, LoadedSettings, Settings, TrayText

__all__ = [
    "AgentChoices",
    "Appearance",
    "LoadedSettings",
    "Settings",
    "SettingsFile",
    "SettingsNotSavedError",
    "TrayText",
    "unused_name",
]
