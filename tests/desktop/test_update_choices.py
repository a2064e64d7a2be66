"""Whether updates are checked, when news may be shown, and where prices are stored."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from spendlight.build import Build, Channel
from spendlight.desktop.app import running
from spendlight.desktop.app.alerts import may_disturb
from spendlight.desktop.words import Situation
from spendlight.errands import Errands
from spendlight.metering.budgets import AlertPolicy
from spendlight.tracker.options import TrackerOptions


@pytest.mark.parametrize(
    ("channel", "options", "is_demo", "may_look", "is_usual"),
    [
        (Channel.SOURCE, TrackerOptions(), False, True, True),
        (Channel.APPIMAGE, TrackerOptions(), False, True, True),
        (Channel.DEB, TrackerOptions(), False, True, False),
        (Channel.DISTRIBUTION, TrackerOptions(), False, True, False),
        (Channel.SOURCE, TrackerOptions(is_offline=True), False, False, True),
        (Channel.SOURCE, TrackerOptions(), True, False, True),
    ],
)
def test_the_package_decides_the_default_and_offline_means_never(  # noqa: PLR0913  # a table
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    channel: Channel,
    options: TrackerOptions,
    *,
    is_demo: bool,
    may_look: bool,
    is_usual: bool,
) -> None:
    build = Build(channel, "", is_frozen=False)
    monkeypatch.setattr(running, "read_build", lambda: build)

    lookout = running.lookout_for(options._replace(data_dir=tmp_path), Errands(), is_demo=is_demo)

    assert lookout.folder == tmp_path / "updates"
    assert (lookout.apart is not None, lookout.is_usual) == (may_look, is_usual)


def test_updates_are_not_announced_while_alerts_are_muted_or_in_quiet_hours() -> None:
    now = datetime(2026, 11, 30, 23, tzinfo=UTC)
    situation = Situation(now, zone=UTC)
    night = AlertPolicy(quiet_from=time(22), quiet_until=time(7))

    assert may_disturb(AlertPolicy(), None, situation)
    assert may_disturb(AlertPolicy(), now - timedelta(minutes=1), situation)
    assert not may_disturb(AlertPolicy(), now + timedelta(minutes=1), situation)
    assert not may_disturb(night, None, situation)


def test_newer_prices_are_stored_beside_the_ledger(tmp_path: Path) -> None:
    command = running.command_for_prices(TrackerOptions(data_dir=tmp_path))

    assert command[-3:] == ("prices", "--data-dir", str(tmp_path))
    assert running.command_for_prices(TrackerOptions())[-1] == "prices"
    assert running.command_for_team(TrackerOptions())[-2:] == ("team", "publish")
