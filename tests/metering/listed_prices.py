"""Entries of a price list in LiteLLM's form, and tables of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from spendlight.metering.model_pricing import ModelPricing
from spendlight.metering.pricing import PriceSource, PricingTable

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


def make_table(models: Mapping[str, object], **overrides: Mapping[str, object]) -> PricingTable:
    return PricingTable.from_litellm(models, SOURCE, overrides)


def price_of(entry: Mapping[str, object]) -> ModelPricing:
    price = make_table({"model": entry}).find("model")
    assert price is not None
    return price
