"""Reads segments whole, to hash them, and with them their indices."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Final

from spendlight.regular_files import open_regular
from spendlight.team.checking import CANNOT_BE_READ, CHANGED
from spendlight.team.segment_index import BadIndexError, decode, index_in, tail_of
from spendlight.team.spread_work import on_threads

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from spendlight.team.segment_index import SegmentIndex

ReadSegment = tuple[str, "SegmentIndex | None"]
"""What is wrong with a segment, or "", and its index if it has one."""

_PART_BYTES: Final = 4 << 20


def read_segments(found: Sequence[tuple[Path, str]]) -> list[ReadSegment]:
    """Return what is in each of some segments.

    They are read on threads, as hashing and unpacking need no GIL.

    Args:
        found: Their local files, with the beginning of the hash that each must have.
    """
    read: list[ReadSegment] = [("", None)] * len(found)

    def do(at: int) -> None:
        read[at] = _read(*found[at])

    on_threads(do, range(len(found)))
    return read


def _read(path: Path, digest: str) -> ReadSegment:
    try:
        with open_regular(path) as file:
            found = sha256()
            size = 0
            while part := file.read(_PART_BYTES):
                found.update(part)
                size += len(part)
                content = part
            if not found.hexdigest().startswith(digest):
                return CHANGED, None
            if size > _PART_BYTES:
                content = tail_of(file)
    except OSError as error:
        return f"{CANNOT_BE_READ}: {error.strerror or error}", None
    stored = index_in(content)
    if stored is None:
        return "", None
    try:
        return "", decode(stored)
    except BadIndexError:
        return "", None  # its rows are looked at instead
