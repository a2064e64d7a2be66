"""Reads the lines in which Claude Code notes a session's title, or a pull request made in it.

These lines have no usage, and most have no timestamp. They begin with their type, in every version;
a line that begins otherwise is no note. The fields are those that Claude Code writes:

    {"type":"summary","summary":…,"leafUuid":…}
    {"type":"ai-title","aiTitle":…,"sessionId":…}
    {"type":"custom-title","customTitle":…,"sessionId":…}
    {"type":"pr-link","sessionId":…,"prNumber":…,"prUrl":…,"prRepository":…}
"""

from __future__ import annotations

import json
from contextlib import suppress
from itertools import compress
from typing import TYPE_CHECKING, Any, Final

import stringzilla

from spendlight.logs.appended_lines import is_complete
from spendlight.logs.claude_code.called_agents import STARTED, agents_told, has_result
from spendlight.metering.session_notes import (
    MOST_TITLE,
    PullRequest,
    SessionNote,
    SessionTitle,
    TitleKind,
    is_web_address,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    FindIds = Callable[[str, Sequence[bytes]], Sequence[bool] | None]

START: Final = b'{"type"'
"""What a note begins with."""

_KINDS: Final = (b'"summary"', b'"ai-title"', b'"custom-title"', b'"pr-link"')
_BLANKS: Final = b" \t"

MOST_NOTE_BYTES: Final = 4 << 20
"""A longer line is no note."""

_ID: Final = b'"uuid":'
"""What is before the id of a line."""

_PIECE_BYTES: Final = 1 << 20

_MOST_NAME: Final = 200
_MOST_NUMBER: Final = (1 << 53) - 1
_NUMBER_BYTES: Final = 8

_TITLES: Final = {
    "summary": (TitleKind.SUMMARY, "summary"),
    "ai-title": (TitleKind.GENERATED, "aiTitle"),
    "custom-title": (TitleKind.CUSTOM, "customTitle"),
}
_decoder = json.JSONDecoder()


def noted_lines(packed: bytes) -> list[tuple[int, bytes]]:
    """Return the notes that the native reader found, each with its offset."""
    found = []
    at = 0
    while at < len(packed):
        middle, start = at + _NUMBER_BYTES, at + 2 * _NUMBER_BYTES
        at = start + int.from_bytes(packed[middle:start], "little")
        offset = int.from_bytes(packed[middle - _NUMBER_BYTES : middle], "little")
        found.append((offset, packed[start:at]))
    return found


def noted_in(buffer: bytearray, end: int, position: int) -> list[tuple[int, bytes]]:
    """Return the notes in some whole lines, each with its offset.

    Args:
        buffer: The lines, and possibly more.
        end: Where the last of them ends in the buffer.
        position: The buffer's offset in the file.
    """
    found = []
    at = 0 if buffer.startswith(START) else _next_start(buffer, 0, end)
    while at >= 0:
        line = bytes(buffer[at : buffer.find(b"\n", at)])
        if _is_note(line):
            found.append((position + at, line))
        at = _next_start(buffer, at, end)
    return found


def _next_start(buffer: bytearray, at: int, end: int) -> int:
    """Return where the next line begins that begins like a note, or -1."""
    newline = stringzilla.find(buffer, b"\n" + START, at, end)
    return newline + 1 if newline >= 0 else -1


def noted_tail(tail: bytes, position: int) -> list[tuple[int, bytes]]:
    """Return the last line of a file, which has no newline yet, if it is a note and complete."""
    may_tell = _is_note(tail) or (STARTED in tail and has_result(tail))
    return [(position, tail)] if may_tell and is_complete(tail) else []


def _is_note(line: bytes) -> bool:
    if not line.startswith(START) or len(line) > MOST_NOTE_BYTES:
        return False
    rest = line[len(START) :].lstrip(_BLANKS)
    return rest.startswith(b":") and rest[1:].lstrip(_BLANKS).startswith(_KINDS)


def read_notes(
    lines: Iterable[tuple[int, bytes]], own: str, path: str, find_ids: FindIds | None = None
) -> tuple[SessionNote, ...]:
    """Return what notes say, and lines about subagents, in their order; invalid ones say nothing.

    Args:
        lines: The lines, each with its offset; some may be there several times.
        own: The session's id from the path of their log.
        path: The log. A summary that leads up to a line of another one says nothing of it: earlier
            versions of Claude Code began a log with those of all sessions before.
        find_ids: Returns for some ids, as they stand in a log at a path, whether each is that of a
            line in it; None if Python must search.
    """
    found: list[SessionNote] = []
    for offset, line in sorted(set(lines)):
        if _is_note(line):
            note = _read(line, offset, own)
            found += () if note is None else (note,)
        else:
            found += agents_told(line, offset)
    leaves = {note.leaf for note in found if isinstance(note, SessionTitle) and note.leaf}
    foreign = leaves - _lines_in(path, leaves, find_ids)
    return tuple(
        note
        for note in dict.fromkeys(found)
        if not (isinstance(note, SessionTitle) and note.leaf in foreign)
    )


def _lines_in(path: str, ids: Iterable[str], find_ids: FindIds | None) -> set[str]:
    """Return which of these ids are those of lines in a log; none if it cannot be read."""
    wanted = {name: json.dumps(name, ensure_ascii=False).encode("utf-8", "replace") for name in ids}
    if not wanted:
        return set()
    if find_ids is not None and (found := find_ids(path, list(wanted.values()))) is not None:
        return set(compress(wanted, found))
    longest = max(map(len, wanted.values())) + len(_ID) + 1
    there: set[str] = set()
    before = b""
    with suppress(OSError), open(path, "rb", buffering=0) as file:  # noqa: PTH123  # text
        while len(there) < len(wanted) and (read := file.read(_PIECE_BYTES)):
            piece = before + read
            there |= {
                name
                for name, text in wanted.items()
                if stringzilla.find(piece, _ID + text) >= 0
                or stringzilla.find(piece, _ID + b" " + text) >= 0
            }
            before = piece[-longest:]
    return there


def _read(line: bytes, offset: int, own: str) -> SessionNote | None:
    try:
        fields, _ = _decoder.raw_decode(str(line, "utf-8", "replace"))
    except (ValueError, RecursionError):
        return None
    named = _text(fields.get("sessionId"), _MOST_NAME) or own
    session = "" if named == own else named
    if fields["type"] == "pr-link":
        return _pull_request(fields, offset, session)
    kind, key = _TITLES.get(str(fields["type"]), (None, ""))
    title = fields.get(key)
    if kind is None or not isinstance(title, str):
        return None
    if kind is TitleKind.SUMMARY:
        leaf = _text(fields.get("leafUuid"), _MOST_NAME)
        return SessionTitle(offset, "", kind, _text(title, MOST_TITLE), leaf)
    return SessionTitle(offset, session, kind, _text(title, MOST_TITLE))


def _pull_request(fields: dict[str, Any], offset: int, session: str) -> PullRequest | None:
    url, number = fields.get("prUrl"), fields.get("prNumber")
    if not isinstance(url, str) or not is_web_address(url):
        return None
    is_number = type(number) is int and 0 < number <= _MOST_NUMBER
    repository = _text(fields.get("prRepository"), _MOST_NAME)
    return PullRequest(offset, session, url, number if is_number else None, repository)


def _text(value: object, most: int) -> str:
    """Return a text that can be stored, without the blanks around it; "" if it is none."""
    if not isinstance(value, str):
        return ""
    return value[: 2 * most].strip()[:most].encode("utf-8", "replace").decode()
