"""Copies of answers as a range of a log holds them, before the best of them become entries."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from spendlight.logs.claude_code.usual import place

if TYPE_CHECKING:
    from spendlight.logs.claude_code.usual import Usual


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
    def place(self) -> tuple[tuple[bool, int, bool, bool], int]:
        """Where it ranks among the copies in its range."""
        return place(self.line), self.offset


class Other(NamedTuple):
    """An answer that has no message id, or a step inside another answer."""

    copy: Copy
    variant: int
    recorded_cost: float | None
