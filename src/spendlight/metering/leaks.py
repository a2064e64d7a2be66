"""Where money leaks: what usage cost more than it could have, computed from answers alone.

None of it looks at contents. Each figure says what it is computed from; several may cover the same
tokens, so they do not add up.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from spendlight.metering.entry import Role

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

    from spendlight.metering.attribution import Tools
    from spendlight.metering.entry import ModelVariant, TokenCounts
    from spendlight.metering.model_pricing import TokenRates
    from spendlight.metering.pricing import PricingTable
    from spendlight.metering.session_notes import SessionKey

FIVE_MINUTES_MS: Final = 5 * 60_000
ONE_HOUR_MS: Final = 60 * 60_000
"""How long the prompt cache keeps what was written to it, from the last time it was read."""

_CONVERSING: Final = frozenset({Role.ANSWER, Role.COMPACTION})
"""The roles of requests that read the conversation; the others have contexts of their own."""


class Request(NamedTuple):
    """One answer with what it read and wrote.

    Attributes:
        agent: The subagent's id; "" for the session itself.
        agent_type: The type of that subagent, or "".
        context_threshold: It read more tokens than this, which decides its price.
        tools: The tools that it called; None if that is not known.
        is_wanted: Whether it is in the period asked for; others only show what came before or
            after.
    """

    session: SessionKey
    agent: str
    agent_type: str
    at_ms: int
    variant: ModelVariant
    context_threshold: int
    tokens: TokenCounts
    tools: Tools | None
    is_wanted: bool = True

    @property
    def cached(self) -> int:
        """How many tokens are in the prompt cache after it, from the beginning of the context."""
        return self.tokens.cache_read + self.tokens.cache_write

    @property
    def lifetime_ms(self) -> int:
        """How long the cache keeps what it wrote: an hour only if all of that is for an hour."""
        tokens = self.tokens
        is_hour = tokens.cache_write_1h and not tokens.cache_write_5m
        return ONE_HOUR_MS if is_hour else FIVE_MINUTES_MS


class Leak(NamedTuple):
    """One figure.

    Attributes:
        answers: In how many answers it was seen.
        tokens: How many tokens it is about.
        cost: What these cost at list prices, in dollars.
        extra: How much more that was than without the leak.
        unpriced: How many of the answers are of models without a known price.
    """

    answers: int = 0
    tokens: int = 0
    cost: float = 0.0
    extra: float = 0.0
    unpriced: int = 0

    def plus(self, tokens: int, rates: TokenRates | None, rate: float, instead: float) -> Leak:
        """Return the figure with one more answer.

        Args:
            tokens: Its tokens; if there are none, nothing changes.
            rates: The rates of its model, None if they are unknown.
            rate: Dollars per token that were paid.
            instead: Dollars per token that would have been paid.
        """
        if tokens <= 0:
            return self
        answers, counted = self.answers + 1, self.tokens + tokens
        if rates is None:
            return self._replace(answers=answers, tokens=counted, unpriced=self.unpriced + 1)
        cost = self.cost + tokens * rate * rates.factor
        extra = self.extra + tokens * (rate - instead) * rates.factor
        return Leak(answers, counted, cost, extra, self.unpriced)


class SessionLeak(NamedTuple):
    """The part of one session in a figure."""

    session: SessionKey
    leak: Leak


def unread_writes(requests: Sequence[Request], prices: PricingTable, now_ms: int) -> Leak:
    """Return the tokens that were written to the prompt cache and never read again.

    A request reads the beginning of its context from the cache. So of what an answer wrote, that
    was read which lies within what a later answer of the same conversation and model read, as long
    as no pause between answers was longer than the cache keeps it; or what a subagent of the
    session read with its first request. Without the cache, the tokens would have cost the price of
    input. What may still be read is left out.
    """
    leak = Leak()
    chains = _chains(requests)
    firsts = _first_reads(chains)
    for chain in chains:
        others = firsts[chain[0].session, chain[0].variant.name]
        most_5m = most_1h = 0  # the longest beginnings that later answers read in time
        for index in range(len(chain) - 1, -1, -1):
            request = chain[index]
            tokens, rates = request.tokens, _rates(request, prices)
            if request.is_wanted and tokens.cache_write:
                end_1h = tokens.cache_read + tokens.cache_write_1h  # these come first
                read = max(most_1h, _read_by_others(others, request, ONE_HOUR_MS))
                unread_1h = max(end_1h - max(read, tokens.cache_read), 0)
                read = max(most_5m, _read_by_others(others, request, FIVE_MINUTES_MS))
                unread_5m = max(request.cached - max(read, end_1h), 0)
                if request.at_ms + ONE_HOUR_MS > now_ms:
                    unread_1h = 0
                if request.at_ms + FIVE_MINUTES_MS > now_ms:
                    unread_5m = 0
                leak = _both(leak, unread_5m, unread_1h, rates)
            if index:
                gap_ms = request.at_ms - chain[index - 1].at_ms
                most_5m = max(most_5m, tokens.cache_read) if gap_ms <= FIVE_MINUTES_MS else 0
                most_1h = max(most_1h, tokens.cache_read) if gap_ms <= ONE_HOUR_MS else 0
    return leak


def _both(leak: Leak, unread_5m: int, unread_1h: int, rates: TokenRates | None) -> Leak:
    """Add the unread tokens of one answer, written for five minutes and for an hour."""
    write_5m, write_1h, read = (rates[2], rates[3], rates[0]) if rates else (0.0, 0.0, 0.0)
    found = leak.plus(unread_5m, rates, write_5m, read)
    found = found.plus(unread_1h, rates, write_1h, read)
    is_twice = unread_5m > 0 and unread_1h > 0
    return found._replace(
        answers=found.answers - is_twice, unpriced=found.unpriced - (is_twice and rates is None)
    )


def expired_context(requests: Sequence[Request], prices: PricingTable) -> Leak:
    """Return the tokens that were sent again because the prompt cache had expired in a pause.

    If an answer comes later than the cache keeps what the one before it wrote (five minutes, or an
    hour), and its context is no shorter, so that it was not compacted or cleared, then whatever it
    did not read of what had been in the cache was sent again. In time it would have been read.
    """
    leak = Leak()
    for chain in _chains(requests):
        lifetime_ms = FIVE_MINUTES_MS
        for before, request in pairwise(chain):
            if before.tokens.cache_write:
                lifetime_ms = before.lifetime_ms
            is_late = request.at_ms - before.at_ms > lifetime_ms
            if not (request.is_wanted and is_late) or request.tokens.context < before.cached:
                continue
            tokens = request.tokens
            again = min(before.cached - tokens.cache_read, tokens.cache_write + tokens.input)
            rates = _rates(request, prices)
            leak = leak.plus(again, rates, _paid(request, again, rates), rates[4] if rates else 0.0)
    return leak


def rebuilt_caches(requests: Sequence[Request], prices: PricingTable) -> Leak:
    """Return the tokens that subagents wrote to the cache although another one just had.

    Subagents of one type in one session begin with the same prompt, which is at most as long as the
    shortest context with which one of them began. What a later one wrote of it, while the cache
    still had it, could have been read. Which part of these prompts is the same is not in the logs,
    so this is an upper limit.
    """
    groups: dict[Hashable, list[Request]] = defaultdict(list)
    for chain in _chains(requests):
        first = chain[0]
        if first.agent:
            groups[first.session, first.variant.name, first.agent_type].append(first)
    leak = Leak()
    for group in groups.values():
        group.sort(key=_when)
        common = min(request.tokens.context for request in group)
        for before, request in pairwise(group):
            is_kept = request.at_ms - before.at_ms <= before.lifetime_ms
            if request.is_wanted and before.tokens.cache_write and is_kept:
                tokens, rates = request.tokens, _rates(request, prices)
                again = min(common - tokens.cache_read, tokens.cache_write)
                rate = _paid(request, again, rates)
                leak = leak.plus(again, rates, rate, rates[4] if rates else 0.0)
    return leak


def long_context(requests: Iterable[Request], prices: PricingTable) -> list[SessionLeak]:
    """Return what requests cost more because their context exceeded a threshold, by session.

    The price of long context applies to all tokens of such a request. Sessions without one, or
    whose models cost the same at any length, are left out; the most expensive comes first.
    """
    found: dict[SessionKey, Leak] = defaultdict(Leak)
    for request in requests:
        long = _rates(request, prices)
        short = prices.rates(request.variant, at_ms=request.at_ms)
        if request.is_wanted and long is not None and short is not None and long != short:
            cost, instead = long.cost(request.tokens), short.cost(request.tokens)
            so_far = found[request.session]
            found[request.session] = Leak(
                so_far.answers + 1,
                so_far.tokens + request.tokens.total,
                so_far.cost + cost,
                so_far.extra + cost - instead,
            )
    leaks = [SessionLeak(session, leak) for session, leak in found.items()]
    return sorted(leaks, key=lambda one: (-one.leak.extra, one.session))


def conversations(requests: Iterable[Request]) -> list[list[Request]]:
    """Return the answers of each session and each of its subagents, in the order of time.

    Messages that Claude Code made up itself, as about an error, have no context and are left out.
    """
    found: dict[Hashable, list[Request]] = defaultdict(list)
    for request in requests:
        if request.variant.role is Role.ANSWER and request.variant.is_paid:
            found[request.session, request.agent].append(request)
    return [sorted(each, key=_when) for each in found.values()]


def write_rate(request: Request, rates: TokenRates) -> float:
    """Return dollars per token that a request paid for what was new in its context."""
    tokens = request.tokens
    if not tokens.cache_write:
        return rates.input
    written = tokens.cache_write_5m * rates.cache_write_5m
    return (written + tokens.cache_write_1h * rates.cache_write_1h) / tokens.cache_write


def _chains(requests: Iterable[Request]) -> list[list[Request]]:
    """Return the requests that could read what the others wrote, each chain in order of time.

    The prompt cache of each model is its own.
    """
    found: dict[Hashable, list[Request]] = defaultdict(list)
    for request in requests:
        if request.variant.role in _CONVERSING and request.variant.is_paid:
            found[request.session, request.agent, request.variant.name].append(request)
    return [sorted(each, key=_when) for each in found.values()]


def _when(request: Request) -> tuple[int, int, int]:
    """Return what sorts the requests of a conversation; a context grows."""
    return request.at_ms, request.tokens.context, request.tokens.output


_FirstReads = tuple[list[int], list[tuple[int, str]]]
"""When conversations began, ascending; what each read then, and its subagent."""


def _first_reads(chains: Iterable[Sequence[Request]]) -> dict[Hashable, _FirstReads]:
    """Return what conversations read with their first request, by session and model."""
    found: dict[Hashable, list[tuple[int, int, str]]] = defaultdict(list)
    for chain in chains:
        first = chain[0]
        key = (first.session, first.variant.name)
        found[key].append((first.at_ms, first.tokens.cache_read, first.agent))
    return {
        key: ([at_ms for at_ms, *_ in each], [(read, agent) for _, read, agent in each])
        for key, each in ((key, sorted(each)) for key, each in found.items())
    }


def _read_by_others(others: _FirstReads, request: Request, lifetime_ms: int) -> int:
    """Return the longest beginning that another conversation read with its first request."""
    moments, reads = others
    start = bisect_right(moments, request.at_ms)
    end = bisect_right(moments, request.at_ms + lifetime_ms)
    return max((read for read, agent in reads[start:end] if agent != request.agent), default=0)


def _paid(request: Request, tokens: int, rates: TokenRates | None) -> float:
    """Return dollars per token for tokens that were written, or beyond that were input."""
    if rates is None or tokens <= 0:
        return 0.0
    written = min(tokens, request.tokens.cache_write)
    cost = written * write_rate(request, rates) + (tokens - written) * rates.input
    return cost / tokens


def _rates(request: Request, prices: PricingTable) -> TokenRates | None:
    return prices.rates(request.variant, request.context_threshold, request.at_ms)
