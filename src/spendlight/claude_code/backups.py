"""Keeps what was in Claude Code's settings before each change, in files beside them."""

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
"""Names of backups say which setting was changed, and a number that it was set to. So what the
user changed otherwise is never taken for a change of ours."""

_ABSENT: Final = "-absent"
"""Ends the name of a backup that says that there was no file."""


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

    @property
    def is_absent(self) -> bool:
        """Whether there was no file."""
        return self.path.name.endswith(_ABSENT)


def backups_of(folder: Path) -> list[Backup]:
    """Return the backups in a data folder, the latest first."""
    try:
        names = os.listdir(folder)  # noqa: PTH208  # names are all it takes
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
    """Write the settings beside themselves, under a name that was not there before.

    Args:
        path: The settings.
        text: What is in them; None where they are not there.
        key: The setting that is going to change.
        value: What it is going to be.
        now: What the backup is called after.

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


def retire(backup: Path, *, has_more: bool) -> None:
    """Take a backup away that was gone back to; keep what is in it and nowhere else.

    Raises:
        OSError: If it cannot be.
    """
    if has_more:
        backup.replace(backup.with_name(backup.name.replace(".backup-", ".undone-")))
    else:
        backup.unlink()
