"""The changes that Spendlight makes in Claude Code's settings, each only after confirmation.

Each is a `SettingsChange`, which has the setting, its old and its new value; a face shows it, asks,
and calls `apply_change`. Undoing is a change like any other.
"""

from __future__ import annotations

import os
import shlex
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from spendlight import autostart
from spendlight.claude_code import keeping, statusline
from spendlight.claude_code.keeping import KEY as DAYS
from spendlight.claude_code.keeping import days_after, days_before, keep_logs
from spendlight.claude_code.settings import (
    ClaudeSettingsError,
    SettingsChange,
    apply_change,
    text_changed,
)
from spendlight.claude_code.statusline import KEY as STATUS_LINE
from spendlight.claude_code.statusline import (
    THEN,
    OtherStatusLineError,
    command_of,
    handed_on_to,
    is_ours,
    runs_ours,
    set_statusline,
    settings_file,
    statusline_of,
    with_command,
    words_of,
)
from spendlight.claude_code.undoing import NothingToUndoError, all_undone, setting_undone
from spendlight.tracker.plan_setup import missing_program
from spendlight.tracker.profile import claude_folders

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "DAYS",
    "STATUS_LINE",
    "ClaudeSettingsError",
    "NothingToUndoError",
    "OtherStatusLineError",
    "SettingsChange",
    "Unhooking",
    "apply_change",
    "claude_folders",
    "days_after",
    "days_before",
    "install",
    "keep_logs",
    "keep_logs_undone",
    "statusline_undone",
    "unhooking",
]


def keep_logs_undone(folder: Path) -> SettingsChange:
    """Return the change that undoes our last change of how long logs are kept.

    Raises:
        ClaudeSettingsError: If there is nothing to undo, or something cannot be read.
    """
    return setting_undone(folder, keeping.OWN)


def install(
    folder: Path, command: str, *, is_chained: bool = False, is_replaced: bool = False
) -> SettingsChange:
    """Return the change that makes Spendlight the status line.

    The user's own status line is changed only on request; the command that ours is chained to
    stays, and so does a command of the user's that runs Spendlight among other things.

    Args:
        folder: Claude's data folder.
        command: The command of Spendlight's status line.
        is_chained: Whether it should run the existing status line and show its output.
        is_replaced: Whether it should replace the existing status line.

    Raises:
        OtherStatusLineError: If there is another status line, and neither was requested.
        ClaudeSettingsError: If the settings cannot be read, or are not valid JSON.
    """
    known = statusline_of(folder)
    then = ""
    if is_ours(known):
        then = "" if is_replaced else handed_on_to(known)
    elif runs_ours(known) and not is_replaced and not missing_program(known):
        return set_statusline(folder, known)
    elif known and is_chained:
        then = known
    elif known and not is_replaced:
        raise OtherStatusLineError(settings_file(folder), known)
    if then:
        command = f"{command} {THEN} {shlex.quote(then)}"
    return set_statusline(folder, command)


def statusline_undone(folder: Path) -> SettingsChange:
    """Return the change that restores the status line from before ours.

    Raises:
        ClaudeSettingsError: If there is nothing to undo, or something cannot be read.
    """
    return setting_undone(folder, statusline.OWN)


class Unhooking(NamedTuple):
    """How to undo all our changes in one of Claude Code's data folders.

    Attributes:
        change: The change that undoes them; it may be empty.
        left: The command of a status line that runs Spendlight and is kept nevertheless.
        is_another_copy: Whether it is kept because it runs another copy of Spendlight, and not
            because somebody else wrote the command.
    """

    change: SettingsChange
    left: str = ""
    is_another_copy: bool = False


def unhooking(folder: Path, environ: Mapping[str, str]) -> Unhooking:
    """Return the change that undoes our changes in a data folder, and nothing that others did.

    These are the status line, if it runs this program or one that no longer exists, and how long
    logs are kept, if it is still what we set.

    Args:
        folder: Claude's data folder.
        environ: The environment, which names this program.

    Raises:
        ClaudeSettingsError: If something cannot be read, or is not valid JSON.
    """
    line = statusline_of(folder)
    is_another = is_ours(line) and _is_another_copy(words_of(line)[0], environ)
    if is_another or (runs_ours(line) and not is_ours(line)):
        return Unhooking(all_undone(folder, [keeping.OWN]), line, is_another)
    change = all_undone(folder, [statusline.OWN, keeping.OWN])
    return Unhooking(change.followed_by(_handed_back(change, line)) if is_ours(line) else change)


def _handed_back(change: SettingsChange, line: str) -> SettingsChange:
    """Return the change to the status line that ours is chained to, or to none."""
    step = text_changed(change.folder, change.after, STATUS_LINE, None)
    (value,) = step.values
    now, then = command_of(value.before), handed_on_to(line)
    if then and now != then:
        return text_changed(
            change.folder, change.after, STATUS_LINE, with_command(value.before, then)
        )
    return step if is_ours(now) else SettingsChange(change.folder, change.after, change.after)


def _is_another_copy(program: str, environ: Mapping[str, str]) -> bool:
    """Whether a program exists and is not this one."""
    path = os.path.expandvars(os.path.expanduser(program))  # noqa: PTH111  # like a shell
    found = path if Path(path).is_file() else shutil.which(path)
    own = autostart.terminal_command(autostart.RunningProgram(environ))[0]
    try:
        return found is not None and not Path(found).samefile(own)
    except OSError:
        return found is not None
