"""Asks where money leaks: what usage cost more than it could have."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from spendlight.metering.cheaper_models import comparisons, newest_claude_models
from spendlight.metering.leaks import (
    Request,
    expired_context,
    long_context,
    rebuilt_caches,
    unread_writes,
)
from spendlight.metering.periods import DateRange, day_from_number, to_ms
from spendlight.metering.slices import add_up
from spendlight.metering.tool_growth import tool_growth
from spendlight.tracker.questions.attributed import attributed_answers
from spendlight.tracker.questions.selection import EVERYTHING, Selection

if TYPE_CHECKING:
    from collections.abc import Iterable

    from spendlight.metering.cheaper_models import Comparison
    from spendlight.metering.leaks import Leak, SessionLeak
    from spendlight.metering.pricing import PriceSource
    from spendlight.metering.slices import Spending
    from spendlight.metering.tool_growth import Growth
    from spendlight.tracker.questions.attributed import AttributedAnswer
    from spendlight.tracker.questions.source import Source

_AROUND: Final = timedelta(days=1)
"""Answers from so long before and after the period are read too: what came before a pause, and
whether a cache was read again."""


class LongContext(NamedTuple):
    """A session whose context exceeded a threshold, with its title, or ""."""

    found: SessionLeak
    title: str


class Leaks(NamedTuple):
    """Where money leaked; the figures overlap, so they do not add up.

    Attributes:
        total: All usage in the period.
        unread: Cache writes that were never read again.
        expired: Context that was sent again after a pause.
        long: Sessions with requests at the price of long context.
        rebuilt: Caches that several subagents wrote.
        compared: Models and the next cheaper ones.
        growth: By how much results of tools let contexts grow.
    """

    days: DateRange
    total: Spending
    unread: Leak
    expired: Leak
    long: tuple[LongContext, ...]
    rebuilt: Leak
    compared: tuple[Comparison, ...]
    growth: Growth
    prices: PriceSource


class WhereMoneyLeaks(NamedTuple):
    """Where money leaked.

    Attributes:
        now: The moment to take as the current time; None means now.
    """

    selection: Selection = EVERYTHING
    now: datetime | None = None

    def answer(self, source: Source) -> Leaks:
        """Return the figures, all at list prices."""
        selection, prices = self.selection, source.prices
        wider = selection._replace(days=_wider(selection.days))
        found = attributed_answers(source, wider)
        requests = [_request(answer, selection.days) for answer in found]
        wanted = [
            answer.piece
            for answer, request in zip(found, requests, strict=True)
            if request.is_wanted
        ]
        names = {piece.variant.name for piece in wanted if piece.variant.is_paid}
        candidates = sorted(names.union(newest_claude_models(prices.everyday_models)))
        now_ms = to_ms(self.now or datetime.now(UTC))
        titles = source.session_notes().titles
        return Leaks(
            selection.days,
            add_up(sorted(wanted, key=lambda one: one.first_ms), prices, selection.mode),
            unread_writes(requests, prices, now_ms),
            expired_context(requests, prices),
            tuple(
                LongContext(one, titles.get(one.session, ""))
                for one in long_context(requests, prices)
            ),
            rebuilt_caches(requests, prices),
            tuple(comparisons(requests, prices, candidates)),
            tool_growth(requests, prices),
            prices.source,
        )


def _request(answer: AttributedAnswer, days: DateRange) -> Request:
    piece, attribution = answer.piece, answer.attribution
    return Request(
        piece.session[1:],
        attribution.agent,
        answer.agent_type,
        piece.first_ms,
        piece.variant,
        piece.context_threshold,
        piece.tokens,
        answer.tools,
        day_from_number(answer.day) in days,
    )


def _wider(days: DateRange) -> DateRange:
    since, until = days
    if since is not None and since > date.min:
        since -= _AROUND
    if until is not None and until < date.max:
        until += _AROUND
    return DateRange(since, until)


def in_total(leaks: Iterable[LongContext]) -> Leak:
    """Return the sum over sessions."""
    from spendlight.metering.leaks import Leak

    total = Leak()
    for each in leaks:
        leak = each.found.leak
        total = Leak(
            total.answers + leak.answers,
            total.tokens + leak.tokens,
            total.cost + leak.cost,
            total.extra + leak.extra,
        )
    return total
