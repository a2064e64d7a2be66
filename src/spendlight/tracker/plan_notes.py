"""Stores what Claude Code reports to its status line about the plan limits, unchanged.

Each session has its own file, so that any number of status lines can write at the same time; which
of them is valid is decided when they are read (`tracker.plan`). Each status line imports this
module, so it imports little.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from spendlight.errors import PlanFolderError
from spendlight.regular_files import read_regular

if TYPE_CHECKING:
    from datetime import datetime

    from spendlight.tracker.options import TrackerOptions

REPEATED_AFTER_S: Final = 30.0
"""Unchanged figures are written again only after this time, as each write wakes the tray."""

KEPT_FOR_S: Final = 9 * 86_400.0
"""By then the weekly window has ended."""

REPLACED_AFTER_S: Final = 86_400.0
"""Older reports do not count any more if there is a new one of the same windows."""

SUFFIX: Final = ".json"

_WINDOWS: Final = ("five_hour", "seven_day")
_FIGURES: Final = ("used_percentage", "resets_at")
_MOST_CHARS: Final = 64
_MOST_BYTES: Final = 64 << 10
"""A larger file is not one of ours."""
_PRIVATE_FILE: Final = 0o600
_PRIVATE_FOLDER: Final = 0o700
_FOLDERS_DOWN: Final = 2
"""A log is in its project's folder in ``projects``."""


def note_limits(options: TrackerOptions, text: bytes, now: datetime) -> bool:
    """Store what Claude Code passed to its status line; return whether it was new.

    Errors are ignored, as they must not break the status line.

    Args:
        options: Where data is kept.
        text: The input on stdin.
        now: The current time.
    """
    said = decoded(text)
    limits = _limits(said.get("rate_limits"))
    if not limits:
        return False
    path = limits_folder(options) / f"{_file_name(said.get('session_id'))}{SUFFIX}"
    known = read_note(path)
    note = {
        "seen_at": now.timestamp(),
        "heard_at": now.timestamp(),
        "folder": _data_folder(said.get("transcript_path")),
        "rate_limits": limits,
    }
    if _says_the_same(known, note):
        note["heard_at"] = known.get("heard_at", known.get("seen_at"))
    if _is_repeated(known, note):
        return False
    try:
        _write(made_folder(options) / path.name, note)
    except OSError:
        return False
    if not known:
        _clear(path.parent, note)
    return True


def limits_folder(options: TrackerOptions) -> Path:
    """Return the folder of these files; nothing else is written there."""
    return options.ledger_folder / "plan"


def made_folder(options: TrackerOptions) -> Path:
    """Return the folder of these files, and create it if needed.

    Raises:
        OSError: If it cannot be created.
    """
    folder = limits_folder(options)
    folder.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
    return folder


def watched_folder(options: TrackerOptions) -> Path:
    """Return the folder of these files, to be watched.

    Raises:
        PlanFolderError: If it does not exist and cannot be created.
    """
    try:
        return made_folder(options)
    except OSError as error:
        raise PlanFolderError(error.strerror or str(error)) from None


def read_note(path: Path) -> dict[str, Any]:
    """Return the contents of a session's file; empty if it is damaged."""
    try:
        return decoded(read_regular(path, _MOST_BYTES))
    except OSError:
        return {}


def decoded(text: bytes) -> dict[str, Any]:
    """Decode a JSON object; anything else gives an empty one."""
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _limits(said: object) -> dict[str, dict[str, Any]]:
    """Return what was reported about known windows, and nothing else."""
    if not isinstance(said, dict):
        return {}
    found = {name: said[name] for name in _WINDOWS if isinstance(said.get(name), dict)}
    return {
        name: {key: window[key] for key in _FIGURES if _is_plain(window.get(key))}
        for name, window in found.items()
        if _is_plain(window.get("used_percentage"))
    }


def _is_plain(value: object) -> bool:
    is_short = not isinstance(value, str) or len(value) <= _MOST_CHARS
    return isinstance(value, int | float | str) and is_short


def _is_repeated(known: dict[str, Any], note: dict[str, Any]) -> bool:
    seen_at = known.get("seen_at")
    if not isinstance(seen_at, float) or known != note | {"seen_at": seen_at}:
        return False
    age_s = float(note["seen_at"]) - seen_at
    return 0 <= age_s < REPEATED_AFTER_S


def _says_the_same(known: dict[str, Any], note: dict[str, Any]) -> bool:
    """Return whether a session repeats its last report, which it does without any news."""
    return all(known.get(part) == note[part] for part in ("folder", "rate_limits"))


def _write(path: Path, note: dict[str, Any]) -> None:
    """Write a session's file atomically."""
    new = path.with_name(f".{path.stem}.{os.getpid()}")
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _PRIVATE_FILE)
    try:
        with open(handle, "w", encoding="utf-8") as file:  # noqa: PTH123  # a descriptor
            json.dump(note, file)
        new.replace(path)
    except (OSError, ValueError) as error:  # ValueError: a number with too many digits
        new.unlink(missing_ok=True)
        raise OSError(str(error)) from error


def _clear(folder: Path, note: dict[str, Any]) -> None:
    """Remove the files that a new one makes obsolete, and unfinished ones."""
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            age_s = note["seen_at"] - entry.stat(follow_symlinks=False).st_mtime
            path = Path(entry.path)
            if age_s > KEPT_FOR_S or (age_s > REPLACED_AFTER_S and _replaces(note, path)):
                path.unlink(missing_ok=True)


def _replaces(note: dict[str, Any], path: Path) -> bool:
    """Return whether everything in a file is replaced by the new note."""
    old = read_note(path)
    windows = old.get("rate_limits", {})
    is_same = old.get("folder") == note["folder"]
    return is_same and isinstance(windows, dict) and windows.keys() <= note["rate_limits"].keys()


def _file_name(session: object) -> str:
    """Return the name of a session's file; ids consist of letters, digits and hyphens."""
    text = session if isinstance(session, str) else ""
    is_plain = text.isascii() and text.replace("-", "").replace("_", "").isalnum()
    return text if is_plain and len(text) <= _MOST_CHARS else "other"


def _data_folder(transcript: object) -> str:
    """Return the data folder of a session's log; "" if it is elsewhere."""
    if not isinstance(transcript, str) or not transcript or "\0" in transcript:
        return ""
    above = Path(transcript).parents
    if len(above) <= _FOLDERS_DOWN or above[_FOLDERS_DOWN - 1].name != "projects":
        return ""
    return os.path.realpath(above[_FOLDERS_DOWN])
