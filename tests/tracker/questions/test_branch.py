"""A person-day is a day on one machine."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from tests.makers import NOON_MS, piece, prices

from spendlight.metering.attribution import Attribution
from spendlight.metering.dimensions import Circumstances
from spendlight.metering.periods import DAY_MS, Span
from spendlight.metering.session_notes import NO_NOTES, SessionNotes
from spendlight.metering.sums import UsageSlice
from spendlight.tracker.questions.branch import Branch

ENGINE = Attribution(folder="/home/ada/engine", branch="fix/clock")


class Ledger:
    """A ledger with the answers of one machine."""

    def __init__(self, moments_ms: list[int]) -> None:
        self._moments_ms = moments_ms

    def answers_with_circumstances(
        self, _: object, span: Span
    ) -> Iterator[tuple[UsageSlice, Circumstances, tuple[()]]]:
        one = Circumstances(ENGINE, "", "", is_aside=False)
        for at_ms in self._moments_ms:
            if span.start_ms <= at_ms < span.end_ms:
                yield piece(at_ms), one, ()


class Machines:
    """A source with the answers of several machines."""

    def __init__(self, **moments_ms: list[int]) -> None:
        self._moments_ms = moments_ms
        self.prices = prices()
        self.scope = None
        self.ledger = Ledger([at_ms for each in moments_ms.values() for at_ms in each])

    def extent(self) -> tuple[int, int]:
        return NOON_MS, NOON_MS + 10 * DAY_MS

    def parts(self, *, by_machine: bool) -> list[tuple[str, Machines]]:
        assert by_machine
        return [(name, Machines(**{name: found})) for name, found in self._moments_ms.items()]

    def named(self, pieces: Iterator[UsageSlice]) -> Iterator[UsageSlice]:
        return pieces

    def session_notes(self, _: object) -> SessionNotes:
        return NO_NOTES


def days(source: Any) -> list[tuple[date, str | None, int]]:  # noqa: ANN401  # as good as a source
    usage = Branch("fix/clock").answer(source)
    assert usage.total.answers == sum(row.spending.answers for row in usage.rows)
    return [(row.day, row.machine, row.spending.answers) for row in usage.rows]


def test_each_day_of_each_machine_is_a_person_day() -> None:
    next_ms = NOON_MS + DAY_MS
    source = Machines(desk=[NOON_MS, NOON_MS + 1, next_ms], lap=[next_ms + 1])

    first, second = date(2026, 3, 1), date(2026, 3, 2)
    assert days(source) == [(first, "desk", 2), (second, "desk", 1), (second, "lap", 1)]


def test_a_single_machine_is_not_named() -> None:
    assert days(Machines(desk=[NOON_MS], lap=[])) == [(date(2026, 3, 1), None, 1)]
