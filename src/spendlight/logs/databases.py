"""Reads an SQLite database of another program without disturbing that program.

Nothing is ever written, nor are any files made beside the database, and no lock is taken that a
writer would have to wait for:

- While `WRITE_AHEAD` has contents, the database is opened with SQLite's ``readonly_shm``: readers
  of such a database do not keep anybody from writing. If the file in which readers and writers
  agree is missing, nobody uses the database, and it is a copy that is read.
- Otherwise all contents are in the database. It is read as if it never changed, which takes no
  lock, and what was read is used only if it has not changed meanwhile.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from spendlight.logs.appended_lines import fingerprint
from spendlight.logs.discovery import state_of
from spendlight.logs.parsed import ParsedRange
from spendlight.logs.sources import WRITE_AHEAD
from spendlight.metering.entry import LineProblem
from spendlight.regular_files import open_regular

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from spendlight.logs.jobs import ReadJob

_SHARED: Final = "-shm"
_JOURNAL: Final = "-journal"
_JOURNAL_BEGINS: Final = bytes.fromhex("d9d505f920a163d7")
"""How a rollback journal begins that is needed, see "Database File Format", section 3."""

_MAGIC_BYTES: Final = 16
"""How many bytes of a database identify it as one."""

_PATIENCE_S: Final = 0.2
"""How long to wait for another program; the next pass tries again."""

_MOST_COPIED: Final = 4 << 30
"""A larger database is not copied."""

_STARTED_OVER: Final = 0
_CONTINUED: Final = 1
"""Where reading began: in the latter case, what is known of the database stays valid."""

_PASSING: Final = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_SCHEMA,
    }
)
"""Errors that may be gone in the next pass, although the database has not changed."""

_DAMAGED: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


class InUseError(Exception):
    """Another program is changing the database; its text says how that was noticed."""


class DatabaseReading:
    """What is being read from a database.

    Args:
        parsed: The result.
        db: The connection, in a transaction.

    Attributes:
        state: What was remembered when it was read the last time, if anything.
    """

    def __init__(self, parsed: ParsedRange, db: sqlite3.Connection) -> None:
        self.parsed = parsed
        self.db = db
        self.state = parsed.job.state

    def columns(self, table: str) -> set[str]:
        """Return the names of a table's columns; none if there is no such table."""
        rows = self.db.execute("SELECT name FROM pragma_table_info(?)", (table,))
        return {name for (name,) in rows}

    def start_over(self) -> None:
        """Say that everything is read, whatever was remembered."""
        self.parsed.start = _STARTED_OVER


def read_database(job: ReadJob, read: Callable[[DatabaseReading], None]) -> ParsedRange:
    """Return what is in a database.

    A database that cannot be read now is tried again in the next pass; one that is damaged, or of a
    form that is not known, when it has changed. What could be read of it counts.

    Args:
        job: The database.
        read: Reads it, and stores what it found and what to remember in the result.
    """
    parsed = ParsedRange(job, _CONTINUED, _MAGIC_BYTES, job.fingerprint or 0, state=job.state)
    try:
        with open(job.path, "rb", buffering=0) as file:  # noqa: PTH123  # as logs are read
            parsed.fingerprint = fingerprint(file, _MAGIC_BYTES)
        with _opened(job.path) as db:
            read(DatabaseReading(parsed, db))
    except InUseError as error:
        return _failed(job, str(error))
    except OSError as error:
        return _failed(job, error.strerror or str(error))
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        if code in _PASSING:
            return _failed(job, str(error))
        kind = "the database is damaged" if code in _DAMAGED else "its tables have an unknown form"
        parsed.problems = [*parsed.problems, LineProblem(job.name, 0, f"{kind}: {error}")]
        parsed.state = None
    return parsed


def _failed(job: ReadJob, reason: str) -> ParsedRange:
    """Return that a database cannot be read now; what was remembered is kept."""
    end = 0 if job.fingerprint is None else _MAGIC_BYTES
    parsed = ParsedRange(job, _CONTINUED, end, job.fingerprint or 0, state=job.state)
    parsed.failure = reason
    return parsed


@contextmanager
def _opened(path: str) -> Iterator[sqlite3.Connection]:
    """Open a database that others may be using.

    Raises:
        InUseError: If what was read cannot be relied upon.
        OSError, sqlite3.Error: If it cannot be read.
    """
    _refuse_hot_journal(path)
    if not _size(path + WRITE_AHEAD):
        before = _states(path)
        with _connected(path, "immutable=1") as db:
            try:
                yield db
            except sqlite3.Error as error:  # perhaps of two states at once
                _refuse_change(path, before, error)
                raise
        _refuse_change(path, before)
    elif os.path.exists(path + _SHARED):  # noqa: PTH110  # text
        with _connected(path, "readonly_shm=1") as db:
            yield db
    else:
        with tempfile.TemporaryDirectory() as folder:
            copy = _copied(path, folder)
            with _connected(copy, "") as db:
                yield db


@contextmanager
def _connected(path: str, how: str) -> Iterator[sqlite3.Connection]:
    uri = f"{Path(path).absolute().as_uri()}?mode=ro&{how}"
    connection = sqlite3.connect(uri, uri=True, timeout=_PATIENCE_S, isolation_level=None)
    with closing(connection) as db:
        db.text_factory = _text
        for pragma in ("query_only = 1", "trusted_schema = 0", "cell_size_check = 1"):
            db.execute(f"PRAGMA {pragma}")
        db.execute("BEGIN")
        yield db


def _text(text: bytes) -> str:
    return text.decode("utf-8", "replace")


def _copied(path: str, folder: str) -> str:
    """Copy a database that nobody has opened, with what belongs to it."""
    before = _states(path)
    if sum(state[0] for state in before if state) > _MOST_COPIED:
        message = "it was left unfinished, and is too large to be copied"
        raise InUseError(message)
    copy = os.path.join(folder, "copy.db")  # noqa: PTH118  # text
    for beside in ("", WRITE_AHEAD):
        shutil.copyfile(path + beside, copy + beside)
    _refuse_change(path, before)
    return copy


def _refuse_hot_journal(path: str) -> None:
    try:
        with open_regular(path + _JOURNAL) as file:
            begins = file.read(len(_JOURNAL_BEGINS))
    except FileNotFoundError:
        return
    if begins == _JOURNAL_BEGINS:
        message = "another program is changing it, or was interrupted while it did"
        raise InUseError(message)


def _refuse_change(path: str, before: object, cause: Exception | None = None) -> None:
    if _states(path) != before:
        message = "it was changed while it was read"
        raise InUseError(message) from cause


def _states(path: str) -> list[tuple[int, int, int] | None]:
    """Return the sizes and times of a database and of what belongs to it."""
    found: list[tuple[int, int, int] | None] = []
    for beside in ("", WRITE_AHEAD, _JOURNAL):
        try:
            found.append(state_of(os.stat(path + beside)))  # noqa: PTH116  # text
        except FileNotFoundError:
            found.append(None)
    return found


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size  # noqa: PTH116  # text
    except FileNotFoundError:
        return 0
