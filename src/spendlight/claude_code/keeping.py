"""Changes how long Claude Code keeps its logs, with its own setting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from spendlight.claude_code.settings import setting_changed
from spendlight.claude_code.undoing import OwnSetting

if TYPE_CHECKING:
    from pathlib import Path

    from spendlight.claude_code.settings import SettingsChange

KEY: Final = "cleanupPeriodDays"
"""After this number of days without a change, Claude Code deletes a session's log."""

OWN: Final = OwnSetting(
    KEY, lambda value, backup: backup.value_set is not None and value == backup.value_set
)

MAX_DAYS: Final = 36_500
"""A hundred years, meaning "for ever". Much larger numbers exceed JavaScript's dates."""


def keep_logs(folder: Path, days: int) -> SettingsChange:
    """Return the change that makes Claude Code keep its logs for a number of days.

    Args:
        folder: Claude's data folder.
        days: From 1 to `MAX_DAYS`.

    Raises:
        ClaudeSettingsError: If the settings cannot be read, or are not valid JSON.
    """
    return setting_changed(folder, KEY, days)


def days_before(change: SettingsChange) -> int | None:
    """Return the number of days in the settings before a change; None if not set."""
    value = change.value(KEY)
    return None if value is None else whole_days(value.before)


def days_after(change: SettingsChange) -> int | None:
    """Return the number of days in the settings after a change; None if not set."""
    value = change.value(KEY)
    return None if value is None else whole_days(value.after)


def whole_days(value: object) -> int | None:
    """Return a number of days that Claude Code accepts, or None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if value < 1 or value != value // 1:
        return None
    return int(value)
