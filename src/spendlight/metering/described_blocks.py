"""Blocks that other tools describe in session-block files, and the part of them in no log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from spendlight.metering.entry import ModelVariant, TokenCounts

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST_BLOCK_MS: Final = 24 * 3_600_000
"""A longer block is not valid: a day is far beyond any window of Claude Code."""

MOST_BLOCK_TOKENS: Final = 10**12
"""More tokens of a kind than any block can have used."""

MOST_BLOCK_DOLLARS: Final = 1e9
"""More than any block can have cost."""

UNLOGGED: Final = ModelVariant("session-block-file")
"""Used as the model: these files name none, so no cost can be calculated."""


class DescribedBlock(NamedTuple):
    """A block in a session-block file.

    Attributes:
        start_ms: Unix milliseconds.
        end_ms: Unix milliseconds; the first moment that is no longer in it.
        input: Tokens, as are the other three.
        cost: Dollars, or None if the file has none.
    """

    start_ms: int
    end_ms: int
    input: int = 0
    output: int = 0
    cache_write: int = 0
    cache_read: int = 0
    cost: float | None = None

    @property
    def total(self) -> int:
        """Tokens of every kind."""
        return self.input + self.output + self.cache_write + self.cache_read

    def unlogged(self, logged: TokenCounts) -> TokenCounts:
        """Return its usage beyond what logs hold of the same time, kind by kind.

        Args:
            logged: The tokens of all logged answers between its start and its end.
        """
        return TokenCounts(
            input=max(0, self.input - logged.input),
            output=max(0, self.output - logged.output),
            cache_write_5m=max(0, self.cache_write - logged.cache_write),
            cache_read=max(0, self.cache_read - logged.cache_read),
        )

    def cost_of(self, part: TokenCounts) -> float | None:
        """Return the share of its cost, in dollars, that falls on some of its tokens.

        If they are not all of its tokens, an estimate: the file has the cost of the whole block.
        """
        if self.cost is None:
            return None
        return self.cost * part.total / self.total if self.total else 0.0


class BlockBounds(NamedTuple):
    """The beginning and end of a described block, in Unix milliseconds; the end is exclusive."""

    start_ms: int
    end_ms: int


def bounds_of(blocks: Iterable[BlockBounds]) -> list[BlockBounds]:
    """Return bounds without overlaps, in chronological order.

    Of two that overlap, the earlier one keeps its length (the longer one, if they begin together)
    and the other is left out: what follows the first is split as if it were not described.
    """
    found: list[BlockBounds] = []
    for block in sorted(set(blocks), key=lambda one: (one.start_ms, -one.end_ms)):
        if not found or block.start_ms >= found[-1].end_ms:
            found.append(block)
    return found
