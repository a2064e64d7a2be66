"""Backups of Claude Code's settings before each change, in files beside them."""

from __future__ import annotations

import os
import re
import shutil
import stat
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

SETTINGS_FILE: Final = "settings.json"

_NAME: Final = re.compile(
    r"settings\.json\.backup-(?P<made>\d{8}-\d{6})(?:-(?P<number>\d+))?"
    r"(?:-(?P<key>(?!absent)[A-Za-z]+)(?:-(?P<value>\d+))?)?(-absent)?"
)
"""The names of backups contain the setting that was changed, and the number it was set to. So
changes by the user are never mistaken for ours."""

_ABSENT: Final = "-absent"
"""The end of the name of a backup which means that there was no file."""


@dataclass(frozen=True, slots=True, order=True)
class Backup:
    """The settings before one of our changes.

    Attributes:
        made: When, in UTC.
        number: Distinguishes those of the same second.
        path: The file.
        key: The setting that was changed; "" if its name does not say.
        value_set: The number that the setting was set to; None if it was not a number.
    """

    made: str
    number: int
    path: Path
    key: str
    value_set: int | None

    @property
    def is_absent(self) -> bool:
        """Whether there was no file."""
        return self.path.name.endswith(_ABSENT)


def backups_of(folder: Path) -> list[Backup]:
    """Return the backups in a data folder, the latest first."""
    try:
        names = os.listdir(folder)  # noqa: PTH208  # only names are needed
    except OSError:
        return []
    found = []
    for name in names:
        match = _NAME.fullmatch(name)
        if match:
            made, number, value = match["made"], int(match["number"] or 1), match["value"]
            value_set = None if value is None else int(value)
            found.append(Backup(made, number, folder / name, match["key"] or "", value_set))
    return sorted(found, key=lambda backup: (backup.made, backup.number), reverse=True)


def back_up(path: Path, text: str | None, key: str, value: object, now: datetime) -> Path:
    """Write a backup of the settings beside them, under a new name.

    Args:
        path: The settings.
        text: Their contents; None if they do not exist.
        key: The setting that will be changed.
        value: Its new value.
        now: The time in the name of the backup.

    Raises:
        OSError: If it cannot be written.
    """
    made = f"{now.astimezone(UTC):%Y%m%d-%H%M%S}"
    taken = [backup.number for backup in backups_of(path.parent) if backup.made == made]
    name = f"{SETTINGS_FILE}.backup-{made}"
    if taken:
        name += f"-{max(taken) + 1}"
    name += f"-{key}"
    if isinstance(value, int):
        name += f"-{value}"
    backup = path.with_name(name + (_ABSENT if text is None else ""))
    # A private file must not be readable by others even for a moment.
    mode = 0o600 if text is None else stat.S_IMODE(path.stat().st_mode)
    handle = os.open(backup, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with open(handle, "wb") as file:  # noqa: PTH123  # a descriptor
        file.write((text or "").encode())
        file.flush()
        os.fsync(file.fileno())
    if text is not None:
        shutil.copymode(path, backup)
    return backup


def retire(backup: Path, *, has_more: bool) -> None:
    """Remove a backup that was restored; if it has contents that were not restored, rename it.

    Raises:
        OSError: If that fails.
    """
    if has_more:
        backup.replace(backup.with_name(backup.name.replace(".backup-", ".undone-")))
    else:
        backup.unlink()
