"""The answers that a pass has written itself: copies of them need not be looked for in the ledger.

Each part of a first scan would otherwise search all that was written by the parts before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from spendlight.metering.settling import AnswerSet

MOST_ANSWERS: Final = 50_000
"""So many are remembered, in a few bytes each; beyond, the ledger is searched as usual."""


class KnownAnswers:
    """What one pass has written into the ledger, through one connection.

    Attributes:
        chunks: The first and the last number of chunks; all answers in these are known.
    """

    __slots__ = ("_count", "_db", "_sets", "_version", "chunks")

    def __init__(self) -> None:
        self.chunks: list[tuple[int, int]] = []
        self._sets: list[AnswerSet] = []
        self._count = 0
        self._db: sqlite3.Connection | None = None
        self._version = 0

    def begin(self, connection: sqlite3.Connection) -> None:
        """Forget everything if anybody else has written meanwhile. Within a transaction."""
        (version,) = connection.execute("PRAGMA data_version").fetchone()
        if connection is not self._db or version != self._version:
            self.__init__()  # type: ignore[misc]  # from the beginning
        self._db, self._version = connection, version

    def has_any(self, lists: Sequence[bytes]) -> bool:
        """Return whether some answers, in packed lists, are among them."""
        together = [b"".join(lists)]
        return any(known.common(together) for known in self._sets)

    def add(self, answers: AnswerSet, first: int, last: int) -> None:
        """Add what was written: all answers, and the chunks that hold nothing else."""
        self._count += len(answers)
        if self._count > MOST_ANSWERS:
            self.chunks, self._sets = [], []
        else:
            self._sets.append(answers)
            if self.chunks and self.chunks[-1][1] == first - 1:
                first, _ = self.chunks.pop()
            self.chunks.append((first, last))
