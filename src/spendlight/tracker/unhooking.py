"""Takes back all that Spendlight changed in Claude Code's settings, and nothing else.

That is the status line, where it runs this program or one that is gone, and how long logs are kept,
where it is still what it was set to from here.
"""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from spendlight.autostart import terminal_command
from spendlight.claude_code.keeping import KEY as DAYS
from spendlight.claude_code.keeping import whole_days
from spendlight.claude_code.settings import (
    SETTINGS_FILE,
    SettingsChange,
    apply_change,
    backups_of,
    parsed,
    read_settings,
    setting_put,
    way_back,
)
from spendlight.claude_code.statusline import KEY as STATUS_LINE
from spendlight.claude_code.statusline import command_of
from spendlight.tracker.plan_setup import handed_on_to, is_ours

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from spendlight.claude_code.settings import Backup

__all__ = [
    "DAYS",
    "STATUS_LINE",
    "Unhooking",
    "apply_unhooking",
    "unhooking",
    "whole_days",
]

_SETTINGS: Final = (STATUS_LINE, DAYS)


class Unhooking(NamedTuple):
    """What takes back our changes in one of Claude Code's data folders, made when it is applied.

    Attributes:
        folder: The data folder.
        steps: The changes, in this order.
        others: The command of a status line that runs another copy of Spendlight, which is left.
    """

    folder: Path
    steps: tuple[SettingsChange, ...]
    others: str = ""

    @property
    def change(self) -> SettingsChange | None:
        """All steps as one, to be shown; None where there is nothing to take back."""
        if not self.steps:
            return None
        first, last = self.steps[0], self.steps[-1]
        return SettingsChange(first.path, first.before, last.after, None, None)

    def values(self, key: str) -> tuple[object, object] | None:
        """Return what a setting is now and would be then; None where it stays."""
        steps = [step for step in self.steps if step.key == key]
        return (steps[0].value_before, steps[-1].value_after) if steps else None


def unhooking(folder: Path, environ: Mapping[str, str]) -> Unhooking:
    """Return what takes back our changes in a data folder.

    Args:
        folder: Claude's data folder.
        environ: The environment, which names this very program.

    Raises:
        ClaudeSettingsError: If something cannot be read, or is no good JSON.
    """
    path = folder / SETTINGS_FILE
    text = read_settings(path)
    line = command_of(_value(path, text, STATUS_LINE))
    others = line if is_ours(line) and _runs_another(line, environ) else ""
    steps: list[SettingsChange] = []
    keys = {*_SETTINGS} - ({STATUS_LINE} if others else set())
    for backup in backups_of(folder):
        key = backup.key or STATUS_LINE
        if key not in keys:
            continue
        if not _is_as_set(backup, key, _value(path, text, key)):
            if key == DAYS:
                keys.discard(DAYS)  # what lies further back was not set by us as it is now
            continue
        step = way_back(path, text, backup.path, key)
        if not step.is_nothing:
            steps.append(step)
            text = step.after
    if is_ours(line) and not others:
        then = handed_on_to(line)
        now = _value(path, text, STATUS_LINE)
        if is_ours(command_of(now)) or (then and command_of(now) != then):
            known = now if isinstance(now, dict) else {}
            former = known | {"type": "command", "command": then} if then else None
            steps.append(setting_put(path, text, STATUS_LINE, former))
    return Unhooking(folder, tuple(steps), others)


def apply_unhooking(wanted: Unhooking, now: datetime) -> None:
    """Write what takes our changes back.

    Args:
        wanted: What to write.
        now: What a backup is called after, where one is needed.

    Raises:
        ClaudeSettingsError: If it cannot be written, or the file has changed meanwhile.
    """
    for step in wanted.steps:
        apply_change(wanted.folder, step, now)


def _is_as_set(backup: Backup, key: str, value: object) -> bool:
    """Tell whether a setting is still what it became after this backup was made."""
    if key == STATUS_LINE:
        return is_ours(command_of(value))
    return backup.value_set is not None and value == backup.value_set


def _value(path: Path, text: str | None, key: str) -> object:
    found = parsed(path, text).last(key)
    return None if found is None else found.value


def _runs_another(command: str, environ: Mapping[str, str]) -> bool:
    """Tell whether a status line of ours runs another copy that is there."""
    try:
        program = shlex.split(command)[0]
    except (ValueError, IndexError):
        return False
    found = program if Path(program).is_file() else shutil.which(program)
    own = terminal_command(environ)[0]
    try:
        return found is not None and not Path(found).samefile(own)
    except OSError:
        return found is not None
