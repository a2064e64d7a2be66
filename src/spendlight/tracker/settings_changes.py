"""The changes that Spendlight makes in Claude Code's settings: found here, written when agreed to.

Each is found as a `SettingsChange`, which says where, from what and to what; a face shows it, asks,
and has it written by `apply_change`. What is undone is a change like any other.
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
    """Return the change that keeps logs as long again as before the last change of ours.

    Raises:
        ClaudeSettingsError: If there is nothing to undo, or something cannot be read.
    """
    return setting_undone(folder, keeping.OWN)


def install(
    folder: Path, command: str, *, is_chained: bool = False, is_replaced: bool = False
) -> SettingsChange:
    """Return the change that makes Spendlight the status line.

    A line of the user's own is not touched without being told; what ours hands on to stays, and so
    does a command of the user's that runs Spendlight among other things.

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
    """Return the change that leads back to the status line before ours.

    Raises:
        ClaudeSettingsError: If there is nothing to undo, or something cannot be read.
    """
    return setting_undone(folder, statusline.OWN)


class Unhooking(NamedTuple):
    """What takes back all our changes in one of Claude Code's data folders.

    Attributes:
        change: What takes them back; it may be nothing.
        left: The command of a status line that runs Spendlight and is left all the same.
        is_another_copy: Why it is: because it runs another copy, and not this one within a command
            that somebody else has written.
    """

    change: SettingsChange
    left: str = ""
    is_another_copy: bool = False


def unhooking(folder: Path, environ: Mapping[str, str]) -> Unhooking:
    """Return what takes back our changes in a data folder, and nothing that others did.

    That is the status line, where it runs this program or one that is gone, and how long logs are
    kept, where it is still what it was set to from here.

    Args:
        folder: Claude's data folder.
        environ: The environment, which names this very program.

    Raises:
        ClaudeSettingsError: If something cannot be read, or is no good JSON.
    """
    line = statusline_of(folder)
    is_another = is_ours(line) and _is_another_copy(words_of(line)[0], environ)
    if is_another or (runs_ours(line) and not is_ours(line)):
        return Unhooking(all_undone(folder, [keeping.OWN]), line, is_another)
    change = all_undone(folder, [statusline.OWN, keeping.OWN])
    return Unhooking(change.followed_by(_handed_back(change, line)) if is_ours(line) else change)


def _handed_back(change: SettingsChange, line: str) -> SettingsChange:
    """Return what makes the line that ours hands on to the status line, or leaves none of ours."""
    step = text_changed(change.folder, change.after, STATUS_LINE, None)
    (value,) = step.values
    now, then = command_of(value.before), handed_on_to(line)
    if then and now != then:
        return text_changed(
            change.folder, change.after, STATUS_LINE, with_command(value.before, then)
        )
    return step if is_ours(now) else SettingsChange(change.folder, change.after, change.after)


def _is_another_copy(program: str, environ: Mapping[str, str]) -> bool:
    """Whether a program is there, and not this one."""
    place = os.path.expandvars(os.path.expanduser(program))  # noqa: PTH111  # as a shell does
    found = place if Path(place).is_file() else shutil.which(place)
    own = autostart.terminal_command(autostart.RunningProgram(environ))[0]
    try:
        return found is not None and not Path(found).samefile(own)
    except OSError:
        return found is not None
