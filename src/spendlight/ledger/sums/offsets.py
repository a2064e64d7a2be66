"""For which offsets from UTC the sums of days are kept; with the first of them, those of blocks."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

_KEY: Final = "day_offsets"


def kept_offsets(connection: sqlite3.Connection) -> list[int]:
    """Return the offsets from UTC, in milliseconds, for which days are kept; the latest first."""
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (_KEY,)).fetchone()
    return json.loads(row[0]) if row else []


def are_blocks_kept(connection: sqlite3.Connection) -> bool:
    """Return whether blocks are kept: as soon as days are, for whatever offset."""
    return bool(kept_offsets(connection))


def note_offsets(connection: sqlite3.Connection, offsets: Sequence[int]) -> None:
    """Remember for which offsets from UTC, in milliseconds, days are kept; the latest first."""
    connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (_KEY, json.dumps(offsets)))
