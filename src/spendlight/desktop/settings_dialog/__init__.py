"""Where the user chooses."""

from __future__ import annotations

from spendlight.desktop.settings_dialog.dialog import BUDGETS_PAGE, SettingsDialog

__all__ = ["BUDGETS_PAGE", "SettingsDialog"]
