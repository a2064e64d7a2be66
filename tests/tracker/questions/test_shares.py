from __future__ import annotations

from math import isclose

import pytest

from spendlight.tracker.questions.periods import Periods
from spendlight.tracker.questions.shares import ModelShares, ProjectShares
from spendlight.tracker.tracker import UsageTracker


@pytest.mark.parametrize("question", [ProjectShares(), ModelShares()])
def test_the_shares_add_up(tracker: UsageTracker, question: ProjectShares | ModelShares) -> None:
    whole = tracker.ask(Periods()).total

    report = tracker.ask(question)

    assert isclose(sum(row.spending.cost for row in report.rows), whole.cost)
    assert sum(row.spending.tokens.total for row in report.rows) == whole.tokens.total
    assert isclose(sum(row.share for row in report.rows), 1.0)
    assert report.total.answers == whole.answers
