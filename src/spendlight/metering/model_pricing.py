"""What one model costs: dollars per token, by kind and by what else decides them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple

ONE_HOUR_WRITE = 2.0
"""A cache write for one hour costs this many times an input token; no list needs to say so."""


class TokenRates(NamedTuple):
    """Dollars per token, kind by kind as `TokenCounts` has them, for requests of one sort.

    Attributes:
        factor: What multiplies the cost of all kinds.
    """

    input: float
    output: float
    cache_write_5m: float
    cache_write_1h: float
    cache_read: float
    factor: float

    def cost(self, tokens: Sequence[int]) -> float:
        """Return what tokens cost, in dollars.

        Args:
            tokens: A `TokenCounts` or the like: one request, or the sum of many of the same sort,
                as the price is linear.
        """
        a, b, c, d, e = tokens
        p, q, r, s, t, factor = self
        return (a * p + b * q + c * r + d * s + e * t) * factor


FREE: Final = TokenRates(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
"""What is due where no model answered."""


class LongContextPricing(NamedTuple):
    """Dollars per token of a request that reads more than a threshold.

    All of its tokens cost these prices, not only those beyond the threshold: that is how it
    is billed.
    """

    threshold_tokens: int
    input: float
    output: float
    cache_write: float
    cache_read: float


class ModelPricing(NamedTuple):
    """What one model costs.

    Attributes:
        input: Dollars per token, as `output`, `cache_write` (for five minutes) and
            `cache_read` are.
        long_context: The prices beyond each threshold that the list names, the lowest first.
        fast_multiplier: What the fast speed multiplies the cost by.
        geo_multipliers: The same for each ``inference_geo`` that costs more.
        web_search_per_request: Dollars for one search; None where the list names no price.
        context_window_tokens: The most the model can read; None where the list does not say.
    """

    input: float
    output: float
    cache_write: float
    cache_read: float
    long_context: tuple[LongContextPricing, ...] = ()
    fast_multiplier: float = 1.0
    geo_multipliers: Mapping[str, float] = MappingProxyType({})
    web_search_per_request: float | None = None
    context_window_tokens: int | None = None

    def rates(
        self, context_threshold: int = 0, *, is_fast: bool = False, geo: str = ""
    ) -> TokenRates:
        """Return the prices of requests of one sort.

        Args:
            context_threshold: Each of the requests read more tokens than this.
            is_fast: Whether they ran at the fast speed.
            geo: Where they ran, if that was asked for.
        """
        price: ModelPricing | LongContextPricing = self
        for long in self.long_context:
            if long.threshold_tokens <= context_threshold:
                price = long
        return TokenRates(
            price.input,
            price.output,
            price.cache_write,
            ONE_HOUR_WRITE * price.input,
            price.cache_read,
            (self.fast_multiplier if is_fast else 1.0) * self.geo_multipliers.get(geo, 1.0),
        )
