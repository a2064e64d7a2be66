"""The settings dialog."""

from __future__ import annotations

from spendlight.desktop.settings_dialog.budget_editor import Scopes
from spendlight.desktop.settings_dialog.dialog import BUDGETS_PAGE, SettingsDialog
from spendlight.desktop.settings_dialog.page_tray import TrayPreview

__all__ = ["BUDGETS_PAGE", "Scopes", "SettingsDialog", "TrayPreview"]
