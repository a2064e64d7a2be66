"""Changes Claude Code's settings: finds the change, shows it, makes a backup, and writes."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from spendlight.claude_code.backups import SETTINGS_FILE, back_up, retire
from spendlight.claude_code.members import Member, Members, members, with_member, without_member
from spendlight.errors import UsageError
from spendlight.logs.agent import printable
from spendlight.regular_files import read_regular

if TYPE_CHECKING:
    from datetime import datetime

MOST_BYTES: Final = 16 << 20
"""A larger file holds no settings."""

_INDENT: Final = 2


class ClaudeSettingsError(UsageError):
    """Claude Code's settings cannot be read or changed. They are as they were."""


class UnusableSettingsError(ClaudeSettingsError):
    """The settings cannot be read or written, or are no good JSON."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            f"Claude Code's settings {printable(str(path))} cannot be used: {reason}",
            "Nothing was changed. Correct the file, or check that it can be read and written.",
        )


class SettingsChangedError(ClaudeSettingsError):
    """The settings are not any more as they were shown."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{printable(str(path))} has changed in the meantime",
            "Nothing was written. Try again to see what would change now.",
        )


class ValueChange(NamedTuple):
    """What a setting is and what it is going to be; None is not set."""

    key: str
    before: object
    after: object


class Undone(NamedTuple):
    """A backup that is gone back to.

    Attributes:
        has_more: There is something in it that does not come back, as it was changed otherwise
            since; so it is kept.
    """

    backup: Path
    has_more: bool


@dataclass(frozen=True, slots=True)
class SettingsChange:
    """A change of Claude Code's settings, made only when it is applied.

    Attributes:
        folder: The data folder in which they are.
        before: What is in the file now, or None where it is not there.
        after: What would be in it, or None where it would be removed.
        values: The settings that change.
        undone: The backups it goes back to, if it is a way back.
        new_key: The setting that it gives a new value, after which a backup is called; "" where it
            only goes back, and needs none.
    """

    folder: Path
    before: str | None
    after: str | None
    values: tuple[ValueChange, ...] = ()
    undone: tuple[Undone, ...] = ()
    new_key: str = ""

    @property
    def path(self) -> str:
        """The file, as text that can be shown."""
        return printable(str(self.folder / SETTINGS_FILE))

    @property
    def is_nothing(self) -> bool:
        """Whether it leaves everything as it is."""
        return self.before == self.after

    @property
    def has_other_changes(self) -> bool:
        """Whether the file was changed otherwise since, which a way back keeps."""
        return any(undone.has_more for undone in self.undone)

    def value(self, key: str) -> ValueChange | None:
        """Return how a setting changes, or None where it does not."""
        return next((value for value in self.values if value.key == key), None)

    def followed_by(self, other: SettingsChange) -> SettingsChange:
        """Return this change and another one of its outcome as one."""
        values = {value.key: value for value in self.values}
        for value in other.values:
            first = values.get(value.key, value)
            values[value.key] = first._replace(after=value.after)
        return SettingsChange(
            self.folder,
            self.before,
            other.after,
            tuple(values.values()),
            self.undone + other.undone,
            other.new_key or self.new_key,
        )

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
            raise UnusableSettingsError(
                path, "it is a link to a file that does not exist"
            ) from None
        return None
    except UnicodeDecodeError:
        raise UnusableSettingsError(path, "it is not valid UTF-8") from None
    except OSError as error:
        raise UnusableSettingsError(path, error.strerror or str(error)) from error


def parsed(path: Path, text: str | None) -> Members:
    """Return the members of the settings; an empty file has none.

    Raises:
        ClaudeSettingsError: If they are no JSON object.
    """
    try:
        return members(filled(text))
    except ValueError as error:
        raise UnusableSettingsError(path, f"it is not valid JSON: {error}") from None


def setting(folder: Path, key: str) -> object:
    """Return what a setting is, or None where it is not set.

    Raises:
        ClaudeSettingsError: If the settings cannot be read, or are no good JSON.
    """
    path = folder / SETTINGS_FILE
    return value_of(parsed(path, read_settings(path)).last(key))


def setting_changed(folder: Path, key: str, value: object) -> SettingsChange:
    """Return the change that gives a setting a value.

    Args:
        folder: Claude's data folder.
        key: The setting.
        value: What it shall be.

    Raises:
        ClaudeSettingsError: If the settings cannot be read, or are no good JSON.
    """
    return text_changed(folder, read_settings(folder / SETTINGS_FILE), key, value)


def text_changed(folder: Path, before: str | None, key: str, value: object) -> SettingsChange:
    """Return the change of a text of settings that gives a setting a value; None takes it away.

    Raises:
        ClaudeSettingsError: If the text is no good JSON.
    """
    known = parsed(folder / SETTINGS_FILE, before).last(key)
    is_so = known is not None and known.value == value and not isinstance(known.value, bool)
    if is_so or (value is None and known is None):
        after = before
    elif value is None:
        after = without_member(filled(before), key)
    else:
        after = with_member(filled(before), key, as_member(value, before))
    values = (ValueChange(key, value_of(known), value),)
    return SettingsChange(folder, before, after, values, new_key=key)


def as_member(value: object, text: str | None) -> str:
    """Return a value as JSON, laid out as a member of these settings."""
    newline = "\r\n" if text is not None and "\r\n" in text else "\n"
    lines = json.dumps(value, indent=_INDENT, ensure_ascii=False)
    return lines.replace("\n", newline + " " * _INDENT)


def apply_change(change: SettingsChange, now: datetime) -> Path | None:
    """Write the settings; before a change, not before a way back, make a backup beside them.

    Args:
        change: What to write.
        now: What the backup is called after.

    Returns:
        The backup, or None where none was needed.

    Raises:
        ClaudeSettingsError: If it cannot be written, or the file has changed meanwhile. The
            settings are as they were then.
    """
    path = change.folder / SETTINGS_FILE
    if change.is_nothing:
        return None
    if read_settings(path) != change.before:
        raise SettingsChangedError(path)
    backup = None
    try:
        new = change.value(change.new_key)
        if new is not None:
            backup = back_up(path, change.before, new.key, new.after, now)
        _write(path, change.after)
    except OSError as error:
        if backup is not None:
            backup.unlink(missing_ok=True)
        raise UnusableSettingsError(path, error.strerror or str(error)) from error
    for undone in change.undone:
        with suppress(OSError):  # it stays, and would be gone back to once more
            retire(undone.backup, has_more=undone.has_more)
    return backup


def value_of(member: Member | None) -> object:
    """Return what a member of the settings is, or None without one."""
    return None if member is None else member.value


def filled(text: str | None) -> str:
    """Return a text in which there is an object, if it is empty."""
    return text if text is not None and text.strip("\ufeff \t\r\n") else "{}\n"


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
