"""Where the user chooses."""

from __future__ import annotations

from spendlight.desktop.settings_dialog.dialog import SettingsDialog

__all__ = ["SettingsDialog"]
