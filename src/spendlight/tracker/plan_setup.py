"""Sets Claude Code's status line up, which tells of the plan's limits, and says whether it does.

Whatever a face needs to show or to ask about it is named here.
"""

from __future__ import annotations

import json
import shlex
from enum import Enum, auto
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from spendlight import autostart
from spendlight.claude_code.settings import (
    ClaudeSettingsError,
    NothingToUndoError,
    SettingsChange,
    apply_change,
)
from spendlight.claude_code.statusline import (
    OtherStatusLineError,
    set_statusline,
    settings_file,
    statusline_of,
    undo_statusline,
)
from spendlight.paths import absolute
from spendlight.tracker.profile import claude_folders

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "ClaudeSettingsError",
    "HookState",
    "NothingToUndoError",
    "OtherStatusLineError",
    "SettingsChange",
    "StatusLineHook",
    "apply_change",
    "claude_folders",
    "handed_on_to",
    "hook_of",
    "install",
    "is_ours",
    "snippet",
    "statusline_command",
    "undo_statusline",
]

_THEN = "--then"
_VERB = "statusline"


class HookState(Enum):
    """Whether Claude Code tells Spendlight of its limits."""

    OURS = auto()
    OTHER = auto()
    """Its status line is another one."""
    MISSING = auto()
    UNKNOWN = auto()
    """Its settings cannot be read."""


class StatusLineHook(NamedTuple):
    """The status line of one of Claude Code's data folders.

    Attributes:
        settings: The file in which it is set.
        command: What it runs; "" where there is none, or nobody knows.
        reason: Why nobody knows.
        gone: The program that it would run, where that is ours and not there any more.
    """

    folder: str
    settings: str
    state: HookState
    command: str = ""
    reason: str = ""
    gone: str = ""


def hook_of(folder: Path) -> StatusLineHook:
    """Return what the status line of a data folder is."""
    place = str(settings_file(folder))
    try:
        command = statusline_of(folder)
    except ClaudeSettingsError as error:
        return StatusLineHook(str(folder), place, HookState.UNKNOWN, reason=error.title)
    if is_ours(command):
        return StatusLineHook(
            str(folder), place, HookState.OURS, command, gone=_missing_program(command)
        )
    state = HookState.OTHER if command else HookState.MISSING
    return StatusLineHook(str(folder), place, state, command)


def install(
    folder: Path, command: str, *, is_chained: bool = False, is_replaced: bool = False
) -> SettingsChange:
    """Return the change that makes Spendlight the status line.

    A line of the user's own is not touched without being told; what ours hands on to stays.

    Args:
        folder: Claude's data folder.
        command: What runs Spendlight's status line.
        is_chained: Whether it shall run the line there is and show that.
        is_replaced: Whether it shall take the place of the line there is.

    Raises:
        OtherStatusLineError: If there is another line, and neither was said.
        ClaudeSettingsError: If the settings cannot be read, or are no good JSON.
    """
    known = statusline_of(folder)
    then = ""
    if is_ours(known):
        then = "" if is_replaced else handed_on_to(known)
    elif known and is_chained:
        then = known
    elif known and not is_replaced:
        raise OtherStatusLineError(settings_file(folder), known)
    if then:
        command = f"{command} {_THEN} {shlex.quote(then)}"
    return set_statusline(folder, command)


def statusline_command(environ: Mapping[str, str], data_dir: Path | None = None) -> str:
    """Return the command that Claude Code should run, by the place of this very program.

    Args:
        environ: The environment.
        data_dir: Where the ledger is, if that was said.
    """
    words = [*autostart.terminal_command(environ), _VERB]
    if data_dir is not None:
        words += ["--data-dir", absolute(data_dir)]
    return shlex.join(words)


def snippet(command: str) -> str:
    """Return what belongs into Claude Code's settings, for those who set it up by hand."""
    return json.dumps({"statusLine": {"type": "command", "command": command}}, indent=2)


def is_ours(command: str) -> bool:
    """Tell whether a status line is Spendlight's."""
    return "spendlight" in command.lower() and _VERB in command


def handed_on_to(command: str) -> str:
    """Return which other line ours hands on to."""
    try:
        words = shlex.split(command)
    except ValueError:
        return ""
    place = words.index(_THEN) + 1 if _THEN in words else len(words)
    return words[place] if place < len(words) else ""


def _missing_program(command: str) -> str:
    """Return the program that a command names by its place, if nothing is there; else ""."""
    try:
        program = shlex.split(command)[0]
    except (ValueError, IndexError):
        return ""
    return program if Path(program).is_absolute() and not Path(program).exists() else ""
