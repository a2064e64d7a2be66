"""Determines whether Claude Code's status line reports the plan limits to Spendlight."""

from __future__ import annotations

import json
import shlex
from enum import Enum, auto
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from spendlight import autostart
from spendlight.claude_code.settings import ClaudeSettingsError
from spendlight.claude_code.statusline import (
    KEY,
    VERB,
    handed_on_to,
    runs_ours,
    settings_file,
    statusline_of,
    with_command,
    words_of,
)
from spendlight.paths import absolute

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "HookState",
    "StatusLineHook",
    "handed_on_to",
    "hook_of",
    "missing_program",
    "snippet",
    "statusline_command",
]


class HookState(Enum):
    """Whether Claude Code reports plan limits to Spendlight."""

    OURS = auto()
    OTHER = auto()
    """It has another status line."""
    MISSING = auto()
    UNKNOWN = auto()
    """Its settings cannot be read."""


class StatusLineHook(NamedTuple):
    """The status line of one of Claude Code's data folders.

    Attributes:
        settings: The file in which it is set.
        command: What it runs; "" if there is none, or it is unknown.
        reason: Why it is unknown.
        gone: Our program that it would run, if that no longer exists.
    """

    folder: str
    settings: str
    state: HookState
    command: str = ""
    reason: str = ""
    gone: str = ""


def hook_of(folder: Path) -> StatusLineHook:
    """Return the status line of a data folder."""
    file = str(settings_file(folder))
    try:
        command = statusline_of(folder)
    except ClaudeSettingsError as error:
        return StatusLineHook(str(folder), file, HookState.UNKNOWN, reason=error.title)
    if runs_ours(command):
        return StatusLineHook(
            str(folder), file, HookState.OURS, command, gone=missing_program(command)
        )
    state = HookState.OTHER if command else HookState.MISSING
    return StatusLineHook(str(folder), file, state, command)


def statusline_command(environ: Mapping[str, str], data_dir: Path | None = None) -> str:
    """Return the command that Claude Code should run, with the path of this program.

    Args:
        environ: The environment.
        data_dir: Where the ledger is, if that was specified.
    """
    words = [*autostart.terminal_command(autostart.RunningProgram(environ)), VERB]
    if data_dir is not None:
        words += ["--data-dir", absolute(data_dir)]
    return shlex.join(words)


def snippet(command: str) -> str:
    """Return the text to add to Claude Code's settings, for those who set it up by hand."""
    return json.dumps({KEY: with_command(None, command)}, indent=2)


def missing_program(command: str) -> str:
    """Return the program that a command names by path, if it does not exist; otherwise ""."""
    program = next(iter(words_of(command)), "")
    return program if Path(program).is_absolute() and not Path(program).exists() else ""
