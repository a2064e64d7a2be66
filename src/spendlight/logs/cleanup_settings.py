"""Changes how long Claude Code keeps its logs: in its settings, with a backup, and back again."""

from __future__ import annotations

import os
import re
import shutil
import stat
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from spendlight.errors import UsageError
from spendlight.logs.cleanup_members import Members, members, with_member, without_member
from spendlight.logs.discovery import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

SETTINGS_FILE: Final = "settings.json"
KEY: Final = "cleanupPeriodDays"
"""After so many days without a change Claude Code deletes a session's log."""

MAX_DAYS: Final = 36_500
"""A hundred years, which stands for "for ever". Far larger numbers are no moment to JavaScript."""

_BACKUP: Final = re.compile(r"settings\.json\.backup-(\d{8}-\d{6})(?:-(\d+))?(-absent)?")
_ABSENT: Final = "-absent"
"""Ends the name of a backup that says that there was no file."""


class ClaudeSettingsError(UsageError):
    """Claude Code's settings cannot be read or changed. They are as they were."""


class UnusableSettingsError(ClaudeSettingsError):
    """The settings cannot be read or written, or are no good JSON."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            f"Claude Code's settings {printable(str(path))} cannot be used: {reason}",
            "Nothing was changed. Correct the file, or look whether it may be read and written.",
        )


class NothingToUndoError(ClaudeSettingsError):
    """There is no backup that differs from the settings."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"There is nothing to undo in {printable(str(folder))}",
            f"Spendlight has made no backup of {SETTINGS_FILE} there that says anything else.",
        )


class SettingsChangedError(ClaudeSettingsError):
    """The settings are not any more as they were shown."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{printable(str(path))} has changed meanwhile",
            "Nothing was written. Try again, to see what would change now.",
        )


@dataclass(frozen=True, slots=True)
class SettingsChange:
    """A change of Claude Code's settings, made only when it is applied.

    Attributes:
        path: The file, as text that can be shown.
        before: What is in it now, or None where it is not there.
        after: What would be in it, or None where it would be removed.
        days_before: The number of days in it now, or None without one.
        days_after: The number there would be, or None without one.
        has_other_changes: For a way back: the file has been changed otherwise since, so only the
            setting is put back.
        undone: For a way back: the backup it goes back to.
    """

    path: str
    before: str | None
    after: str | None
    days_before: int | None
    days_after: int | None
    has_other_changes: bool = False
    undone: Path | None = None

    @property
    def is_nothing(self) -> bool:
        """Whether it leaves everything as it is."""
        return self.before == self.after

    def diff(self) -> str:
        """Return what changes, line by line; nothing where nothing does."""
        from difflib import unified_diff  # only who changes something reads it

        lines = unified_diff(
            (self.before or "").splitlines(),
            (self.after or "").splitlines(),
            "now" if self.before is not None else "now (no file)",
            "then" if self.after is not None else "then (no file)",
            lineterm="",
        )
        return "\n".join(lines)


def read_settings(path: Path) -> str | None:
    """Return the text of a settings file, or None where there is none.

    Raises:
        ClaudeSettingsError: If it cannot be read.
    """
    try:
        # As bytes first: reading text would make all ends of lines alike.
        return path.read_bytes().decode()
    except FileNotFoundError:
        if path.is_symlink():
            raise UnusableSettingsError(path, "it is a link to a file that is not there") from None
        return None
    except UnicodeDecodeError:
        raise UnusableSettingsError(path, "it is not in UTF-8") from None
    except OSError as error:
        raise UnusableSettingsError(path, error.strerror or str(error)) from error


def parsed(path: Path, text: str | None) -> Members:
    """Return the members of the settings; an empty file has none.

    Raises:
        ClaudeSettingsError: If they are no JSON object.
    """
    try:
        return members(_filled(text))
    except ValueError as error:
        raise UnusableSettingsError(path, f"it is no good JSON: {error}") from None


def keep_logs(folder: Path, days: int) -> SettingsChange:
    """Return the change that makes Claude Code keep its logs so many days.

    Args:
        folder: Claude's data folder.
        days: From 1 to `MAX_DAYS`.

    Raises:
        ClaudeSettingsError: If the settings cannot be read, or are no good JSON.
    """
    path = folder / SETTINGS_FILE
    before = read_settings(path)
    known = parsed(path, before).last(KEY)
    if known is not None and known.value == days and not isinstance(known.value, bool):
        after = before
    else:
        after = with_member(_filled(before), KEY, days)
    return SettingsChange(
        printable(str(path)), before, after, _days(parsed(path, before)), days_after=days
    )


def undo(folder: Path) -> SettingsChange:
    """Return the change that leads back to the last backup.

    Where the file was changed otherwise since, only the setting is put back. Backups that would
    change nothing are passed over.

    Raises:
        ClaudeSettingsError: If there is no backup, or something cannot be read.
    """
    path = folder / SETTINGS_FILE
    before = read_settings(path)
    for backup in sorted(_backups(folder), reverse=True):
        change = _way_back(path, before, backup.path)
        if not change.is_nothing:
            return change
    raise NothingToUndoError(folder)


def apply_change(folder: Path, change: SettingsChange, now: datetime) -> Path | None:
    """Write the settings; before a change, not before a way back, make a backup beside them.

    Args:
        folder: Claude's data folder.
        change: What to write.
        now: What the backup is called after.

    Returns:
        The backup, or None where none was needed.

    Raises:
        ClaudeSettingsError: If it cannot be written, or the file has changed meanwhile. The
            settings are as they were then.
    """
    path = folder / SETTINGS_FILE
    if change.is_nothing:
        return None
    if read_settings(path) != change.before:
        raise SettingsChangedError(path)
    backup = None
    try:
        if change.undone is None:
            backup = _back_up(path, change.before, now)
        _write(path, change.after)
    except OSError as error:
        if backup is not None:
            backup.unlink(missing_ok=True)
        raise UnusableSettingsError(path, error.strerror or str(error)) from error
    if change.undone is not None:
        with suppress(OSError):  # it stays, and would be gone back to once more
            _retire(change.undone, has_more=change.has_other_changes)
    return backup


def _way_back(path: Path, before: str | None, saved: Path) -> SettingsChange:
    former = None if saved.name.endswith(_ABSENT) else read_settings(saved)
    now, then = parsed(path, before), parsed(saved, former)
    ours, theirs = now.last(KEY), then.last(KEY)
    after = former
    has_other_changes = ours is None or before != with_member(
        _filled(former), KEY, _filled(before)[ours.value_start : ours.end]
    )
    if has_other_changes and theirs is not None:
        value = _filled(former)[theirs.value_start : theirs.end]
        after = with_member(_filled(before), KEY, value)
    elif has_other_changes and ours is not None:
        after = without_member(_filled(before), KEY)
    elif has_other_changes:
        after = before
    return SettingsChange(
        printable(str(path)), before, after, _days(now), _days(then), has_other_changes, saved
    )


@dataclass(frozen=True, slots=True, order=True)
class _Backup:
    made: str
    number: int
    path: Path


def _backups(folder: Path) -> Iterator[_Backup]:
    try:
        names = os.listdir(folder)  # noqa: PTH208  # names are all it takes
    except OSError:
        return
    for name in names:
        match = _BACKUP.fullmatch(name)
        if match:
            yield _Backup(match[1], int(match[2] or 1), folder / name)


def _back_up(path: Path, text: str | None, now: datetime) -> Path:
    """Copy the settings beside themselves, under a name that was not there before."""
    stem = f"{SETTINGS_FILE}.backup-{now.astimezone(UTC):%Y%m%d-%H%M%S}"
    taken = {backup.path.name.removesuffix(_ABSENT) for backup in _backups(path.parent)}
    number = 1
    name = stem
    while name in taken:
        number += 1
        name = f"{stem}-{number}"
    backup = path.with_name(name + (_ABSENT if text is None else ""))
    # What may not be read by all must not be so for a moment.
    mode = 0o600 if text is None else stat.S_IMODE(path.stat().st_mode)
    handle = os.open(backup, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with open(handle, "wb") as file:  # noqa: PTH123  # a handle
        file.write((text or "").encode())
        file.flush()
        os.fsync(file.fileno())
    if text is not None:
        shutil.copymode(path, backup)
    return backup


def _write(path: Path, text: str | None) -> None:
    """Put a text in the place of the file at once, and where the path is a link, of its target."""
    target = Path(os.path.realpath(path))
    if text is None:
        target.unlink()
        return
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    new = Path(name)
    try:
        with open(handle, "wb") as file:  # noqa: PTH123  # a handle
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            status = target.stat()
            shutil.copymode(target, new)
            if hasattr(os, "chown"):
                with suppress(OSError):  # whoever may not give files away keeps them
                    os.chown(new, status.st_uid, status.st_gid)
        new.replace(target)
    except OSError:
        new.unlink(missing_ok=True)
        raise


def _retire(backup: Path, *, has_more: bool) -> None:
    """Take a backup away that was gone back to; keep what is in it and nowhere else."""
    if has_more:
        backup.replace(backup.with_name(backup.name.replace(".backup-", ".undone-")))
    else:
        backup.unlink()


def _days(found: Members) -> int | None:
    """Return the number of days in the settings, or None where there is none that counts."""
    member = found.last(KEY)
    return whole_days(None if member is None else member.value)


def whole_days(value: object) -> int | None:
    """Return a number of days that Claude Code accepts, or None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if value < 1 or value != value // 1:
        return None
    return int(value)


def _filled(text: str | None) -> str:
    """Return a text in which there is an object, if it is empty."""
    return text if text is not None and text.strip("\ufeff \t\r\n") else "{}\n"
