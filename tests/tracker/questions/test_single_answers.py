"""Questions that are answered from single answers have the totals of the reports."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.tracker.circumstances import Told, answers
from tests.tracker.questions.test_breakdown import world_of

from spendlight.metering.dimensions import DIMENSIONS, Condition
from spendlight.tracker.questions.breakdown import Breakdown
from spendlight.tracker.questions.invoice import Invoice
from spendlight.tracker.questions.leaks import WhereMoneyLeaks
from spendlight.tracker.questions.periods import Periods
from spendlight.tracker.questions.selection import Selection


@settings(max_examples=12)
@given(answers(), st.sampled_from(sorted(DIMENSIONS)), st.data())
def test_an_invoice_has_the_total_of_a_report_whatever_is_selected(
    found: list[Told], dimension: str, data: st.DataObject
) -> None:
    with world_of(found) as tracker:
        rows = tracker.ask(Breakdown((dimension,))).rows
        value = data.draw(st.sampled_from([row.value for row in rows]))
        selection = Selection(where=(Condition(dimension, (value,)),))
        expected = tracker.ask(Periods(selection)).total

        sheet = tracker.ask(Invoice(selection))
        leaks = tracker.ask(WhereMoneyLeaks(selection))

    for total in (sheet.total, leaks.total):
        assert total.tokens == expected.tokens
        assert total.cost == pytest.approx(expected.cost)
    assert sum(day.spending.tokens.total for day in sheet.rows) == expected.tokens.total
    assert sum(day.amount for day in sheet.rows) == sheet.amount
    assert sum(line.amount for day in sheet.rows for line in day.lines) == sheet.amount
    assert sum(model.amount for model in sheet.models) == sheet.amount
