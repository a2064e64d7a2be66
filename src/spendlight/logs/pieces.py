"""Looks through logs a piece at a time.

No log is ever mapped into memory: another program may cut it off at any moment, and to touch what
is gone then kills the process.
"""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING, Final, NamedTuple

import stringzilla
import xxhash

from spendlight.logs.lines import NEEDLE

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


def look_over(file: FileIO, start: int, limit: int) -> Extent:
    """Return how far a line reaches that starts somewhere, and whether it may hold an answer."""
    overlap = len(NEEDLE) - 1
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
        has_needle = has_needle or stringzilla.find(view[:filled], NEEDLE) >= 0
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
                raise _became_shorter()
            filled += count
    return text


def count_lines(file: FileIO, end: int) -> dict[str, int]:
    """Return how often each line that may hold an answer stands before a place, by its hash.

    Afterwards the file stands where it stood.

    Raises:
        OSError: If the log is shorter than that by now.
    """
    found: dict[str, int] = {}
    if not end:
        return found
    place = file.tell()
    file.seek(0)
    with open(file.fileno(), "rb", _LARGE_PIECE_BYTES, closefd=False) as lines:
        at = 0
        for line in lines:
            at += len(line)
            if NEEDLE in line:
                digest = xxhash.xxh3_128_hexdigest(line.removesuffix(b"\n"))
                found[digest] = found.get(digest, 0) + 1
            if at >= end:
                break
    if at < end:
        raise _became_shorter()
    file.seek(place)
    return found


def _became_shorter() -> OSError:
    return OSError(errno.EIO, "it became shorter while it was read")
