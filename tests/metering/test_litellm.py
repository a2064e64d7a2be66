from __future__ import annotations

from collections.abc import Mapping

import pytest
from tests.metering.listed_prices import OPUS, OPUS_4_6, SONNET_4, SOURCE, make_table, price_of

from spendlight.metering.entry import ModelVariant, TokenCounts
from spendlight.metering.model_pricing import LongContextPricing


def test_missing_cache_prices_follow_from_the_input() -> None:
    price = price_of(OPUS)

    assert price.cache_write == pytest.approx(6.25e-6)
    assert price.cache_read == pytest.approx(0.5e-6)


def test_a_null_price_is_a_missing_one() -> None:
    assert price_of({**OPUS, "cache_read_input_token_cost": None}) == price_of(OPUS)


def test_any_threshold_in_the_list_is_read() -> None:
    price = price_of({**OPUS, "input_cost_per_token_above_100k_tokens": 25e-6})

    (long,) = price.long_context
    assert long == LongContextPricing(
        threshold_tokens=100_000,
        input=25e-6,
        output=price.output,
        cache_write=price.cache_write,
        cache_read=price.cache_read,
    )


def test_each_of_several_thresholds_inherits_missing_prices() -> None:
    entry = {
        **OPUS,
        "input_cost_per_token_above_500k_tokens": 40e-6,
        "input_cost_per_token_above_200k_tokens": 20e-6,
        "output_cost_per_token_above_200k_tokens": 50e-6,
    }

    price = price_of(entry)
    at = [price.rates(floor)[:2] for floor in (0, 200_000, 499_999, 500_000)]
    assert at == [(5e-6, 25e-6), (20e-6, 50e-6), (20e-6, 50e-6), (40e-6, 50e-6)]


def test_prices_by_ranges_of_context_sizes_are_prices_beyond_thresholds() -> None:
    tiers = [
        {"range": [0, 32000.0], "input_cost_per_token": 1e-6, "output_cost_per_token": 5e-6},
        {
            "range": [32000.0, 128000.0],
            "input_cost_per_token": 1.8e-6,
            "output_cost_per_token": 9e-6,
            "cache_read_input_token_cost": 0.2e-6,
        },
        {"range": [128001, 256000], "input_cost_per_token": 7e-6, "output_cost_per_token": 7e-6},
        {"range": "all"},
        7,
    ]

    price = price_of({"tiered_pricing": tiers})
    assert (price.input, price.output, price.cache_read) == (1e-6, 5e-6, 0.1e-6)
    assert price.long_context == (
        LongContextPricing(32_000, 1.8e-6, 9e-6, price.cache_write, 0.2e-6),
    )


@pytest.mark.parametrize(
    "key",
    [
        "input_cost_per_token_above_200k_tokens_batches",
        "cache_creation_input_token_cost_above_1hr",
        "cache_creation_input_token_cost_above_1hr_above_200k_tokens",
    ],
)
def test_other_prices_are_not_read_as_long_context_prices(key: str) -> None:
    assert price_of({**OPUS, key: 1e-6}).long_context == ()


def test_an_invalid_multiplier_is_ignored() -> None:
    entry = {**OPUS, "provider_specific_entry": {"us": 1.1, "schema": "v1", "beta": True}}

    assert price_of(entry).geo_multipliers == {"us": 1.1}


def test_without_a_medium_search_price_another_size_is_used() -> None:
    sizes = {"search_context_size_low": 0.02}

    price = price_of({**OPUS, "search_context_cost_per_query": sizes})
    assert price.web_search_per_request == 0.02


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ("free", "'free' is not an object"),
        ({}, "input_cost_per_token is missing"),
        ({"input_cost_per_token": 1e-6}, "output_cost_per_token is missing"),
        ({**OPUS, "input_cost_per_token": "5e-6"}, "input_cost_per_token is not a price"),
        ({**OPUS, "output_cost_per_token": -1e-6}, "output_cost_per_token is not a price"),
        ({**OPUS, "output_cost_per_token": True}, "output_cost_per_token is not a price"),
        ({**OPUS, "output_cost_per_token": float("nan")}, "output_cost_per_token is not a price"),
        (
            {**OPUS, "output_cost_per_token": float("inf")},
            "output_cost_per_token is more than $0.01 for one token",
        ),
        (
            {**OPUS, "input_cost_per_token": 10**4000},
            "input_cost_per_token is more than $0.01 for one token",
        ),
        (
            {**OPUS, "input_cost_per_token": 3.0},
            "input_cost_per_token is more than $0.01 for one token",
        ),
        ({**OPUS, "max_input_tokens": 10**400}, "max_input_tokens is not a price"),
        (10**4000, "a huge number is not an object"),
        ({**OPUS, "provider_specific_entry": 6}, "provider_specific_entry is not an object"),
        ({**OPUS, "provider_specific_entry": {"fast": "6"}}, "fast is not a price"),
        (
            {**OPUS, "input_cost_per_token_above_200k_tokens": "x"},
            "input_cost_per_token_above_200k_tokens is not a price",
        ),
    ],
)
def test_an_invalid_entry_is_omitted_and_recorded(entry: object, reason: str) -> None:
    table = make_table({"claude-opus-4-5": OPUS, "claude-opus-4-5-20251101": entry})

    assert table.find("claude-opus-4-5-20251101") == price_of(OPUS)
    assert table.models == ("claude-opus-4-5",)
    assert table.skipped == {"claude-opus-4-5-20251101": reason}


def test_overrides_replace_prices_one_by_one() -> None:
    override = {"inputCostPerToken": 1e-6}

    price = make_table({"opus": OPUS_4_6}, opus=override).find("opus")
    assert price is not None
    assert (price.input, price.output, price.fast_multiplier) == (1e-6, 25e-6, 6.0)
    assert price.cache_write == pytest.approx(1.25e-6)


def test_overrides_can_price_an_unlisted_model() -> None:
    override = {"inputCostPerToken": 1e-6, "outputCostPerToken": 2e-6}
    table = make_table({"opus": OPUS}, **{"my-local-model": override})

    rates = table.rates(ModelVariant("my-local-model"))
    assert rates is not None
    assert rates.cost(TokenCounts(input=1_000_000, output=1_000_000)) == pytest.approx(3.0)


def test_overrides_accept_the_names_of_ccusage_and_litellm() -> None:
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
        ({"inputCostPerToken": "cheap"}, "input_cost_per_token is not a price"),
        ({"inputPrice": 1e-6}, "inputPrice is not a known price"),
        (7, "7 is not an object"),
    ],
)
def test_an_invalid_override_keeps_the_listed_price(
    override: Mapping[str, object], reason: str
) -> None:
    table = make_table({"opus": OPUS}, opus=override)

    assert table.find("opus") == price_of(OPUS)
    assert table.source == SOURCE._replace(refused=(("opus", reason),))
    assert table.source.words == SOURCE.words
