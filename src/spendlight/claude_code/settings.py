"""Changes one setting of Claude Code's, with a backup, and back again."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from spendlight.claude_code.members import Member, Members, members, with_member, without_member
from spendlight.errors import UsageError
from spendlight.logs.discovery import printable
from spendlight.regular_files import read_regular

SETTINGS_FILE: Final = "settings.json"
MOST_BYTES: Final = 16 << 20
"""A larger file holds no settings."""

_INDENT: Final = 2

_BACKUP: Final = re.compile(
    r"settings\.json\.backup-(?P<made>\d{8}-\d{6})(?:-(?P<number>\d+))?"
    r"(?:-(?P<key>(?!absent)[A-Za-z]+)(?:-(?P<value>\d+))?)?(-absent)?"
)
"""Names of backups say which setting was changed, and a number that it was set to. So what the
user changed otherwise is never taken for a change of ours."""

_ABSENT: Final = "-absent"
"""Ends the name of a backup that says that there was no file."""


class ClaudeSettingsError(UsageError):
    """Claude Code's settings cannot be read or changed. They are as they were."""


class UnusableSettingsError(ClaudeSettingsError):
    """The settings cannot be read or written, or are no good JSON."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            f"Claude Code's settings {printable(str(path))} cannot be used: {reason}",
            "Nothing was changed. Correct the file, or check that it can be read and written.",
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
        value_before: What the setting is now, or None where it is not set.
        value_after: What it would be, or None where it would not be set.
        has_other_changes: For a way back: the file has been changed otherwise since, so only the
            setting is put back.
        undone: For a way back: the backup it goes back to.
        key: The setting.
    """

    path: str
    before: str | None
    after: str | None
    value_before: object
    value_after: object
    has_other_changes: bool = False
    undone: Path | None = None
    key: str = ""

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
        return read_regular(path, MOST_BYTES).decode()
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
        raise UnusableSettingsError(path, f"it is not valid JSON: {error}") from None


def setting_changed(folder: Path, key: str, value: object, text: str) -> SettingsChange:
    """Return the change that gives a setting a value.

    Args:
        folder: Claude's data folder.
        key: The setting.
        value: What it shall be.
        text: The same as JSON.

    Raises:
        ClaudeSettingsError: If the settings cannot be read, or are no good JSON.
    """
    path = folder / SETTINGS_FILE
    before = read_settings(path)
    known = parsed(path, before).last(key)
    is_so = known is not None and known.value == value and not isinstance(known.value, bool)
    if before is not None and "\r\n" in before:
        text = text.replace("\n", "\r\n")
    after = before if is_so else with_member(_filled(before), key, text)
    shown = printable(str(path))
    return SettingsChange(shown, before, after, value_of(known), value, key=key)


def setting_put(path: Path, before: str | None, key: str, value: object) -> SettingsChange:
    """Return the change of a text that gives a setting a value; None takes the setting away.

    Raises:
        ClaudeSettingsError: If the text is no good JSON.
    """
    known = parsed(path, before).last(key)
    if value is None:
        after = before if known is None else without_member(_filled(before), key)
    else:
        after = with_member(_filled(before), key, as_member(value))
    return SettingsChange(printable(str(path)), before, after, value_of(known), value, key=key)


def as_member(value: object) -> str:
    """Return a value as JSON, laid out as a member of the settings."""
    text = json.dumps(value, indent=_INDENT, ensure_ascii=False)
    return text.replace("\n", "\n" + " " * _INDENT)


def setting(folder: Path, key: str) -> object:
    """Return what a setting is, or None where it is not set.

    Raises:
        ClaudeSettingsError: If the settings cannot be read, or are no good JSON.
    """
    path = folder / SETTINGS_FILE
    return value_of(parsed(path, read_settings(path)).last(key))


def setting_undone(folder: Path, key: str) -> SettingsChange:
    """Return the change that leads back to the last backup in which a setting is another.

    Where the file was changed otherwise since, only the setting is put back. Backups that would
    change nothing are passed over.

    Raises:
        ClaudeSettingsError: If there is no backup, or something cannot be read.
    """
    path = folder / SETTINGS_FILE
    before = read_settings(path)
    for backup in backups_of(folder):
        if backup.key not in {"", key}:
            continue
        change = way_back(path, before, backup.path, key)
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
            backup = _back_up(path, change, now)
        _write(path, change.after)
    except OSError as error:
        if backup is not None:
            backup.unlink(missing_ok=True)
        raise UnusableSettingsError(path, error.strerror or str(error)) from error
    if change.undone is not None:
        with suppress(OSError):  # it stays, and would be gone back to once more
            _retire(change.undone, has_more=change.has_other_changes)
    return backup


def way_back(path: Path, before: str | None, saved: Path, key: str) -> SettingsChange:
    """Return the change that puts one setting back to what it is in a backup.

    Args:
        path: The settings.
        before: What is in them now.
        saved: The backup.
        key: The setting.

    Raises:
        ClaudeSettingsError: If one of both is no good JSON, or the backup cannot be read.
    """
    former = None if saved.name.endswith(_ABSENT) else read_settings(saved)
    now, then = parsed(path, before), parsed(saved, former)
    ours, theirs = now.last(key), then.last(key)
    after = former
    has_other_changes = ours is None or before != with_member(
        _filled(former), key, _filled(before)[ours.value_start : ours.end]
    )
    if has_other_changes and theirs is not None:
        value = _filled(former)[theirs.value_start : theirs.end]
        after = with_member(_filled(before), key, value)
    elif has_other_changes and ours is not None:
        after = without_member(_filled(before), key)
    elif has_other_changes:
        after = before
    return SettingsChange(
        printable(str(path)),
        before,
        after,
        value_of(ours),
        value_of(theirs),
        has_other_changes,
        saved,
        key,
    )


@dataclass(frozen=True, slots=True, order=True)
class Backup:
    """What was in the settings before a change of ours.

    Attributes:
        made: When, in UTC.
        number: Tells those of one second apart.
        path: Where it is.
        key: The setting that was changed; "" where its name does not say.
        value_set: The number that the setting was given; None where it was no number.
    """

    made: str
    number: int
    path: Path
    key: str
    value_set: int | None


def backups_of(folder: Path) -> list[Backup]:
    """Return the backups in a data folder, the latest first."""
    try:
        names = os.listdir(folder)  # noqa: PTH208  # names are all it takes
    except OSError:
        return []
    found = []
    for name in names:
        match = _BACKUP.fullmatch(name)
        if match:
            made, number, value = match["made"], int(match["number"] or 1), match["value"]
            value_set = None if value is None else int(value)
            found.append(Backup(made, number, folder / name, match["key"] or "", value_set))
    return sorted(found, key=lambda backup: (backup.made, backup.number), reverse=True)


def _back_up(path: Path, change: SettingsChange, now: datetime) -> Path:
    """Copy the settings beside themselves, under a name that was not there before."""
    made = f"{now.astimezone(UTC):%Y%m%d-%H%M%S}"
    taken = [backup.number for backup in backups_of(path.parent) if backup.made == made]
    name = f"{SETTINGS_FILE}.backup-{made}"
    if taken:
        name += f"-{max(taken) + 1}"
    name += f"-{change.key}"
    if isinstance(change.value_after, int):
        name += f"-{change.value_after}"
    text = change.before
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


def value_of(member: Member | None) -> object:
    """Return what a member of the settings is, or None without one."""
    return None if member is None else member.value


def _filled(text: str | None) -> str:
    """Return a text in which there is an object, if it is empty."""
    return text if text is not None and text.strip("\ufeff \t\r\n") else "{}\n"
