"""Keeps what logs say about sessions beside their answers: titles and pull requests."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from spendlight.ledger.attribution_tables import PULL_REQUEST
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
    "SELECT s.project_path, s.session, {columns} FROM session_notes t JOIN files f ON f.id = t.file"
    " JOIN sessions s ON s.id = f.session WHERE t.session = ''"
)
_NAMED: Final = (
    "SELECT s.project_path, s.session, {columns} FROM session_notes t JOIN files f ON f.id = t.file"
    " JOIN sessions s ON s.root = f.root AND s.session = t.session WHERE t.session != ''"
)
_TITLE: Final = "t.kind, f.mtime_ns, t.offset, t.text"
_PULL_REQUEST: Final = "f.mtime_ns, t.offset, t.key, t.number, t.text"

ARE_TITLES: Final = f"kind <> {PULL_REQUEST}"
ARE_PULL_REQUESTS: Final = f"kind = {PULL_REQUEST}"

SIGNED: Final = {
    ARE_TITLES: "session, kind, key, offset, text",
    ARE_PULL_REQUESTS: "session, key, offset, number, text",
}
"""What is signed in the rows of ``session_notes``, by the condition that selects them; not the
file, as a log may get another number."""

_ADD: Final = "INSERT INTO session_notes VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO"


def sign_all(connection: sqlite3.Connection) -> None:
    """Sign what was written before there were signatures. Within a transaction."""
    for condition, columns in SIGNED.items():
        connection.execute(
            f"UPDATE session_notes SET signature = sign_row({columns}) WHERE {condition}"  # noqa: S608  # ours
        )


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
    if connection.execute("SELECT 1 FROM session_notes LIMIT 1").fetchone():
        connection.executemany(
            "DELETE FROM session_notes WHERE file = ?", ((number,) for number in reread)
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
        f"{_ADD} UPDATE SET"
        " offset = excluded.offset, text = excluded.text, signature = excluded.signature"
        " WHERE excluded.offset >= offset",
        (
            (*row, None, sign_row(*row[1:]))
            for row in ((*key, told.offset, told.title) for key, told in titles.items())
        ),
    )
    connection.executemany(
        f"{_ADD} NOTHING",
        (
            (
                *(file, session, PULL_REQUEST, url, told.offset, told.repository, told.number),
                sign_row(session, url, told.offset, told.number, told.repository),
            )
            for (file, session, url), told in requests.items()
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
        "SELECT offset, session, kind, text FROM session_notes WHERE file = ? AND session = ''"  # noqa: S608  # ours
        f" AND {ARE_TITLES} ORDER BY kind DESC, offset DESC",
        (file,),
    ).fetchall()
    newest = {row[2]: row for row in reversed(titles)}
    best = next((newest[kind] for kind in sorted(newest, reverse=True) if newest[kind][3]), None)
    requests = connection.execute(
        "SELECT key FROM session_notes WHERE file = ? AND session = ''"  # noqa: S608  # ours
        f" AND {ARE_PULL_REQUESTS} ORDER BY offset, key",
        (file,),
    )
    title = None if best is None else SessionTitle(best[0], "", TitleKind(best[2]), best[3])
    return title, [url for (url,) in requests]


def notes_of(
    connection: sqlite3.Connection, scope: Scope, sessions: Collection[str] | None = None
) -> SessionNotes:
    """Return what is known of sessions beside their usage; see `LedgerReader.session_notes`."""
    return SessionNotes(
        _titles(_rows(connection, ARE_TITLES, _TITLE, scope, sessions)),
        _pull_requests(_rows(connection, ARE_PULL_REQUESTS, _PULL_REQUEST, scope, sessions)),
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
    which: str,
    columns: str,
    scope: Scope,
    sessions: Collection[str] | None,
) -> Iterator[Sequence[Any]]:
    condition = f" AND t.{which}"
    parameters: list[str] = []
    if scope.roots is not None:
        condition += " AND s.root IN (SELECT value FROM json_each(?))"
        parameters.append(json.dumps(sorted(scope.roots)))
    if sessions is not None:
        condition += " AND s.session IN (SELECT value FROM json_each(?))"
        parameters.append(json.dumps(sorted(sessions)))
    for statement in (_OWN, _NAMED):
        yield from connection.execute(statement.format(columns=columns) + condition, parameters)
