"""Detects from its first bytes that a file is not a log with lines of UTF-8."""

from __future__ import annotations

import re
from typing import Final

SPREAD: Final = "each of its entries spans several lines"
"""The problem if entries span several lines; reported once for each file."""

HEAD_BYTES: Final = 64
"""This many bytes of a file are enough."""

USUAL: Final = b'{"'
"""A file with this beginning is a log."""

_MARKS: Final = (
    (b"\x1f\x8b", "compressed with gzip"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd"),
    (b"\xfd7zXZ\x00", "compressed with xz"),
    (b"BZh", "compressed with bzip2"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\xff\xfe\x00\x00", "UTF-32 text"),
    (b"\x00\x00\xfe\xff", "UTF-32 text"),
    (b"\xff\xfe", "UTF-16 text"),
    (b"\xfe\xff", "UTF-16 text"),
)
_UTF_16: Final = re.compile(rb"(?:[^\x00]\x00){2}|(?:\x00[^\x00]){2}")
"""Two characters of ASCII in UTF-16, without a byte order mark."""

_SPREAD: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s*\[?\s*\{[ \t\r]*\n")
"""An object with only its brace on the first line."""


def foreign_form(head: bytes) -> str | None:
    """Return the format of an unreadable file, judging by its beginning, or None."""
    for mark, form in _MARKS:
        if head.startswith(mark):
            return form
    return "UTF-16 text" if _UTF_16.match(head) else None


def is_spread(head: bytes) -> bool:
    """Return whether the entries of a file span several lines each."""
    return _SPREAD.match(head) is not None
