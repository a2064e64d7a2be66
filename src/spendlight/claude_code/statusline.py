"""Makes Spendlight Claude Code's status line, which is how the plan's limits become known."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from spendlight.claude_code.settings import (
    SETTINGS_FILE,
    as_member,
    setting,
    setting_changed,
    setting_undone,
)
from spendlight.errors import UsageError
from spendlight.logs.discovery import printable

if TYPE_CHECKING:
    from pathlib import Path

    from spendlight.claude_code.settings import SettingsChange

KEY: Final = "statusLine"


class OtherStatusLineError(UsageError):
    """Claude Code has another status line already."""

    def __init__(self, path: Path, command: str) -> None:
        super().__init__(
            f"Claude Code has a status line already, in {printable(str(path))}: {command}",
            "Nothing was changed. --chain lets Spendlight hear the limits and then runs that one; "
            "--replace puts Spendlight's own line in its place.",
        )


def statusline_of(folder: Path) -> str:
    """Return the command of Claude Code's status line; "" where it has none.

    Raises:
        ClaudeSettingsError: If the settings cannot be read, or are no good JSON.
    """
    return command_of(setting(folder, KEY))


def command_of(found: object) -> str:
    """Return the command of a status line as the settings have it; "" where there is none."""
    command = found.get("command") if isinstance(found, dict) else None
    if isinstance(command, str) and command.strip():
        return command
    return "" if found in (None, {}) else json.dumps(found)


def set_statusline(folder: Path, command: str) -> SettingsChange:
    """Return the change that makes a command the status line; what else is set of it stays.

    Raises:
        ClaudeSettingsError: If the settings cannot be read, or are no good JSON.
    """
    found = setting(folder, KEY)
    known = found if isinstance(found, dict) else {}
    value = known | {"type": "command", "command": command}
    return setting_changed(folder, KEY, value, as_member(value))


def settings_file(folder: Path) -> Path:
    """Return where the status line is set."""
    return folder / SETTINGS_FILE


def undo_statusline(folder: Path) -> SettingsChange:
    """Return the change that leads back to the status line before ours.

    Raises:
        ClaudeSettingsError: If there is no backup, or something cannot be read.
    """
    return setting_undone(folder, KEY)
