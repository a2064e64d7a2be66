"""Whatever happens to logs, counted usage is kept, and new usage counts once."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.makers import append, line, write_log
from tests.tracker.worlds import NOW, World, at, figures, outputs_by_day, sums, total

from spendlight.ledger.backups import daily
from spendlight.tracker import safekeeping
from spendlight.tracker.questions.periods import Periods
from spendlight.tracker.questions.selection import Selection
from spendlight.tracker.snapshot import DataState
from spendlight.tracker.tracker import UsageTracker

NAMES = ("p/a.jsonl", "p/b.jsonl", "q/a.jsonl", "p/a/subagents/agent-1.jsonl")


def answer(number: int, **changes: object) -> bytes:
    """Return the line of an answer that is unique for a number; each has another hour."""
    names = {"id": f"m{number}", "requestId": f"r{number}", "uuid": f"{number:036}"}
    return line(**(names | {"timestamp": at(60 * number)} | changes))


class Vandal:
    """Changes logs as people and programs do, and records every line that ever existed."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.written: set[bytes] = set()
        self._lines = 0

    def path(self, name: str) -> Path:
        path = self.world.root / "projects" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def new(self, count: int = 2) -> list[bytes]:
        lines = [answer(self._lines + number) for number in range(count)]
        self._lines += count
        self.written.update(lines)
        return lines

    def grow(self, path: Path) -> None:
        append(path, *self.new())

    def rewrite(self, path: Path) -> None:
        path.write_bytes(b"".join(self.new(3)))

    def replace(self, path: Path) -> None:
        other = path.with_suffix(".new")
        other.write_bytes(b"".join(self.new(3)))
        other.replace(path)

    def delete(self, path: Path) -> None:
        path.unlink(missing_ok=True)

    def truncate(self, path: Path) -> None:
        if path.exists():
            lines = path.read_bytes().splitlines(keepends=True)
            os.truncate(path, len(b"".join(lines[: len(lines) // 2])))

    def empty(self, path: Path) -> None:
        if path.exists():
            os.truncate(path, 0)

    def rotate(self, path: Path) -> None:
        if path.exists():
            path.replace(path.with_name(f"{path.stem}.1.jsonl"))
        path.write_bytes(b"".join(self.new(1)))

    def copy_and_cut(self, path: Path) -> None:
        if path.exists():
            shutil.copy(path, path.with_name(f"{path.stem}.old.jsonl"))
            os.truncate(path, 0)

    def move(self, path: Path) -> None:
        if path.exists():
            path.replace(self.path(f"moved/{path.parent.name}/{path.name}"))

    def move_folder(self, path: Path) -> None:
        target = self.world.root / "projects" / "elsewhere"
        if not target.exists():
            path.parent.replace(target)

    def set_clock_back(self, path: Path) -> None:
        if path.exists():
            append(path, *self.new(1))
            os.utime(path, ns=(0, 0))


FAULTS = (
    Vandal.grow,
    Vandal.rewrite,
    Vandal.replace,
    Vandal.delete,
    Vandal.truncate,
    Vandal.empty,
    Vandal.rotate,
    Vandal.copy_and_cut,
    Vandal.move,
    Vandal.move_folder,
    Vandal.set_clock_back,
)


@pytest.mark.slow
@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(FAULTS), st.sampled_from(NAMES)), max_size=12))
def test_whatever_happens_to_logs_every_answer_counts_once(
    faults: list[tuple[Callable[[Vandal, Path], None], str]],
) -> None:
    with tempfile.TemporaryDirectory() as place:
        world = World(Path(place))
        vandal = Vandal(world)
        tracker = world.tracker()
        for name in NAMES:
            vandal.grow(vandal.path(name))
        tracker.refresh()
        before = outputs_by_day(tracker)

        for fault, name in faults:
            fault(vandal, vandal.path(name))
            tracker.refresh()
            after = outputs_by_day(tracker)
            assert all(after[day] >= output for day, output in before.items())
            before = after

        Path(place, "calm").mkdir()
        undisturbed = World(Path(place, "calm"))
        write_log(undisturbed.root, "p/a.jsonl", *sorted(vandal.written))
        calm = undisturbed.read()
        assert sums(calm)[:3] == sums(tracker)[:3]
        assert outputs_by_day(calm) == before


@pytest.mark.parametrize("name", ["00000000.jsonl", "ffffffff.jsonl"])
def test_a_resumed_session_never_lowers_a_past_day(world: World, name: str) -> None:
    past = [answer(number) for number in range(4)]
    write_log(world.root, "p/88888888.jsonl", *past)
    tracker = world.read()
    before = outputs_by_day(tracker)

    copies = [answer(number, sessionId=name[:8]) for number in range(4)]
    resumed = write_log(world.root, f"p/{name}", *copies[:2])
    tracker.refresh()
    assert outputs_by_day(tracker) == before
    append(resumed, *copies[2:], answer(99))
    tracker.refresh()
    after = outputs_by_day(tracker)
    (world.root / "projects" / "p" / "88888888.jsonl").unlink()
    tracker.refresh()

    assert {day: after[day] for day in before} == before
    assert sum(after.values()) == sum(before.values()) + 400
    assert outputs_by_day(tracker) == after


def test_a_clock_that_was_set_back_does_no_harm(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = write_log(world.root, "p/s.jsonl", answer(0))
    set_clock(monkeypatch, NOW)
    tracker = world.read()
    tracker.refresh()

    set_clock(monkeypatch, NOW - timedelta(days=400))
    for number in range(1, 4):
        append(log, answer(number, timestamp=f"2025-01-25T12:0{number}:00.000Z"))
        os.utime(log, ns=(number, number))
        assert tracker.refresh().new_answers == 1

    assert total(tracker).answers == 4
    assert tracker.snapshot(NOW - timedelta(days=400)).state is not DataState.NO_LOGS
    assert figures(world.read(data="fresh")) == figures(tracker)


def test_after_the_clock_was_set_back_there_is_one_backup_a_day(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = write_log(world.root, "p/s.jsonl", answer(0))
    path = world.place / "data" / "ledger.sqlite3"
    for day in range(8):
        set_clock(monkeypatch, NOW + timedelta(days=day))
        append(log, answer(100 + day))
        world.read()

    set_clock(monkeypatch, NOW - timedelta(days=400))
    for number in range(1, 4):
        append(log, answer(number))
        world.read()

    made = [backup.made_at for backup in daily(path)]
    assert made.count(NOW - timedelta(days=400)) == 1
    assert len(made) == 7


def set_clock(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    """Set the time that backups see."""

    class Clock(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            assert tz is UTC
            return now

    monkeypatch.setattr(safekeeping, "datetime", Clock)


@pytest.mark.parametrize(
    ("zone", "change"),
    [
        ("Europe/Berlin", "2026-03-29"),
        ("Europe/Berlin", "2026-10-25"),
        ("America/New_York", "2026-03-08"),
        ("America/New_York", "2026-11-01"),
        ("Australia/Lord_Howe", "2026-04-05"),
        ("Australia/Lord_Howe", "2026-10-04"),
        ("America/Santiago", "2026-09-06"),
    ],
)
def test_days_with_a_clock_change_have_all_their_hours(
    world: World, zone: str, change: str
) -> None:
    noon = datetime.fromisoformat(change).replace(hour=12, tzinfo=UTC)
    moments = [noon + timedelta(minutes=15 * step) for step in range(-200, 200)]
    stamps = [moment.strftime("%Y-%m-%dT%H:%M:%S.000Z") for moment in moments]
    write_log(world.root, "p/s.jsonl", *(line(id=stamp, timestamp=stamp) for stamp in stamps))
    expected = Counter(str(moment.astimezone(ZoneInfo(zone)).date()) for moment in moments)

    tracker = world.read()
    days = by_day(tracker, zone)

    assert days == expected
    assert expected[change] in {92, 94, 98, 100}
    assert by_day(tracker, zone, first=change) == {
        day: count for day, count in expected.items() if day >= change
    }
    assert len({(spent[0], spent[2]) for spent in sums(tracker)}) == 1


def by_day(tracker: UsageTracker, zone: str, first: str | None = None) -> dict[str, int]:
    """Return the number of answers on each day in a zone."""
    rows = tracker.ask(Periods(Selection(ZoneInfo(zone)))).rows
    return {
        str(row.start): row.spending.answers
        for row in rows
        if first is None or str(row.start) >= first
    }
