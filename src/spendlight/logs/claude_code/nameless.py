"""Counts identical lines, to distinguish answers without a message id."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import xxhash

from spendlight.logs.claude_code.repeated_lines import NEEDLE
from spendlight.logs.pieces import became_shorter

if TYPE_CHECKING:
    from io import FileIO

_PIECE_BYTES: Final = 1 << 20


def count_lines(file: FileIO, end: int) -> dict[str, int]:
    """Return how often each line that may contain an answer occurs before an offset, by its hash.

    The position of the file is restored.

    Raises:
        OSError: If the log is shorter than that by now.
    """
    found: dict[str, int] = {}
    if not end:
        return found
    position = file.tell()
    file.seek(0)
    with open(file.fileno(), "rb", _PIECE_BYTES, closefd=False) as lines:
        at = 0
        for line in lines:
            at += len(line)
            if NEEDLE in line:
                digest = xxhash.xxh3_128_hexdigest(line.removesuffix(b"\n"))
                found[digest] = found.get(digest, 0) + 1
            if at >= end:
                break
    if at < end:
        raise became_shorter()
    file.seek(position)
    return found
