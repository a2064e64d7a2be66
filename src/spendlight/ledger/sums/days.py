"""Sums of local days, kept for the offsets from UTC in use, so that reports by day are fast.

Days are kept by offset and not by time zone, as the rules of a zone may change and its days are of
two offsets. A day on which the clock changes is summed up from the buckets.
"""

from __future__ import annotations

from itertools import groupby, repeat, zip_longest
from operator import itemgetter
from typing import TYPE_CHECKING, Final

from spendlight.ledger.machines import ALL_ROOTS
from spendlight.ledger.sums.offsets import kept_offsets, note_offsets
from spendlight.ledger.sums.on_demand import sums_by_day, variant_uses
from spendlight.ledger.sums.packing import pack_sums, proven, unpack_uses
from spendlight.ledger.sums.runs import Runs, runs_of
from spendlight.ledger.sums.slicing import kinds
from spendlight.metering.entry import NO_SESSION
from spendlight.metering.periods import DAY_MS, Span
from spendlight.metering.slices import SLOT_MS
from spendlight.values import NamedTuple

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from spendlight.ledger.machines import Scope
    from spendlight.ledger.sums.slicing import Row, Slicer
    from spendlight.metering.entry import ModelVariant

MOST_OFFSETS: Final = 6
"""The number of offsets kept: enough for two zones with daylight saving time and two without."""

_FIRST_DAY: Final = 1
_LAST_DAY: Final = 3_000_000
"""No day is kept outside these; the last is in the year 10183."""


def keep(connection: sqlite3.Connection, offsets: Iterable[int]) -> None:
    """Keep the days of more offsets from UTC, and drop those that have not been used for longest.

    Args:
        connection: Where to write, within a transaction.
        offsets: In milliseconds, multiples of a quarter of an hour.
    """
    kept = kept_offsets(connection)
    wanted = list(offsets)
    chosen = [*wanted, *(offset for offset in kept if offset not in wanted)][:MOST_OFFSETS]
    for offset in set(kept) - set(chosen):
        connection.execute("DELETE FROM day_sums WHERE offset_ms = ?", (offset,))
    for offset in set(chosen) - set(kept):
        make(connection, offset, _FIRST_DAY, _LAST_DAY)
    note_offsets(connection, chosen)


def make(connection: sqlite3.Connection, offset_ms: int, first: int, last: int) -> None:
    """Sum up a range of days at one offset from UTC, and write them. Within a transaction.

    Args:
        connection: Where to write.
        offset_ms: The offset.
        first: The number of the first day.
        last: The number of the last day.
    """
    connection.execute(
        "DELETE FROM day_sums WHERE offset_ms = ? AND day >= ? AND day <= ?",
        (offset_ms, first, last),
    )
    from spendlight.ledger.signing import sign  # reports sign nothing

    span = Span(first * DAY_MS - offset_ms, (last + 1) * DAY_MS - offset_ms, offset_ms)
    found = sum_up_days(connection, [span], ALL_ROOTS)
    for day, group in groupby(sorted(found, key=_day), _day):
        sums = pack_sums(row[2:] for _, row in group)
        connection.execute(
            "INSERT INTO day_sums VALUES (?, ?, ?, ?)", (offset_ms, day, sums, sign(sums, day))
        )


def renew(connection: sqlite3.Connection, slots: Iterable[int]) -> None:
    """Recompute the kept days that contain some slots. Within a transaction."""
    offsets = kept_offsets(connection)
    if not offsets:
        return
    changed = list(slots)
    for offset in offsets:
        days = sorted({(slot * SLOT_MS + offset) // DAY_MS for slot in changed})
        for _, run in groupby(enumerate(days), lambda pair: pair[1] - pair[0]):
            chosen = [day for _, day in run]
            make(connection, offset, max(chosen[0], _FIRST_DAY), chosen[-1])


def rebuild(connection: sqlite3.Connection) -> None:
    """Recompute all kept days. Within a transaction."""
    for offset in kept_offsets(connection):
        make(connection, offset, _FIRST_DAY, _LAST_DAY)


class ModelUse(NamedTuple):
    """The usage of a model over all time.

    Attributes:
        answers: How many answers it gave.
        first_ms: The moment of the first, in Unix milliseconds.
    """

    variant: ModelVariant
    answers: int
    first_ms: int


class WholeDays(NamedTuple):
    """Local days that are kept.

    Attributes:
        offset_ms: Their offset from UTC.
        first: The number of the first.
        end: One more than the number of the last.
    """

    offset_ms: int
    first: int
    end: int


def whole_days(
    connection: sqlite3.Connection, spans: Sequence[Span], scope: Scope
) -> tuple[list[WholeDays], list[Span]]:
    """Return the days in some spans that are kept, and the rest of the spans; no day is in both.

    Args:
        connection: Where to read.
        spans: When, each with its offset from UTC, in chronological order.
        scope: Which roots; days are kept for all roots together only.
    """
    offsets = kept_offsets(connection) if scope == ALL_ROOTS else ()
    found: list[WholeDays] = []
    left: list[Span] = []
    after = _FIRST_DAY
    for span, later in zip_longest(spans, spans[1:]):
        start, end = ((moment + span.offset_ms) for moment in span[:2])
        first = max(after, -(-start // DAY_MS))
        after = -(-end // DAY_MS)
        last = min(_LAST_DAY, end // DAY_MS)
        if later is not None:  # a clock put back at midnight begins the same day again
            last = min(last, (later.start_ms + later.offset_ms) // DAY_MS)
        if first >= last or span.offset_ms not in offsets:
            left.append(span)
            continue
        found.append(WholeDays(span.offset_ms, first, last))
        begin_ms, end_ms = (day * DAY_MS - span.offset_ms for day in (first, last))
        left += [span._replace(end_ms=begin_ms), span._replace(start_ms=end_ms)]
    return found, [span for span in left if span.start_ms < span.end_ms]


def read(
    connection: sqlite3.Connection,
    slicer: Slicer,
    scope: Scope,
    spans: Sequence[Span],
    context_thresholds: Sequence[int],
) -> Runs:
    """Return the sums of local days in chronological order, within each day in that of the logs.

    Args:
        connection: Where to read, within one transaction.
        slicer: Knows the models by their numbers.
        scope: Which roots.
        spans: When, each with its offset from UTC, in chronological order.
        context_thresholds: The context sizes by which sums are separated, ascending.
    """
    kept, left = whole_days(connection, spans, scope)
    found = sum_up_days(connection, left, scope)
    runs = runs_of((row for _, row in found), slicer.sessions(()))
    for days in kept:
        rows = connection.execute(
            "SELECT sums, day, signature FROM day_sums"
            " WHERE offset_ms = ? AND day >= ? AND day < ?",
            days,
        ).fetchall()
        sums, numbers = proven(rows)
        runs += zip(numbers, repeat(NO_SESSION), sums)
    return Runs(sorted(runs, key=itemgetter(0)), slicer, context_thresholds)


def models_used(connection: sqlite3.Connection, slicer: Slicer, scope: Scope) -> list[ModelUse]:
    """Return the models that have ever given an answer, in the order of their first.

    Args:
        connection: Where to read, within one transaction.
        slicer: Knows the models by their numbers.
        scope: Which roots.
    """
    offsets = kept_offsets(connection)
    if scope == ALL_ROOTS and offsets:
        rows = connection.execute(
            "SELECT sums, day, signature FROM day_sums WHERE offset_ms = ?", offsets[:1]
        ).fetchall()
        uses = unpack_uses(proven(rows)[0])
    else:
        uses = variant_uses(connection, scope)
    found: dict[int, tuple[int, int]] = {}
    for number, answers, first_ms in uses:
        known, known_ms = found.get(number, (0, first_ms))
        found[number] = answers + known, min(first_ms, known_ms)
    variants = slicer.variants(found)
    models = [ModelUse(variants[number], *use) for number, use in found.items()]
    return sorted(models, key=lambda use: (use.first_ms, use.variant))


def sum_up_days(
    connection: sqlite3.Connection, spans: Iterable[Span], scope: Scope
) -> list[tuple[str, Row]]:
    """Return the sums of local days, of all sessions together, in the order of the logs.

    Each comes with a text that sorts by its first occurrence in the logs. Of several in one line
    the answer comes first, then its advisors.

    Args:
        connection: Where to read.
        spans: When, each with its offset from UTC.
        scope: Which roots; a part of them takes longer than all.
    """
    found = [pair for span in spans for pair in sums_by_day(connection, span, scope)]
    kind_of = kinds(connection)
    return sorted(found, key=lambda pair: (pair[0], kind_of[pair[1][2]], pair[1][3]))


def _day(found: tuple[str, Row]) -> int:
    day: int = found[1][0]
    return day
