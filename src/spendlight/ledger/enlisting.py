"""Assigns numbers to logs, many in one go, as there may be thousands.

A log that is new gets its row when it has been read (`number_new`, `write_new`): writing it before
and updating it then would take twice as long. If another process has taken one of the numbers
meanwhile, the logs get others (`renumbered`).
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from functools import partial
from itertools import repeat
from operator import attrgetter
from typing import TYPE_CHECKING, Final

from spendlight.ledger.batches import NewLog, NewLogs
from spendlight.ledger.inserting import insert_rows
from spendlight.ledger.marks import state_column
from spendlight.ledger.schema import SIGNED_ROWS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from spendlight.ledger.batches import Batch, FileMark, LogName
    from spendlight.metering.entry import SessionName

_KEYS: Final = {"sessions": "root, project_path, session", "files": "path"}
"""The columns that identify a row."""

_ADD_ROOT: Final = "INSERT OR IGNORE INTO roots VALUES (NULL, ?, ?, ?, ?)"

_FEW: Final = 32
"""Up to this many rows are looked up one by one; for more, the whole table is read."""

_new_log: Callable[[tuple[object, ...]], NewLog] = partial(tuple.__new__, NewLog)
"""Like `NewLog`, in a third of the time, as there may be thousands."""

_root_of = attrgetter("root", "machine", "parent", "agent")
_folder_of = attrgetter("root", "agent")
_session_of = attrgetter("session")

_Key = tuple[object, ...]
_Row = tuple[object, ...]


def enlist(
    connection: sqlite3.Connection, names: Sequence[LogName], reserved: NewLogs | None = None
) -> dict[str, int]:
    """Assign numbers to files that have none; return all numbers by path. Within a transaction.

    Args:
        connection: Where to write.
        names: The files.
        reserved: Logs that have got numbers, although they are not written yet.
    """
    taken = reserved or NewLogs()
    roots = _roots(connection, names)
    keys = [(roots[name.root, name.agent], *name.session[1:]) for name in names]
    wanted: dict[_Key, _Row] = {}
    for name, key in zip(names, keys, strict=True):
        wanted.setdefault(key, (key[0], *name.session))
    sessions = _numbered(connection, "sessions", wanted, max(taken.sessions, default=0))
    wanted = {}
    for name, key in zip(names, keys, strict=True):
        row = (key[0], sessions[key], name.path, -1, 0, 0, 0, 0, name.first_name, None)
        wanted.setdefault((name.path,), row)
    files = _numbered(connection, "files", wanted, max(taken.logs, default=0))
    return {name.path: files[name.path,] for name in names}


def number_new(connection: sqlite3.Connection, names: Iterable[LogName]) -> NewLogs:
    """Assign numbers to logs that have none, without writing them. Within a transaction.

    Args:
        connection: Where to read, and to write the roots.
        names: The logs, in the order in which they will probably be read.
    """
    names = list(names)
    roots = _roots(connection, names)
    of_roots = [roots[folder, agent] for folder, agent in map(_folder_of, names)]
    keys = [
        (root, path, session)
        for root, (_, path, session) in zip(of_roots, map(_session_of, names), strict=True)
    ]
    last, last_session = (_last(connection, table) for table in ("files", "sessions"))
    sessions = _known(connection, "sessions", dict.fromkeys(keys, ())) if last_session else {}
    new = NewLogs()
    for key in keys:
        if key not in sessions:
            last_session += 1
            sessions[key] = last_session
            new.sessions.add(last_session)
    rows = zip(of_roots, map(sessions.__getitem__, keys), names, strict=True)
    new.logs = dict(enumerate(map(_new_log, rows), last + 1))
    return new


def give_to_owners(
    connection: sqlite3.Connection, new: NewLogs, owners: Iterable[tuple[int, SessionName]]
) -> None:
    """Have new logs belong to the sessions that their contents name, before they are written.

    A session that is known keeps its number; a new one gets that of the log's own session, unless
    another log has that, too: then it is left to whoever gives written logs to their owners.

    Args:
        connection: Where to read.
        new: The logs that are not written yet.
        owners: The sessions by the number of their log, also of logs that are not new.
    """
    if new.shared is None:
        counts = Counter(log.session for log in new.logs.values())
        new.shared = {session for session, count in counts.items() if count > 1}
    shared = new.shared
    given = {number: name for number, name in owners if number in new.logs}
    keys = {number: (new.logs[number].root, *name[1:]) for number, name in given.items()}
    unknown: dict[_Key, _Row] = {key: () for key in keys.values() if key not in new.owned}
    new.owned.update(_known(connection, "sessions", unknown) if unknown else {})
    for number, name in given.items():
        root, own, log = new.logs[number]
        session = new.owned.get(keys[number])
        if session is None and own in new.sessions and own not in shared:
            session = new.owned[keys[number]] = own
        if session is not None:
            new.logs[number] = NewLog(root, session, log._replace(session=name))


def write_new(
    connection: sqlite3.Connection, new: NewLogs, marks: Iterable[FileMark]
) -> dict[int, NewLog] | None:
    """Write the rows of new logs that have been read, and of their sessions. In a transaction.

    Args:
        connection: Where to write.
        new: The logs that are not written yet; what is written is removed.
        marks: How far logs were read, those that are new and others.

    Returns:
        What was written, by number; None, and nothing is, if another process has taken one of the
        numbers, or knows one of the logs.
    """
    logs = new.logs
    here = [mark for mark in marks if mark.number in logs]
    written = {mark.number: logs.pop(mark.number) for mark in here}
    sessions = {
        session: (session, root, *name.session)
        for root, session, name in written.values()
        if session in new.sessions
    }
    new.sessions.difference_update(sessions)
    signed = [
        (number, root, session, name.path) for number, (root, session, name) in written.items()
    ]
    others = [
        (*mark[1:6], name.first_name, None if mark.state is None else state_column(mark))
        for mark, (_, _, name) in zip(here, written.values(), strict=True)
    ]
    connection.execute("SAVEPOINT new_logs")
    try:
        _add(connection, "sessions", sorted(sessions.values()))
        _add(connection, "files", signed, others)
    except sqlite3.IntegrityError:
        connection.execute("ROLLBACK TO new_logs")
        logs.update(written)
        new.sessions.update(sessions)
        return None
    finally:
        connection.execute("RELEASE new_logs")
    return written


def renumbered(batch: Batch, numbers: Mapping[int, int]) -> Batch:
    """Return a batch with other numbers of its files.

    Args:
        batch: The batch.
        numbers: The new numbers by the previous ones.
    """

    def other(number: int) -> int:
        return numbers.get(number, number)

    return batch._replace(
        marks=[mark._replace(number=other(mark.number)) for mark in batch.marks],
        reread=[other(number) for number in batch.reread],
        packed=[packed._replace(file=other(packed.file)) for packed in batch.packed],
        disputed=[entry._replace(file=other(entry.file)) for entry in batch.disputed],
        problems=[(other(number), problem) for number, problem in batch.problems],
        sessions=[named._replace(file=other(named.file)) for named in batch.sessions],
        lost=[
            (other(file), answer, offset, other(winner))
            for file, answer, offset, winner in batch.lost
        ],
        owners=[(other(number), name) for number, name in batch.owners],
        notes=[(other(number), note) for number, note in batch.notes],
    )


def root_and_session(connection: sqlite3.Connection, name: LogName) -> tuple[int, int]:
    """Return the numbers of a log's root and session, assigning them if needed."""
    connection.execute(_ADD_ROOT, _root_of(name))
    statement = "SELECT id FROM roots WHERE folder = ? AND agent = ?"
    (root,) = connection.execute(statement, (name.root, name.agent)).fetchone()
    return root, session_in(connection, root, name.session)


def session_in(connection: sqlite3.Connection, root: int, name: SessionName) -> int:
    """Return the number of a session in a root, assigning one if needed."""
    key = (root, *name[1:])
    return _numbered(connection, "sessions", {key: (root, *name)})[key]


def _roots(connection: sqlite3.Connection, names: Sequence[LogName]) -> dict[_Key, int]:
    """Return the numbers of all roots by folder and agent; missing ones are added."""
    connection.executemany(_ADD_ROOT, dict.fromkeys(map(_root_of, names)))
    rows = connection.execute("SELECT folder, agent, id FROM roots")
    return {(folder, agent): number for folder, agent, number in rows}


def _last(connection: sqlite3.Connection, table: str) -> int:
    """Return the greatest number of a row, or 0."""
    (last,) = connection.execute(f"SELECT COALESCE(MAX(id), 0) FROM {table}").fetchone()  # noqa: S608  # our own names
    return int(last)


def _numbered(
    connection: sqlite3.Connection, table: str, wanted: Mapping[_Key, _Row], taken: int = 0
) -> dict[_Key, int]:
    """Return the numbers of some rows by their keys; missing rows are added.

    Args:
        connection: Where to look.
        table: The table.
        wanted: The rows.
        taken: Numbers up to this one are taken.
    """
    found = _known(connection, table, wanted)
    last = max(_last(connection, table), taken)
    new = [key for key in wanted if key not in found]
    numbers = dict(zip(new, range(last + 1, last + 1 + len(new)), strict=True))
    rows = [(number, *wanted[key]) for key, number in numbers.items()]
    columns = SIGNED_ROWS[table].count(",") + 1
    _add(connection, table, [row[:columns] for row in rows], [row[columns:] for row in rows])
    return found | numbers


def _known(
    connection: sqlite3.Connection, table: str, wanted: Mapping[_Key, _Row]
) -> dict[_Key, int]:
    columns = _KEYS[table]
    statement = f"SELECT {columns}, id FROM {table}"  # noqa: S608  # our own names
    if len(wanted) > _FEW:
        rows = connection.execute(statement)
        return {key: number for *parts, number in rows if (key := tuple(parts)) in wanted}
    statement += f" WHERE ({columns}) = ({', '.join('?' * columns.count(',') + '?')})"
    found: dict[_Key, int] = {}
    for key in wanted:
        for row in connection.execute(statement, key):
            found[key] = row[-1]
    return found


def _add(
    connection: sqlite3.Connection,
    table: str,
    signed: Sequence[_Row],
    others: Iterable[_Row] = repeat(()),
) -> None:
    """Add rows, and sign them.

    Args:
        connection: Where to write.
        table: The table.
        signed: The columns that are signed, of each row.
        others: Its other columns.
    """
    if not signed:
        return
    from spendlight.ledger.signing import sign_rows  # most passes add nothing

    rows = [
        (*row, *rest, signature)
        for row, rest, signature in zip(signed, others, sign_rows(signed), strict=False)
    ]
    insert_rows(connection, f"INSERT INTO {table}", rows)
