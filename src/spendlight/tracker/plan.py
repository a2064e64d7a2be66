"""Keeps what Claude Code says of the plan's limits, and finds what holds now.

Each session has a file of its own, so that any number of status lines may write at once; which of
them counts is found when they are read.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from spendlight import paths
from spendlight.logs.usage_cache import cache_file, read_usage_cache
from spendlight.metering.plan import PlanReading, PlanSource, present, read_plan

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from spendlight.tracker.options import TrackerOptions

REPEATED_AFTER: Final = timedelta(seconds=30)
"""The same figures are written again so much later: each writing wakes the tray."""

KEPT_FOR: Final = timedelta(days=9)
"""A week's window and its end are over then."""

_SUFFIX: Final = ".json"
_MOST_CHARS: Final = 64
_PRIVATE_FILE: Final = 0o600
_PRIVATE_FOLDER: Final = 0o700
_FOLDERS_DOWN: Final = 2
"""A log stands in ``projects`` and there in the folder of its project."""


def note_limits(options: TrackerOptions, text: bytes, now: datetime) -> bool:
    """Keep what Claude Code handed to its status line, and return whether that was new.

    Whatever goes wrong, nothing is raised: the status line has another purpose.

    Args:
        options: Where things are kept.
        text: What came on stdin.
        now: The moment.
    """
    said = _decoded(text)
    readings = read_plan(said.get("rate_limits"), now)
    if not readings:
        return False
    folder = limits_folder(options)
    path = folder / f"{_file_name(said.get('session_id'))}{_SUFFIX}"
    home = _data_folder(said.get("transcript_path"))
    known = _readings_in(path)
    if known and _figures(known) == _figures(readings):
        age = now - known[0].seen_at
        if timedelta() <= age < REPEATED_AFTER and known[0].folder == home:
            return False
    try:
        _write(made_folder(options) / path.name, readings, home)
    except OSError:
        return False
    if not known:
        _clear(folder, now)
    return True


def limits_folder(options: TrackerOptions) -> Path:
    """Return where it is kept; nothing else is written there."""
    return (options.data_dir or paths.data_dir(options.environment)) / "plan"


def made_folder(options: TrackerOptions) -> Path:
    """Return where it is kept, and make that if need be.

    Raises:
        OSError: If it cannot be made.
    """
    folder = limits_folder(options)
    folder.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
    return folder


class _Seen(NamedTuple):
    size: int
    modified_ns: int
    readings: tuple[PlanReading, ...]


class PlanBook:
    """Finds what holds now; what has not changed is not read again. Any thread may ask."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: Mapping[Path, _Seen] = {}

    def present(self, homes: Iterable[str], now: datetime) -> tuple[PlanReading, ...]:
        """Return what holds now, one reading at most of each window.

        Args:
            homes: The data folders in effect.
            now: The moment.
        """
        here = {os.path.realpath(home): home for home in homes}
        seen: dict[Path, _Seen] = {}
        for path in self._files():
            self._look(path, seen, _readings_in)
        for real, home in here.items():
            self._look(cache_file(home), seen, lambda path, real=real: _cached_in(path, real))
        self._seen = seen
        readings = (one for file in seen.values() for one in file.readings)
        return present((one for one in readings if one.folder in here or not one.folder), now)

    def _files(self) -> list[Path]:
        try:
            names = os.listdir(self._folder)  # noqa: PTH208  # names are all it takes
        except OSError:
            return []
        return [self._folder / name for name in names if _is_ours(name)]

    def _look(self, path: Path, seen: dict[Path, _Seen], read: Any) -> None:  # noqa: ANN401  # a function of a path
        try:
            status = path.stat()
        except OSError:
            return
        known = self._seen.get(path)
        if known is None or known[:2] != (status.st_size, status.st_mtime_ns):
            known = _Seen(status.st_size, status.st_mtime_ns, read(path))
        seen[path] = known


def _readings_in(path: Path) -> tuple[PlanReading, ...]:
    """Return what a session's file says; one that is damaged says nothing."""
    try:
        said = _decoded(path.read_bytes())
    except OSError:
        return ()
    seen_at = _moment(said.get("seen_at"))
    folder = said.get("folder")
    if seen_at is None:
        return ()
    return read_plan(
        said.get("rate_limits"),
        seen_at,
        PlanSource.STATUS_LINE,
        folder if isinstance(folder, str) else "",
    )


def _cached_in(path: Path, home: str) -> tuple[PlanReading, ...]:
    cached = read_usage_cache(path)
    fetched_at = None if cached is None else _moment(cached.fetched_ms / 1_000)
    if cached is None or fetched_at is None:
        return ()
    return read_plan(cached.said, fetched_at, PlanSource.USAGE_CACHE, home)


def _write(path: Path, readings: Iterable[PlanReading], home: str) -> None:
    """Put a session's file in its place at once."""
    readings = tuple(readings)
    limits = {
        one.window.value: {
            "used_percentage": one.percent,
            "resets_at": one.resets_at and int(one.resets_at.timestamp()),
        }
        for one in readings
    }
    said = {"seen_at": readings[0].seen_at.timestamp(), "folder": home, "rate_limits": limits}
    new = path.with_name(f".{path.stem}.{os.getpid()}")
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _PRIVATE_FILE)
    try:
        with open(handle, "w", encoding="utf-8") as file:  # noqa: PTH123  # a handle
            json.dump(said, file)
        new.replace(path)
    except OSError:
        new.unlink(missing_ok=True)
        raise


def _clear(folder: Path, now: datetime) -> None:
    """Remove the files of sessions that nobody will ask about any more, and what broke off."""
    before = (now - KEPT_FOR).timestamp()
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.stat(follow_symlinks=False).st_mtime < before:
                Path(entry.path).unlink(missing_ok=True)


def _decoded(text: bytes) -> dict[str, Any]:
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _figures(readings: Iterable[PlanReading]) -> list[tuple[object, ...]]:
    return [(one.window, one.percent, one.resets_at) for one in readings]


def _file_name(session: object) -> str:
    """Return what a session's file is called; ids are letters, digits and hyphens."""
    text = session if isinstance(session, str) else ""
    is_plain = text.isascii() and text.replace("-", "").replace("_", "").isalnum()
    return text if is_plain and len(text) <= _MOST_CHARS else "other"


def _is_ours(name: str) -> bool:
    return name.endswith(_SUFFIX) and not name.startswith(".")


def _data_folder(transcript: object) -> str:
    """Return the data folder in which a session's log stands; "" where it stands elsewhere."""
    if not isinstance(transcript, str) or not transcript or "\0" in transcript:
        return ""
    above = Path(transcript).parents
    if len(above) <= _FOLDERS_DOWN or above[_FOLDERS_DOWN - 1].name != "projects":
        return ""
    return os.path.realpath(above[_FOLDERS_DOWN])


def _moment(seconds: object) -> datetime | None:
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None
