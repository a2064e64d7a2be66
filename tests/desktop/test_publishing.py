"""What the tray says about publishing to a team."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pytestqt.qtbot import QtBot
from tests.desktop.makers import FakeTracker, Open

from spendlight.tracker.team.publishing_failure import PublishingFailure


def test_the_tray_says_that_publishing_fails_until_it_works_again(
    qtbot: QtBot, open_desktop: Open, tracker: FakeTracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spendlight.desktop.app.upkeep.PUBLISH_MS", 20)
    since = datetime.now(UTC)
    tracker.publishing_failure = PublishingFailure(since, "the disk is full")

    desktop = open_desktop(tracker.as_tracker)

    told = f"Not published since {since:%H:%M}: the disk is full"
    qtbot.waitUntil(lambda: told in desktop.tray.tooltip)
    shown = [row.text() for row in desktop.tray.menu.actions() if row.isVisible()]
    assert told in shown
    tracker.publishing_failure = None
    qtbot.waitUntil(lambda: "Not published" not in desktop.tray.tooltip)
