from __future__ import annotations

import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.makers import LEFT_OUT, line, write_log
from tests.tracker.worlds import NOW, World, at

from spendlight.tracker.questions.blocks import Blocks
from spendlight.tracker.snapshot import DataState


def test_without_a_data_folder_the_state_says_so(world: World) -> None:
    tracker = world.tracker(environ={"HOME": str(world.place / "nobody")})

    assert tracker.refresh().snapshot.state is DataState.NO_CLAUDE


def test_a_folder_without_usage_has_no_logs(world: World) -> None:
    assert world.tracker().refresh().snapshot.state is DataState.NO_LOGS


def test_usage_in_another_root_is_not_reported(world: World) -> None:
    other = world.make_root("other")
    write_log(other, "p/s.jsonl", line(), b'{"cut": "usage"\n')
    assert world.read(other).snapshot(NOW).unread_lines == 1

    snapshot = world.read().snapshot(NOW)

    assert snapshot.state is DataState.NO_LOGS
    assert snapshot.last_at is None
    assert snapshot.unread_lines == 0


@pytest.mark.parametrize(
    ("later", "state"),
    [
        (timedelta(), DataState.ACTIVE),
        (timedelta(hours=4, minutes=29), DataState.ACTIVE),
        (timedelta(hours=4, minutes=30), DataState.IDLE),
        (timedelta(days=400), DataState.IDLE),
    ],
)
def test_usage_is_active_for_five_hours(world: World, later: timedelta, state: DataState) -> None:
    write_log(world.root, "p/s.jsonl", line())
    tracker = world.read()

    snapshot = tracker.snapshot(NOW + later)

    assert snapshot.state is state
    assert snapshot.last_at == datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize("ahead", [timedelta(hours=8), timedelta(days=1), timedelta(days=400)])
def test_a_clock_that_is_ahead_changes_nothing_about_the_present(
    world: World, ahead: timedelta
) -> None:
    write_log(world.root, "p/s.jsonl", line(), line(id="b", timestamp=at(20)))
    alone = world.read().snapshot(NOW)
    for number, minutes in enumerate((5, 25, 45)):
        there = at(ahead / timedelta(minutes=1) + minutes)
        write_log(world.root, f"p/ahead{number}.jsonl", line(id=f"c{number}", timestamp=there))

    snapshot = world.read().snapshot(NOW)

    assert snapshot.block == alone.block
    assert (snapshot.rate, snapshot.projection) == (alone.rate, alone.projection)
    assert (snapshot.recent, snapshot.last_at) == (alone.recent, alone.last_at)
    assert snapshot.state is DataState.ACTIVE


@given(st.lists(st.integers(-3000, 3000), min_size=1, max_size=8))
@settings(max_examples=25, deadline=None)
def test_the_present_is_in_the_active_block_and_after_its_last_answer(minutes: list[int]) -> None:
    with tempfile.TemporaryDirectory() as place:
        world = World(Path(place))
        for number, minute in enumerate(minutes):
            write_log(world.root, f"p/{number}.jsonl", line(id=f"a{number}", timestamp=at(minute)))

        snapshot = world.read().snapshot(NOW)

    known = [datetime(2026, 3, 1, 12, tzinfo=UTC) + timedelta(minutes=one) for one in minutes]
    assert snapshot.block is None or snapshot.block.start <= NOW < snapshot.block.end
    assert snapshot.last_at == max((one for one in known if one <= NOW), default=max(known))


def test_a_snapshot_agrees_with_the_block_report(world: World) -> None:
    write_log(
        world.root,
        "p/s.jsonl",
        line(id="old", timestamp=at(-3000)),
        line(id="a", timestamp=at(-20)),
        line(id="b", timestamp=at(17)),
    )
    tracker = world.read()

    snapshot = tracker.snapshot(NOW)
    (row,) = tracker.ask(Blocks(now=NOW, is_active_only=True)).rows

    assert (row.block, row.rate, row.projection) == (
        snapshot.block,
        snapshot.rate,
        snapshot.projection,
    )
    assert row.rate is not None


def test_a_block_with_a_single_time_has_no_burn_rate(world: World) -> None:
    write_log(world.root, "p/s.jsonl", line())

    snapshot = world.read().snapshot(NOW)

    assert snapshot.block is not None
    assert (snapshot.rate, snapshot.projection) == (None, None)


@pytest.mark.parametrize(
    ("zone", "output"),
    [("UTC", 4), ("Pacific/Kiritimati", 3), ("America/Los_Angeles", 3), ("Asia/Kathmandu", 2)],
)
def test_today_begins_at_the_midnight_of_the_zone(world: World, zone: str, output: int) -> None:
    moments = [-12 * 60, 6 * 60 + 14.9, 6 * 60 + 15, 10 * 60]
    write_log(
        world.root,
        "p/s.jsonl",
        *(
            line(id=f"m{number}", output_tokens=1, timestamp=at(minutes))
            for number, minutes in enumerate(moments)
        ),
    )
    now = datetime(2026, 3, 1, 23, tzinfo=UTC)

    today = world.read(zone=ZoneInfo(zone)).snapshot(now).today

    assert today.tokens.output == output


def test_recent_sessions_of_the_same_moment_are_in_the_order_of_their_names(world: World) -> None:
    names = ["b", "a", "c"]
    later = line(id="later", timestamp=at(22))
    for name in names:  # each is read before the next is there
        write_log(world.root, f"p/{name}.jsonl", line(id=name, timestamp=at(19)), later)
        tracker = world.read()

    recent = tracker.snapshot(NOW - timedelta(minutes=10)).recent

    assert [usage.name.session for usage in recent] == sorted(names)


def test_recent_sessions_are_those_of_the_last_hour_the_latest_first(world: World) -> None:
    write_log(world.root, "p/early.jsonl", line(id="a", timestamp=at(-31)))
    write_log(world.root, "p/first.jsonl", line(id="b", timestamp=at(-30)))
    write_log(world.root, "p/last.jsonl", line(id="c", timestamp=at(29)), line(id="d"))
    write_log(world.root, "p/future.jsonl", line(id="e", timestamp=at(31)))

    recent = world.read().snapshot(NOW).recent

    assert [usage.name.session for usage in recent] == ["last", "first"]
    assert [usage.spending.answers for usage in recent] == [2, 1]
    assert recent[0].last_at == NOW - timedelta(minutes=1)


def test_a_refresh_names_the_days_it_changed_in_the_zone(world: World) -> None:
    write_log(world.root, "p/s.jsonl", line(), line(id="b", timestamp=at(12 * 60)))

    changed = world.tracker(zone=ZoneInfo("Pacific/Auckland")).refresh().days

    assert changed == {date(2026, 3, 2)}


_GAPS = st.lists(
    st.sampled_from([0, 1, 60_000, 14 * 60_000, 17_999_999, 18_000_000, 18_000_001, 10**8, 10**9]),
    max_size=12,
)


@settings(max_examples=40, deadline=None)
@given(_GAPS, st.integers(0, 30 * 3_600_000), st.data())
def test_a_later_snapshot_has_the_same_active_block(
    gaps: list[int], later_ms: int, data: st.DataObject
) -> None:
    moments = [0]
    for gap in gaps:
        moments.append(moments[-1] + gap)
    with tempfile.TemporaryDirectory() as place:
        world = World(Path(place))
        lines = [
            line(id=LEFT_OUT, timestamp=at(moment / 60_000), isSidechain=data.draw(st.booleans()))
            for moment in moments
        ]
        write_log(world.root, "p/s.jsonl", *lines)
        tracker = world.read()
        now = NOW + timedelta(milliseconds=moments[-1] + later_ms)

        rows = tracker.ask(Blocks(now=now, is_active_only=True)).rows

        block = tracker.snapshot(now).block
        assert [row.block for row in rows] == ([] if block is None else [block])


@given(
    st.lists(
        st.sampled_from([-75, -60, -59.99, -52.5, -45, -30, -15, -0.001, 0, 0.001, 7, 15]),
        min_size=1,
        max_size=30,
    ),
    st.integers(0, 30 * 60_000),
)
@settings(max_examples=40, deadline=None)
def test_the_last_hour_is_exact_to_the_millisecond(moments: list[float], later_ms: int) -> None:
    now = NOW + timedelta(milliseconds=later_ms)
    with tempfile.TemporaryDirectory() as place:
        world = World(Path(place))
        made = [at(30 + later_ms / 60_000 + minutes) for minutes in moments]
        for session in range(3):
            lines = [
                line(id=f"m{number}", requestId=f"r{number}", timestamp=moment)
                for number, moment in enumerate(made)
                if number % 3 == session
            ]
            write_log(world.root, f"p/s{session}.jsonl", *lines)

        snapshot = world.read().snapshot(now)

        times = [datetime.fromisoformat(moment) for moment in made]
        wanted = {
            f"s{session}": [
                moment
                for number, moment in enumerate(times)
                if number % 3 == session and now - timedelta(hours=1) <= moment <= now
            ]
            for session in range(3)
        }
        assert {one.name.session: one.spending.answers for one in snapshot.recent} == {
            session: len(found) for session, found in wanted.items() if found
        }
        assert [one.last_at for one in snapshot.recent] == sorted(
            (max(found) for found in wanted.values() if found), reverse=True
        )
