"""Derives the session of a log from its path below ``projects``."""

from __future__ import annotations

from functools import partial
from sys import intern
from typing import TYPE_CHECKING, Final

from spendlight.metering.entry import SessionName

if TYPE_CHECKING:
    from collections.abc import Callable

_SUFFIX: Final = ".jsonl"
UNKNOWN_PROJECT: Final = "Unknown Project"
"""The project of a session whose log names none."""

SUBAGENTS: Final = "subagents"
"""The subfolder of a session's folder for the logs of its subagents."""

_WORKFLOWS: Final = "workflows"
_AGENTS_BEGIN: Final = ("agent-", "workflows/wf_")
"""The beginnings of the names of subagents' logs in that folder; the rest is random."""

_LETTERS: Final = 4
_LETTER_BITS: Final = 7
_OFFSET_BITS: Final = 32

_SEPARATORS: Final = ("/", "\\")

_new_name: Callable[[tuple[str, str, str]], SessionName] = partial(tuple.__new__, SessionName)
"""Like `SessionName`, in a third of the time, as there may be thousands."""


def session_name(path: str) -> SessionName:
    """Return the session of a log from its path below ``projects``.

    Subagents' logs belong to the session whose folder contains them, at any depth: those of a
    workflow are in ``<session>/subagents/workflows/<workflow>``. A single folder of another name
    there counts as a separate session, like in ccusage; Claude Code creates none.

    Args:
        path: That path, relative and with "/".
    """
    project, separator, rest = path.partition("/")
    project = intern(project)  # thousands of logs may be in the same one
    if not separator:
        return SessionName(project, UNKNOWN_PROJECT, project)
    if "/" not in rest:
        return _new_name((project, project, rest.removesuffix(_SUFFIX)))
    folders = path.split("/")[:-1]
    if SUBAGENTS in folders[2:]:  # project and session
        at = folders.index(SUBAGENTS, 2)
        below = folders[at + 1 :]
        if len(below) != 1 or below[0] == _WORKFLOWS:
            return SessionName(project, "/".join(folders[: at - 1]), folders[at - 1])
    return SessionName(project, "/".join(folders[:-1]), folders[-1])


def unnamed_session(path: str) -> SessionName:
    """Return the session of a log as long as nothing names it: one with the log's own name."""
    stem = path.rpartition("/")[2].rpartition(".")[0]
    return SessionName(UNKNOWN_PROJECT, UNKNOWN_PROJECT, stem)


def first_session(session: str, path: str, first_name: str) -> str:
    """Return the session that a log's name implied before the log was renamed.

    What identifies answers must not change, or a log that is read again counts twice.

    Args:
        session: The session by its path now.
        path: That path.
        first_name: The file's own name when it was first seen.
    """
    own_name = path.replace("\\", "/").rpartition("/")[2]
    if session == own_name:
        return first_name
    if session == own_name.removesuffix(_SUFFIX):
        return first_name.removesuffix(_SUFFIX)
    return session


def path_below(folder: str, path: str) -> str | None:
    """Return the path of a log within a data folder, or None if it is outside.

    Args:
        folder: The data folder, in the notation of its system.
        path: The log, in the same notation.
    """
    for separator in _SEPARATORS:
        start = f"{folder}{separator}projects{separator}"
        if path.startswith(start):
            return path[len(start) :].replace(separator, "/")
    return None


def order_in_session(path: str) -> int:
    """Return a number that sorts the logs of one session like their paths.

    It is to be added to an offset in the log. The session's own log comes first with 0, then those
    of its subagents. Only a few letters of their names are used: if these are the same, the order
    of several logs may differ.

    Args:
        path: A log, or its path below ``projects``.
    """
    _, found, rest = path.replace("\\", "/").partition(f"/{SUBAGENTS}/")
    if not found:
        return 0
    kind = 1
    for start in _AGENTS_BEGIN:
        if rest < start:
            break
        kind += 1
        if rest.startswith(start):
            rest = rest[len(start) :]
            break
        kind += 1
    for letter in rest[:_LETTERS].ljust(_LETTERS, "\0"):
        kind = kind << _LETTER_BITS | min(ord(letter), (1 << _LETTER_BITS) - 1)
    return kind << _OFFSET_BITS


def limited_offset(offset: int) -> int:
    """Return an offset in a log, limited to the bits reserved for it."""
    return min(offset, (1 << _OFFSET_BITS) - 1)
