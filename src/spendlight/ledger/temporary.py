"""Temporary ledgers, which replace one that cannot be used: where they are and who uses them.

They are kept where programs keep their state, otherwise in the cache, otherwise among the temporary
files. Each is in its own folder with a lock, which a process holds as long as it uses the ledger.
If nobody holds the lock, the ledger was left behind: by a crash, or because something in it exists
nowhere else. The next process that can use the real ledger takes its contents over.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Final
from zlib import crc32

from spendlight import paths
from spendlight.errors import LedgerError
from spendlight.ledger.backups import FOLDER
from spendlight.ledger.checking import translated_errors
from spendlight.ledger.connection import connect_to
from spendlight.ledger.page_seals import LOCK_SUFFIX, SUFFIX
from spendlight.regular_files import read_regular

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

ENOUGH_BYTES: Final = 64 << 20
"""A folder with this much free space is preferred: a million answers need it."""

_OF: Final = "ledger.txt"
"""Names the ledger that this one replaces."""

_MOST_BYTES: Final = 64 << 10
_LOCK: Final = "lock"
_PARTS: Final = ("", "-wal", "-shm", "-journal", SUFFIX, LOCK_SUFFIX)
_UNREADABLE: Final = "unreadable-"


class TemporaryLedger:
    """A temporary ledger, and the right to use it.

    Attributes:
        path: Its file.
        folder: The folder of that file alone.
        parent: The parent, which may hold several such folders.
    """

    def __init__(self, folder: Path, lock: sqlite3.Connection) -> None:
        self.path = paths.ledger_path(folder)
        self.folder = folder
        self.parent = folder.parent
        self._lock = lock

    def leave(self) -> None:
        """Stop using it. If something in it exists nowhere else, it stays for the next process."""
        if _is_spare(self.path):
            self.remove()
        else:
            self._lock.close()

    def remove(self) -> None:
        """Delete it, as everything in it exists elsewhere; the lock last."""
        for part in _PARTS:
            with suppress(OSError):
                self.path.with_name(self.path.name + part).unlink(missing_ok=True)
        self._lock.close()
        for name in ("colors.json", _OF, *(_LOCK + part for part in _PARTS)):
            with suppress(OSError):
                (self.folder / name).unlink(missing_ok=True)
        with suppress(OSError):  # it was repaired
            (self.folder / FOLDER / "lock").unlink()
        for folder in (self.folder / FOLDER, self.folder, self.parent):
            with suppress(OSError):  # something else is in it
                folder.rmdir()

    def put_aside(self) -> Path:
        """Move it where it will not be found again, as part of it is unreadable; return where."""
        self._lock.close()
        aside = self.folder.with_name(f"{_UNREADABLE}{self.folder.name}")
        try:
            return self.folder.rename(aside)
        except OSError:
            return self.folder


def left_behind(ledger: Path) -> Iterator[TemporaryLedger]:
    """Yield a ledger's temporary ledgers that nobody uses; the caller then holds them."""
    start = _start_of(ledger)
    for parent in _parents():
        try:
            names = os.listdir(parent)  # noqa: PTH208  # done at each start, usually in vain
        except OSError:
            continue
        for name in sorted(names):
            if name.startswith(start):
                found = _hold(parent / name, ledger)
                if found is not None:
                    yield found


def make(ledger: Path, failed: Collection[Path] = ()) -> TemporaryLedger | None:
    """Return a new temporary ledger, or one that was left behind; None if no folder can hold one.

    Args:
        ledger: The one that it replaces.
        failed: Folders that turned out to be unusable.
    """
    for found in left_behind(ledger):
        if found.parent not in failed:
            return found
        found.leave()
    import tempfile  # rarely needed

    parents = [parent for parent in _parents() if parent not in failed]
    for parent in sorted(parents, key=lambda parent: _room(parent) < ENOUGH_BYTES):
        try:
            if parent.parent == paths.temp_dir():
                paths.make_own(parent.parent)
            parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder = parent / os.path.basename(  # noqa: PTH119  # as it was made
                tempfile.mkdtemp(prefix=_start_of(ledger), dir=parent)
            )
            (folder / _OF).write_bytes(_name_of(ledger))
        except OSError:
            continue
        held = _hold(folder, ledger, is_new=True)
        if held is not None:
            return held
    return None


def _hold(folder: Path, ledger: Path, *, is_new: bool = False) -> TemporaryLedger | None:
    """Return the temporary ledger in a folder if it belongs to this ledger and nobody uses it."""
    try:
        if read_regular(folder / _OF, _MOST_BYTES) != _name_of(ledger):
            return None
        lock = sqlite3.connect(
            folder / _LOCK, timeout=0, isolation_level=None, check_same_thread=False
        )
    except (OSError, sqlite3.Error):
        return None
    try:
        lock.execute("BEGIN IMMEDIATE")
    except sqlite3.Error:
        lock.close()
        return None
    held = TemporaryLedger(folder, lock)
    if is_new or held.path.is_file():
        return held
    held.remove()  # left by a crash while it was being created or removed
    return None


def _parents() -> list[Path]:
    """Return where temporary ledgers may be: only where no other user can have put them."""
    parents = paths.temporary_ledgers()
    shared = paths.temp_dir()
    is_free = paths.is_own(shared) or not os.path.lexists(shared)
    return [parent for parent in parents if is_free or parent.parent != shared]


def _room(parent: Path) -> int:
    """Return the free space, in bytes, in the file system of a folder that may not exist yet."""
    import shutil  # rarely needed

    for folder in (parent, *parent.parents):
        with suppress(OSError):
            return shutil.disk_usage(folder).free
    return 0


def _is_spare(path: Path) -> bool:
    """Return whether all entries of a ledger are still in the logs, and it has no alerts."""
    if not path.is_file():
        return True
    try:
        with translated_errors(path), closing(connect_to(path)) as connection:
            files = connection.execute(
                "SELECT path, size, mtime_ns, inode FROM files"
                " WHERE id IN (SELECT file FROM chunks UNION SELECT file FROM problems"
                " UNION SELECT file FROM described_blocks)"
            ).fetchall()
            told = connection.execute(
                "SELECT EXISTS (SELECT 1 FROM delivered_alerts)"
                " OR EXISTS (SELECT 1 FROM alert_log) OR EXISTS (SELECT 1 FROM alert_state)"
            ).fetchone()[0]
    except LedgerError:
        return False
    return not told and all(map(_is_as_read, files))


def _is_as_read(file: tuple[str, int, int, int]) -> bool:
    """Return whether a log looks as it did when it was read to its end."""
    name, *state = file
    try:
        status = os.stat(name)  # noqa: PTH116  # a name as the ledger has it
    except (OSError, ValueError):
        return False
    return [status.st_size, status.st_mtime_ns, status.st_ino] == state


def _name_of(ledger: Path) -> bytes:
    return os.fsencode(os.path.realpath(ledger)) + b"\n"


def _start_of(ledger: Path) -> str:
    """Return what the names of the folders begin with."""
    return f"{crc32(_name_of(ledger)):08x}-"
