"""Earlier prices come from a file, and one that is missing or damaged is like an empty one."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from spendlight import assets
from spendlight.metering.entry import ModelVariant
from spendlight.metering.periods import to_ms
from spendlight.metering.pricing import PriceSource, PricingTable
from spendlight.pricelist.loading import shipped_others, shipped_steps
from spendlight.pricelist.others import OtherModels
from spendlight.pricelist.steps import STEPS_NAME, PriceSteps

SOURCE = PriceSource("a list")
SHIPPED = assets.resource(STEPS_NAME)


def entry(dollars: float) -> dict[str, object]:
    return {"input_cost_per_token": dollars / 1e6, "output_cost_per_token": 0.0}


def step(until: str, dollars: float) -> dict[str, object]:
    return {"until": until, "source": f"LiteLLM of {until}", "prices": entry(dollars)}


def at(day: str) -> int:
    return to_ms(datetime.fromisoformat(day).replace(tzinfo=UTC))


@pytest.fixture
def table(tmp_path: Path) -> PricingTable:
    path = tmp_path / "steps.json"
    models = {
        "gpt-9": [step("2026-03-01", 5), step("2026-01-01", 9)],
        "azure/gpt-9": [step("2026-02-01", 7)],
        "other": [step("2026-02-01", 3)],
        "free": [{"until": "2026-02-01", "source": "LiteLLM", "prices": {}}],
    }
    path.write_text(json.dumps({"since": "2025-12-01", "models": models}))
    raw = {"gpt-9": entry(2), "azure/gpt-9": entry(2), "other": entry(3), "free": entry(1)}
    return PricingTable(raw, SOURCE, earlier=PriceSteps(path))


def dollars(table: PricingTable, model: str, day: str) -> float:
    rates = table.rates(ModelVariant(model), at_ms=at(day))
    assert rates is not None
    return round(rates.input * 1e6, 6)


def test_a_price_holds_from_the_beginning_of_its_day(table: PricingTable) -> None:
    days = ("2020-01-01", "2025-12-31T23:59:59.999", "2026-01-01", "2026-02-28", "2026-03-01")

    assert [dollars(table, "gpt-9", day) for day in days] == [9, 9, 5, 5, 2]
    assert table.rates(ModelVariant("gpt-9")) == table.rates(ModelVariant("gpt-9"), 0, at(days[-1]))
    assert table.steps(["gpt-9", "", "<synthetic>"]) == (at("2026-01-01"), at("2026-03-01"))


def test_another_name_of_the_model_has_the_same_history(table: PricingTable) -> None:
    assert dollars(table, "openai/gpt-9", "2026-02-01") == 5


def test_a_step_to_the_same_price_is_none(table: PricingTable) -> None:
    assert len(table.history.of("other")) == 1
    assert table.steps(["other"]) == ()


def test_an_invalid_earlier_price_is_ignored(table: PricingTable) -> None:
    assert dollars(table, "free", "2026-01-01") == 1


def test_the_users_own_price_holds_for_all_time(table: PricingTable) -> None:
    own = table.with_overrides({"gpt-9": {"inputCostPerToken": 4e-6}})
    listed = table.with_list({"gpt-9": entry(6)}, SOURCE)

    assert dollars(own, "gpt-9", "2026-01-01") == 4
    assert dollars(listed, "gpt-9", "2026-01-01") == 6
    assert dollars(listed, "azure/gpt-9", "2026-01-31") == 7


@pytest.mark.parametrize("text", [None, "", "[]", "{", '{"models": 5}'])
def test_a_file_without_steps_is_like_none(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "steps.json"
    if text is not None:
        path.write_text(text)
    steps = PriceSteps(path)
    table = PricingTable({"gpt-9": entry(2)}, SOURCE, earlier=steps)

    assert (len(steps), steps.since) == (0, None)
    assert dollars(table, "gpt-9", "2020-01-01") == 2


class TestTheShippedSteps:
    def test_are_of_valid_prices_other_than_those_that_follow(self) -> None:
        steps = shipped_steps()
        others = OtherModels(*shipped_others())
        names = json.loads(SHIPPED.read_bytes())["models"]
        table = PricingTable({}, SOURCE, others=others, earlier=steps)

        assert steps.since == date(2023, 11, 1)
        assert len(steps) > 50
        for name in names:
            history = table.history.of(name)
            assert len(history) == len(steps.of(name)) + 1, name
            assert all(price.pricing is not None for price in history), name

    def test_are_not_of_claude(self) -> None:
        assert b"claude" not in SHIPPED.read_bytes()

    def test_know_when_o3_became_cheaper(self) -> None:
        others = OtherModels(*shipped_others())
        table = PricingTable({}, SOURCE, others=others, earlier=shipped_steps())

        assert dollars(table, "o3", "2025-06-15") == 10
        assert dollars(table, "o3", "2025-06-16") == 2
