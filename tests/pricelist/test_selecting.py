from __future__ import annotations

from typing import ClassVar

import pytest
from tests.pricelist.lists import OPUS

from spendlight.metering.entry import ModelVariant
from spendlight.metering.litellm import parse_entry
from spendlight.metering.pricing import PriceSource, PricingTable
from spendlight.pricelist.loading import shipped_others
from spendlight.pricelist.others import OtherModels
from spendlight.pricelist.selecting import merge_models, select_models

CHAT = {**OPUS, "mode": "chat"}


class TestSelecting:
    def test_selects_claude_models_as_claude_code_names_them(self) -> None:
        names = [
            "claude-opus-5",
            "anthropic.claude-opus-5",
            "us.anthropic.claude-opus-5",
            "us-gov.anthropic.claude-opus-5",
            "vertex_ai/claude-opus-5@default",
        ]
        others = ["gpt-5", "openrouter/anthropic/claude-opus-5", "databricks/databricks-claude-5"]

        selection = select_models(dict.fromkeys([*names, *others], CHAT))
        assert list(selection.claude) == names
        assert list(selection.others) == others

    def test_selects_chat_models_of_other_makers(self) -> None:
        modes = ["chat", "responses", "completion", "embedding", "image_generation", None]

        selection = select_models({f"gpt-{mode}": {**OPUS, "mode": mode} for mode in modes})
        assert list(selection.others) == ["gpt-chat", "gpt-responses", "gpt-completion"]

    def test_accepts_a_price_of_0_only_for_local_models_and_makers(self) -> None:
        free = {"input_cost_per_token": 0, "output_cost_per_token": 0.0, "mode": "chat"}
        names = ["ollama/llama3", "zai/glm-4.7-flash", "glm-4-7-251222", "sagemaker/llama-2-7b"]

        assert list(select_models(dict.fromkeys(names, free)).others) == names[:2]

    def test_converts_price_ranges_to_prices_beyond_thresholds(self) -> None:
        tiers = [{**OPUS, "range": [0, 32000.0]}, {**OPUS, "range": [32000.0, 128000.0]}]

        selection = select_models({"dashscope/q": {"mode": "chat", "tiered_pricing": tiers}})
        beyond = {f"{key}_above_32k_tokens": price for key, price in OPUS.items()}
        assert selection.others == {"dashscope/q": {**OPUS, **beyond}}

    @pytest.mark.parametrize(
        "change",
        [
            {"input_cost_per_token": 10**4000},
            {"output_cost_per_token": float("inf")},
            {"cache_read_input_token_cost": -1},
            {"input_cost_per_token_above_200k_tokens": "free"},
            {"max_input_tokens": 10**4000},
            {"provider_specific_entry": {"fast": 10**400}},
            {"search_context_cost_per_query": {"search_context_size_medium": 1e300}},
        ],
    )
    def test_omits_models_with_an_invalid_number(self, change: object) -> None:
        assert isinstance(change, dict)
        entry = {**CHAT, **change}

        selection = select_models({"claude-opus-9": entry, "gpt-9": entry, "x\x1b": CHAT})
        assert selection == ({}, {})

    def test_selects_token_prices_only(self) -> None:
        entry = {
            **OPUS,
            "cache_read_input_token_cost_above_200k_tokens": 1e-6,
            "provider_specific_entry": {"fast": 2},
            "search_context_cost_per_query": {
                "search_context_size_high": 0.02,
                "search_context_size_medium": 0.01,
            },
            "max_input_tokens": 200_000,
        }
        extra = {
            "mode": "chat",
            "input_cost_per_token_batches": 1e-6,
            "provider_specific_entry": {"fast": 2, "schema": "v1"},
        }

        models = select_models({"claude-opus-5": {**entry, **extra}}).claude
        searches = {"search_context_size_medium": 0.01}
        assert models == {"claude-opus-5": {**entry, "search_context_cost_per_query": searches}}

    def test_omits_models_without_a_price_per_token(self) -> None:
        listed = {"claude-a": {"input_cost_per_second": 1}, "claude-b": 7}
        assert select_models(listed) == ({}, {})


class TestMerging:
    def test_a_new_price_is_used(self) -> None:
        known = {"opus": {**OPUS, "retired": True}}
        fresh = {"opus": {**OPUS, "input_cost_per_token": 4e-6}}

        assert merge_models(known, fresh) == fresh

    def test_a_dropped_model_keeps_its_last_price(self) -> None:
        assert merge_models({"old": OPUS}, {"new": OPUS}) == {
            "new": OPUS,
            "old": {**OPUS, "retired": True},
        }

    def test_a_dropped_speed_keeps_its_last_price(self) -> None:
        known = {"opus": {**OPUS, "provider_specific_entry": {"fast": 6, "us": 1.2}}}
        fresh = {"opus": {**OPUS, "provider_specific_entry": {"us": 1.1}}}

        merged = merge_models(known, fresh)
        assert merged["opus"]["provider_specific_entry"] == {"fast": 6, "us": 1.1}

    @pytest.mark.parametrize(("window", "is_kept"), [(200_000, True), (1_000_000, False)])
    def test_a_dropped_long_context_price_stays_only_if_the_context_went_too(
        self, window: int, *, is_kept: bool
    ) -> None:
        key = "input_cost_per_token_above_200k_tokens"
        known = {"sonnet": {**OPUS, key: 6e-6, "max_input_tokens": 1_000_000}}
        fresh = {"sonnet": {**OPUS, "max_input_tokens": window}}

        assert (key in merge_models(known, fresh)["sonnet"]) == is_kept

    def test_a_new_threshold_replaces_the_old_one(self) -> None:
        known = {"opus": {**OPUS, "input_cost_per_token_above_200k_tokens": 6e-6}}
        fresh = {
            "opus": {
                **OPUS,
                "input_cost_per_token_above_100k_tokens": 6e-6,
                "max_input_tokens": 200_000,
            }
        }

        assert merge_models(known, fresh) == fresh


class TestThePriorityTier:
    """OpenAI asks a multiple for it; Codex calls it "fast"."""

    TIER: ClassVar = {
        "mode": "chat",
        "input_cost_per_token": 5e-6,
        "output_cost_per_token": 3e-5,
        "input_cost_per_token_priority": 1.25e-5,
        "output_cost_per_token_priority": 7.5e-5,
    }

    @pytest.mark.parametrize(
        ("changes", "multiplier"),
        [
            ({}, 2.5),
            ({"output_cost_per_token_priority": 9e-5}, 1.0),
            ({"output_cost_per_token_priority": None}, 1.0),
            ({"input_cost_per_token": 0}, 1.0),
            ({"provider_specific_entry": {"fast": 3.0}}, 3.0),
        ],
    )
    def test_is_the_fast_speed(self, changes: dict[str, object], multiplier: float) -> None:
        raw = self.TIER | changes
        (kept,) = select_models({"gpt-9": raw}).others.values()

        assert parse_entry(kept).fast_multiplier == multiplier
        assert parse_entry(raw).fast_multiplier == multiplier

    def test_has_its_price_in_the_shipped_list(self) -> None:
        table = PricingTable({}, PriceSource("shipped"), others=OtherModels(*shipped_others()))

        fast, usual = (table.rates(ModelVariant("gpt-5.5", is_fast=one)) for one in (True, False))
        assert fast is not None
        assert usual is not None
        assert fast.cost((1, 1, 1, 1, 1)) == pytest.approx(2.5 * usual.cost((1, 1, 1, 1, 1)))
