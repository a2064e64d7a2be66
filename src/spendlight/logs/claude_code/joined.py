"""Splits lines that contain several entries.

Claude Code ends a line when it writes the next one, or never: if it was killed in between, whatever
is appended later follows the answer on the same line. A log whose lines end with carriage returns
alone is a single such line.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

SEVERAL: Final = "several entries are on one line"
"""The problem if each could be read."""

CUT: Final = "an entry is cut off after others on the same line"
"""The problem if the last one could not."""

_TOKENS: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"|["{}]', re.DOTALL)
"""A string, or a quotation mark that begins an unterminated one, or a brace."""

_QUOTE: Final = ord('"')
_OPENING: Final = ord("{")
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


class Joined(NamedTuple):
    """The entries of a line.

    Attributes:
        entries: The range of each, its end exclusive.
        cut_at: Where an entry without an end begins after them, or None.
    """

    entries: list[tuple[int, int]]
    cut_at: int | None


def split_line(text: memoryview | bytes) -> Joined | None:
    """Return where the entries of a line are, or None if it is not several entries in a row.

    The last of them may be truncated. Only strings and braces are examined, so it takes little time
    and no memory, however long the line. Whether an entry is valid JSON is up to its parser.
    """
    entries = list(_objects(text))
    if not entries:
        return None
    last = entries[-1][1]
    rest = bytes(text[last:]).lstrip()
    cut_at = len(text) - len(rest) if rest.startswith(b"{") else None
    if (rest and cut_at is None) or (len(entries) == 1 and cut_at is None):
        return None
    start = 0
    for begin, end in entries:
        gap = bytes(text[start:begin]).strip()
        if gap and (start or gap != _BYTE_ORDER_MARK):
            return None
        start = end
    return Joined(entries, cut_at)


def _objects(text: memoryview | bytes) -> Iterator[tuple[int, int]]:
    depth = begin = 0
    for found in _TOKENS.finditer(text):
        start, end = found.span()
        kind = text[start]
        if kind == _QUOTE:
            if end - start == 1:
                return
        elif kind == _OPENING:
            if not depth:
                begin = start
            depth += 1
        elif depth:  # an unmatched closing brace
            depth -= 1
            if not depth:
                yield begin, end
