"""The names under which the ledger keeps logs.

All of them have the same extension: other machines and older versions know no other. A log that is
not a file of lines gets it in addition, and a database contains a log for each of its sessions.
"""

from __future__ import annotations

from typing import Final

LOG: Final = ".jsonl"
"""The extension."""

_DOCUMENT: Final = ".json"
_DATABASE: Final = ".db"


def ledger_name(path: str) -> str:
    """Return the name of a log, given its path as printable text."""
    return path if path.endswith(LOG) else f"{path}{LOG}"


def session_log(database: str, session: str) -> str:
    """Return the name of what a database contains of one session.

    Args:
        database: The name of the database.
        session: The session's id.
    """
    safe = session.replace("/", "_").replace("\\", "_")
    return f"{database.removesuffix(LOG)}/{safe}{LOG}"


def file_of(name: str) -> str:
    """Return the path of the file that a log is in, given the log's name.

    >>> file_of("/p/s.jsonl"), file_of("/p/s.json.jsonl"), file_of("/p/s.db/1.jsonl")
    ('/p/s.jsonl', '/p/s.json', '/p/s.db')
    """
    stem = name.removesuffix(LOG)
    if stem.endswith((_DOCUMENT, _DATABASE)):
        return stem
    folder = stem.rpartition("/")[0]
    return folder if folder.endswith(_DATABASE) else name


def read_with(name: str) -> str:
    """Return the name of the log with which a log is read: of a session, that of its database."""
    file = file_of(name)
    return name if file == name else ledger_name(file)
