"""Reads the messages of OpenCode and Kilo, from their databases and documents."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from spendlight.logs.databases import read_database
from spendlight.logs.documents import read_document
from spendlight.logs.found_usage import (
    BadValueError,
    FoundUsage,
    as_count,
    as_dollars,
    as_moment,
    as_object,
    as_text,
)
from spendlight.logs.lenient_json import decode
from spendlight.logs.parsed import SessionUsage
from spendlight.metering.attribution import Attribution
from spendlight.metering.entry import IS_SIDECHAIN, SessionName, TokenCounts
from spendlight.metering.project_names import project_of
from spendlight.metering.session_names import UNKNOWN_PROJECT
from spendlight.metering.session_notes import CalledAgent

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from spendlight.logs.databases import DatabaseReading
    from spendlight.logs.jobs import ReadJob
    from spendlight.logs.parsed import ParsedRange

_ASSISTANT: Final = b'"assistant"'

_OVERLAP_MS: Final = 60_000
"""Messages that changed up to this long before the last known one are read again: several processes
write, and each looks at the clock before it does."""


_MOST_OPEN: Final = 10_000
"""A message changes only while less than so many were added after it. There is no index of times,
and looking at all of them, ten times a second while an answer arrives, would take too long."""


class Session(NamedTuple):
    """What is known of a session.

    Attributes:
        parent: The id of the session that started it as a subagent, if any did.
        folder: Its working folder.
        title: Its title, made by a model or by the user.
        version: The version of the agent that made it.
    """

    id: str
    parent: str = ""
    folder: str = ""
    title: str = ""
    version: str = ""


def parse(job: ReadJob) -> ParsedRange:
    """Read a database or a document."""
    if not job.path.endswith(".json"):
        return read_database(job, _read_database)
    return read_document(job, job.agent, _add_document)


def _add_document(document: Mapping[str, Any], found: FoundUsage) -> None:
    """Add what a document says: a message, or a session."""
    if "role" in document:
        session = Session(as_text(document.get("sessionID")))
        if document["role"] == "assistant" and session.id:
            key = as_text(document.get("id"))
            folder = _add_message(document, key, session, found, flags=IS_SIDECHAIN)
            found.owner = _name(session._replace(folder=folder)) if folder else None
    elif "directory" in document:
        session = Session(
            as_text(document.get("id")),
            as_text(document.get("parentID")),
            as_text(document.get("directory")),
        )
        found.title(document.get("title"))
        if session.id:
            found.owner = _name(session)


def _add_message(  # noqa: PLR0913  # where it is from, and what it is
    message: Mapping[str, Any],
    key: str,
    session: Session,
    found: FoundUsage,
    *,
    offset: int = 0,
    flags: int = 0,
) -> str:
    """Add the usage of an assistant's message, if it has any; return its working folder.

    Documents count only if the database has no copy of the message: they are the older copies.

    Raises:
        BadValueError: If a value is impossible.
    """
    path = as_object(message.get("path"), "path")
    folder = as_text(path.get("cwd")) or session.folder
    counts = message.get("tokens")
    if counts is None:  # not answered yet
        return folder
    tokens, reasoning = _tokens(as_object(counts, "tokens"))
    cost = as_dollars(message.get("cost"), "cost")
    if not tokens.total and cost is None:  # aborted, or only started a subagent
        return folder
    if not as_text(message.get("providerID")):
        error = "it names no provider"
        raise BadValueError(error)
    if not key:
        error = "it has no id"
        raise BadValueError(error)
    found.add(
        key,
        as_moment(as_object(message.get("time"), "time").get("created"), "time.created"),
        as_text(message.get("modelID")),
        tokens,
        offset=offset,
        reasoning=reasoning,
        recorded_cost=cost,
        told=Attribution(
            folder=folder, agent=session.id if session.parent else "", version=session.version
        ),
        flags=flags,
    )
    if session.parent:
        kind = as_text(message.get("agent")) or as_text(message.get("mode"))
        found.notes.append(CalledAgent(offset, "", session.id, kind))
    return folder


def _tokens(counts: Mapping[str, Any]) -> tuple[TokenCounts, int]:
    """Return the tokens of a message, and how many of its output are beside what it calls output.

    The reasoning is part of ``output`` or beside it, depending on version and provider: a ``total``
    tells. Where it is higher than the kinds together, the rest is output of no named kind. Without
    a total the reasoning is taken to be beside it, as in ccusage. What is part of ``output`` is not
    told apart from the rest of it: ccusage's JSON has the ``output`` of the message, too.

    Raises:
        BadValueError: If one is impossible.
    """
    cache = as_object(counts.get("cache"), "tokens.cache")
    output, reasoning = (as_count(counts.get(kind), kind) for kind in ("output", "reasoning"))
    tokens = TokenCounts(
        as_count(counts.get("input"), "input"),
        output,
        as_count(cache.get("write"), "cache.write"),
        0,
        as_count(cache.get("read"), "cache.read"),
    )
    if counts.get("total") is None:
        beside = reasoning
    else:
        beside = max(0, as_count(counts["total"], "total") - tokens.total)
    return tokens._replace(output=output + beside), beside


def _name(session: Session) -> SessionName:
    project = project_of(session.folder) or UNKNOWN_PROJECT
    return SessionName(project, project, session.id)


def _read_database(reading: DatabaseReading) -> None:
    """Read the messages that are new in a database, or have changed."""
    parsed = reading.parsed
    since = _remembered(reading)
    if since is None:
        reading.start_over()
    last = since or (0, 0, "")
    sessions: dict[str, tuple[Session, FoundUsage]] = {}
    try:
        for session in _changed_sessions(reading, since):
            sessions[session.id] = session, FoundUsage(parsed.job, parsed.job.agent)
        for row, key, session_id, data, changed_ms in _messages(reading, since):
            last = max(last[0], changed_ms), *max(last[1:], (row, key))
            if _ASSISTANT not in data:
                continue
            if session_id not in sessions:
                told = _session(reading, session_id)
                sessions[session_id] = told, FoundUsage(parsed.job, parsed.job.agent)
            session, found = sessions[session_id]
            folder = _add_row(data, key, row, session, found)
            if folder and not session.folder:
                sessions[session_id] = session._replace(folder=folder), found
    finally:
        for session, found in sessions.values():
            found.title(session.title)
            parsed.problems += found.problems
            parsed.variants |= found.variants
            parsed.attributions = {**parsed.attributions, **found.attributions}
        parsed.of_sessions = [
            SessionUsage(_name(session), found.entries, found.notes)
            for session, found in sessions.values()
        ]
    parsed.state = json.dumps(last).encode()


def _add_row(data: bytes, key: str, row: int, session: Session, found: FoundUsage) -> str:
    """Add a message of a database; return its working folder, if it is known."""
    try:
        message = as_object(decode(data), "it")
        if message.get("role") == "assistant":
            return _add_message(message, key, session, found, offset=row)
    except (BadValueError, msgspec.DecodeError, UnicodeDecodeError) as error:
        found.problem(f"message {key}: {error}", row)
    return ""


def _remembered(reading: DatabaseReading) -> tuple[int, int, str] | None:
    """Return when a message changed last, and the last row and its id, if it is still there."""
    if reading.state is None or "time_updated" not in reading.columns("message"):
        return None
    changed_ms, row, key = json.loads(reading.state)
    is_there = "SELECT 1 FROM message WHERE rowid = ? AND id = ?"
    if reading.db.execute(is_there, (row, key)).fetchone() is None:
        return None
    return changed_ms, row, key


def _messages(
    reading: DatabaseReading, since: tuple[int, int, str] | None
) -> Iterator[tuple[int, str, str, bytes, int]]:
    """Yield the row, id, session, contents and time of change of messages."""
    changed = "time_updated" if "time_updated" in reading.columns("message") else "0"
    statement = f"SELECT rowid, id, session_id, CAST(data AS BLOB), {changed} FROM message"  # noqa: S608  # one of two texts
    if since is None:
        rows = reading.db.execute(statement)
    else:
        statement += " WHERE rowid > ? AND (time_updated >= ? OR rowid > ?)"
        bounds = (since[1] - _MOST_OPEN, since[0] - _OVERLAP_MS, since[1])
        rows = reading.db.execute(statement, bounds)
    for row, key, session, data, changed_ms in rows:
        yield row, str(key), str(session), data or b"", int(changed_ms or 0)


_SESSION_COLUMNS: Final = ("id", "parent_id", "directory", "title", "version")


def _changed_sessions(
    reading: DatabaseReading, since: tuple[int, int, str] | None
) -> Iterator[Session]:
    """Yield the sessions of which something has changed, such as the title."""
    if since is None or "time_updated" not in reading.columns("session"):
        return
    condition, value = "time_updated >= ?", since[0] - _OVERLAP_MS
    for row in reading.db.execute(_sessions_where(reading, condition), (value,)):
        yield Session._make(map(as_text, row))


def _session(reading: DatabaseReading, key: str) -> Session:
    """Return what the database says of a session."""
    if "id" not in reading.columns("session"):
        return Session(key)
    row = reading.db.execute(_sessions_where(reading, "id = ?"), (key,)).fetchone()
    return Session._make(map(as_text, row)) if row is not None else Session(key)


def _sessions_where(reading: DatabaseReading, condition: str) -> str:
    known = reading.columns("session")
    columns = (name if name in known else "''" for name in _SESSION_COLUMNS)
    return f"SELECT {', '.join(columns)} FROM session WHERE {condition}"  # noqa: S608  # our own names
