"""The prices of one model: dollars per token, by kind and by what else affects them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from spendlight.values import NamedTuple

ONE_HOUR_WRITE = 2.0
"""The price of a one-hour cache write, in input tokens; no list needs to contain it."""


class TokenRates(NamedTuple):
    """Dollars per token, in the order of `TokenCounts`, for requests of one sort.

    Attributes:
        factor: A multiplier of the total cost.
    """

    input: float
    output: float
    cache_write_5m: float
    cache_write_1h: float
    cache_read: float
    factor: float

    def cost(self, tokens: Sequence[int]) -> float:
        """Return the cost of tokens, in dollars.

        Args:
            tokens: A `TokenCounts` or equivalent: one request, or the sum of many of the same
                sort, as the price is linear.
        """
        a, b, c, d, e = tokens
        p, q, r, s, t, factor = self
        return (a * p + b * q + c * r + d * s + e * t) * factor


FREE: Final = TokenRates(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
"""The price if no model answered."""


class LongContextPricing(NamedTuple):
    """Dollars per token of a request that reads more than a threshold.

    They apply to all of its tokens, not only to those beyond the threshold: that is how it is
    billed.
    """

    threshold_tokens: int
    input: float
    output: float
    cache_write: float
    cache_read: float


class ModelPricing(NamedTuple):
    """The prices of one model.

    Attributes:
        input: Dollars per token, like `output`, `cache_write` (for five minutes) and
            `cache_read`.
        long_context: The prices beyond each threshold in the list, the lowest first.
        fast_multiplier: The multiplier of the cost at the fast speed.
        geo_multipliers: The same for each ``inference_geo`` that costs more.
        web_search_per_request: Dollars for one search; None if the list has no price.
        context_window_tokens: The most that the model can read; None if the list does not say.
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
            geo: The region in which they ran, if one was requested.
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
