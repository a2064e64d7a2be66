from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.makers import line, write_log
from tests.tracker.worlds import NOW, World

from spendlight.metering.budgets import AlertPolicy, Budget, BudgetPeriod, Metric
from spendlight.metering.plan import PlanSource, PlanWindow
from spendlight.tracker.plan_notes import limits_folder, note_limits

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def hook(world: World, percent: float = 41, session: object = "s1", **changes: Any) -> bytes:  # noqa: ANN401  # any value
    said = {
        "session_id": session,
        "transcript_path": str(world.root / "projects" / "p" / "s.jsonl"),
        "rate_limits": {
            "five_hour": {
                "used_percentage": percent,
                "resets_at": (NOW + 2 * HOUR).timestamp(),
            },
            "seven_day": {
                "used_percentage": percent + 10,
                "resets_at": (NOW + timedelta(days=2)).timestamp(),
            },
        },
    }
    return json.dumps(said | changes).encode()


def percents(world: World, now: datetime = NOW) -> dict[PlanWindow, float]:
    found = world.tracker().snapshot(now).plan
    return {one.window: one.percent for one in found}


def files(world: World) -> list[str]:
    return sorted(path.name for path in limits_folder(world.options()).iterdir())


def test_plan_limits_are_in_the_next_snapshot(world: World) -> None:
    assert note_limits(world.options(), hook(world), NOW)

    block, week = world.tracker().snapshot(NOW + MINUTE).plan

    assert (block.percent, block.seen_at, block.source) == (41, NOW, PlanSource.STATUS_LINE)
    assert block.folder == os.path.realpath(world.root)
    assert week.percent == 51


def test_without_reports_there_are_no_plan_limits(world: World) -> None:
    assert world.tracker().snapshot(NOW).plan == ()


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"{}", b'{"rate_limits": 5}', b"[" * 100_000])
def test_invalid_input_is_not_stored(world: World, text: bytes) -> None:
    assert not note_limits(world.options(), text, NOW)
    assert not limits_folder(world.options()).exists()


def test_the_same_figures_are_written_again_only_after_a_while(world: World) -> None:
    options = world.options()
    note_limits(options, hook(world), NOW)

    assert not note_limits(options, hook(world), NOW + timedelta(seconds=10))
    assert note_limits(options, hook(world, 42), NOW + timedelta(seconds=10))
    assert note_limits(options, hook(world, 42), NOW + timedelta(seconds=50))
    assert note_limits(options, hook(world, 42), NOW - timedelta(seconds=50))


def test_the_highest_figure_of_several_sessions_counts(world: World) -> None:
    note_limits(world.options(), hook(world, 60, "busy"), NOW - MINUTE)
    note_limits(world.options(), hook(world, 41, "resting"), NOW)

    assert percents(world) == {PlanWindow.FIVE_HOURS: 60, PlanWindow.WEEK: 70}


def test_an_idle_session_does_not_fill_a_new_window(world: World) -> None:
    def say(percent: float, session: str, minute: float) -> None:
        limits = {"five_hour": {"used_percentage": percent, "resets_at": resets_at.timestamp()}}
        note_limits(
            world.options(), hook(world, session=session, rate_limits=limits), NOW + minute * MINUTE
        )

    resets_at = NOW + 5 * HOUR
    say(100, "resting", 2)
    assert percents(world, NOW + 3 * MINUTE) == {}
    say(2, "busy", 4)
    say(100, "resting", 10)
    assert percents(world, NOW + 10 * MINUTE) == {PlanWindow.FIVE_HOURS: 2}
    say(60, "third", 11)
    assert percents(world, NOW + 11 * MINUTE) == {PlanWindow.FIVE_HOURS: 60}
    say(5, "busy", 12)
    assert percents(world, NOW + 12 * MINUTE) == {PlanWindow.FIVE_HOURS: 5}


@pytest.mark.parametrize("session", ["../../evil", "", None, 5, "a" * 999, "a/b", "ü", ".."])
def test_no_session_name_can_change_the_folder(world: World, session: object) -> None:
    note_limits(world.options(), hook(world, session=session), NOW)

    assert files(world) == ["other.json"]


def test_folders_out_of_scope_report_nothing(world: World) -> None:
    other = world.make_root("other")
    note_limits(
        world.options(), hook(world, transcript_path=str(other / "projects/p/s.jsonl")), NOW
    )

    assert percents(world) == {}
    assert world.tracker(world.root, other).snapshot(NOW).plan != ()


@pytest.mark.parametrize("place", ["", "/", "s.jsonl", "/w/s.jsonl", 5, None, "/a\0b/c/d"])
def test_plan_limits_are_stored_for_an_unknown_log(world: World, place: object) -> None:
    note_limits(world.options(), hook(world, transcript_path=place), NOW)

    assert percents(world)[PlanWindow.FIVE_HOURS] == 41


@pytest.mark.parametrize(
    ("age", "changes", "is_kept"),
    [
        (timedelta(hours=23), {}, True),
        (timedelta(days=2), {}, False),
        (timedelta(days=2), {"transcript_path": "/other/projects/p/s.jsonl"}, True),
        (timedelta(days=10), {"transcript_path": "/other/projects/p/s.jsonl"}, False),
    ],
)
def test_files_of_sessions_are_deleted_once_others_have_the_same_figures(
    world: World, age: timedelta, changes: dict[str, Any], is_kept: object
) -> None:
    note_limits(world.options(), hook(world, session="old", **changes), NOW - age)
    then = (NOW - age).timestamp()
    os.utime(limits_folder(world.options()) / "old.json", (then, then))

    note_limits(world.options(), hook(world, session="new"), NOW)

    assert ("old.json" in files(world)) is is_kept


def test_the_only_report_of_a_week_is_kept(world: World) -> None:
    note_limits(world.options(), hook(world, session="old"), NOW - timedelta(days=2))
    then = (NOW - timedelta(days=2)).timestamp()
    os.utime(limits_folder(world.options()) / "old.json", (then, then))
    limits = {"five_hour": {"used_percentage": 3, "resets_at": (NOW + HOUR).timestamp()}}

    note_limits(world.options(), hook(world, session="new", rate_limits=limits), NOW)

    assert percents(world) == {PlanWindow.FIVE_HOURS: 3, PlanWindow.WEEK: 51}


@pytest.mark.parametrize(
    "text", [b"", b"{", b"[]", b'{"seen_at":"x","rate_limits":{}}', b'{"seen_at":1e300}', b"\xff"]
)
def test_a_damaged_file_is_ignored_and_rewritten(world: World, text: bytes) -> None:
    note_limits(world.options(), hook(world), NOW)
    (limits_folder(world.options()) / "s1.json").write_bytes(text)

    assert percents(world) == {}

    note_limits(world.options(), hook(world), NOW)
    assert percents(world)[PlanWindow.FIVE_HOURS] == 41


def test_a_failed_write_raises_nothing(world: World) -> None:
    folder = limits_folder(world.options())
    folder.parent.mkdir(parents=True)
    folder.write_text("a file where a folder belongs")

    assert not note_limits(world.options(), hook(world), NOW)
    assert percents(world) == {}


def test_an_interrupted_write_keeps_the_last_figures(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    note_limits(world.options(), hook(world), NOW)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("spendlight.tracker.plan_notes.json.dump", full)

    assert not note_limits(world.options(), hook(world, 60), NOW)
    assert percents(world)[PlanWindow.FIVE_HOURS] == 41
    assert files(world) == ["s1.json"]


def test_the_cached_usage_counts_if_it_is_newer(world: World) -> None:
    limits = {"five_hour": {"utilization": 70, "resets_at": (NOW + 2 * HOUR).isoformat()}}
    cached = {"fetchedAtMs": (NOW - MINUTE).timestamp() * 1000, "utilization": limits}
    (world.root / ".claude.json").write_text(json.dumps({"cachedUsageUtilization": cached}))

    (found,) = world.tracker().snapshot(NOW).plan
    assert (found.percent, found.source) == (70, PlanSource.USAGE_CACHE)

    note_limits(world.options(), hook(world, 72), NOW)
    assert percents(world)[PlanWindow.FIVE_HOURS] == 72


def test_the_cached_usage_of_the_default_folder_is_beside_it(world: World) -> None:
    limits = {"seven_day": {"utilization": 70, "resets_at": (NOW + 2 * HOUR).isoformat()}}
    cached = {"fetchedAtMs": NOW.timestamp() * 1000, "utilization": limits}
    root = world.make_root(".claude")
    (world.place / ".claude.json").write_text(json.dumps({"cachedUsageUtilization": cached}))

    (found,) = world.tracker(root).snapshot(NOW).plan

    assert (found.window, found.percent) == (PlanWindow.WEEK, 70)


def test_a_running_tracker_notices_new_plan_limits(world: World) -> None:
    tracker = world.tracker()
    assert tracker.snapshot(NOW).plan == ()

    note_limits(world.options(), hook(world, 41), NOW)
    assert tracker.snapshot(NOW).plan[0].percent == 41

    note_limits(world.options(), hook(world, 43), NOW)
    assert tracker.snapshot(NOW).plan[0].percent == 43


SPEAK = """
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from spendlight.tracker.options import TrackerOptions
from spendlight.tracker.plan_notes import note_limits
options = TrackerOptions(data_dir=Path(sys.argv[1]), environ={})
now = datetime.fromisoformat(sys.argv[3])
for number in range(200):
    text = sys.argv[2].replace("4141", str(int(sys.argv[4]) + number % 50)).encode()
    assert note_limits(options, text, now + timedelta(seconds=40 * number))
"""


def test_many_simultaneous_status_lines_lose_nothing(world: World) -> None:
    now = datetime.now(UTC)
    ends = {"resets_at": (now + 4 * HOUR).timestamp()}
    limits = {"five_hour": {"used_percentage": 4141, **ends}}
    running = [
        subprocess.Popen(
            [
                sys.executable,
                "-c",
                SPEAK,
                str(world.place / "data"),
                hook(world, session=session, rate_limits=limits).decode(),
                now.isoformat(),
                first,
            ]
        )
        for session, first in (("a", "0"), ("b", "10"), ("a", "5"))
    ]
    tracker = world.tracker()
    while any(process.poll() is None for process in running):
        for found in tracker.snapshot(now).plan:
            assert 0 <= found.percent <= 60

    assert [process.returncode for process in running] == [0, 0, 0]
    assert files(world) == ["a.json", "b.json"]
    (found,) = world.tracker().snapshot(now + timedelta(seconds=8_000)).plan
    assert found.percent == 59


PLAN = Budget(name="plan", amount=100, metric=Metric.PLAN)
PLAN_WEEK = Budget(name="week", amount=100, metric=Metric.PLAN, period=BudgetPeriod.WEEK)


def test_a_plan_limit_has_claude_codes_percentage(world: World) -> None:
    note_limits(world.options(), hook(world, 85), NOW)
    tracker = world.tracker()
    tracker.use_budgets([PLAN_WEEK, PLAN], AlertPolicy())

    week, block = tracker.snapshot(NOW).budgets

    assert (block.used, block.share, block.instance) == (85, 0.85, "2026-03-01T14:30Z")
    assert (block.starts_at, block.resets_at) == (NOW - 3 * HOUR, NOW + 2 * HOUR)
    assert block.projected == pytest.approx(85 / 3 * 5)
    assert (week.used, week.instance) == (95, "2026-03-03T12:30Z")


def test_an_old_percentage_is_not_used_for_a_budget(world: World) -> None:
    note_limits(world.options(), hook(world, 100), NOW - HOUR)
    tracker = world.tracker()
    tracker.use_budgets([PLAN], AlertPolicy())

    (state,) = tracker.snapshot(NOW).budgets

    assert (state.used, state.instance, state.severity) == (0, "", None)


def test_each_plan_window_is_reported_once(world: World) -> None:
    now = datetime.now(UTC)
    write_log(world.root, "p/s.jsonl", line())
    tracker = world.tracker()
    tracker.use_budgets([PLAN], AlertPolicy())

    def look(percent: float, ends: timedelta) -> list[float]:
        limits = {
            "five_hour": {
                "used_percentage": percent,
                "resets_at": (now.replace(second=0, microsecond=0) + ends).timestamp(),
            }
        }
        note_limits(world.options(), hook(world, rate_limits=limits), now)
        return [alert.level for alert in tracker.refresh().alerts]

    assert look(50, 2 * HOUR) == []
    assert look(80, 2 * HOUR) == [0.8]
    assert look(85, 2 * HOUR + timedelta(seconds=2)) == []
    assert world.tracker().refresh().alerts == ()


def test_the_end_of_a_used_up_plan_window_is_reported(world: World) -> None:
    reset = Budget(name="reset", metric=Metric.RESET)
    note_limits(world.options(), hook(world, 96), NOW - HOUR)
    tracker = world.tracker()
    tracker.use_budgets([reset], AlertPolicy())

    (state,) = tracker.snapshot(NOW).budgets

    assert (state.used, state.resets_at) == (0.96, NOW + 2 * HOUR)
