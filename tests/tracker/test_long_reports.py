"""Reports over a long time use coarse sums, and agree with the single answers."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.makers import LEFT_OUT, OPUS, QUICK, SONNET, line, prices, write_log
from tests.tracker.worlds import NOW, AnyReport, World, at

from spendlight.ledger.usage_ledger import UsageLedger
from spendlight.metering.blocks import SessionBlock, split_into_blocks
from spendlight.metering.entry import NO_SESSION
from spendlight.metering.periods import (
    DAY_MS,
    HOUR_MS,
    DateRange,
    day_number,
    day_of,
    spans,
    to_ms,
)
from spendlight.metering.pricing import CostMode
from spendlight.metering.reports import SortOrder
from spendlight.metering.slices import QUARTER_MS, Spending, Tally
from spendlight.metering.sums import UsageSlice
from spendlight.tracker.questions import blocks
from spendlight.tracker.questions import source as sources
from spendlight.tracker.questions.blocks import LIMIT_OF_FULLEST_BLOCK, Blocks, blocks_from
from spendlight.tracker.questions.periods import Periods
from spendlight.tracker.questions.selection import Selection
from spendlight.tracker.questions.sessions import Sessions
from spendlight.tracker.questions.source import Source

MINUTE_MS = 60_000
NOON_MS = to_ms(datetime(2026, 3, 1, 12, tzinfo=UTC))

CHANGE_MS = to_ms(datetime(2026, 9, 6, 4, tzinfo=UTC)) - NOON_MS
"""The start of summer time in Santiago, at midnight."""

MOMENTS_MS = st.builds(
    lambda start, hours, beside: max(0, start + hours * HOUR_MS + beside),
    st.sampled_from([0, 0, 0, 2 * DAY_MS, 30 * DAY_MS, CHANGE_MS, CHANGE_MS, 200 * DAY_MS]),
    st.integers(0, 9),
    st.sampled_from([0, 0, 0, 1, -1, MINUTE_MS, -MINUTE_MS, QUARTER_MS, 1_234_567]),
)
"""Includes times exactly on the hour, when a block may end, and pauses between blocks."""

PLACES = ("p/s.jsonl", "p/t.jsonl", "q/s.jsonl")

ANSWERS = st.lists(
    st.tuples(
        MOMENTS_MS,
        st.sampled_from(PLACES),
        st.sampled_from([OPUS, SONNET, QUICK]),
        st.sampled_from([LEFT_OUT, 0.25]),
    ),
    min_size=1,
    max_size=14,
)

Made = list[tuple[int, str, str, object]]


@contextmanager
def known(made: Made, keep_for: tzinfo | None = None) -> Iterator[tuple[World, Source]]:
    """Create a world with some answers, read it, and open its ledger.

    Args:
        made: The answers.
        keep_for: The zone of the days that are stored, like blocks, from the first half on.
    """
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        path = world.place / "data" / "ledger.sqlite3"
        if keep_for is not None:
            write_all(world, made[::2])
            world.read()
            with UsageLedger(path) as ledger:
                ledger.keep_days(keep_for)
        write_all(world, made)
        world.read()
        with UsageLedger(path) as ledger:
            yield world, Source(ledger, ledger.scope([str(world.root)]), prices(), {})


def write_all(world: World, made: Made) -> None:
    """Write the logs of some answers."""
    logs: dict[str, list[bytes]] = {}
    for number, (at_ms, place, model, cost) in enumerate(made):
        logs.setdefault(place, []).append(
            line(
                id=f"{place}-{at_ms}-{model}-{cost}",
                model=model,
                costUSD=cost,
                output_tokens=1 << number,
                timestamp=at(at_ms / MINUTE_MS),
            )
        )
    for place, lines in logs.items():
        write_log(world.root, place, *lines)


def single_answers(source: Source) -> list[UsageSlice]:
    return list(source.ledger.answers(source.scope, source.everything()))


def facts(spending: Spending) -> tuple[object, ...]:
    """Return what must be equal; models first used at the same time have no order."""
    return (
        spending.tokens,
        pytest.approx(spending.cost),
        spending.answers,
        (spending.first_ms, spending.last_ms, spending.limit_reset_ms),
        sorted((model.label, model.tokens, model.answers) for model in spending.models),
    )


def blocks_as_facts(blocks: list[SessionBlock]) -> list[tuple[object, ...]]:
    return [(one.start_ms, one.end_ms, one.is_gap, *facts(one.spending)) for one in blocks]


@settings(max_examples=120, deadline=None)
@given(ANSWERS, st.sampled_from([1, 2, 3, 5, 5, 5, 48, 0.5, 2.25, 5.01]), st.data())
def test_blocks_agree_with_the_single_answers(
    made: Made, hours: float, data: st.DataObject
) -> None:
    block_ms = int(hours * HOUR_MS)
    with known(made, data.draw(st.sampled_from([None, UTC]))) as (_, source):
        everything = source.everything()
        singles = single_answers(source)
        expected = split_into_blocks(singles, source.prices, CostMode.AUTO, block_ms)
        since_ms = data.draw(st.integers(everything.start_ms - HOUR_MS, everything.end_ms + 1))

        found = blocks_from(source, CostMode.AUTO, block_ms, None)
        later = blocks_from(source, CostMode.AUTO, block_ms, since_ms)

    assert blocks_as_facts(found) == blocks_as_facts(expected)
    wanted = [one for one in expected if one.start_ms >= since_ms]
    assert blocks_as_facts([one for one in later if one.start_ms >= since_ms]) == (
        blocks_as_facts(wanted)
    )


@settings(max_examples=30, deadline=None)
@given(ANSWERS, st.integers(0, 12 * HOUR_MS))
def test_selected_blocks_equal_those_among_all_blocks(made: Made, later_ms: int) -> None:
    with known(made) as (world, source):
        now = datetime.fromtimestamp((source.everything().end_ms + later_ms) / 1000, UTC)
        tracker = world.tracker()
        everything = tracker.ask(Blocks(now=now)).rows
        day = now.date() - timedelta(days=4)
        asked = {
            "active": Blocks(now=now, is_active_only=True),
            "recent": Blocks(now=now, is_recent_only=True),
            "since": Blocks(Selection(days=DateRange(since=day)), now),
            "limit": Blocks(now=now, is_active_only=True, token_limit=LIMIT_OF_FULLEST_BLOCK),
        }
        few = {name: tracker.ask(question).rows for name, question in asked.items()}

    active = [row for row in everything if row.is_active]
    recent_ms = to_ms(now) - 3 * DAY_MS
    assert list(few["active"]) == active
    assert [row.block for row in few["limit"]] == [row.block for row in active]
    assert list(few["recent"]) == [
        row for row in everything if row.is_active or row.block.start_ms >= recent_ms
    ]
    assert list(few["since"]) == [row for row in everything if row.block.start.date() >= day]


@settings(max_examples=40, deadline=None)
@given(
    ANSWERS,
    st.sampled_from(
        ["UTC", "America/Santiago", "Asia/Kathmandu", "Australia/Lord_Howe", "Africa/Monrovia"]
    ),
    st.sampled_from(
        [
            DateRange(),
            DateRange(until=date(2026, 9, 30)),
            DateRange(date(2026, 3, 2), date(2027, 1, 1)),
        ]
    ),
    st.sampled_from([None, "p"]),
)
def test_sessions_and_their_days_agree_with_the_single_answers(
    made: Made, zone_name: str, days: DateRange, project: str | None
) -> None:
    zone = ZoneInfo(zone_name)
    with known(made) as (_, source):
        wanted = spans(zone, *source.extent(), days)
        singles = [
            one
            for one in single_answers(source)
            if day_of(one.first_ms, zone) in days and project in {None, one.session.project}
        ]

        by_session = source.ledger.by_session(source.scope, wanted, project=project)
        by_day = source.ledger.by_session(source.scope, wanted, by_day=True, project=project)

    assert sums(source, by_session) == sums(source, [one._replace(group=0) for one in singles])
    assert sums(source, by_day) == sums(
        source,
        [
            one._replace(
                group=day_of(one.first_ms, zone).toordinal() - date(1970, 1, 1).toordinal()
            )
            for one in singles
        ],
    )
    paths = [f"{one.session.project_path}/{one.session.session}.jsonl" for one in by_day]
    assert paths == sorted(paths)


@settings(max_examples=60, deadline=None)
@given(
    ANSWERS,
    st.sampled_from(
        [
            "UTC",
            "Europe/Berlin",
            "Asia/Kolkata",
            "America/St_Johns",
            "America/Santiago",
            "Australia/Lord_Howe",
        ]
    ),
    st.sampled_from([DateRange(), DateRange(date(2026, 3, 1), date(2026, 9, 5))]),
)
def test_stored_days_agree_with_the_single_answers(
    made: Made, zone_name: str, days: DateRange
) -> None:
    zone = ZoneInfo(zone_name)
    with known(made, zone) as (world, source):
        wanted = spans(zone, *source.extent(), days)
        singles = [
            one._replace(group=day_number(day_of(one.first_ms, zone)), session=NO_SESSION)
            for one in single_answers(source)
            if day_of(one.first_ms, zone) in days
        ]
        kept = source.ledger.by_day_in_order(source.scope, wanted)
        world.read(data="fresh")
        with UsageLedger(world.place / "fresh" / "ledger.sqlite3") as fresh:
            summed_up = fresh.by_day_in_order(source.scope, wanted)

    assert sums(source, kept) == sums(source, singles)
    assert [one[:-1] for one in kept] == [one[:-1] for one in summed_up]


@settings(max_examples=40, deadline=None)
@given(ANSWERS, st.sampled_from(["UTC", "Asia/Kolkata", "America/Santiago"]))
def test_many_sums_are_added_up_as_few_are(made: Made, zone_name: str) -> None:
    selection = Selection(ZoneInfo(zone_name))
    questions: list[AnyReport] = [
        Periods(selection),
        Periods(selection, by_project=True, order=SortOrder.DESCENDING),
        Sessions(selection),
        Blocks(selection, now=NOW),
    ]
    with known(made, selection.zone) as (_, source), pytest.MonkeyPatch.context() as patch:
        few = [question.answer(source) for question in questions]
        patch.setattr(sources, "MANY_SUMS", 0)
        many = [question.answer(source) for question in questions]
        patch.setattr(blocks, "_kept_blocks", lambda *_: None)
        split = questions[-1].answer(source)

    assert [(report.rows, report.total) for report in many] == [
        (report.rows, report.total) for report in few
    ]
    assert split.rows == few[-1].rows


def sums(source: Source, pieces: list[UsageSlice]) -> dict[object, tuple[object, ...]]:
    """Return the sum of each session in each group."""
    tallies: dict[object, Tally] = {}
    for piece in pieces:
        key = (piece.group, piece.session)
        tallies.setdefault(key, Tally(source.prices, CostMode.AUTO)).add(piece)
    return {key: facts(tally.total()) for key, tally in tallies.items()}


def test_an_answer_on_the_hour_belongs_to_the_block_that_ends_then(world: World) -> None:
    minutes = (0, 300, 301, 599, 660)
    write_log(
        world.root,
        "p/s.jsonl",
        *(line(id=f"m{minute}", timestamp=at(minute)) for minute in minutes),
    )

    rows = world.read().ask(Blocks(now=NOW)).rows

    assert [(row.block.start.hour, row.spending.answers) for row in rows] == [
        (12, 2),
        (17, 2),
        (23, 1),
    ]


def test_a_session_of_half_a_year_has_its_share_in_each_day(world: World) -> None:
    write_log(
        world.root,
        "p/s.jsonl",
        *(line(id=f"m{day}", output_tokens=day, timestamp=at(day * 1440)) for day in range(180)),
    )
    write_log(world.root, "q/t.jsonl", line(id="t", output_tokens=7))

    tracker = world.read()

    report = tracker.ask(Periods(by_project=True))
    shares = {(row.project, str(row.start)): row.spending.tokens.output for row in report.rows}
    assert len(shares) == 181
    assert shares["p", "2026-03-01"] == 0
    assert shares["p", "2026-08-27"] == 179
    assert shares["q", "2026-03-01"] == 7
