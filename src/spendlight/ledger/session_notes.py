"""Keeps what logs say about sessions beside their answers: titles and pull requests."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from spendlight.ledger.signing import sign_row
from spendlight.metering.session_notes import (
    CalledAgent,
    PullRequest,
    SessionNotes,
    SessionTitle,
    TitleKind,
)

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from spendlight.ledger.machines import Scope
    from spendlight.metering.session_notes import SessionKey, SessionNote

_OWN: Final = (
    "SELECT s.project_path, s.session, {columns} FROM {table} t JOIN files f ON f.id = t.file"
    " JOIN sessions s ON s.id = f.session WHERE t.session = ''"
)
_NAMED: Final = (
    "SELECT s.project_path, s.session, {columns} FROM {table} t JOIN files f ON f.id = t.file"
    " JOIN sessions s ON s.root = f.root AND s.session = t.session WHERE t.session != ''"
)
_TITLE: Final = "t.kind, f.mtime_ns, t.offset, t.title"
_PULL_REQUEST: Final = "f.mtime_ns, t.offset, t.url, t.number, t.repository"


COLUMNS: Final = {
    "session_titles": "session, kind, leaf, offset, title",
    "pull_requests": "session, url, offset, number, repository",
}
"""The tables and what is signed in their rows; not the file, as a log may get another number."""

TABLES: Final = tuple(COLUMNS)


def sign_all(connection: sqlite3.Connection) -> None:
    """Sign what was written before there were signatures. Within a transaction."""
    for table, columns in COLUMNS.items():
        connection.execute(f"UPDATE {table} SET signature = sign_row({columns})")  # noqa: S608  # ours


def note(
    connection: sqlite3.Connection,
    reread: Collection[int],
    notes: Iterable[tuple[int, SessionNote]],
) -> None:
    """Store what logs say about sessions. Within a transaction.

    Args:
        connection: Where to write.
        reread: Files that were read from their beginning: what was known of them is void.
        notes: What was read, with the file's number, in any order.
    """
    for table in TABLES:
        if connection.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone():  # noqa: S608  # ours
            connection.executemany(
                f"DELETE FROM {table} WHERE file = ?",  # noqa: S608  # ours
                ((number,) for number in reread),
            )
    titles: dict[tuple[int, str, int, str], SessionTitle] = {}
    requests: dict[tuple[int, str, str], PullRequest] = {}
    called: list[CalledAgent] = []
    for file, told in notes:
        if isinstance(told, CalledAgent):
            called.append(told)
        elif isinstance(told, SessionTitle):
            of_title = (file, told.session, int(told.kind), told.leaf)
            if of_title not in titles or titles[of_title].offset <= told.offset:
                titles[of_title] = told
        else:
            of_request = (file, told.session, told.url)
            if of_request not in requests or requests[of_request].offset > told.offset:
                requests[of_request] = told
    connection.executemany(
        "INSERT INTO session_titles VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
        " offset = excluded.offset, title = excluded.title, signature = excluded.signature"
        " WHERE excluded.offset >= offset",
        (
            (*row, sign_row(*row[1:]))
            for row in ((*key, told.offset, told.title) for key, told in titles.items())
        ),
    )
    connection.executemany(
        "INSERT OR IGNORE INTO pull_requests VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            (*row, sign_row(*row[1:]))
            for row in (
                (*key, told.offset, told.number, told.repository) for key, told in requests.items()
            )
        ),
    )
    if called:
        from spendlight.ledger.name_facts import note_called  # few logs call subagents

        note_called(connection, called)


def notes_in(connection: sqlite3.Connection, file: int) -> tuple[SessionTitle | None, list[str]]:
    """Return the best title that a log gives to its own session, and its pull requests' addresses.

    A title that was taken back counts as none of its kind.
    """
    titles = connection.execute(
        "SELECT offset, session, kind, title FROM session_titles WHERE file = ? AND session = ''"
        " ORDER BY kind DESC, offset DESC",
        (file,),
    ).fetchall()
    newest = {row[2]: row for row in reversed(titles)}
    best = next((newest[kind] for kind in sorted(newest, reverse=True) if newest[kind][3]), None)
    requests = connection.execute(
        "SELECT url FROM pull_requests WHERE file = ? AND session = '' ORDER BY offset, url",
        (file,),
    )
    title = None if best is None else SessionTitle(best[0], "", TitleKind(best[2]), best[3])
    return title, [url for (url,) in requests]


def notes_of(
    connection: sqlite3.Connection, scope: Scope, sessions: Collection[str] | None = None
) -> SessionNotes:
    """Return what is known of sessions beside their usage; see `LedgerReader.session_notes`."""
    return SessionNotes(
        _titles(_rows(connection, "session_titles", _TITLE, scope, sessions)),
        _pull_requests(_rows(connection, "pull_requests", _PULL_REQUEST, scope, sessions)),
    )


def _titles(rows: Iterable[Sequence[Any]]) -> dict[SessionKey, str]:
    """Return the titles of sessions that have one.

    A title of a higher kind wins; among those of one kind the newest, that is, the last one in the
    log that was written last. If that is empty, the kind has none.
    """
    newest: dict[tuple[SessionKey, int], tuple[int, int, str]] = {}
    for path, session, kind, mtime_ns, offset, title in rows:
        of_kind, found = ((path, session), kind), (mtime_ns, offset, title)
        if of_kind not in newest or found > newest[of_kind]:
            newest[of_kind] = found
    best: dict[SessionKey, tuple[int, str]] = {}
    for (key, kind), (*_, title) in newest.items():
        if title and (key not in best or kind > best[key][0]):
            best[key] = kind, title
    return {key: title for key, (_, title) in best.items()}


def _pull_requests(rows: Iterable[Sequence[Any]]) -> dict[SessionKey, tuple[PullRequest, ...]]:
    found: dict[SessionKey, dict[str, PullRequest]] = {}
    for path, session, _, offset, url, number, repository in sorted(
        rows, key=lambda row: tuple(row[2:5])
    ):
        of_session = found.setdefault((path, session), {})
        of_session.setdefault(url, PullRequest(offset, session, url, number, repository))
    return {key: tuple(each.values()) for key, each in found.items()}


def _rows(
    connection: sqlite3.Connection,
    table: str,
    columns: str,
    scope: Scope,
    sessions: Collection[str] | None,
) -> Iterator[Sequence[Any]]:
    condition = ""
    parameters: list[str] = []
    if scope.roots is not None:
        condition += " AND s.root IN (SELECT value FROM json_each(?))"
        parameters.append(json.dumps(sorted(scope.roots)))
    if sessions is not None:
        condition += " AND s.session IN (SELECT value FROM json_each(?))"
        parameters.append(json.dumps(sorted(sessions)))
    for statement in (_OWN, _NAMED):
        yield from connection.execute(
            statement.format(table=table, columns=columns) + condition, parameters
        )
