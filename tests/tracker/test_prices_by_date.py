"""Each answer is priced by its own day, whatever it is added up with."""

from __future__ import annotations

import json
import random
import tempfile
from collections import defaultdict
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.ledger.test_buckets import buckets, rebuild
from tests.tracker.machines import Computer
from tests.tracker.worlds import QUESTIONS, World

from spendlight.ledger.opening import connect
from spendlight.ledger.sums.buckets import PRICE_STEPS_KEY
from spendlight.logs.claude_code.native import NATIVE
from spendlight.metering.periods import to_ms
from spendlight.metering.pricing import CostMode
from spendlight.tracker.entry_files import write_json
from spendlight.tracker.entry_rows import EntryRow, Header
from spendlight.tracker.questions.blocks import Blocks
from spendlight.tracker.questions.periods import Periods
from spendlight.tracker.questions.selection import Selection
from spendlight.tracker.questions.sessions import Sessions
from spendlight.tracker.tracker import UsageTracker

STEP = datetime(2025, 6, 16, tzinfo=UTC)
"""When o3 became cheaper, in the shipped list of steps."""

BEFORE, AFTER = (10e-6, 40e-6), (2e-6, 8e-6)
DATED = "o3"
MODELS = (DATED, DATED, "claude-sonnet-4-5-20250929", "gemini-2.5-pro")
MINUTES = (-3 * 1440, -300, -15, -1, 0, 1, 15, 121, 300, 2 * 1440)
ZONES = (UTC, ZoneInfo("Asia/Kathmandu"), ZoneInfo("America/Los_Angeles"))


def row(number: int, at: datetime, model: str = DATED, **changes: object) -> EntryRow:
    """Return an answer of another machine."""
    fields: dict[str, Any] = {
        "timestamp": f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z",
        "machine": "m",
        "project": "p",
        "project_path": "p",
        "session_id": "s",
        "model": model,
        "input_tokens": 1000,
        "output_tokens": 100,
        "cache_creation_5m_tokens": 0,
        "cache_creation_1h_tokens": 0,
        "cache_read_tokens": 0,
        "cost": None,
        "is_counted": True,
        "answer": f"{number + 1:016x}",
        "request": "0000000000000001",
        "offset": number,
        "root": "/h/.claude",
        "machine_id": "00000000000000aa",
    }
    fields |= changes
    fields.setdefault("path", f"/h/.claude/projects/p/{fields['session_id']}.jsonl")
    return EntryRow(**fields)


def taken_in(world: World, rows: list[EntryRow], name: str = "desk", **changes: object) -> Computer:
    """Return a machine that has taken in rows."""
    path = world.place / f"{name}.json"
    with path.open("wb") as sink:
        write_json(rows, Header("entries", 1), sink)
    found = Computer(world, name, **changes).read()
    found.take_in(path)
    return found


def cents(value: float) -> float:
    return round(value, 9)


def cost_of(one: EntryRow) -> float:
    """Return what an answer costs, in dollars, by hand."""
    is_before = datetime.fromisoformat(one.timestamp) < STEP
    inp, out = BEFORE if is_before else AFTER
    return one.input_tokens * inp + one.output_tokens * out


@pytest.mark.parametrize("is_native", [True, False])
@pytest.mark.parametrize("zone", ZONES, ids=str)
def test_a_report_prices_each_answer_by_its_own_day(
    world: World, monkeypatch: pytest.MonkeyPatch, zone: ZoneInfo, *, is_native: bool
) -> None:
    if not is_native:
        monkeypatch.setattr(NATIVE, "_library", None)
    moments = [STEP + timedelta(minutes=minutes) for minutes in MINUTES]
    moments.append(STEP - timedelta(milliseconds=1))
    rows = [row(number, at) for number, at in enumerate(moments)]
    tracker = taken_in(world, rows, zone=zone).tracker

    expected = cents(sum(map(cost_of, rows)))
    days: dict[str, float] = defaultdict(float)
    for one in rows:
        day = datetime.fromisoformat(one.timestamp).astimezone(zone).date()
        days[str(day)] += cost_of(one)

    assert {cents(tracker.ask(question).total.cost) for question in QUESTIONS} == {expected}
    found = tracker.ask(Periods(Selection(zone=zone))).rows
    assert {str(day.start): cents(day.spending.cost) for day in found} == {
        day: cents(cost) for day, cost in days.items()
    }
    assert cents(tracker.ask(Periods(by="branch")).total.cost) == expected
    assert cents(tracker.ask(Sessions(by="branch")).total.cost) == expected
    assert cents(tracker.ask(Periods(Selection(model=DATED))).total.cost) == expected


@st.composite
def many_rows(draw: st.DrawFn) -> list[EntryRow]:
    rng = draw(st.randoms(use_true_random=False))
    return [_any_row(rng, number) for number in range(draw(st.integers(1, 40)))]


def _any_row(rng: random.Random, number: int) -> EntryRow:
    at = STEP + timedelta(minutes=rng.choice(MINUTES), milliseconds=rng.choice((0, 0, 1, -1)))
    return row(
        number,
        at,
        rng.choice(MODELS),
        session_id=rng.choice("st"),
        input_tokens=rng.choice((1, 1000, 300_000)),
        cache_read_tokens=rng.choice((0, 7)),
        recorded_cost=rng.choice((None, None, 0.25)),
    )


@settings(max_examples=15, deadline=None)
@given(many_rows(), st.sampled_from(ZONES), st.sampled_from(list(CostMode)))
def test_any_division_by_time_adds_up_to_the_single_answers(
    rows: list[EntryRow], zone: ZoneInfo, mode: CostMode
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        desk = taken_in(world, rows, zone=zone)
        selection = Selection(mode=mode, zone=zone)
        single = sum(one.cost or 0.0 for one in desk.rows(selection))

        totals = (
            desk.tracker.ask(Periods(selection)).total,
            desk.tracker.ask(Sessions(selection)).total,
            desk.tracker.ask(Blocks(selection)).total,
        )
        for total in totals:
            assert total.cost == pytest.approx(single)
        kept = buckets(world.place / "data-desk" / "ledger.sqlite3")
        rebuild(world.place / "data-desk" / "ledger.sqlite3")
        assert sorted(kept, key=repr) == sorted(
            buckets(world.place / "data-desk" / "ledger.sqlite3"), key=repr
        )


def steps_in(world: World) -> list[int]:
    """Return the steps by which the sums of a ledger are separated."""
    with closing(connect(world.place / "data-desk" / "ledger.sqlite3")) as connection:
        found = connection.execute("SELECT value FROM meta WHERE key = ?", (PRICE_STEPS_KEY,))
        return [step for (value,) in found for step in json.loads(value)]


def test_only_models_in_use_divide_sums(world: World) -> None:
    desk = taken_in(world, [row(0, STEP, "gemini-2.5-pro"), row(1, STEP, "claude-opus-4-5")])
    assert to_ms(STEP) not in steps_in(world)

    path = world.place / "more.json"
    with path.open("wb") as sink:
        write_json([row(2, STEP)], Header("entries", 1), sink)
    desk.take_in(path)

    assert to_ms(STEP) in steps_in(world)


def test_new_steps_divide_sums_that_were_made_before(world: World) -> None:
    """As when a new version comes with more of them."""
    rows = [row(0, STEP - timedelta(minutes=9)), row(1, STEP + timedelta(minutes=9))]
    desk = taken_in(world, rows)
    with closing(connect(world.place / "data-desk" / "ledger.sqlite3")) as connection:
        connection.execute("DELETE FROM meta WHERE key = ?", (PRICE_STEPS_KEY,))
    rebuild(world.place / "data-desk" / "ledger.sqlite3")

    desk.read()

    assert to_ms(STEP) in steps_in(world)
    assert cents(desk.tracker.ask(Sessions()).total.cost) == cents(sum(map(cost_of, rows)))


def own_list(world: World, **prices: object) -> UsageTracker:
    """Return a tracker with a price list of the user's."""
    path = world.place / "mine.json"
    path.write_text(json.dumps({DATED: prices}))
    rows = [row(0, STEP - timedelta(minutes=9)), row(1, STEP + timedelta(minutes=9))]
    return taken_in(world, rows, prices_file=path).tracker


def test_prices_of_the_user_hold_for_all_time(world: World) -> None:
    tracker = own_list(world, input_cost_per_token=1e-6, output_cost_per_token=0)

    assert cents(tracker.ask(Sessions()).total.cost) == 0.002
    assert len(tracker.prices.history.of(DATED)) == 1
