"""Sums of days are stored for the zones in use."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, timedelta, timezone, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from tests.ledger.older import take_back
from tests.makers import SONNET, line, write_log
from tests.tracker.worlds import World, at, figures

from spendlight.errors import LedgerCorruptError
from spendlight.ledger import meanwhile
from spendlight.ledger.machines import ALL_ROOTS
from spendlight.ledger.opening import connect
from spendlight.ledger.sums import blocks
from spendlight.ledger.sums.days import MOST_OFFSETS
from spendlight.ledger.sums.offsets import kept_offsets
from spendlight.ledger.usage_ledger import UsageLedger
from spendlight.metering.periods import DEFAULT_BLOCK_MS, Span
from spendlight.worker_threads import start_thread

BERLIN = ZoneInfo("Europe/Berlin")
HOUR_MS = 3_600_000
MINUTES_A_DAY = 1440


@pytest.fixture
def path(world: World) -> Path:
    """A ledger of a year and a half."""
    days = (0, 1, 200, 500)
    lines = (line(id=f"m{day}", timestamp=at(day * MINUTES_A_DAY)) for day in days)
    write_log(world.root, "p/s.jsonl", *lines)
    world.read()
    return world.place / "data" / "ledger.sqlite3"


@pytest.fixture
def ledger(path: Path) -> Iterator[UsageLedger]:
    with UsageLedger(path) as opened:
        yield opened


def offsets(path: Path) -> list[int]:
    with closing(connect(path)) as connection:
        return kept_offsets(connection)


def summed(path: Path) -> list[tuple[object, ...]]:
    """Return the sums that are kept of days and blocks."""
    with closing(connect(path)) as connection:
        found = [connection.execute(f"SELECT * FROM {name}_sums") for name in ("day", "block")]  # noqa: S608  # ours
        return [row for rows in found for row in rows]


def days(path: Path) -> dict[int, int]:
    """Return the number of stored days by their offset."""
    with closing(connect(path)) as connection:
        return dict(
            connection.execute("SELECT offset_ms, COUNT(*) FROM day_sums GROUP BY offset_ms")
        )


def test_a_pass_stores_the_days_of_its_zone(world: World, path: Path) -> None:
    assert offsets(path) == [0]

    world.read(zone=BERLIN)

    assert offsets(path) == [2 * HOUR_MS, HOUR_MS, 0]
    assert days(path) == {0: 4, HOUR_MS: 4, 2 * HOUR_MS: 4}


def test_a_single_day_is_stored(world: World) -> None:
    write_log(world.root, "p/s.jsonl", line(id="a"))

    world.read()

    assert days(world.place / "data" / "ledger.sqlite3") == {0: 1}


@pytest.mark.parametrize("has_threads", [True, False])
def test_days_and_blocks_are_summed_up_at_the_same_time(
    world: World, path: Path, monkeypatch: pytest.MonkeyPatch, *, has_threads: bool
) -> None:
    reading = set[int]()

    def watched(connection: sqlite3.Connection) -> blocks.Summed:
        reading.add(threading.get_ident())
        return sum_up_all(connection)

    def start(function: Callable[[], None]) -> None:
        if not has_threads:
            message = "can't start new thread"
            raise RuntimeError(message)
        start_thread(function)

    kept, sum_up_all = summed(path), blocks.sum_up_all
    monkeypatch.setattr(blocks, "sum_up_all", watched)
    monkeypatch.setattr(meanwhile, "MANY_CHUNKS", 0)
    monkeypatch.setattr("spendlight.tracker.meanwhile.start_thread", start)

    world.read(data="again", has_threads=True)

    assert (threading.get_ident() in reading) is not has_threads
    assert len(reading) == 1
    assert summed(world.place / "again" / "ledger.sqlite3") == kept


def test_days_of_unused_zones_are_deleted(path: Path, ledger: UsageLedger) -> None:
    for hours in range(1, 4 + MOST_OFFSETS):
        ledger.keep_days(timezone(timedelta(hours=hours)))

    assert offsets(path) == [hours * HOUR_MS for hours in range(3 + MOST_OFFSETS, 3, -1)]
    assert set(days(path)) == set(offsets(path))


def test_days_of_a_historical_zone_with_odd_offsets_are_computed_on_demand(
    path: Path, ledger: UsageLedger
) -> None:
    ledger.keep_days(timezone(timedelta(minutes=53, seconds=28)))

    assert offsets(path) == [0]


@pytest.mark.parametrize("zone", [UTC, BERLIN, ZoneInfo("Asia/Kolkata")])
def test_a_ledger_without_stored_days_gets_them(world: World, path: Path, zone: tzinfo) -> None:
    kept = figures(world.read(zone=zone))
    rows = days(path)
    with closing(connect(path)) as connection:
        connection.execute("DELETE FROM meta WHERE key = 'day_offsets'")
        take_back(connection, 3)

    assert figures(world.read(zone=zone)) == kept
    assert days(path).items() <= rows.items()


def test_later_usage_is_added_to_stored_days(world: World, path: Path) -> None:
    write_log(world.root, "q/t.jsonl", line(id="b", model=SONNET, timestamp=at(MINUTES_A_DAY)))

    after = figures(world.read())

    assert days(path) == {0: 4}
    assert after == figures(world.read(data="fresh"))


def test_a_price_list_with_another_threshold_splits_stored_days(
    path: Path, ledger: UsageLedger
) -> None:
    ledger.use_context_thresholds([1_000])
    first_ms, last_ms = ledger.extent() or (0, 0)

    found = ledger.by_day_in_order(ALL_ROOTS, [Span(first_ms, last_ms + 1, 0)])

    assert {(piece.context_threshold, piece.answers) for piece in found} == {(1_000, 1)}
    assert days(path) == {0: 4}


QUESTIONS: dict[str, Callable[[UsageLedger, Span], object]] = {
    "day_sums": lambda ledger, span: ledger.by_day_in_order(ALL_ROOTS, [span]),
    "block_sums": lambda ledger, span: ledger.by_block(ALL_ROOTS, span, DEFAULT_BLOCK_MS),
    "session_sums": lambda ledger, span: ledger.by_session(ALL_ROOTS, [span]),
    "session_day_sums": lambda ledger, span: ledger.by_session(ALL_ROOTS, [span], by_day=True),
}


@pytest.mark.parametrize("garbage", [b"abc", bytes(112), b"\xa5" * 224])
@pytest.mark.parametrize("table", QUESTIONS)
def test_invalid_packed_sums_are_damage(
    path: Path, ledger: UsageLedger, table: str, garbage: bytes
) -> None:
    with closing(connect(path)) as connection:
        connection.execute(f"UPDATE {table} SET sums = ?", (garbage,))  # noqa: S608  # a known name
    first_ms, last_ms = ledger.extent() or (0, 0)

    with pytest.raises(LedgerCorruptError, match="sums cannot be unpacked"):
        QUESTIONS[table](ledger, Span(first_ms, last_ms + 1, 0))
