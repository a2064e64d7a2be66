"""Which files and segments of entries were imported, so that none is read twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from spendlight.values import NamedTuple

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

_FILES: Final = "imported_file:"
"""The prefix in ``meta`` of the hash of a file that was imported as a whole."""


_SEGMENTS: Final = "team_segment:"
"""The prefix in ``meta`` of a segment of another machine of the team whose entries were taken in,
before the key of this machine and the segment's path."""


class ImportedFile(NamedTuple):
    """What identifies a file that was imported.

    Attributes:
        importer: The key of the machine that imported it, as its own entries were skipped.
        size: In bytes.
        digest: The hash of its contents.
    """

    importer: str
    size: int
    digest: str


def is_size_known(connection: sqlite3.Connection, importer: str, size: int) -> bool:
    """Return whether any file of this size was imported: if not, it need not be hashed."""
    start = f"{_FILES}{importer}:{size}"
    return (
        connection.execute(
            "SELECT 1 FROM meta WHERE key > ? AND key < ? LIMIT 1", (start + ":", start + ";")
        ).fetchone()
        is not None
    )


def imported_file(connection: sqlite3.Connection, file: ImportedFile) -> str | None:
    """Return what was noted about a file, or None if it was not imported."""
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (_key(file),)).fetchone()
    return None if row is None else str(row[0])


def note_imported_file(connection: sqlite3.Connection, file: ImportedFile, what: str) -> None:
    """Remember a file that was imported as a whole. Within a transaction."""
    connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (_key(file), what))


def kept_segments(connection: sqlite3.Connection, importer: str) -> set[str]:
    """Return the paths of the segments of a team whose entries were taken in."""
    start = _segment_key(importer, "")
    rows = connection.execute(
        "SELECT SUBSTR(key, ?) FROM meta WHERE key >= ? AND key < ?",
        (len(start) + 1, start, f"{start[:-1]};"),
    )
    return {path for (path,) in rows}


def note_kept_segments(connection: sqlite3.Connection, importer: str, paths: Iterable[str]) -> None:
    """Remember segments of a team whose entries were taken in. Within a transaction."""
    connection.executemany(
        "INSERT OR REPLACE INTO meta VALUES (?, '')",
        ((_segment_key(importer, path),) for path in paths),
    )


def forget_imported_files(connection: sqlite3.Connection) -> None:
    """Have everything imported read again the next time. Within a transaction."""
    for start in (_FILES, _SEGMENTS):
        connection.execute("DELETE FROM meta WHERE SUBSTR(key, 1, ?) = ?", (len(start), start))


def _segment_key(importer: str, path: str) -> str:
    return f"{_SEGMENTS}{importer}:{path}"


def _key(file: ImportedFile) -> str:
    return f"{_FILES}{file.importer}:{file.size}:{file.digest}"
