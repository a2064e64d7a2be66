"""Scans logs piece by piece.

No log is ever mapped into memory: another program may truncate it at any moment, and accessing what
is gone would kill the process.
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
    """The extent of a line that is too long to be kept in memory.

    Attributes:
        end: The offset after its last byte, without the newline.
        is_ended: Whether it ends with a newline.
        has_needle: Whether it may contain an answer.
    """

    end: int
    is_ended: bool
    has_needle: bool


def line_start(file: FileIO, position: int, limit: int) -> int | None:
    """Return where the first line at or after a position starts, or None if there is none.

    Args:
        file: The log.
        position: Where to start searching; greater than 0.
        limit: Where to stop: a line that starts there or later is not found.
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
    """Return the extent of a line, and whether it may contain an answer.

    Args:
        file: The log.
        start: Where the line starts.
        limit: Where to stop.
        needle: Bytes that every line with an answer contains.
    """
    overlap = len(needle) - 1
    piece = bytearray(overlap + _LARGE_PIECE_BYTES)
    view = memoryview(piece)
    held = 0  # the last bytes of the previous piece, as the needle may span both
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
    """Return the bytes between two offsets.

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
    """Return the error for a file that has become shorter."""
    return OSError(errno.EIO, "it was truncated while it was read")
