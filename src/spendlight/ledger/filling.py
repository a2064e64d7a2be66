"""Fills in what was recorded before it was kept: circumstances of answers, titles, types of agents.

The logs that are still there are read once more for that (`tracker.filling_in`). Nothing else in
the ledger changes, and each log is done in one transaction.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from spendlight.ledger import packed_chunks
from spendlight.ledger.answer_search import holding
from spendlight.ledger.attributions import CalledTools, note_attributions
from spendlight.ledger.machines import roots
from spendlight.ledger.name_facts import note_folders
from spendlight.ledger.session_notes import note
from spendlight.metering.attribution import NO_TOOLS, UNKNOWN
from spendlight.metering.entry import CLAUDE_CODE
from spendlight.metering.packed import with_circumstances

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping

    from spendlight.metering.attribution import Attribution, Tools
    from spendlight.metering.entry import UsageEntry
    from spendlight.metering.session_notes import SessionNote


class UnattributedLog(NamedTuple):
    """A log from which circumstances are still to be read.

    Attributes:
        number: Its number in the ledger.
        path: Its path.
        root: Its data folder.
        first_name: The file's own name when it was first read, if that was different.
        session: The session that its path names.
    """

    number: int
    path: str
    root: str
    first_name: str
    session: str


def logs_to_read(connection: sqlite3.Connection, today: int, count: int) -> list[UnattributedLog]:
    """Return some logs that are to be read and were not tried today. Within a transaction.

    Logs of other machines and agents are forgotten, as they cannot be read or say nothing.
    """
    own = [root.number for root in roots(connection) if not root.key and root.agent == CLAUDE_CODE]
    connection.execute(
        "DELETE FROM attribution_facts WHERE of = 'log' AND number NOT IN"  # noqa: S608  # our own numbers
        f" (SELECT id FROM files WHERE root IN ({','.join(map(str, own))}))"
    )
    rows = connection.execute(
        "SELECT f.id, f.path, r.folder, f.first_name, s.session FROM attribution_facts u"
        " JOIN files f ON f.id = u.number JOIN roots r ON r.id = f.root"
        " JOIN sessions s ON s.id = f.session WHERE u.of = 'log' AND u.value <> ?"
        " ORDER BY f.id DESC LIMIT ?",
        (today, count),
    )
    return list(map(UnattributedLog._make, rows))


def fill_in(  # noqa: PLR0913, PLR0917  # all that a log says
    connection: sqlite3.Connection,
    number: int,
    found: Iterable[UsageEntry],
    attributions: Mapping[int, Attribution],
    tools: Mapping[int, Tools],
    notes: Iterable[SessionNote] = (),
    *,
    is_of_this_machine: bool = True,
) -> None:
    """Write what a log says about the circumstances of its answers. Within a transaction.

    Args:
        connection: The ledger.
        number: The log's number.
        found: The answers in it.
        attributions: What they refer to, by number.
        tools: The tools that they called, by number.
        notes: What it says about sessions and subagents beside its answers.
        is_of_this_machine: Whether the folders are, so that their repositories can be found.
    """
    note(connection, (), ((number, told) for told in notes))
    if is_of_this_machine:
        note_folders(connection, {told.folder for told in attributions.values()})
    known = {(entry.answer, entry.request): entry for entry in found}
    if known:
        note_attributions(connection, attributions, tools)
        called = CalledTools(connection)
        answers = {entry.answer for entry in known.values() if entry.tools > NO_TOOLS}
        for chunk in packed_chunks.load(connection, _chunks_with(connection, number, answers)):
            is_own = chunk.packed.file == number
            entries = chunk.packed.entries()
            filled = [
                _filled(entry, known.get((entry.answer, entry.request)), called, is_own=is_own)
                for entry in entries
            ]
            if filled != entries:
                packed = with_circumstances(
                    chunk.packed,
                    [entry.attribution for entry in filled],
                    [entry.tools for entry in filled],
                )
                packed_chunks.rewrite(connection, chunk, packed, chunk.shadows)
    connection.execute("DELETE FROM attribution_facts WHERE of = 'log' AND number = ?", (number,))


def _chunks_with(connection: sqlite3.Connection, number: int, answers: set[int]) -> set[int]:
    """Return the chunks of a log, and others of its root that hold copies of some answers."""
    own = connection.execute("SELECT id FROM chunks WHERE file = ?", (number,)).fetchall()
    found = {chunk for (chunk,) in own}
    if answers:
        rows = connection.execute(
            "SELECT c.id FROM json_each(?) e JOIN chunks c ON c.id = e.value"
            " JOIN files f ON f.id = c.file"
            " WHERE f.root = (SELECT root FROM files WHERE id = ?)",
            (json.dumps(list(holding(connection, answers))), number),
        )
        found |= {chunk for (chunk,) in rows.fetchall()}
    return found


def _filled(
    entry: UsageEntry, found: UsageEntry | None, called: CalledTools, *, is_own: bool
) -> UsageEntry:
    """Return an entry with what a log says of its answer, in which another copy may be."""
    if found is None or not (is_own or found.tools > NO_TOOLS):
        return entry
    tools = called.united(entry.tools, found.tools)
    if not is_own or entry.attribution != UNKNOWN:
        return entry._replace(tools=tools)
    return entry._replace(attribution=found.attribution, tools=tools)
