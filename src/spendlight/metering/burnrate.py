"""Burn rates of blocks, and their projections."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from spendlight.metering.periods import to_ms
from spendlight.values import NamedTuple

if TYPE_CHECKING:
    from datetime import datetime

    from spendlight.metering.blocks import SessionBlock

_MINUTE_MS = 60_000

WARNING_PERCENT = 80.0
"""A projection above this share of the limit is a warning (ccusage 20.0.24)."""


class BurnRate(NamedTuple):
    """What a block has used per unit of time, between its first and its last answer.

    Attributes:
        tokens_per_minute: Tokens of every kind.
        input_output_tokens_per_minute: Without the cache; ccusage's indicator uses this one.
        cost_per_hour: Dollars.
    """

    tokens_per_minute: float
    input_output_tokens_per_minute: float
    cost_per_hour: float


class Projection(NamedTuple):
    """The projection of a block at its current rate.

    Attributes:
        remaining_minutes: Until the block ends.
        total_tokens: Tokens of every kind at its end.
        total_cost: Dollars at its end, to the cent.
    """

    remaining_minutes: int
    total_tokens: int
    total_cost: float


class LimitVerdict(StrEnum):
    """How a projection compares with a token limit."""

    OK = "ok"
    WARNING = "warning"
    EXCEEDS = "exceeds"


class TokenLimit(NamedTuple):
    """A block's projection compared with a token limit.

    Attributes:
        percent_used: The projected share of the limit, or None if the limit is 0.
    """

    limit_tokens: int
    projected_tokens: int
    percent_used: float | None
    verdict: LimitVerdict


def burn_rate(block: SessionBlock) -> BurnRate | None:
    """Return a block's burn rate, or None if all its usage is at a single moment."""
    first, last = block.spending.first_ms, block.spending.last_ms
    if first is None or last is None or last <= first:
        return None
    minutes = (last - first) / _MINUTE_MS
    tokens = block.spending.tokens
    return BurnRate(
        tokens_per_minute=tokens.total / minutes,
        input_output_tokens_per_minute=(tokens.input + tokens.output) / minutes,
        cost_per_hour=block.spending.cost / minutes * 60,
    )


def project(block: SessionBlock, rate: BurnRate, now: datetime) -> Projection:
    """Return the projection of a block that continues at *rate* from *now* to its end.

    Rounds half away from zero, to whole minutes, tokens and cents, as ccusage does.
    """
    remaining_minutes = _round_half_up((block.end_ms - to_ms(now)) / _MINUTE_MS)
    spending = block.spending
    cost = spending.cost + rate.cost_per_hour / 60 * remaining_minutes
    return Projection(
        remaining_minutes=remaining_minutes,
        total_tokens=_round_half_up(
            spending.tokens.total + rate.tokens_per_minute * remaining_minutes
        ),
        total_cost=_round_half_up(cost * 100) / 100,
    )


def against_limit(projection: Projection, limit_tokens: int) -> TokenLimit:
    """Return how a projection compares with a token limit."""
    projected = projection.total_tokens
    percent = projected / limit_tokens * 100 if limit_tokens else None
    if projected > limit_tokens:
        verdict = LimitVerdict.EXCEEDS
    elif percent is not None and percent > WARNING_PERCENT:
        verdict = LimitVerdict.WARNING
    else:
        verdict = LimitVerdict.OK
    return TokenLimit(limit_tokens, projected, percent, verdict)


def _round_half_up(value: float) -> int:
    """Round half away from zero; Python's own round goes to the nearest even number."""
    whole = int(abs(value) + 0.5)
    return whole if value >= 0 else -whole
