"""Whose usage a log holds, by the place that it has below ``projects``."""

from __future__ import annotations

from typing import Final

from spendlight.metering.entry import SessionName

_SUFFIX: Final = ".jsonl"
_UNKNOWN_PROJECT: Final = "Unknown Project"
SUBAGENTS: Final = "subagents"
"""The folder in that of a session, for the logs of its subagents."""

_WORKFLOWS: Final = "workflows"
_AGENTS_BEGIN: Final = ("agent-", "workflows/wf_")
"""How the logs of subagents begin below that folder; what follows is random."""

_LETTERS: Final = 4
_LETTER_BITS: Final = 7
_PLACE_BITS: Final = 32

_SEPARATORS: Final = ("/", "\\")


def session_name(place: str) -> SessionName:
    """Return what the path of a log below ``projects`` says of its usage.

    Subagents' logs belong to the session in whose folder they stand, however deep: those of a
    workflow are in ``<session>/subagents/workflows/<workflow>``. A single folder of another name
    there is a session of its own for ccusage; Claude Code makes none.

    Args:
        place: Its parts joined by "/".
    """
    parts = place.split("/")
    folders = parts[:-1]
    stem = parts[-1].removesuffix(_SUFFIX)
    if not folders:
        return SessionName(parts[0], _UNKNOWN_PROJECT, parts[0])
    if len(folders) == 1:
        return SessionName(parts[0], parts[0], stem)
    if SUBAGENTS in folders[2:]:  # project and session
        at = folders.index(SUBAGENTS, 2)
        below = folders[at + 1 :]
        if len(below) != 1 or below[0] == _WORKFLOWS:
            return SessionName(parts[0], "/".join(folders[: at - 1]), folders[at - 1])
    return SessionName(parts[0], "/".join(folders[:-1]), folders[-1])


def unnamed_session(place: str) -> SessionName:
    """Return whose usage a log holds while nothing says that: of a session called like the log."""
    stem = place.rpartition("/")[2].rpartition(".")[0]
    return SessionName(_UNKNOWN_PROJECT, _UNKNOWN_PROJECT, stem)


def first_session(session: str, path: str, first_name: str) -> str:
    """Return the session that a log named by its own name before it got another one.

    What tells answers apart must stay as it was, or a log that is read again counts twice.

    Args:
        session: The session by its path now.
        path: That path.
        first_name: The file's own name when it was first met.
    """
    own_name = path.replace("\\", "/").rpartition("/")[2]
    if session == own_name:
        return first_name
    if session == own_name.removesuffix(_SUFFIX):
        return first_name.removesuffix(_SUFFIX)
    return session


def place_below(folder: str, path: str) -> str | None:
    """Return the place of a log in a data folder, or None where it stands elsewhere.

    Args:
        folder: The data folder, in the manner of the system it is on.
        path: The log, in the same manner.
    """
    for separator in _SEPARATORS:
        start = f"{folder}{separator}projects{separator}"
        if path.startswith(start):
            return path[len(start) :].replace(separator, "/")
    return None


def place_in_session(path: str) -> int:
    """Return a number that orders what stands in the logs of one session as their paths do.

    To be added to a place in the log. That of the session itself comes first and has 0, then those
    of its subagents. It looks at a few letters of their names: where these are the same, what is of
    several logs may be in another order.

    Args:
        path: A log, or its place below ``projects``.
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
    return kind << _PLACE_BITS


def place_in_log(offset: int) -> int:
    """Return where something stands in a log, as far as there is room for it."""
    return min(offset, (1 << _PLACE_BITS) - 1)
