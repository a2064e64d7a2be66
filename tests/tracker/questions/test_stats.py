from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.makers import OPUS, SONNET, line, write_log
from tests.tracker.worlds import World, at

from spendlight.ledger.reader import LedgerReader
from spendlight.tracker.questions.selection import Selection
from spendlight.tracker.questions.stats import Stats
from spendlight.tracker.tracker import UsageTracker

NOW = datetime(2026, 3, 1, 23, tzinfo=UTC)


@pytest.fixture
def tracker(world: World) -> UsageTracker:
    """A tracker of two sessions of one day; the log of the first is gone."""
    gone = write_log(world.root, "p/gone.jsonl", line(id="m1", model=OPUS, timestamp=at(0)))
    write_log(world.root, "p/here.jsonl", line(id="m2", model=SONNET, timestamp=at(5)))
    world.read()
    gone.unlink()
    return world.read()


@pytest.mark.parametrize(("model", "in_logs"), [("", 1), (OPUS, 0), (SONNET, 1)])
def test_a_day_is_in_the_logs_if_one_of_them_has_some_of_the_selected_usage(
    tracker: UsageTracker, model: str, in_logs: int
) -> None:
    found = tracker.ask(Stats(Selection(model=model), NOW))

    (month,) = found.months
    assert (month.in_logs, month.kept) == (in_logs, 1 - in_logs)


def test_days_are_added_up_from_packed_sums(
    tracker: UsageTracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = tracker.ask(Stats(now=NOW))
    monkeypatch.setattr(LedgerReader, "by_session", None)

    assert tracker.ask(Stats(now=NOW)) == whole
    assert [row.spending.answers for row in whole.days] == [2]
