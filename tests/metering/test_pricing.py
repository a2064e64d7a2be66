from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.metering.listed_prices import OPUS, OPUS_4_6, SONNET_4, SOURCE, make_table, price_of

from spendlight.errors import PriceListError
from spendlight.metering.entry import SYNTHETIC_MODEL, ModelVariant, Role, TokenCounts
from spendlight.metering.model_pricing import LongContextPricing, ModelPricing
from spendlight.metering.pricing import CostMode, PriceSource, PricingTable

ONE_OF_EACH = TokenCounts(
    input=100_000,
    output=10_000,
    cache_write_5m=100_000,
    cache_write_1h=100_000,
    cache_read=100_000,
)

LONG = 200_000

counts = st.integers(0, 10**9)
token_counts = st.builds(TokenCounts, counts, counts, counts, counts, counts)
prices = st.floats(1e-8, 1e-3)


class Others(dict[str, object]):
    """Models other than Claude's, all in memory."""

    @property
    def fingerprint(self) -> str:
        return repr(self)


class Untouched(Others):
    """Models that must not be looked up."""

    def get(self, name: object, default: object = None, /) -> object:
        raise AssertionError(name, default)

    def __iter__(self) -> Iterator[str]:
        raise AssertionError


def test_the_modes_are_called_as_in_ccusage() -> None:
    assert list(CostMode) == ["auto", "calculate", "display"]


def test_each_kind_of_token_has_its_price() -> None:
    price = ModelPricing(input=3e-6, output=15e-6, cache_write=3.75e-6, cache_read=0.3e-6)

    assert price.rates().cost(ONE_OF_EACH) == pytest.approx(1.455, rel=1e-9)


def test_a_cache_write_for_an_hour_costs_twice_the_input() -> None:
    tokens = TokenCounts(cache_write_5m=1_000_000, cache_write_1h=2_000_000)

    assert price_of(OPUS).rates().cost(tokens) == pytest.approx(26.25, rel=1e-9)


def test_a_model_without_long_context_prices_is_flat() -> None:
    tokens = TokenCounts(input=300_000, output=300_000)
    price = price_of(OPUS)

    assert price.rates().cost(tokens) == pytest.approx(9.0, rel=1e-9)
    assert price.rates(LONG).cost(tokens) == price.rates().cost(tokens)


def test_a_request_beyond_the_threshold_costs_more_for_all_its_tokens() -> None:
    tokens = TokenCounts(input=150_000, output=1000, cache_read=150_000, cache_write_1h=1000)
    price = price_of(SONNET_4)

    assert price.rates(LONG).cost(tokens) == pytest.approx(0.9 + 0.0225 + 0.09 + 0.012, rel=1e-9)


def test_a_request_at_the_threshold_is_not_beyond_it() -> None:
    price = price_of(SONNET_4)

    assert price.rates(199_999).input == 3e-6
    assert price.rates(200_000).input == 6e-6


@pytest.mark.parametrize(
    ("variant", "dollars"),
    [
        (ModelVariant("claude-opus-4-6"), 0.5),
        (ModelVariant("claude-opus-4-6", is_fast=True), 3.0),
        (ModelVariant("claude-opus-4-6", is_fast=True, role=Role.ADVISOR), 3.0),
        (ModelVariant("claude-opus-4-6", geo="us"), 0.55),
        (ModelVariant("claude-opus-4-6", is_fast=True, geo="us"), 3.3),
        (ModelVariant("claude-opus-4-6", geo="elsewhere"), 0.5),
        (ModelVariant("claude-opus-4-5", is_fast=True), 0.5),
        (ModelVariant(""), 0.0),
        (ModelVariant(SYNTHETIC_MODEL), 0.0),
        (ModelVariant("claude-opus-9"), None),
    ],
)
def test_speed_and_region_multiply_the_cost_if_the_list_says_so(
    variant: ModelVariant, dollars: float | None
) -> None:
    table = make_table({"claude-opus-4-5": OPUS, "claude-opus-4-6": OPUS_4_6})
    tokens = TokenCounts(input=100_000)

    rates = table.rates(variant)

    assert (None if rates is None else rates.cost(tokens)) == pytest.approx(dollars)


def test_web_searches_have_a_separate_price() -> None:
    table = make_table({"claude-opus-4-5": OPUS, "claude-opus-4-6": OPUS_4_6})

    assert table.web_search_cost(ModelVariant("claude-opus-4-6"), 3) == pytest.approx(0.03)
    assert table.web_search_cost(ModelVariant("claude-opus-4-5"), 3) is None
    assert table.web_search_cost(ModelVariant("claude-opus-9"), 3) is None
    assert table.web_search_cost(ModelVariant("claude-opus-9"), 0) == 0


def test_the_exact_name_precedes_a_longer_one() -> None:
    table = make_table({"claude-opus-4-5": OPUS, "us.claude-opus-4-5": SONNET_4})

    assert table.find("claude-opus-4-5") == price_of(OPUS)


def test_another_spelling_finds_the_price_every_time() -> None:
    table = make_table({"claude-opus-4-5": OPUS})

    assert table.find("anthropic/claude-opus-4.5[1m]") == price_of(OPUS)
    assert table.find("anthropic/claude-opus-4.5[1m]") is table.find("claude-opus-4-5")


@pytest.mark.parametrize("part", ["-thinking", "/", "claude-", "a[", "x."])
def test_an_impossible_model_name_is_not_searched_for(part: str) -> None:
    assert make_table({"claude-opus-4": OPUS}).find(part * 50_000) is None


def test_an_unknown_model_has_no_price() -> None:
    table = make_table({"claude-opus-4": OPUS})

    assert table.find("claude-opus-4-9") is None
    assert table.find("") is None


@pytest.mark.parametrize("models", [{}, {"sample_spec": {"input_cost_per_token": "?"}}])
def test_a_list_without_any_price_is_rejected(models: Mapping[str, object]) -> None:
    with pytest.raises(PriceListError, match="no model with a price"):
        make_table(models)


def test_a_list_returns_the_thresholds_of_claudes_models() -> None:
    haiku = {**OPUS, "output_cost_per_token_above_100k_tokens": 9e-6}

    table = make_table({"a": SONNET_4, "b": haiku, "c": OPUS, "d": 0})
    assert table.thresholds([]) == (100_000, 200_000)


def test_thresholds_of_other_models_are_returned_only_if_they_were_used() -> None:
    others = Others({"gpt-7": {**OPUS, "input_cost_per_token_above_272k_tokens": 9e-6}})
    table = PricingTable.from_litellm({"a": SONNET_4}, SOURCE, others=others)
    table = table.with_list(
        {"mine": {**OPUS, "input_cost_per_token_above_32k_tokens": 9e-6}}, PriceSource("mine.json")
    )

    assert table.thresholds(["a", "unknown", ""]) == (200_000,)
    assert table.thresholds(["gpt-7"]) == (200_000, 272_000)
    assert table.thresholds(["mine"]) == (32_000, 200_000)


def test_other_models_are_not_searched_for_a_listed_one() -> None:
    table = PricingTable.from_litellm({"claude-opus-4-5": OPUS}, SOURCE, others=Untouched())

    assert table.find("claude-opus-4-5") == price_of(OPUS)
    assert table.thresholds(["claude-opus-4-5", SYNTHETIC_MODEL, ""]) == ()


def test_a_list_overrides_another_only_for_its_models() -> None:
    below = make_table({"claude-opus-4-5": OPUS, "claude-sonnet-4": SONNET_4})
    dear = {**OPUS, "input_cost_per_token": 7e-6}

    table = below.with_list({"claude-opus-4-5": dear, "mine-1": OPUS}, PriceSource("mine.json"))
    found = [table.find(name) for name in ("claude-opus-4-5", "claude-sonnet-4", "x/mine-1")]
    assert found == [price_of(dear), price_of(SONNET_4), price_of(OPUS)]
    assert table.source.words == "mine.json, on top of LiteLLM list from 2026-11-20, shipped"


def test_a_users_own_name_for_a_model_precedes_a_similar_listed_one() -> None:
    others = Others({"zai/glm-4.6": OPUS})
    dear = {**OPUS, "input_cost_per_token": 7e-6}
    table = PricingTable.from_litellm({"a": OPUS}, SOURCE, {"glm-4.6": dear}, others)

    assert table.find("z-ai/glm-4.6") == price_of(dear)
    assert table.find("zai/glm-4.6") == price_of(OPUS)


def test_a_users_own_price_of_a_claude_model_overrides_the_list() -> None:
    dear = {**OPUS, "input_cost_per_token": 7e-6}
    table = make_table({"claude-opus-4-5": OPUS}).with_list(
        {"mine/claude-opus-4-5": dear}, PriceSource("mine.json")
    )

    assert table.find("other/claude-opus-4.5") == price_of(dear)
    assert table.find("claude-opus-4-5") == price_of(OPUS)


def test_a_model_other_than_claudes_is_searched_for_in_all_lists_together() -> None:
    others = Others({"seller/vox-1": SONNET_4})
    table = PricingTable.from_litellm({"a": OPUS, "vox-1-mini": OPUS_4_6}, SOURCE, None, others)

    assert table.find("vox-1") == price_of(SONNET_4)


def test_an_override_of_one_price_keeps_the_others_of_another_makers_model() -> None:
    others = Others({"zai/glm-4.6": OPUS_4_6})
    override = {"zai/glm-4.6": {"inputCostPerToken": 1e-6}}

    price = PricingTable.from_litellm({"a": OPUS}, SOURCE, override, others).find("zai/glm-4.6")
    assert price is not None
    assert (price.input, price.output, price.fast_multiplier) == (1e-6, 25e-6, 6.0)


def test_the_fingerprint_depends_on_the_prices() -> None:
    table = make_table({"a": OPUS_4_6, "b": SONNET_4})

    same = make_table({"b": {**SONNET_4, "retired": True}, "c": {}, "a": OPUS_4_6})
    assert same.fingerprint == table.fingerprint
    assert make_table({"a": OPUS_4_6}).fingerprint != table.fingerprint
    override = {"a": {"outputCostPerToken": 1e-6}}
    assert table.with_overrides(override).fingerprint != table.fingerprint
    others = Others({"gpt-7": OPUS})
    more = PricingTable.from_litellm({"a": OPUS_4_6, "b": SONNET_4}, SOURCE, others=others)
    assert more.fingerprint != table.fingerprint


def test_a_source_is_described_in_words() -> None:
    fetched = PriceSource("LiteLLM list", datetime(2026, 11, 21, 8, tzinfo=UTC), "fetched")

    assert SOURCE.words == "LiteLLM list from 2026-11-20, shipped"
    assert fetched.words == "LiteLLM list from 2026-11-21, fetched"
    assert PriceSource("mine.json").words == "mine.json"
    table = make_table({"opus": OPUS}, opus={"inputCostPerToken": 1e-6})
    assert table.source.words == "LiteLLM list from 2026-11-20, shipped, 1 overridden"


@settings(deadline=None)
@given(first=token_counts, second=token_counts, is_long=st.booleans(), is_fast=st.booleans())
def test_the_cost_of_a_sum_is_the_sum_of_the_costs(
    first: TokenCounts, second: TokenCounts, *, is_long: bool, is_fast: bool
) -> None:
    price = price_of({**SONNET_4, "provider_specific_entry": {"fast": 6}})

    def cost(tokens: TokenCounts) -> float:
        return price.rates(LONG if is_long else 0, is_fast=is_fast).cost(tokens)

    assert cost(first + second) == pytest.approx(cost(first) + cost(second), rel=1e-9)


@settings(deadline=None)
@given(tokens=token_counts, base=st.tuples(prices, prices, prices, prices), more=st.floats(1, 5))
def test_a_long_context_is_never_cheaper_than_its_listed_price(
    tokens: TokenCounts, base: tuple[float, float, float, float], more: float
) -> None:
    long = LongContextPricing(200_000, *(price * more for price in base))
    price = ModelPricing(*base, long_context=(long,))

    dear = price.rates(LONG).cost(tokens)
    assert dear >= price.rates().cost(tokens)
    assert dear == pytest.approx(more * price.rates().cost(tokens))
