"""The stored sums agree with the single answers."""

from __future__ import annotations

import json
import tempfile
from contextlib import closing
from datetime import timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.ledger.older import take_back
from tests.makers import OPUS, SONNET, line, price_list, prices, write_log
from tests.tracker.worlds import World, figures, logs, total, write_logs

from spendlight.ledger.opening import connect, transaction
from spendlight.ledger.proving import fault_in
from spendlight.ledger.schema import KNOWS_SESSION_DAYS, KNOWS_SLOTS
from spendlight.ledger.sums.kept import rebuild_all
from spendlight.ledger.sums.packing import unpack_sums
from spendlight.ledger.usage_ledger import Scope, UsageLedger
from spendlight.metering.entry import NO_SESSION
from spendlight.metering.periods import Span
from spendlight.metering.pricing import CostMode
from spendlight.metering.slices import add_up, combine
from spendlight.tracker.questions.periods import Periods
from spendlight.tracker.questions.selection import Selection

EVER = Span(0, 10**13, 0)


def buckets(path: Path) -> list[tuple[object, ...]]:
    """Return all sums, by slot, session, block and day, with money to the tenth digit."""
    found: list[tuple[object, ...]] = []
    with closing(connect(path)) as connection:
        cursor = connection.execute("SELECT * FROM buckets")
        money = [column[0] for column in cursor.description].index("recorded_cost")
        found += [(*row[:money], round(row[money], 10), *row[money + 1 :]) for row in cursor]
        for *keys, value in (
            *connection.execute("SELECT session, first_ms, last_ms, sums FROM session_sums"),
            *connection.execute(
                "SELECT offset_ms, session, day, sums FROM session_day_sums ORDER BY 1, 2, 3"
            ),
            *connection.execute("SELECT first_hour, sums FROM block_sums"),
            *connection.execute("SELECT offset_ms, day, sums FROM day_sums ORDER BY 1, 2"),
        ):
            for row in zip(*unpack_sums([value])[1], strict=True):
                found.append((*keys, *row[:7], round(row[7], 10), *row[8:]))
    return found


def rebuild(path: Path) -> None:
    with closing(connect(path)) as connection, transaction(connection):
        (context_thresholds,) = connection.execute(
            "SELECT value FROM meta WHERE key = 'context_cuts'"
        ).fetchone()
        rebuild_all(connection, json.loads(context_thresholds))


@settings(max_examples=15, deadline=None)
@given(logs(), st.sampled_from([-570, -60, 0, 60, 330, 765]))
def test_a_stored_day_has_the_sum_of_its_projects(
    made: dict[str, list[bytes]], offset_minutes: int
) -> None:
    with tempfile.TemporaryDirectory() as place:
        world = World(Path(place))
        write_logs(world.root, made)
        zone = timezone(timedelta(minutes=offset_minutes))
        tracker = world.read(zone=zone)
        together = tracker.ask(Periods(Selection(zone)))

        by_project = tracker.ask(Periods(Selection(zone), by_project=True))

    days = {row.start for row in by_project.rows}
    assert [row.start for row in together.rows] == sorted(days)
    for row in together.rows:
        parts = combine(part.spending for part in by_project.rows if part.start == row.start)
        assert row.spending.tokens == parts.tokens
        assert row.spending.answers == parts.answers
        assert row.spending.cost == pytest.approx(parts.cost)
        assert {model.label for model in row.spending.models} == {
            model.label for model in parts.models
        }


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("ab"), logs()), max_size=4))
def test_updated_sums_equal_recomputed_ones(
    steps: list[tuple[str, dict[str, list[bytes]]]],
) -> None:
    with tempfile.TemporaryDirectory() as place:
        world = World(Path(place))
        for name, made in steps:
            root = world.make_root(name)
            write_logs(root, made)
            world.read(root)
            with UsageLedger(world.place / "data" / "ledger.sqlite3") as ledger:
                ledger.keep_days(ZoneInfo("America/St_Johns"))
        path = world.place / "data" / "ledger.sqlite3"
        world.read()
        kept = buckets(path)

        rebuild(path)

        assert buckets(path) == kept


@settings(max_examples=10, deadline=None)
@given(logs(), st.sampled_from([2, KNOWS_SLOTS - 1, KNOWS_SESSION_DAYS - 1]))
def test_a_ledger_of_an_earlier_schema_gets_the_same_sums(
    made: dict[str, list[bytes]], schema: int
) -> None:
    with tempfile.TemporaryDirectory() as place:
        world = World(Path(place))
        write_logs(world.root, made)
        world.read()
        path = world.place / "data" / "ledger.sqlite3"
        kept = buckets(path)
        with closing(connect(path)) as connection:
            take_back(connection, schema)

        assert buckets(path) == kept


@settings(max_examples=15, deadline=None)
@given(logs(), st.sampled_from(CostMode))
def test_the_cost_of_sums_is_the_cost_of_their_answers(
    made: dict[str, list[bytes]], mode: CostMode
) -> None:
    with tempfile.TemporaryDirectory() as place:
        world = World(Path(place))
        write_logs(world.root, made)
        world.read()
        with UsageLedger(world.place / "data" / "ledger.sqlite3") as ledger:
            scope = ledger.scope([str(world.root)])
            one_by_one = list(ledger.answers(scope, EVER))
            summed = list(ledger.by_slot(scope, EVER))

    single, sums = add_up(one_by_one, prices(), mode), add_up(summed, prices(), mode)
    assert single.tokens == sums.tokens
    assert single.answers == sums.answers == len(one_by_one)
    assert single.cost == pytest.approx(sums.cost, rel=1e-9)
    assert single.unpriced == sums.unpriced


def test_a_price_list_with_another_threshold_applies_to_old_answers(world: World) -> None:
    write_log(
        world.root,
        "p/s.jsonl",
        *(
            line(id=f"{model}-{context}", model=model, input_tokens=context)
            for model in (SONNET, OPUS)
            for context in (1, 90_000, 150_000, 350_000)
        ),
    )
    before = world.read()
    cheap = total(before).cost
    later = price_list()
    later[OPUS]["input_cost_per_token_above_128k_tokens"] = 1e-4
    later[OPUS]["output_cost_per_token_above_128k_tokens"] = 1e-3
    world.prices_file.write_text(json.dumps(later))

    after = world.read()

    assert cheap < total(after).cost
    assert figures(world.read(data="fresh")) == figures(after)


def test_a_price_list_with_fewer_thresholds_rebuilds_nothing(world: World) -> None:
    path = world.place / "data" / "ledger.sqlite3"
    write_log(world.root, "p/s.jsonl", line(model=SONNET, input_tokens=250_000))
    world.read()
    kept = buckets(path)
    world.prices_file.write_text(json.dumps({OPUS: price_list()[OPUS]}))

    world.read()

    assert buckets(path) == kept


@pytest.mark.parametrize(
    "damage",
    [
        "slots = x''",
        "slots = ZEROBLOB(LENGTH(slots))",
        "slots = 'none'",
        "sums = ZEROBLOB(LENGTH(sums))",
        "signature = 0",
    ],
)
def test_damaged_sums_of_a_session_are_recomputed_when_it_grows(world: World, damage: str) -> None:
    first = [line(id=f"a{day}", timestamp=f"2026-03-0{day}T10:00:00Z") for day in range(1, 9)]
    log = write_log(world.root, "p/s.jsonl", *first)
    path = world.place / "data" / "ledger.sqlite3"
    world.read()
    with closing(connect(path)) as connection:
        connection.execute(f"UPDATE session_sums SET {damage}")  # noqa: S608  # ours
        assert fault_in(connection) == "row 1 of session_sums was damaged after it was written"

    with log.open("ab") as file:
        file.write(line(id="b", timestamp="2026-03-09T10:00:00Z") + b"\n")
    world.read()

    kept = buckets(path)
    with closing(connect(path)) as connection:
        assert fault_in(connection) == ""
    rebuild(path)
    assert buckets(path) == kept


def test_without_answers_no_sum_is_left(world: World) -> None:
    write_log(world.root, "p/s.jsonl", line(output_tokens=1))
    world.read()
    write_log(world.root, "q/s.jsonl", line(output_tokens=2, timestamp="2026-04-01T00:00:00Z"))

    world.read()

    kept = buckets(world.place / "data" / "ledger.sqlite3")
    assert len(kept) == 4  # of a slot, its session, its block and its day


@pytest.fixture
def ledger_path(world: World) -> Path:
    write_log(world.root, "p/s.jsonl", line(id="a"), line(id="b", model=SONNET))
    write_log(world.root, "q/t.jsonl", line(id="c"))
    world.read()
    return world.place / "data" / "ledger.sqlite3"


def test_sums_can_be_read_by_project(world: World, ledger_path: Path) -> None:
    with UsageLedger(ledger_path) as ledger:
        scope = ledger.scope([str(world.root)])
        found = list(ledger.by_day(scope, [EVER], project="p"))

    assert sum(piece.answers for piece in found) == 2
    assert {piece.session for piece in found} == {NO_SESSION}


def test_a_scope_without_roots_is_empty(ledger_path: Path) -> None:
    with UsageLedger(ledger_path) as ledger:
        scope = ledger.scope([])

        assert scope == Scope((), (0,))
        assert list(ledger.by_slot(scope, EVER)) == []
        assert list(ledger.answers(scope, EVER)) == []


def test_the_ledger_records_which_prices_were_in_force(world: World, ledger_path: Path) -> None:
    with UsageLedger(ledger_path) as ledger:
        first = ledger.price_list()
        ledger.note_price_list("later", "A later list", 10**13)

        assert first is not None
        assert first.startswith(f"{world.prices_file}, on top of LiteLLM list from ")
        assert ledger.price_list() == "A later list"
