"""What is to be read; known before anything that reads is loaded."""

from __future__ import annotations

from typing import Final, NamedTuple

from spendlight.metering.entry import CLAUDE_CODE

IN_LINE: Final = -1
"""Where a part ends in which no line begins: where the part before it ends."""


class ReadJob(NamedTuple):
    """A range of a file to read.

    Attributes:
        path: The file, in full.
        name: The same, in text that can be stored and shown.
        number: What the entries found call the file.
        file_name: The file's own name; helps to name lines that have no message id.
        session: The session's id by its path, for lines that do not name theirs.
        start: Where to begin, in bytes: where a line starts, or in a later part of a file,
            anywhere.
        end: Where to stop; what stands behind it is for another job, but for the rest of a line.
        size: The file's size; what stands behind it is for the next pass.
        part: Which part of what is new in the file this is, counted from 0.
        fingerprint: Of the bytes before *start*; if the file differs there, it is another file and
            is read from its beginning.
        context_thresholds: Context sizes at which some price changes, ascending.
        agent: The name of the agent whose log it is.
        state: What was remembered of what stands before *start*; see `ParsedRange.state`.
    """

    path: str
    name: str
    number: int
    file_name: str
    session: str
    start: int
    end: int
    size: int
    part: int = 0
    fingerprint: int | None = None
    context_thresholds: tuple[int, ...] = ()
    agent: str = CLAUDE_CODE
    state: bytes | None = None
