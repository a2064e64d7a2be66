"""By how much the results of tools let the context grow, and what that cost."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from spendlight.metering.leaks import conversations, write_rate

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from spendlight.metering.leaks import Request
    from spendlight.metering.pricing import PricingTable


class ToolGrowth(NamedTuple):
    """The results of one tool.

    Attributes:
        answers: How many answers called only this tool.
        tokens: By how much the context grew until the next answer.
        first_cost: What these tokens cost when they were new, in dollars.
        again_cost: What they cost whenever a later answer read them again from the cache.
        unpriced: How many of the answers are of models without a known price.
    """

    tool: str
    answers: int = 0
    tokens: int = 0
    first_cost: float = 0.0
    again_cost: float = 0.0
    unpriced: int = 0

    @property
    def cost(self) -> float:
        """Both costs together."""
        return self.first_cost + self.again_cost


class Growth(NamedTuple):
    """By how much contexts grew.

    Attributes:
        tools: Each tool, the most expensive first.
        other_tokens: The rest: after answers that called several tools or none, or of which that
            is not known.
    """

    tools: tuple[ToolGrowth, ...]
    other_tokens: int


def tool_growth(requests: Iterable[Request], prices: PricingTable) -> Growth:
    """Return by how much the results of each tool let the context grow.

    The sizes of results are not kept. So what is counted is by how much the context (input, cache
    writes and reads) is longer at the next answer of the same conversation and model, without the
    output of the answer itself, which is part of it then; and only after answers that called one
    tool. From then on each answer reads these tokens again, until the context becomes shorter.
    """
    found: dict[str, ToolGrowth] = {}
    others = 0
    for answers in conversations(requests):
        again = _times_read_again(answers)
        for (before, after), times in zip(pairwise(answers), again[1:], strict=True):
            growth = after.tokens.context - before.tokens.context - before.tokens.output
            is_same = before.variant.name == after.variant.name
            if growth <= 0 or not after.is_wanted or not is_same:
                continue
            if before.tools is None or len(before.tools) != 1:
                others += growth
                continue
            (tool,) = before.tools
            so_far = found.get(tool, ToolGrowth(tool))
            rates = prices.rates(after.variant, after.context_threshold, after.at_ms)
            first = again_cost = 0.0
            if rates is not None:
                first = growth * write_rate(after, rates) * rates.factor
                again_cost = growth * times * rates.cache_read * rates.factor
            found[tool] = ToolGrowth(
                tool,
                so_far.answers + 1,
                so_far.tokens + growth,
                so_far.first_cost + first,
                so_far.again_cost + again_cost,
                so_far.unpriced + (rates is None),
            )
    tools = sorted(found.values(), key=lambda one: (-one.cost, -one.tokens, one.tool))
    return Growth(tuple(tools), others)


def _times_read_again(answers: Sequence[Request]) -> list[int]:
    """Return for each answer how many later ones read its context again: until it shrinks."""
    times = [0] * len(answers)
    for index in range(len(answers) - 2, -1, -1):
        is_longer = answers[index + 1].tokens.context >= answers[index].tokens.context
        times[index] = times[index + 1] + 1 if is_longer else 0
    return times
