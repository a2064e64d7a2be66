"""New prices apply to old usage without reading any log."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.makers import LONG_CONTEXT, OPUS, SONNET, line, price_list, write_log
from tests.tracker.worlds import World, figures, total

from spendlight.ledger import opening
from spendlight.ledger.usage_ledger import UsageLedger
from spendlight.logs.jobs import ReadJob
from spendlight.logs.parsed import ParsedRange
from spendlight.metering.entry import TokenCounts
from spendlight.metering.pricing import CostMode
from spendlight.pricelist import renewing
from spendlight.pricelist.loading import PRICES_NAME
from spendlight.pricelist.renewing import RefreshOutcome, RefreshStatus
from spendlight.tracker.questions.periods import Periods
from spendlight.tracker.questions.selection import Selection
from spendlight.tracker.tracker import UsageTracker

CONTEXTS = (1, 90_000, 150_000, LONG_CONTEXT + 50_000)
THRESHOLD = 128_000


def write_answers(world: World) -> Path:
    """Write answers on both sides of every threshold, one of them with a recorded cost."""
    return write_log(
        world.root,
        "p/s.jsonl",
        *(
            line(id=f"{model}-{context}", model=model, input_tokens=context)
            for model in (SONNET, OPUS)
            for context in CONTEXTS
        ),
        line(id="recorded", costUSD=0.25),
    )


def dearer_list() -> dict[str, dict[str, object]]:
    """Return a list with doubled prices and another threshold."""
    dearer: dict[str, Any] = price_list()
    for prices in dearer.values():
        prices |= {key: 2 * cost for key, cost in prices.items() if "cost_per_token" in key}
    dearer[OPUS][f"input_cost_per_token_above_{THRESHOLD // 1000}k_tokens"] = 1e-4
    dearer[OPUS][f"output_cost_per_token_above_{THRESHOLD // 1000}k_tokens"] = 1e-3
    return dearer


def display(tracker: UsageTracker) -> float:
    return tracker.ask(Periods(Selection(mode=CostMode.DISPLAY))).total.cost


def never(
    _function: Callable[[ReadJob], ParsedRange], jobs: Iterable[ReadJob], /
) -> Iterator[ParsedRange]:
    assert list(jobs) == []
    return iter(())


@pytest.mark.parametrize("is_gone", [False, True])
def test_a_new_list_reprices_all_history_without_reading_a_log(
    world: World, *, is_gone: bool
) -> None:
    log = write_answers(world)
    before = total(world.read())
    world.prices_file.write_text(json.dumps(dearer_list()))
    expected = figures(world.read(data="fresh"))
    if is_gone:
        log.unlink()

    after = world.read(parse_map=never)

    assert figures(after) == expected
    assert total(after).tokens == before.tokens
    assert total(after).cost > 1.9 * before.cost


def test_recorded_costs_do_not_depend_on_prices(world: World) -> None:
    write_answers(world)
    assert display(world.read()) == 0.25

    world.prices_file.write_text(json.dumps(dearer_list()))

    assert display(world.read()) == 0.25


def test_the_price_list_in_force_is_recorded_with_its_date(world: World) -> None:
    write_answers(world)
    begun_ms = int(datetime.now(UTC).timestamp() * 1000)
    world.read()
    world.prices_file.write_text(json.dumps({"dated": "2026-11-20", "models": dearer_list()}))
    world.read()
    world.read()

    with closing(sqlite3.connect(world.place / "data" / "ledger.sqlite3")) as ledger:
        rows = ledger.execute(
            "SELECT name, in_force_since_ms FROM price_lists ORDER BY in_force_since_ms"
        ).fetchall()

    names = [row[0].partition(", on top of LiteLLM list from ")[0] for row in rows]
    assert names == [str(world.prices_file), f"{world.prices_file} from 2026-11-20"]
    assert begun_ms <= rows[0][1] <= rows[1][1]


@pytest.fixture
def online(world: World, monkeypatch: pytest.MonkeyPatch) -> UsageTracker:
    """A tracker that has read everything and will download the more expensive list."""

    def send(cache_dir: Path, *, now: datetime, **_: object) -> RefreshOutcome:
        cache_dir.mkdir(parents=True, exist_ok=True)
        fetched = {"fetched_at": now.isoformat(), "etag": "", "models": dearer_list()}
        (cache_dir / PRICES_NAME).write_text(json.dumps(fetched))
        return RefreshOutcome(RefreshStatus.UPDATED)

    monkeypatch.setattr(renewing, "refresh_prices", send)
    write_answers(world)
    return world.read(prices_file=None, is_offline=False)


def repriced(world: World) -> list[object]:
    """Return the figures according to the more expensive list."""
    world.prices_file.write_text(json.dumps(dearer_list()))
    return figures(world.read(data="fresh"))


def test_a_list_downloaded_between_two_passes_applies_to_the_next_question(
    world: World, online: UsageTracker
) -> None:
    assert online.refresh_prices() is None

    assert online.prices.source.origin == "fetched"
    assert figures(online) == repriced(world)


def test_a_users_own_list_overrides_a_downloaded_one(world: World, online: UsageTracker) -> None:
    own = world.place / "own.json"
    own.write_text(json.dumps({SONNET: price_list()[OPUS]}))
    tracker = world.read(prices_file=own, is_offline=False)

    tracker.refresh_prices()

    prices = [tracker.prices.find(model) for model in (SONNET, OPUS)]
    assert [price.input if price else None for price in prices] == [5e-6, 1e-5]
    assert online.prices.source.origin == "shipped"


def test_before_the_first_pass_no_sum_is_split(world: World, online: UsageTracker) -> None:
    assert online.prices.source.origin == "shipped"
    new = world.tracker(data="new", prices_file=None, is_offline=False)

    new.refresh_prices()
    assert not (world.place / "new" / "ledger.sqlite3").exists()
    new.refresh()

    assert figures(new) == repriced(world)


def test_while_the_ledger_is_locked_the_old_prices_stay_in_force(
    world: World, online: UsageTracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "BUSY_TIMEOUT_S", 0.01)
    before = figures(online)
    path = world.place / "data" / "ledger.sqlite3"

    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        online.refresh_prices()
        assert figures(online) == before
    online.read_logs()

    assert figures(online) == repriced(world)


def test_a_list_downloaded_during_a_pass_applies_after_it(
    world: World, online: UsageTracker
) -> None:
    def fetching(
        function: Callable[[ReadJob], ParsedRange], jobs: Iterable[ReadJob], /
    ) -> Iterator[ParsedRange]:
        for job in jobs:
            tracker.refresh_prices()
            assert tracker.prices.source.origin == "shipped"
            yield function(job)

    assert online.prices.source.origin == "shipped"
    tracker = world.tracker(data="new", prices_file=None, is_offline=False, parse_map=fetching)
    tracker.read_logs()

    assert tracker.prices.source.origin == "fetched"
    assert figures(tracker) == repriced(world)


def test_new_prices_from_another_program_during_a_pass_cause_no_wrong_sums(
    world: World,
) -> None:
    write_answers(world)
    newer = world.place / "newer.json"
    newer.write_text(json.dumps(dearer_list()))

    def interrupted(
        function: Callable[[ReadJob], ParsedRange], jobs: Iterable[ReadJob], /
    ) -> Iterator[ParsedRange]:
        for job in jobs:
            world.read(prices_file=newer, parse_map=lambda *_: iter(()))
            yield function(job)

    world.read(parse_map=interrupted)
    world.prices_file.write_text(json.dumps(dearer_list()))
    tracker = world.read()

    assert figures(tracker) == figures(world.read(data="fresh"))
    assert tracker.verify().is_good


class TestModelsOfOtherMakers:
    """Their context thresholds split the sums only after such a model was used."""

    def log(self, world: World, *models: str) -> None:
        contexts = (1, 250_000, 280_000)
        lines = [
            line(id=f"{model}-{context}", model=model, input_tokens=context)
            for model in models
            for context in contexts
        ]
        write_log(world.root, f"p/{models[0]}.jsonl", *lines)

    def context_thresholds(self, world: World) -> tuple[int, ...]:
        with UsageLedger(world.place / "data" / "ledger.sqlite3") as ledger:
            return ledger.context_thresholds

    def test_have_their_sums_split_when_they_are_first_used(self, world: World) -> None:
        self.log(world, OPUS)
        world.read(prices_file=None)
        assert 272_000 not in self.context_thresholds(world)

        self.log(world, "gpt-5.4")
        tracker = world.read(prices_file=None)

        assert 272_000 in self.context_thresholds(world)
        assert figures(tracker) == figures(world.read(data="fresh", prices_file=None))
        assert tracker.verify().is_good

    def test_are_priced_per_request_by_the_shipped_list(self, world: World) -> None:
        price = world.tracker(prices_file=None).prices.find("gpt-5.4")
        assert price is not None
        (long,) = price.long_context
        self.log(world, "gpt-5.4")

        cost = total(world.read(prices_file=None)).cost

        plain, dear = price.rates(), price.rates(long.threshold_tokens)
        counts = TokenCounts(output=400, cache_write_5m=1000, cache_read=20_000)
        parts = [
            (dear if context == 280_000 else plain).cost(counts._replace(input=context))
            for context in (1, 250_000, 280_000)
        ]
        assert dear.input > plain.input
        assert cost == pytest.approx(sum(parts), rel=1e-9)
