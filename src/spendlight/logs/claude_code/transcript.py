"""Reads how full a session's context is from the end of its log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from spendlight.logs.claude_code.lines import NotJsonError, read_line
from spendlight.logs.claude_code.repeated_lines import NEEDLE
from spendlight.logs.timestamps import BadLineError
from spendlight.regular_files import open_regular

if TYPE_CHECKING:
    from pathlib import Path

_CHUNK_BYTES: Final = 256 << 10
_MOST_BYTES: Final = 32 << 20
"""If there is no answer in this much of its end, the context is unknown."""


def last_context_tokens(path: Path) -> int | None:
    """Return how many tokens the last answer of a session had to read, or None if there is none.

    Counts input, cache writes and cache reads. The file is read backwards, as the end is enough.
    """
    try:
        with open_regular(path) as file:
            position = file.seek(0, 2)
            end = max(0, position - _MOST_BYTES)
            rest = b""
            while position > end:
                start = max(0, position - _CHUNK_BYTES)
                file.seek(start)
                lines = (file.read(position - start) + rest).split(b"\n")
                rest = lines[0] if start else b""
                for line in reversed(lines[1:] if start else lines):
                    tokens = _context(line) if NEEDLE in line else None
                    if tokens is not None:
                        return tokens
                position = start
    except OSError:
        return None
    return None


def _context(text: bytes) -> int | None:
    try:
        line = read_line(text)
    except NotJsonError:
        return _last_context_on(text)
    except BadLineError:
        return None
    if line is None or line.message is None or line.message.usage is None:
        return None
    usage = line.message.usage
    return (
        usage.input_tokens
        + (usage.cache_creation_input_tokens or 0)
        + (usage.cache_read_input_tokens or 0)
    )


def _last_context_on(text: bytes) -> int | None:
    """Return the context of the last answer on a line with several entries."""
    from spendlight.logs.claude_code.joined import split_line  # rare

    joined = split_line(text)
    entries = joined.entries if joined else ()
    found = (_context(text[start:end]) for start, end in reversed(entries))
    return next((tokens for tokens in found if tokens is not None), None)
