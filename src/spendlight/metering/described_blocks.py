"""Blocks as other tools describe them in session-block files, and what of them no log holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from spendlight.metering.entry import ModelVariant, TokenCounts

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST_BLOCK_MS: Final = 24 * 3_600_000
"""A longer block is no block: a day is far beyond any window of Claude Code's."""

MOST_BLOCK_TOKENS: Final = 10**12
"""More than any block can have used of a kind."""

MOST_BLOCK_DOLLARS: Final = 1e9
"""More than any block can have cost."""

UNLOGGED: Final = ModelVariant("session-block-file")
"""Stands where a model's name does: these files name none, so no cost can be calculated."""


class DescribedBlock(NamedTuple):
    """A block as a session-block file has it.

    Attributes:
        start_ms: Unix milliseconds.
        end_ms: Unix milliseconds; the first moment that is no longer in it.
        input: Tokens, as are the other three.
        cost: Dollars, or None where the file names none.
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
        """Return what it counts beyond what logs hold of the same time, kind by kind.

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

        An estimate where they are not all of them: the file says what the whole block cost.
        """
        if self.cost is None:
            return None
        return self.cost * part.total / self.total if self.total else 0.0


class BlockBounds(NamedTuple):
    """From when to when a described block reaches, in Unix milliseconds; the end is not in it."""

    start_ms: int
    end_ms: int


def bounds_of(blocks: Iterable[BlockBounds]) -> list[BlockBounds]:
    """Return bounds that do not overlap, in the order of time.

    Of two that do, the earlier keeps its length (the longer, of two that begin together) and the
    other is left out: what lies behind the first is split as if nobody had described it.
    """
    found: list[BlockBounds] = []
    for block in sorted(set(blocks), key=lambda one: (one.start_ms, -one.end_ms)):
        if not found or block.start_ms >= found[-1].end_ms:
            found.append(block)
    return found
