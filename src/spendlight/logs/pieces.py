"""Looks through logs a piece at a time.

No log is ever mapped into memory: another program may cut it off at any moment, and to touch what
is gone then kills the process.
"""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING, Final, NamedTuple

import stringzilla

if TYPE_CHECKING:
    from io import FileIO

_PIECE_BYTES: Final = 64 << 10
_LARGE_PIECE_BYTES: Final = 1 << 20


class Extent(NamedTuple):
    """Where a line ends that is too long to be held while it is not needed.

    Attributes:
        end: Behind its last byte, without the newline.
        is_ended: Whether its newline is there.
        has_needle: Whether it may hold an answer.
    """

    end: int
    is_ended: bool
    has_needle: bool


def line_start(file: FileIO, position: int, limit: int) -> int | None:
    """Return where the first line starts at or behind a position, or None if none does in time.

    Args:
        file: The log.
        position: Where to look from; greater than 0.
        limit: Where to give up: a line that starts there or further on is not looked for.
    """
    file.seek(position - 1)
    at = position - 1
    while at < limit - 1 and (piece := file.read(min(_PIECE_BYTES, limit - 1 - at))):
        newline = piece.find(b"\n")
        if newline >= 0:
            return at + newline + 1
        at += len(piece)
    return None


def look_over(file: FileIO, start: int, limit: int, needle: bytes) -> Extent:
    """Return how far a line reaches that starts somewhere, and whether it may hold an answer.

    Args:
        file: The log.
        start: Where the line starts.
        limit: Where to stop.
        needle: A line that holds an answer has these bytes in it.
    """
    overlap = len(needle) - 1
    piece = bytearray(overlap + _LARGE_PIECE_BYTES)
    view = memoryview(piece)
    held = 0  # the last bytes of the piece before, as the needle may stand across
    has_needle = False
    file.seek(start)
    at = start
    while at < limit:
        room = min(_LARGE_PIECE_BYTES, limit - at)
        count = file.readinto(view[held : held + room])
        if not count:
            break
        newline = piece.find(b"\n", held, held + count)
        filled = held + count if newline < 0 else newline
        has_needle = has_needle or stringzilla.find(view[:filled], needle) >= 0
        if newline >= 0:
            return Extent(at + newline - held, is_ended=True, has_needle=has_needle)
        at += count
        held = min(overlap, filled)
        piece[:held] = piece[filled - held : filled]
    return Extent(at, is_ended=False, has_needle=has_needle)


def read_whole(file: FileIO, start: int, end: int) -> bytearray:
    """Return what stands between two places, in memory of just that size.

    Raises:
        OSError: If the log is shorter than that by now.
    """
    text = bytearray(end - start)
    filled = 0
    file.seek(start)
    with memoryview(text) as view:
        while filled < len(text):
            count = file.readinto(view[filled:])
            if not count:
                raise became_shorter()
            filled += count
    return text


def became_shorter() -> OSError:
    """Return the error that a file is shorter than it was a moment ago."""
    return OSError(errno.EIO, "it was truncated while it was read")
