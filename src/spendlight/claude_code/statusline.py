"""Makes Spendlight Claude Code's status line, which is how it receives the plan limits."""

from __future__ import annotations

import json
import re
import shlex
from typing import TYPE_CHECKING, Final

from spendlight.claude_code.backups import SETTINGS_FILE
from spendlight.claude_code.settings import setting, setting_changed
from spendlight.claude_code.undoing import OwnSetting
from spendlight.errors import UsageError
from spendlight.logs.agent import printable

if TYPE_CHECKING:
    from pathlib import Path

    from spendlight.claude_code.settings import SettingsChange

KEY: Final = "statusLine"

VERB: Final = "statusline"
"""Spendlight's verb that prints a status line."""

THEN: Final = "--then"
"""Its option with another command, which gets the same input, and whose line is shown."""

_NAME: Final = "spendlight"
_PROGRAM: Final = re.compile(
    r"(.*[/\\])?spendlight(-tray|-[^/\\]*\.appimage|\.appimage)?(\.exe)?", re.IGNORECASE
)
_MODULE: Final = ["-P", "-m", "spendlight"]
_OPERATOR: Final = re.compile(r"[();<>|&]+")


class OtherStatusLineError(UsageError):
    """Claude Code has another status line already."""

    def __init__(self, path: Path, command: str) -> None:
        super().__init__(
            f"Claude Code already has a status line, in {printable(str(path))}: {command}",
            "Nothing was changed. With --chain, Spendlight records the plan limits and then runs "
            "that status line; with --replace, Spendlight's own replaces it.",
        )


def statusline_of(folder: Path) -> str:
    """Return the command of Claude Code's status line; "" if it has none.

    Raises:
        ClaudeSettingsError: If the settings cannot be read, or are not valid JSON.
    """
    return command_of(setting(folder, KEY))


def command_of(found: object) -> str:
    """Return the command of a status line in the settings; "" if there is none."""
    command = found.get("command") if isinstance(found, dict) else None
    if isinstance(command, str) and command.strip():
        return command
    return "" if found in (None, {}) else json.dumps(found)


def with_command(found: object, command: str) -> dict[str, object]:
    """Return a status line that runs a command; its other members stay."""
    known = found if isinstance(found, dict) else {}
    return known | {"type": "command", "command": command}


def set_statusline(folder: Path, command: str) -> SettingsChange:
    """Return the change that makes a command the status line; its other members stay.

    Raises:
        ClaudeSettingsError: If the settings cannot be read, or are not valid JSON.
    """
    return setting_changed(folder, KEY, with_command(setting(folder, KEY), command))


def settings_file(folder: Path) -> Path:
    """Return the file in which the status line is set."""
    return folder / SETTINGS_FILE


def is_ours(command: str) -> bool:
    """Whether a command is Spendlight's status line and nothing else.

    A command that pipes its output, or runs it from another command, was written by somebody else.
    """
    words = words_of(command)
    if not words or any(_OPERATOR.fullmatch(word) for word in words):
        return False
    is_module = words[1:3] == _MODULE[1:] or words[1:4] == _MODULE
    return VERB in words and (is_module or _PROGRAM.fullmatch(words[0]) is not None)


def runs_ours(command: str) -> bool:
    """Whether a command runs Spendlight's status line, alone or among other things."""
    return _NAME in command.lower() and VERB in command


def handed_on_to(command: str) -> str:
    """Return the other status line that ours is chained to; "" if none."""
    words = words_of(command)
    start = words.index(THEN) + 1 if THEN in words else len(words)
    return words[start] if start < len(words) else ""


def words_of(command: str) -> list[str]:
    """Split a command like a shell; empty if a shell would not run it."""
    lexer = shlex.shlex(command, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    lexer.commenters = ""
    try:
        return list(lexer)
    except ValueError:
        return []


OWN: Final = OwnSetting(
    KEY, lambda value, _: is_ours(command_of(value)), members=("type", "command")
)
