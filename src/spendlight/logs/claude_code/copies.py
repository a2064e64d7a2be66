"""Copies of answers in a range of a log, before the best of them become entries."""

from __future__ import annotations

from itertools import islice
from operator import lt
from typing import TYPE_CHECKING, Final, NamedTuple

from spendlight.logs.claude_code.usual import rank_of
from spendlight.logs.identities import request_hash
from spendlight.metering.entry import UsageEntry

if TYPE_CHECKING:
    from spendlight.logs.claude_code.usual import Usual
    from spendlight.metering.summing import Columns


AnswerKey = tuple[str, ...]
"""Message id and request id; if the latter is empty, also the session."""

OFFSET: Final = UsageEntry._fields.index("offset")
"""The index of the offset in the fields of an entry."""


class Copy(NamedTuple):
    """A copy of an answer, not yet an entry.

    Attributes:
        offset: Where its line starts in the file.
        reset: When a usage limit ends that it reports.
    """

    line: Usual
    offset: int
    reset: int | None = None

    @property
    def rank(self) -> tuple[tuple[bool, int, bool, bool], int]:
        """Its rank among the copies in its range."""
        return rank_of(self.line), self.offset


class Other(NamedTuple):
    """An answer that has no message id, or a step inside another answer."""

    copy: Copy
    variant: int
    recorded_cost: float | None


def request_of(key: AnswerKey) -> int:
    """Return the hash of the request that identifies a copy, or of its session."""
    return request_hash(key[1], "" if key[1] else key[2])


def in_order(columns: Columns) -> Columns:
    """Return answers in the order of their lines, so that every reader produces the same bytes."""
    offsets = columns[OFFSET]
    if all(map(lt, offsets, islice(offsets, 1, None))):
        return columns
    answers, requests = columns[0], columns[1]
    order = sorted(range(len(offsets)), key=lambda at: (offsets[at], answers[at], requests[at]))
    return [[column[at] for at in order] for column in columns]
