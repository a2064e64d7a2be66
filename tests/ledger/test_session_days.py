"""Days of sessions that go on past a midnight are stored for the zones in use."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from tests.makers import SONNET, line, write_log
from tests.tracker.worlds import World, at

from spendlight.ledger.opening import connect
from spendlight.ledger.sums import session_days
from spendlight.ledger.sums.chosen import numbered
from spendlight.metering.reports import PeriodRow
from spendlight.tracker.questions.periods import Periods
from spendlight.tracker.questions.selection import Selection

BERLIN = ZoneInfo("Europe/Berlin")
DAY = 1440
HOUR = 60
CROSSING = (0, 2 * HOUR, DAY, 2 * DAY + 3 * HOUR)
"""Minutes in a session of several days."""


OPUS = "claude-opus-4-5-20251101"


def write(
    root: Path, name: str, minutes: tuple[int, ...], models: tuple[str, str] = (OPUS, SONNET)
) -> None:
    """Write a session's log, in which two models alternate."""
    lines = (
        line(
            id=f"{root.name}{name}{minute}",
            model=models[index % 2],
            timestamp=at(minute),
            output=7 + index,
        )
        for index, minute in enumerate(minutes)
    )
    write_log(root, name, *lines)


def rows(world: World, *roots: Path) -> tuple[PeriodRow, ...]:
    """Return a report by day and project, which is long enough to be made of stored sums."""
    return world.read(*roots, zone=BERLIN).ask(Periods(Selection(BERLIN), by_project=True)).rows


def stored(world: World) -> list[tuple[int, int, int]]:
    with closing(connect(world.place / "data" / "ledger.sqlite3")) as connection:
        found = connection.execute("SELECT offset_ms, session, day FROM session_day_sums")
        return sorted(found.fetchall())


def without_stored(world: World, *roots: Path) -> tuple[PeriodRow, ...]:
    """Return the same report, made of the buckets; the days are stored again afterwards."""
    with closing(connect(world.place / "data" / "ledger.sqlite3")) as connection:
        kept = connection.execute("SELECT * FROM session_day_sums").fetchall()
        connection.execute("DELETE FROM session_day_sums")
        found = rows(world, *roots)
        connection.executemany("INSERT INTO session_day_sums VALUES (?, ?, ?, ?, ?)", kept)
    return found


@pytest.fixture
def crossing(world: World) -> World:
    """A world with sessions of one day, of several, and of some on which the clock changes."""
    write(world.root, "p/long.jsonl", CROSSING)
    write(world.root, "p/long/subagents/agent-1.jsonl", (5, DAY + 5))
    write(world.root, "p/short.jsonl", (0, 30))
    write(world.root, "q/clock.jsonl", (117 * DAY, 118 * DAY, 119 * DAY, 120 * DAY))
    write(world.root, "q/late.jsonl", (300 * DAY,))
    world.read(zone=BERLIN)
    return world


def test_stored_days_give_the_same_report(crossing: World) -> None:
    found = rows(crossing)

    assert {offset // 3_600_000 for offset, *_ in stored(crossing)} == {1, 2}
    assert len({session for _, session, _ in stored(crossing)}) == 2
    assert found == without_stored(crossing)


def test_stored_days_follow_a_growing_session(crossing: World) -> None:
    before = len(stored(crossing))
    write(crossing.root, "p/long.jsonl", (*CROSSING, 3 * DAY, 3 * DAY + HOUR))
    write(crossing.root, "p/short.jsonl", (0, 30, DAY))

    found = rows(crossing)

    assert len(stored(crossing)) == before + 2 + 4  # at two offsets
    assert found == without_stored(crossing)


def test_only_the_days_that_change_are_summed_up_again(
    crossing: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A session may go on for months, and gets new answers in the last of its days."""
    slots: list[int] = []

    def counted(session: int, slot: int) -> int:
        slots.append(slot)
        return numbered(session, slot)

    monkeypatch.setattr(session_days, "numbered", counted)
    write(crossing.root, "p/long.jsonl", (*CROSSING, 2 * DAY + 4 * HOUR))

    found = rows(crossing)

    assert len(set(slots)) == 2  # those of the last day
    assert found == without_stored(crossing)


@pytest.mark.parametrize("models", [(OPUS, SONNET), (SONNET, OPUS)])
def test_a_session_that_is_in_two_data_folders_is_added_up_in_the_order_of_its_logs(
    world: World, models: tuple[str, str]
) -> None:
    both = world.make_root("a"), world.make_root("b")
    write(both[0], "p/long.jsonl", CROSSING, models)
    write(both[1], "p/long.jsonl", CROSSING, models[::-1])
    world.read(*both, zone=BERLIN)
    write(both[0], "p/zlate.jsonl", (300 * DAY,))

    found = rows(world, *both)

    assert len({session for _, session, _ in stored(world)}) == 2
    assert found == without_stored(world, *both)


def test_days_of_a_zone_no_longer_in_use_are_dropped(crossing: World) -> None:
    for zone in ("Asia/Kolkata", "America/New_York", "Asia/Tokyo", "Australia/Adelaide"):
        crossing.read(zone=ZoneInfo(zone))

    assert 3_600_000 not in {offset for offset, *_ in stored(crossing)}
    assert rows(crossing) == without_stored(crossing)
