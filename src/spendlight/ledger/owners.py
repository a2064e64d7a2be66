"""Which session an answer belongs to, apart from its path: the one it names, or that of a copy.

Sums follow the path of the copy that counts, so that each answer is in one session. A session that
is asked for by its id includes everything in its logs, whichever copy counts.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from spendlight.ledger import chunks
from spendlight.ledger.inserting import insert_rows
from spendlight.ledger.machines import path_below

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from spendlight.ledger.batches import NamedSession
    from spendlight.ledger.machines import Scope
    from spendlight.metering.entry import UsageEntry

_LAST_NAMED = (
    "SELECT session FROM named_sessions WHERE file = ? AND offset <= ? ORDER BY offset DESC LIMIT 1"
)


def note_sessions(
    connection: sqlite3.Connection, reread: Iterable[int], sessions: Iterable[NamedSession]
) -> None:
    """Store which sessions answers name. Within a transaction.

    Args:
        connection: Where to write.
        reread: Files that were read from their beginning: what was known of them is void.
        sessions: What was read, file by file, in the order of offsets.
    """
    if connection.execute("SELECT 1 FROM named_sessions LIMIT 1").fetchone():
        connection.executemany(
            "DELETE FROM named_sessions WHERE file = ?", ((number,) for number in reread)
        )
    for file, offset, name, is_later_part in sessions:
        row = connection.execute(_LAST_NAMED, (file, offset)).fetchone()
        if is_later_part or name != (row[0] if row else ""):
            connection.execute(
                "INSERT OR REPLACE INTO named_sessions VALUES (?, ?, ?)", (file, offset, name)
            )


def note_lost(
    connection: sqlite3.Connection,
    lost: Iterable[tuple[int, int, int, int]],
    session_of: Callable[[int], int],
) -> None:
    """Store which copies lost against one in another session's log. Within a transaction.

    Args:
        connection: Where to write.
        lost: For each copy its file, answer and offset, and the file it lost to; 0 if that is
            known to be another session's.
        session_of: Returns the session of a file.
    """
    lost = list(lost)
    files = {copy[0] for copy in lost} | {copy[3] for copy in lost} - {0}
    sessions = {file: session_of(file) for file in files}
    rows = [copy[:3] for copy in lost if not copy[3] or sessions[copy[0]] != sessions[copy[3]]]
    insert_rows(
        connection,
        "INSERT INTO lost_copies",
        sorted(rows),  # in the table's own order, as it is large
        "ON CONFLICT DO UPDATE SET offset = MIN(offset, excluded.offset)",
    )


def entries_of(
    connection: sqlite3.Connection, scope: Scope, session: str
) -> Iterator[tuple[int, list[UsageEntry]]]:
    """Yield everything in the logs of a session, each answer once, some of one session at a time.

    That is its logs by path, and the answers in others that name it. If an answer has several
    copies, the one that counts in the scope is taken, wherever it is.

    Args:
        connection: Where to read.
        scope: Which roots.
        session: The session's id.
    """
    files = _files_of(connection, scope, session)
    if not files:
        return
    numbers = ",".join(map(str, files))
    found: set[int] = set()
    elsewhere: set[int] = set()
    for chunk in chunks.load(connection, f"c.file IN ({numbers})"):
        mine: list[UsageEntry] = []
        for entry, shadow in zip(chunk.entries, chunk.shadows, strict=True):
            if not files[chunk.file].has(entry.offset):
                continue
            if shadow in scope.shadows:
                mine.append(entry)
                found.add(entry.answer)
            else:
                elsewhere.add(entry.answer)
        yield chunk.session, mine
    for file, answer, offset in connection.execute(
        f"SELECT file, answer, offset FROM lost_copies WHERE file IN ({numbers})"  # noqa: S608  # our own numbers
    ):
        if files[file].has(offset):
            elsewhere.add(answer)
    if elsewhere := elsewhere - found:
        yield from _counting(connection, scope, elsewhere)


def _counting(
    connection: sqlite3.Connection, scope: Scope, answers: set[int]
) -> Iterator[tuple[int, list[UsageEntry]]]:
    """Yield the copies of some answers that count in a scope."""
    from spendlight.ledger.answer_search import holding  # rarely needed

    holders = ",".join(map(str, holding(connection, answers)))
    for chunk in chunks.load(connection, f"c.id IN ({holders}){_within(scope)}"):
        yield (
            chunk.session,
            [
                entry
                for entry, shadow in zip(chunk.entries, chunk.shadows, strict=True)
                if entry.answer in answers and shadow in scope.shadows
            ],
        )


class _Share:
    """The part of a file that belongs to a session: all of it, or some ranges of offsets."""

    def __init__(self, runs: Sequence[tuple[int, bool]] = ()) -> None:
        self._starts = [start for start, _ in runs]
        self._is_mine = [False, *(is_mine for _, is_mine in runs)] if runs else [True]

    def has(self, offset: int) -> bool:
        """Whether the answer at this offset does."""
        return self._is_mine[bisect_right(self._starts, offset)]


def _files_of(connection: sqlite3.Connection, scope: Scope, session: str) -> dict[int, _Share]:
    """Return the files that hold answers of a session, and which part of each."""
    by_path = connection.execute(
        "SELECT f.id FROM files f JOIN sessions s ON s.id = f.session WHERE s.session = ?"  # noqa: S608  # our own numbers
        + _within(scope),
        (session,),
    )
    files = {number: _Share() for (number,) in by_path}
    runs: dict[int, list[tuple[int, bool]]] = {}
    for number, offset, name in connection.execute(
        "SELECT n.file, n.offset, n.session FROM named_sessions n JOIN files f ON f.id = n.file"  # noqa: S608  # as above
        " WHERE n.file IN (SELECT file FROM named_sessions WHERE session = ?)"
        f"{_within(scope)} ORDER BY n.file, n.offset",
        (session,),
    ):
        if number not in files:
            runs.setdefault(number, []).append((offset, name == session))
    return files | {number: _Share(found) for number, found in runs.items()}


def _within(scope: Scope) -> str:
    return "" if scope.roots is None else f" AND f.root IN ({','.join(map(str, scope.roots))})"


def first_logs_in(connection: sqlite3.Connection, scope: Scope) -> dict[tuple[str, str], str]:
    """Return the first log of each session by path, see `LedgerReader.first_logs`."""
    where = ""
    if scope.roots is not None:
        where = f" WHERE f.root IN ({','.join(map(str, scope.roots))})"  # our own numbers
    rows = connection.execute(
        "SELECT s.project_path, s.session, f.path, r.folder FROM files f"  # noqa: S608  # as above
        f" JOIN sessions s ON s.id = f.session JOIN roots r ON r.id = f.root{where}"
        " ORDER BY f.path DESC"
    )
    found: dict[tuple[str, str], str] = {}
    for project_path, session, path, folder in rows:
        found[project_path, session] = path_below(path, folder)
    return found
