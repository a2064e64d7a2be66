"""Predicts what Claude Code's own cleanup deletes, and after how many days.

Claude Code deletes a session's log when it has not changed for ``cleanupPeriodDays``. It checks for
such logs about once a day, when it starts, in all projects. So far, it does not delete logs of
subagents in their own folders.
"""

from __future__ import annotations

import json
import os
import re
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from spendlight.claude_code.backups import SETTINGS_FILE
from spendlight.claude_code.keeping import KEY, whole_days
from spendlight.claude_code.members import members
from spendlight.claude_code.settings import (
    MOST_BYTES,
    ClaudeSettingsError,
    parsed,
    read_settings,
)
from spendlight.logs.agent import printable
from spendlight.logs.claude_code.agent import LOG_SUFFIX, projects_of
from spendlight.regular_files import open_regular, read_regular

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from spendlight.logs.agent import LogRoot
    from spendlight.logs.discovery import LogFile

DEFAULT_DAYS: Final = 30
"""How long Claude Code keeps logs by default."""

MANAGED_FOLDERS: Final = {
    "darwin": "/Library/Application Support/ClaudeCode",
    "win32": "C:\\Program Files\\ClaudeCode",
}
_OTHER_MANAGED_FOLDER: Final = "/etc/claude-code"
_MANAGED_FILE: Final = "managed-settings.json"
_MANAGED_PARTS: Final = "managed-settings.d"
_PROJECT_FILES: Final = ("settings.json", "settings.local.json")

_LAST_RUN_FILE: Final = ".last-cleanup"

_HEAD_BYTES: Final = 65_536
"""The working directory of a session is in its first lines."""

_WORKING_FOLDER: Final = re.compile(rb'"cwd":\s*("(?:[^"\\]|\\.)*")')


class DaysOrigin(StrEnum):
    """Where it is set how long logs are kept."""

    DEFAULT = "default"
    """Nowhere: it is Claude Code's default."""
    USER = "user"
    """The user's settings."""
    MANAGED = "managed"
    """The settings of an organisation, which only that can change."""


class Override(NamedTuple):
    """Settings that override the user's.

    Attributes:
        path: The file.
        is_managed: Whether it is an organisation's, which always applies; otherwise a project's,
            which applies to the logs of all projects whenever a session in that project cleans up.
    """

    path: str
    days: int
    is_managed: bool


@dataclass(frozen=True, slots=True)
class Retention:
    """How long Claude Code keeps its logs.

    Attributes:
        settings_path: The user's settings, whether they exist or not.
        days: The number of days, or None if the settings cannot be parsed.
        origin: Where it is set.
        overrides: Other settings that override it.
        problem: What is wrong with the user's settings, one sentence, or "".
    """

    settings_path: str
    days: int | None
    origin: DaysOrigin
    overrides: tuple[Override, ...]
    problem: str


def retention(
    folder: Path, working_folders: Iterable[str] = (), managed: Path | None = None
) -> Retention:
    """Return how long the logs in one of Claude's data folders are kept.

    Args:
        folder: The data folder.
        working_folders: The working directories of sessions, which may have project settings.
        managed: The folder of an organisation's settings; by default Claude Code's.
    """
    path = folder / SETTINGS_FILE
    days, problem = _user_days(path)
    origin = DaysOrigin.DEFAULT if days is None else DaysOrigin.USER
    overrides = list(_managed(managed or _managed_folder()))
    if overrides:
        days, origin = overrides[-1].days, DaysOrigin.MANAGED
    elif days is None and not problem:
        days = DEFAULT_DAYS
    overrides += _of_projects(working_folders, path)
    return Retention(printable(str(path)), days, origin, tuple(overrides), problem)


def has_logs(root: LogRoot) -> bool:
    """Whether any project has the log of a session; stops at the first one."""
    try:
        with os.scandir(projects_of(root)) as projects:
            folders = [entry.path for entry in projects if entry.is_dir(follow_symlinks=False)]
    except OSError:
        return False
    return any(map(_has_log, folders))


def session_logs(files: Iterable[LogFile]) -> list[LogFile]:
    """Return the logs that the cleanup checks, in the order in which it deletes them."""
    found = [file for file in files if file.relative_path.count("/") == 1]
    return sorted(found, key=lambda file: (file.mtime_ns, file.name))


def working_folders(files: Iterable[LogFile]) -> tuple[str, ...]:
    """Return the working directories of sessions, from the latest log of each project."""
    latest: dict[str, LogFile] = {}
    for file in session_logs(files):
        latest[file.relative_path.partition("/")[0]] = file
    found = (_working_folder(file.path) for file in latest.values())
    return tuple(sorted({folder for folder in found if folder}))


def last_run(folder: Path) -> datetime | None:
    """Return when the cleanup last ran, or None if unknown."""
    try:
        at = datetime.fromisoformat(
            read_regular(folder / _LAST_RUN_FILE, _HEAD_BYTES).decode().strip()
        )
    except (OSError, ValueError):
        return None
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)


def _has_log(folder: str) -> bool:
    try:
        with os.scandir(folder) as entries:
            return any(entry.name.endswith(LOG_SUFFIX) for entry in entries)
    except OSError:
        return False


def _user_days(path: Path) -> tuple[int | None, str]:
    try:
        found = parsed(path, read_settings(path)).last(KEY)
    except ClaudeSettingsError as error:
        return None, f"{error.title}."
    if found is None:
        return None, ""
    days = whole_days(found.value)
    if days is None:
        return None, f"{KEY} is {found.value!r} there, which Claude Code does not accept."
    return days, ""


def _managed_folder() -> Path:
    return Path(MANAGED_FOLDERS.get(sys.platform, _OTHER_MANAGED_FOLDER))


def _managed(folder: Path) -> Iterator[Override]:
    """Yield an organisation's settings; of several files the last one counts."""
    try:
        parts = sorted(os.listdir(folder / _MANAGED_PARTS))  # noqa: PTH208  # only names are needed
    except OSError:
        parts = []
    named = (folder / _MANAGED_PARTS / part for part in parts if part.endswith(".json"))
    for path in (folder / _MANAGED_FILE, *named):
        days = _days_in(path)
        if days is not None:
            yield Override(printable(str(path)), days, is_managed=True)


def _of_projects(folders: Iterable[str], user: Path) -> Iterator[Override]:
    for folder in folders:
        for name in _PROJECT_FILES:
            path = Path(folder, ".claude", name)
            days = _days_in(path)
            if days is not None and not _is_same(path, user):
                yield Override(printable(str(path)), days, is_managed=False)


def _days_in(path: Path) -> int | None:
    """Return the number of days in other settings; None if they cannot be read."""
    try:
        found = members(read_regular(path, MOST_BYTES).decode()).last(KEY)
    except (OSError, ValueError):
        return None
    return None if found is None else whole_days(found.value)


def _is_same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False


def _working_folder(log: str) -> str:
    try:
        with open_regular(log) as file:
            found = _WORKING_FOLDER.search(file.read(_HEAD_BYTES))
        return "" if found is None else str(json.loads(found[1]))
    except (OSError, ValueError):
        return ""
