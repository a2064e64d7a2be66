"""Which files of entries were imported, so that the same file is not read twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import sqlite3

_FILES: Final = "imported_file:"
"""The prefix in ``meta`` of the hash of a file that was imported as a whole."""


def imported_file(connection: sqlite3.Connection, digest: str) -> str | None:
    """Return what was noted about a file, or None if it was not imported.

    Args:
        connection: Where to look.
        digest: The hash of its contents.
    """
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (_FILES + digest,)).fetchone()
    return None if row is None else str(row[0])


def note_imported_file(connection: sqlite3.Connection, digest: str, what: str) -> None:
    """Remember a file that was imported as a whole. Within a transaction."""
    connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (_FILES + digest, what))


def forget_imported_files(connection: sqlite3.Connection) -> None:
    """Have every file read again when it is imported next. Within a transaction."""
    connection.execute("DELETE FROM meta WHERE SUBSTR(key, 1, ?) = ?", (len(_FILES), _FILES))
