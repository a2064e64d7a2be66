"""Moments in the texts of tray and window."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from spendlight.desktop.words.situation import Situation

NOW = datetime(2026, 3, 2, 13, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "text"),
    [
        (-48, "2026-02-28 13:00"),
        (-14, "yesterday 23:00"),
        (-13, "00:00"),
        (10, "23:00"),
        (12, "01:00 tomorrow"),
        (34, "23:00 tomorrow"),
        (35, "2026-03-04 00:00"),
    ],
)
def test_days_next_to_today_are_named(hours: int, text: str) -> None:
    situation = Situation(NOW, zone=UTC)

    assert situation.clock(NOW + timedelta(hours=hours)) == text
