"""Read jobs, in a module that does not import any parser."""

from __future__ import annotations

import os
from typing import Final

from spendlight.metering.entry import CLAUDE_CODE
from spendlight.values import NamedTuple

IN_LINE: Final = -1
"""The end of a part in which no line begins: the same as that of the part before."""


class ReadJob(NamedTuple):
    """A range of a file to read.

    Attributes:
        path: The full path of the file.
        name: The same, as text that can be stored and shown.
        number: The file's number in entries.
        first_name: The file's own name when it was first read, if that was different.
        session: The session's id from the path, for lines that do not name theirs.
        start: Where to begin, in bytes: at the start of a line or, in a later part of a file,
            anywhere.
        end: Where to stop; the rest is for another job, except for the rest of a line.
        size: The file's size; what follows is for the next pass.
        part: The index of this part of what is new in the file.
        fingerprint: Of the bytes before *start*; if they differ, it is another file and is read
            from its beginning.
        context_thresholds: Context sizes at which any price changes, ascending.
        agent: The name of the log's agent.
        state: What was remembered of the part before *start*; see `ParsedRange.state`.
    """

    path: str
    name: str
    number: int
    first_name: str
    session: str
    start: int
    end: int
    size: int
    part: int = 0
    fingerprint: int | None = None
    context_thresholds: tuple[int, ...] = ()
    agent: str = CLAUDE_CODE
    state: bytes | None = None

    @property
    def file_name(self) -> str:
        """The file's own name when it was first read; helps to identify lines without an id."""
        return self.first_name or self.name.replace(os.sep, "/").rpartition("/")[2]
