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
"""A larger file is not a settings file."""

_INDENT: Final = 2


class ClaudeSettingsError(UsageError):
    """Claude Code's settings cannot be read or changed. They are then unchanged."""


class UnusableSettingsError(ClaudeSettingsError):
    """The settings cannot be read or written, or are not valid JSON."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            f"Claude Code's settings {printable(str(path))} cannot be used: {reason}",
            "Nothing was changed. Correct the file, or check that it can be read and written.",
        )


class SettingsChangedError(ClaudeSettingsError):
    """The settings have changed since they were shown."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{printable(str(path))} has changed in the meantime",
            "Nothing was written. Try again to see what would change now.",
        )


class ValueChange(NamedTuple):
    """The old and the new value of a setting; None means not set."""

    key: str
    before: object
    after: object


class Undone(NamedTuple):
    """A backup that is restored.

    Attributes:
        has_more: Whether some of its contents are not restored, as they were changed by others
            since; so it is kept.
    """

    backup: Path
    has_more: bool


@dataclass(frozen=True, slots=True)
class SettingsChange:
    """A change of Claude Code's settings, made only when it is applied.

    Attributes:
        folder: The data folder of the settings.
        before: The current contents of the file, or None if it does not exist.
        after: The new contents, or None if it would be removed.
        values: The settings that change.
        undone: The backups that it restores, if it is an undo.
        new_key: The setting that gets a new value, used in the name of the backup; "" for an undo,
            which needs no backup.
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
        """Whether it changes nothing."""
        return self.before == self.after

    @property
    def has_other_changes(self) -> bool:
        """Whether the file was changed by others since, which an undo keeps."""
        return any(undone.has_more for undone in self.undone)

    def value(self, key: str) -> ValueChange | None:
        """Return how a setting changes, or None if it does not."""
        return next((value for value in self.values if value.key == key), None)

    def followed_by(self, other: SettingsChange) -> SettingsChange:
        """Return this change and a following one as a single change."""
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
        """Return what changes, line by line; empty if nothing does."""
        from difflib import unified_diff  # rarely needed

        lines = unified_diff(
            (self.before or "").splitlines(),
            (self.after or "").splitlines(),
            "now" if self.before is not None else "now (no file)",
            "then" if self.after is not None else "then (no file)",
            lineterm="",
        )
        return "\n".join(lines)


def read_settings(path: Path) -> str | None:
    """Return the text of a settings file, or None if there is none.

    Raises:
        ClaudeSettingsError: If it cannot be read.
    """
    try:
        # As bytes first: reading text would convert line ends.
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
    """Parse the members of the settings; an empty file has none.

    Raises:
        ClaudeSettingsError: If they are not a JSON object.
    """
    try:
        return members(filled(text))
    except ValueError as error:
        raise UnusableSettingsError(path, f"it is not valid JSON: {error}") from None


def setting(folder: Path, key: str) -> object:
    """Return the value of a setting, or None if it is not set.

    Raises:
        ClaudeSettingsError: If the settings cannot be read, or are not valid JSON.
    """
    path = folder / SETTINGS_FILE
    return value_of(parsed(path, read_settings(path)).last(key))


def setting_changed(folder: Path, key: str, value: object) -> SettingsChange:
    """Return the change that sets a setting to a value.

    Args:
        folder: Claude's data folder.
        key: The setting.
        value: Its new value.

    Raises:
        ClaudeSettingsError: If the settings cannot be read, or are not valid JSON.
    """
    return text_changed(folder, read_settings(folder / SETTINGS_FILE), key, value)


def text_changed(folder: Path, before: str | None, key: str, value: object) -> SettingsChange:
    """Return the change of a settings text that sets a setting to a value; None removes it.

    Raises:
        ClaudeSettingsError: If the text is not valid JSON.
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
    """Return a value as JSON, indented as a member of these settings."""
    newline = "\r\n" if text is not None and "\r\n" in text else "\n"
    lines = json.dumps(value, indent=_INDENT, ensure_ascii=False)
    return lines.replace("\n", newline + " " * _INDENT)


def apply_change(change: SettingsChange, now: datetime) -> Path | None:
    """Write the settings; before a change, but not before an undo, make a backup beside them.

    Args:
        change: The change.
        now: The time in the name of the backup.

    Returns:
        The backup, or None if none was needed.

    Raises:
        ClaudeSettingsError: If it cannot be written, or the file has changed meanwhile. The
            settings are then unchanged.
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
        with suppress(OSError):  # it stays, and would be restored again
            retire(undone.backup, has_more=undone.has_more)
    return backup


def value_of(member: Member | None) -> object:
    """Return the value of a member, or None if there is no member."""
    return None if member is None else member.value


def filled(text: str | None) -> str:
    """Return a text, or an empty object if it is empty."""
    return text if text is not None and text.strip("\ufeff \t\r\n") else "{}\n"


def _write(path: Path, text: str | None) -> None:
    """Replace the file, or the target of a link, atomically."""
    target = Path(os.path.realpath(path))
    if text is None:
        target.unlink()
        return
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    new = Path(name)
    try:
        with open(handle, "wb") as file:  # noqa: PTH123  # a descriptor
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            status = target.stat()
            shutil.copymode(target, new)
            if hasattr(os, "chown"):
                with suppress(OSError):  # not everybody may change the owner
                    os.chown(new, status.st_uid, status.st_gid)
        new.replace(target)
    except OSError:
        new.unlink(missing_ok=True)
        raise
