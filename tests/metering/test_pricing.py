from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spendlight.errors import PriceListError
from spendlight.metering.entry import SYNTHETIC_MODEL, ModelVariant, Role, TokenCounts
from spendlight.metering.model_pricing import LongContextPricing, ModelPricing
from spendlight.metering.pricing import CostMode, PriceSource, PricingTable

SOURCE = PriceSource("LiteLLM list", date(2026, 11, 20), "shipped")
OPUS = {"input_cost_per_token": 5e-6, "output_cost_per_token": 25e-6}
SONNET_4 = {
    "input_cost_per_token": 3e-6,
    "output_cost_per_token": 15e-6,
    "cache_creation_input_token_cost": 3.75e-6,
    "cache_read_input_token_cost": 0.3e-6,
    "input_cost_per_token_above_200k_tokens": 6e-6,
    "output_cost_per_token_above_200k_tokens": 22.5e-6,
    "cache_creation_input_token_cost_above_200k_tokens": 7.5e-6,
    "cache_read_input_token_cost_above_200k_tokens": 0.6e-6,
    "max_input_tokens": 1_000_000,
}
OPUS_4_6 = {
    **OPUS,
    "provider_specific_entry": {"fast": 6.0, "us": 1.1},
    "search_context_cost_per_query": {
        "search_context_size_high": 0.03,
        "search_context_size_medium": 0.01,
    },
}
ONE_OF_EACH = TokenCounts(
    input=100_000,
    output=10_000,
    cache_write_5m=100_000,
    cache_write_1h=100_000,
    cache_read=100_000,
)

counts = st.integers(0, 10**9)
token_counts = st.builds(TokenCounts, counts, counts, counts, counts, counts)
prices = st.floats(1e-8, 1e-3)


def make_table(models: Mapping[str, object], **overrides: Mapping[str, object]) -> PricingTable:
    return PricingTable.from_litellm(models, SOURCE, overrides)


def price_of(entry: Mapping[str, object]) -> ModelPricing:
    price = make_table({"model": entry}).find("model")
    assert price is not None
    return price


def test_the_modes_are_called_as_in_ccusage() -> None:
    assert list(CostMode) == ["auto", "calculate", "display"]


def test_each_kind_of_token_has_its_price() -> None:
    price = ModelPricing(input=3e-6, output=15e-6, cache_write=3.75e-6, cache_read=0.3e-6)

    assert price.rates(is_long_context=False).cost(ONE_OF_EACH) == pytest.approx(1.455, rel=1e-9)


def test_a_cache_write_for_an_hour_costs_twice_the_input() -> None:
    tokens = TokenCounts(cache_write_5m=1_000_000, cache_write_1h=2_000_000)

    assert price_of(OPUS).rates(is_long_context=False).cost(tokens) == pytest.approx(
        26.25, rel=1e-9
    )


def test_missing_cache_prices_follow_from_the_input() -> None:
    price = price_of(OPUS)

    assert price.cache_write == pytest.approx(6.25e-6)
    assert price.cache_read == pytest.approx(0.5e-6)


def test_a_null_price_is_a_missing_one() -> None:
    assert price_of({**OPUS, "cache_read_input_token_cost": None}) == price_of(OPUS)


def test_a_model_without_long_context_prices_is_flat() -> None:
    tokens = TokenCounts(input=300_000, output=300_000)
    price = price_of(OPUS)

    assert not price.is_long_context(tokens.context)
    assert price.rates(is_long_context=False).cost(tokens) == pytest.approx(9.0, rel=1e-9)
    assert price.rates(is_long_context=True).cost(tokens) == price.rates(
        is_long_context=False
    ).cost(tokens)


def test_a_request_beyond_the_threshold_costs_more_for_all_its_tokens() -> None:
    tokens = TokenCounts(input=150_000, output=1000, cache_read=150_000, cache_write_1h=1000)
    price = price_of(SONNET_4)

    assert price.is_long_context(tokens.context)
    assert price.rates(is_long_context=True).cost(tokens) == pytest.approx(
        0.9 + 0.0225 + 0.09 + 0.012, rel=1e-9
    )


def test_a_request_just_at_the_threshold_is_not_beyond_it() -> None:
    price = price_of(SONNET_4)

    assert not price.is_long_context(200_000)
    assert price.is_long_context(200_001)


def test_any_threshold_that_the_list_names_is_understood() -> None:
    price = price_of({**OPUS, "input_cost_per_token_above_100k_tokens": 25e-6})

    assert price.long_context == LongContextPricing(
        threshold_tokens=100_000,
        input=25e-6,
        output=price.output,
        cache_write=price.cache_write,
        cache_read=price.cache_read,
    )


def test_the_lowest_of_several_thresholds_counts() -> None:
    entry = {
        **OPUS,
        "input_cost_per_token_above_500k_tokens": 40e-6,
        "input_cost_per_token_above_200k_tokens": 20e-6,
    }

    long = price_of(entry).long_context
    assert long is not None
    assert (long.threshold_tokens, long.input) == (200_000, 20e-6)


@pytest.mark.parametrize(
    "key",
    [
        "input_cost_per_token_above_200k_tokens_batches",
        "cache_creation_input_token_cost_above_1hr",
        "cache_creation_input_token_cost_above_1hr_above_200k_tokens",
    ],
)
def test_prices_of_other_things_are_no_long_context_prices(key: str) -> None:
    assert price_of({**OPUS, key: 1e-6}).long_context is None


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
def test_speed_and_place_multiply_the_cost_where_the_list_says_so(
    variant: ModelVariant, dollars: float | None
) -> None:
    table = make_table({"claude-opus-4-5": OPUS, "claude-opus-4-6": OPUS_4_6})
    tokens = TokenCounts(input=100_000)

    rates = table.rates(variant)

    assert (None if rates is None else rates.cost(tokens)) == pytest.approx(dollars)


def test_what_is_no_multiplier_is_no_matter() -> None:
    entry = {**OPUS, "provider_specific_entry": {"us": 1.1, "schema": "v1", "beta": True}}

    assert price_of(entry).geo_multipliers == {"us": 1.1}


def test_web_searches_have_a_price_of_their_own() -> None:
    table = make_table({"claude-opus-4-5": OPUS, "claude-opus-4-6": OPUS_4_6})

    assert table.web_search_cost(ModelVariant("claude-opus-4-6"), 3) == pytest.approx(0.03)
    assert table.web_search_cost(ModelVariant("claude-opus-4-5"), 3) is None
    assert table.web_search_cost(ModelVariant("claude-opus-9"), 3) is None
    assert table.web_search_cost(ModelVariant("claude-opus-9"), 0) == 0


def test_a_search_price_for_other_sizes_serves_where_there_is_no_medium_one() -> None:
    sizes = {"search_context_size_low": 0.02}

    price = price_of({**OPUS, "search_context_cost_per_query": sizes})
    assert price.web_search_per_request == 0.02


def test_the_exact_name_beats_a_longer_one() -> None:
    table = make_table({"claude-opus-4-5": OPUS, "us.claude-opus-4-5": SONNET_4})

    assert table.find("claude-opus-4-5") == price_of(OPUS)


def test_another_spelling_finds_the_price_every_time() -> None:
    table = make_table({"claude-opus-4-5": OPUS})

    assert table.find("anthropic/claude-opus-4.5[1m]") == price_of(OPUS)
    assert table.find("anthropic/claude-opus-4.5[1m]") is table.find("claude-opus-4-5")


def test_an_unknown_model_has_no_price() -> None:
    table = make_table({"claude-opus-4": OPUS})

    assert table.find("claude-opus-4-9") is None
    assert table.find("") is None


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ("free", "'free' is no object"),
        ({}, "input_cost_per_token is missing"),
        ({"input_cost_per_token": 1e-6}, "output_cost_per_token is missing"),
        ({**OPUS, "input_cost_per_token": "5e-6"}, "input_cost_per_token is no price"),
        ({**OPUS, "output_cost_per_token": -1e-6}, "output_cost_per_token is no price"),
        ({**OPUS, "output_cost_per_token": True}, "output_cost_per_token is no price"),
        ({**OPUS, "provider_specific_entry": 6}, "provider_specific_entry is no object"),
        ({**OPUS, "provider_specific_entry": {"fast": "6"}}, "fast is no price"),
        (
            {**OPUS, "input_cost_per_token_above_200k_tokens": "x"},
            "input_cost_per_token_above_200k_tokens is no price",
        ),
    ],
)
def test_an_entry_that_makes_no_sense_is_left_out_and_remembered(
    entry: object, reason: str
) -> None:
    table = make_table({"claude-opus-4-5": OPUS, "claude-opus-4-5-20251101": entry})

    assert table.find("claude-opus-4-5-20251101") == price_of(OPUS)
    assert table.models == ("claude-opus-4-5",)
    assert table.skipped == {"claude-opus-4-5-20251101": reason}


@pytest.mark.parametrize("models", [{}, {"sample_spec": {"input_cost_per_token": "?"}}])
def test_a_list_without_any_price_is_refused(models: Mapping[str, object]) -> None:
    with pytest.raises(PriceListError, match="no model with a price"):
        make_table(models)


def test_a_list_names_its_thresholds() -> None:
    haiku = {**OPUS, "output_cost_per_token_above_100k_tokens": 9e-6}

    assert make_table({"a": SONNET_4, "b": haiku, "c": OPUS, "d": 0}).thresholds == (
        100_000,
        200_000,
    )


def test_the_fingerprint_is_that_of_the_prices() -> None:
    table = make_table({"a": OPUS_4_6, "b": SONNET_4})

    same = make_table({"b": {**SONNET_4, "retired": True}, "c": {}, "a": OPUS_4_6})
    assert same.fingerprint == table.fingerprint
    assert make_table({"a": OPUS_4_6}).fingerprint != table.fingerprint
    override = {"a": {"outputCostPerToken": 1e-6}}
    assert table.with_overrides(override).fingerprint != table.fingerprint


def test_overrides_replace_prices_one_by_one() -> None:
    override = {"inputCostPerToken": 1e-6}

    price = make_table({"opus": OPUS_4_6}, opus=override).find("opus")
    assert price is not None
    assert (price.input, price.output, price.fast_multiplier) == (1e-6, 25e-6, 6.0)
    assert price.cache_write == pytest.approx(1.25e-6)


def test_overrides_price_a_model_that_the_list_does_not_know() -> None:
    override = {"inputCostPerToken": 1e-6, "outputCostPerToken": 2e-6}
    table = make_table({"opus": OPUS}, **{"my-local-model": override})

    rates = table.rates(ModelVariant("my-local-model"))
    assert rates is not None
    assert rates.cost(TokenCounts(input=1_000_000, output=1_000_000)) == pytest.approx(3.0)


def test_overrides_go_by_the_names_of_ccusage_or_of_litellm() -> None:
    camel = {
        "inputCostPerToken": 3e-6,
        "outputCostPerToken": 15e-6,
        "cacheCreationInputTokenCost": 3.75e-6,
        "cacheReadInputTokenCost": 0.3e-6,
        "inputCostPerTokenAbove200kTokens": 6e-6,
        "outputCostPerTokenAbove200kTokens": 22.5e-6,
        "cacheCreationInputTokenCostAbove200kTokens": 7.5e-6,
        "cacheReadInputTokenCostAbove200kTokens": 0.6e-6,
        "maxInputTokens": 1_000_000,
        "fastMultiplier": 2,
    }
    snake = {**SONNET_4, "fast_multiplier": 2}
    table = make_table({"opus": OPUS}, camel=camel, snake=snake)

    price = table.find("camel")
    assert price is not None
    assert price == table.find("snake")
    assert (price.fast_multiplier, price.context_window_tokens) == (2.0, 1_000_000)
    assert price.long_context == price_of(SONNET_4).long_context


@pytest.mark.parametrize(
    ("override", "reason"),
    [
        ({"inputCostPerToken": "cheap"}, "input_cost_per_token is no price"),
        ({"inputPrice": 1e-6}, "inputPrice is the name of no price"),
        (7, "7 is no object"),
    ],
)
def test_an_override_that_makes_no_sense_leaves_the_price_of_the_list(
    override: Mapping[str, object], reason: str
) -> None:
    table = make_table({"opus": OPUS}, opus=override)

    assert table.find("opus") == price_of(OPUS)
    assert table.skipped == {"opus": f"your own price: {reason}"}
    assert table.source == SOURCE


def test_a_source_says_in_words_which_list_it_is() -> None:
    fetched = PriceSource("LiteLLM list", datetime(2026, 11, 21, 8, tzinfo=UTC), "fetched")

    assert SOURCE.words == "LiteLLM list of 2026-11-20, shipped"
    assert fetched.words == "LiteLLM list of 2026-11-21, fetched"
    assert PriceSource("mine.json").words == "mine.json"
    table = make_table({"opus": OPUS}, opus={"inputCostPerToken": 1e-6})
    assert table.source.words == "LiteLLM list of 2026-11-20, shipped, 1 of your own"


@settings(deadline=None)
@given(first=token_counts, second=token_counts, is_long=st.booleans(), is_fast=st.booleans())
def test_the_cost_of_a_sum_is_the_sum_of_the_costs(
    first: TokenCounts, second: TokenCounts, *, is_long: bool, is_fast: bool
) -> None:
    price = price_of({**SONNET_4, "provider_specific_entry": {"fast": 6}})

    def cost(tokens: TokenCounts) -> float:
        return price.rates(is_long_context=is_long, is_fast=is_fast).cost(tokens)

    assert cost(first + second) == pytest.approx(cost(first) + cost(second), rel=1e-9)


@settings(deadline=None)
@given(tokens=token_counts, base=st.tuples(prices, prices, prices, prices), more=st.floats(1, 5))
def test_long_context_is_never_cheaper_where_the_list_makes_it_dearer(
    tokens: TokenCounts, base: tuple[float, float, float, float], more: float
) -> None:
    long = LongContextPricing(200_000, *(price * more for price in base))
    price = ModelPricing(*base, long_context=long)

    dear = price.rates(is_long_context=True).cost(tokens)
    assert dear >= price.rates(is_long_context=False).cost(tokens)
    assert dear == pytest.approx(more * price.rates(is_long_context=False).cost(tokens))
