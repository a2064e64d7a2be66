from __future__ import annotations

import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from spendlight.demo import DEMO
from spendlight.tracker.demo_mode import DemoMode, demo_mode
from spendlight.tracker.tracker import UsageTracker


@pytest.fixture(autouse=True)
def small_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    small = replace(DEMO, days=2, files=4, answers=30, target_bytes=100_000)
    monkeypatch.setattr("spendlight.tracker.demo_mode.DEMO", small)


def size(demo: DemoMode) -> int:
    return sum(path.stat().st_size for path in demo.logs.rglob("*.jsonl"))


def test_a_demo_has_its_own_logs_and_ledger(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(home / "mine"))
    monkeypatch.setenv("SPENDLIGHT_DATA_DIR", str(home / "data"))

    with demo_mode() as demo:
        tracker = UsageTracker.open(demo.options)
        snapshot = tracker.refresh().snapshot
        assert [root.folder for root in tracker.health().roots] == [str(demo.logs)]

    assert snapshot.block is not None
    assert not (home / "data").exists()


def test_a_demo_leaves_nothing_behind() -> None:
    with demo_mode() as demo:
        assert demo.logs.exists()

    assert not demo.logs.parent.exists()


def test_a_demo_reports_its_progress() -> None:
    told: list[tuple[int, int]] = []

    with demo_mode(lambda done, total: told.append((done, total))):
        assert told[-1][0] <= told[-1][1] * 1.5


def test_new_usage_can_be_added_to_a_demo() -> None:
    with demo_mode() as demo:
        before = size(demo)

        demo.feed()

        assert size(demo) > before


def test_a_demo_grows_while_it_is_watched() -> None:
    with demo_mode() as demo:
        before = size(demo)

        with demo.growing(every_s=0.001):
            latest = time.monotonic() + 30
            while size(demo) == before and time.monotonic() < latest:
                time.sleep(0.001)  # nothing reports that files grow

        assert size(demo) > before
        assert "demo" not in {thread.name for thread in threading.enumerate()}
