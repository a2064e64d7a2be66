"""Backups of the ledger, made daily and before a migration, to replace it if it is damaged."""

from __future__ import annotations

import errno
import os
import sqlite3
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from spendlight.errors import LedgerReplacedError
from spendlight.ledger import page_seals
from spendlight.ledger.checking import (
    UNREADABLE,
    broken_structure,
    damage,
    demand_sound,
    translated_errors,
)
from spendlight.ledger.connection import connect_to
from spendlight.ledger.locking import alone
from spendlight.ledger.private_files import file_at
from spendlight.ledger.schema import SCHEMA, SIGNS
from spendlight.metering.log_names import file_of
from spendlight.values import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

KEPT: Final = 7
EVERY: Final = timedelta(days=1)
FOLDER: Final = "backups"

_LOCK_TIMEOUT_S: Final = 20.0
_PRIVATE_FILE: Final = 0o600
_PARTS: Final = ("", "-wal", "-shm", "-journal", page_seals.SUFFIX)
_STAMP: Final = "%Y-%m-%d-%H%M%S"
_DAILY: Final = "ledger-{}.sqlite3"
_MIGRATION: Final = "pre-migration-schema-{}.sqlite3"
_UNFINISHED: Final = ".unfinished"


class Backup(NamedTuple):
    """A copy of the ledger, and when it was made."""

    made_at: datetime
    path: Path


class Recovery(NamedTuple):
    """How a damaged ledger was replaced.

    Attributes:
        kept: Where the damaged file is now, or None if it was gone.
        made_at: When the backup that replaced it was made, or None if there was no good one.
        unsaved: Logs of which the damaged ledger held more than the backup does, or None if
            that can no longer be determined.
    """

    kept: Path | None
    made_at: datetime | None
    unsaved: tuple[str, ...] | None


def back_up(path: Path, now: datetime) -> Path | None:
    """Copy the ledger if the last copy is a day old and something has changed since.

    Others may write to it meanwhile. The last seven daily copies are kept.

    Returns:
        The new copy, or None if none was due.

    Raises:
        OSError: If the copy cannot be written.
        LedgerCorruptError: If the ledger turns out to be damaged.
        LedgerBusyError: If another process keeps it locked.
        LedgerUnusableError: If it cannot be read or copied.
    """
    if not is_due(path, now):
        return None
    with alone_with_backups(path):
        if not is_due(path, now) or not has_changed(path):
            return None
        copy = path.parent / FOLDER / _DAILY.format(now.astimezone(UTC).strftime(_STAMP))
        with _finishing(copy) as unfinished, translated_errors(path):
            copy_whole(path, unfinished)
            if damage(unfinished):
                demand_sound(path)
                raise OSError(errno.EIO, "the copy is damaged, though the ledger is not")
        others = [backup for backup in daily(path) if backup.path != copy]
        for old in others[KEPT - 1 :]:
            old.path.unlink()
        return copy


def copy_before_migration(path: Path, schema: int) -> None:
    """Copy a ledger of an earlier schema before it is migrated; this copy is kept.

    Raises:
        OSError: If the copy cannot be written.
        sqlite3.Error: If the ledger cannot be copied.
    """
    with alone_with_backups(path):
        copy = path.parent / FOLDER / _MIGRATION.format(schema)
        with _finishing(copy) as unfinished:
            copy_whole(path, unfinished)
            if _schema(unfinished) != schema:  # another process was faster
                unfinished.unlink()


def copy_whole(source: Path, target: Path, journal_mode: str = "DELETE") -> None:
    """Copy a consistent snapshot of a database to a new or empty file.

    Whoever renames it into place waits for the disk, so SQLite need not.

    Raises:
        sqlite3.Error: If it cannot be read, or the copy cannot be written.
    """
    with closing(connect_to(source)) as whole, closing(sqlite3.connect(target)) as copy:
        copy.execute("PRAGMA synchronous = OFF")
        whole.backup(copy)
        copy.execute(f"PRAGMA journal_mode = {journal_mode}")


def daily(path: Path) -> list[Backup]:
    """Return the daily copies of a ledger, the latest first."""
    found = []
    with suppress(FileNotFoundError):
        for file in (path.parent / FOLDER).iterdir():
            made_at = _made_at(file.name)
            if made_at is not None:
                found.append(Backup(made_at, file))
    return sorted(found, reverse=True)


def _made_at(name: str) -> datetime | None:
    """Return when a daily copy was made, from its name; None for other files."""
    start, _, end = _DAILY.partition("{}")
    day, _, time = name.removeprefix(start).removesuffix(end).rpartition("-")
    try:  # strptime and regular expressions take long to load
        made_at = datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=UTC)
    except ValueError:
        return None
    return made_at if name == _DAILY.format(made_at.strftime(_STAMP)) else None


def recover(path: Path, now: datetime, unfit: tuple[int, int] | None = None) -> Recovery | None:
    """Move a damaged ledger aside, and put the last good backup in its place if there is one.

    Args:
        path: The ledger.
        now: The current time.
        unfit: A file that is to be moved aside though no damage can be found in it.

    Returns:
        What was done, or None if the ledger is sound: another process may have been faster.

    Raises:
        OSError: If files cannot be moved or written.
        LedgerBusyError: If another process keeps the ledger locked.
        LedgerUnusableError: If the ledger cannot be read.
    """
    with alone_with_backups(path):
        is_unfit = unfit is not None and file_at(path) == unfit
        if not is_unfit and not is_lost(path) and not damage(path):
            return None
        kept = quarantine(path, now) if path.exists() else None
        backup = restore(path)
        return Recovery(kept, backup and backup.made_at, _unsaved(kept, backup and backup.path))


def told(recovery: Recovery) -> LedgerReplacedError:
    """Return what the user should be told about a recovery."""
    return LedgerReplacedError(
        str(recovery.kept or ""),
        f"{recovery.made_at.astimezone():%Y-%m-%d %H:%M}" if recovery.made_at else "",
        has_lost=None if recovery.unsaved is None else _are_gone(recovery.unsaved),
    )


def is_lost(path: Path) -> bool:
    """Return whether the ledger is missing or empty although there are backups of it."""
    is_there = path.exists() and (not path.is_file() or path.stat().st_size > 0)
    return not is_there and bool(daily(path))


def quarantine(path: Path, now: datetime) -> Path:
    """Rename a damaged ledger and the files that belong to it; nothing is ever deleted.

    Raises:
        OSError: If it cannot be renamed.
    """
    stamp = now.astimezone(UTC).strftime(_STAMP)
    name = f"{path.stem}-corrupt-{stamp}"
    kept = path.with_name(name + path.suffix)
    number = 1
    while kept.exists():
        number += 1
        kept = path.with_name(f"{name}-{number}{path.suffix}")
    for part in reversed(_PARTS):  # the ledger itself last: once it is gone, all was moved
        with suppress(FileNotFoundError):
            path.with_name(path.name + part).rename(kept.with_name(kept.name + part))
    return kept


def restore(path: Path) -> Backup | None:
    """Restore a missing ledger from the last good backup.

    Returns:
        The backup, or None if there is no good one.

    Raises:
        OSError: If it cannot be written.
    """
    for flaw in (damage, broken_structure):  # what is damaged in one backup may be sound in another
        for backup in usable(path):
            try:
                if flaw(backup.path):
                    continue
                page_seals.forget(path)
                with _finishing(path) as unfinished:
                    copy_whole(backup.path, unfinished, journal_mode="WAL")
            except sqlite3.Error as error:
                raise OSError(str(error)) from error
            return backup
    return None


def usable(path: Path) -> Iterator[Backup]:
    """Yield the backups whose schema this version knows, the latest first."""
    for backup in sorted([*daily(path), *_before_migrations(path)], reverse=True):
        with suppress(sqlite3.Error):
            if 0 < _schema(backup.path) <= SCHEMA:
                yield backup


def is_due(path: Path, now: datetime) -> bool:
    """Return whether no copy is less than a day old; allows for a clock that was set back."""
    return all(abs(now - backup.made_at) >= EVERY for backup in daily(path))


def has_changed(path: Path) -> bool:
    """Return whether something was read since the last backup."""
    with translated_errors(path):
        mark = _mark(path)
    try:
        return all(mark != _mark(backup.path) for backup in daily(path)[:1])
    except sqlite3.Error:
        return True


def _mark(path: Path) -> tuple[object, ...]:
    """Return values that change whenever a pass reads something."""
    with closing(connect_to(path)) as connection:
        row: tuple[object, ...] = connection.execute(
            "SELECT COUNT(*), TOTAL(read_to), MAX(mtime_ns), (SELECT COUNT(*) FROM chunks),"
            " (SELECT MAX(id) FROM chunks) FROM files"
        ).fetchone()
        return row


def _before_migrations(path: Path) -> Iterator[Backup]:
    for schema in range(1, SCHEMA + 1):
        copy = path.parent / FOLDER / _MIGRATION.format(schema)
        with suppress(FileNotFoundError):
            yield Backup(datetime.fromtimestamp(copy.stat().st_mtime, UTC), copy)


def _schema(path: Path) -> int:
    with closing(connect_to(path)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _unsaved(damaged: Path | None, backup: Path | None) -> tuple[str, ...] | None:
    if damaged is None:
        return None
    try:
        known = _logs_in(damaged)
        saved = _logs_in(backup) if backup else {}
    except UNREADABLE:
        return None
    ends = {log.path: log.read_to for log in saved.values()}
    names = {  # the backup knows what a log was called whose name is damaged
        number: log.path if log.is_sound or number not in saved else saved[number].path
        for number, log in known.items()
    }
    return tuple(
        names[number] for number, log in known.items() if log.read_to > ends.get(names[number], 0)
    )


class _Log(NamedTuple):
    path: str
    read_to: int
    is_sound: bool


def _logs_in(path: Path) -> dict[int, _Log]:
    """Return the logs that a ledger file knows, by their numbers; the file may be damaged."""
    from spendlight.ledger.proving import signed_row  # nearly never needed

    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        has_signatures = connection.execute("PRAGMA user_version").fetchone()[0] >= SIGNS
        rows = connection.execute("SELECT id, path, read_to FROM files").fetchall()
        return {
            number: _Log(
                name,
                read_to,
                not has_signatures or signed_row(connection, "files", number) is not None,
            )
            for number, name, read_to in rows
        }


@contextmanager
def _finishing(path: Path) -> Iterator[Path]:
    """Yield a new file to write to; it is renamed into place once it is complete."""
    unfinished = path.with_name(path.name + _UNFINISHED)
    parts = [unfinished.with_name(unfinished.name + part) for part in _PARTS]
    for part in parts:  # left by a crash
        part.unlink(missing_ok=True)
    try:
        os.close(os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_EXCL, _PRIVATE_FILE))
        yield unfinished
        if unfinished.exists():
            _sync(unfinished)
            unfinished.replace(path)
            _sync(path.parent)
    finally:
        for part in parts:
            part.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    """Wait until what was written is on the disk."""
    if path.is_dir() and os.name == "nt":
        return  # Windows cannot sync folders
    number = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(number)
    finally:
        os.close(number)


@contextmanager
def alone_with_backups(path: Path) -> Iterator[None]:
    """Keep other processes from making or restoring backups."""
    with alone(path.parent / FOLDER / "lock", _LOCK_TIMEOUT_S):
        yield


def _are_gone(logs: Iterable[str]) -> bool:
    return not all(map(os.path.exists, map(file_of, logs)))
