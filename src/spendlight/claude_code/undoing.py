"""Undoes what Spendlight changed in Claude Code's settings, and nothing that others did.

A setting is restored as long as it still is what Spendlight set. What somebody else has set since
stays: the whole setting, a member of it, and the rest of the file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from spendlight.claude_code.backups import SETTINGS_FILE, backups_of
from spendlight.claude_code.members import with_member, without_member
from spendlight.claude_code.settings import (
    ClaudeSettingsError,
    SettingsChange,
    Undone,
    ValueChange,
    as_member,
    filled,
    parsed,
    read_settings,
    value_of,
)
from spendlight.logs.agent import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from spendlight.claude_code.backups import Backup


class NothingToUndoError(ClaudeSettingsError):
    """Nothing in the settings can be undone."""


class NoBackupError(NothingToUndoError):
    """There is no backup that differs from the settings."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"There is nothing to undo in {printable(str(folder))}",
            f"Spendlight has made no backup of {SETTINGS_FILE} there that differs.",
        )


class ChangedSinceError(NothingToUndoError):
    """Somebody else has changed the setting since Spendlight did."""

    def __init__(self, folder: Path, key: str, backup: Path) -> None:
        super().__init__(
            f"Nothing was undone in {printable(str(folder))}: another program has changed {key} "
            "since",
            "The setting was left unchanged. Its value before Spendlight changed it is in "
            f"{printable(str(backup))}.",
        )


class OwnSetting(NamedTuple):
    """A setting of Claude Code's that Spendlight changes.

    Attributes:
        key: Its name.
        is_as_set: Returns whether a value is what Spendlight set after a backup.
        members: If it is an object, the members that Spendlight sets; the rest is the user's.
    """

    key: str
    is_as_set: Callable[[object, Backup], bool]
    members: tuple[str, ...] = ()


def setting_undone(folder: Path, own: OwnSetting) -> SettingsChange:
    """Return the change that restores a setting from the last backup with another value.

    Backups that would change nothing are skipped.

    Raises:
        NothingToUndoError: If there is no such backup, or somebody else changed the setting since.
        ClaudeSettingsError: If something cannot be read, or is not valid JSON.
    """
    text = read_settings(folder / SETTINGS_FILE)
    for backup in backups_of(folder):
        if backup.key not in {"", own.key}:
            continue
        step = _step_back(folder, text, backup, own)
        if step.is_nothing:
            continue
        if backup.key and not own.is_as_set(step.values[0].before, backup):
            raise ChangedSinceError(folder, own.key, backup.path)
        return step
    raise NoBackupError(folder)


def all_undone(folder: Path, owns: Iterable[OwnSetting]) -> SettingsChange:
    """Return the change that restores settings from before our first change.

    Raises:
        ClaudeSettingsError: If something cannot be read, or is not valid JSON.
    """
    text = read_settings(folder / SETTINGS_FILE)
    parsed(folder / SETTINGS_FILE, text)
    change = SettingsChange(folder, text, text)
    left = {own.key: own for own in owns}
    for backup in backups_of(folder):
        for own in [own for key, own in left.items() if backup.key in {"", key}]:
            step = _step_back(folder, change.after, backup, own)
            if own.is_as_set(step.values[0].before, backup):
                change = change if step.is_nothing else change.followed_by(step)
            elif backup.key:
                del left[own.key]  # earlier changes were overwritten by somebody else
    return change


def _step_back(folder: Path, before: str | None, backup: Backup, own: OwnSetting) -> SettingsChange:
    """Return the change that restores one setting from a backup."""
    path = folder / SETTINGS_FILE
    former = None if backup.is_absent else read_settings(backup.path)
    now, then = parsed(path, before).last(own.key), parsed(backup.path, former).last(own.key)
    value = value_of(then)
    merged = _merged(value_of(now), value, own.members)
    after = former
    has_more = (
        now is None
        or merged != value
        or before != with_member(filled(former), own.key, filled(before)[now.value_start : now.end])
    )
    if has_more and merged != value:
        after = with_member(filled(before), own.key, as_member(merged, before))
    elif has_more and then is not None:
        text = filled(former)[then.value_start : then.end]
        after = with_member(filled(before), own.key, text)
    elif has_more and now is not None:
        after = without_member(filled(before), own.key)
    elif has_more:
        after = before
    return SettingsChange(
        folder,
        before,
        after,
        (ValueChange(own.key, value_of(now), merged),),
        (Undone(backup.path, has_more),),
    )


def _merged(now: object, then: object, ours: tuple[str, ...]) -> object:
    """Return the old value of a setting, with the current values of members that are not ours."""
    if not (isinstance(now, dict) and isinstance(then, dict)):
        return then
    theirs = {key: value for key, value in now.items() if key not in ours}
    was = {key: value for key, value in then.items() if key in ours or key in theirs}
    return was | theirs
