from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spendlight.metering.model_names import NameIndex, identity
from spendlight.metering.model_pricing import ModelPricing
from spendlight.metering.price_search import search

LISTED = {
    "anthropic.claude-opus-5": 5,
    "azure/gpt-7": 8,
    "azure_ai/vox-1": 3,
    "bedrock/eu-west-1/vendor.vox-1": 4,
    "bedrock/vendor.vox-1": 2,
    "chat-latest": 9,
    "claude-opus-5": 5,
    "claude-sonnet-4-5-20250929": 3,
    "eu.anthropic.claude-opus-5": 6,
    "gpt-7": 7,
    "gpt-7-mini": 1,
    "gpt-7-mini-2026-09-01": 1,
    "moonshot/Kimi-K9": 4,
    "nova-labs/open-3-120b-a12b": 3,
    "novita/zai-org/glm-9": 2,
    "ollama/local-1": 0,
    "other/open-3-7b": 1,
    "seller/qwen-free-2": 0,
    "vercel/zai/glm-9": 2,
    "vertex_ai/claude-opus-5@default": 5,
    "x/vox-1": 2,
    "y/even-1": 1,
    "z/even-1": 2,
    "zai/glm-9": 1,
}


def input_of(model: str, listed: Mapping[str, float] = LISTED) -> float | None:
    """Return the input price of a model, given a list of input prices."""

    def price_of(name: str) -> ModelPricing | None:
        price = listed.get(name)
        return None if price is None else ModelPricing(price, price, 0, 0)

    found = search(model, NameIndex(listed), price_of)
    return None if found is None else found.input


@pytest.mark.parametrize(
    ("logged", "price"),
    [
        ("proxy/gpt-7", 7),
        ("gpt-7[1m]", 7),
        ("gpt-7(high)", 7),
        ("gpt-7-xhigh", 7),
        ("gpt-7-2026-11-01", 7),
        ("openai/gpt-7-mini-20261101", 1),
        ("glm-9", 1),
        ("z-ai/glm-9", 1),
        ("openrouter/z-ai/glm-9", 1),
        ("GLM-9", 1),
        ("glm-9:cloud", 1),
        ("novita/glm-9", 2),
        ("kimi-k9-thinking", 4),
        ("vox-1", 2),
        ("open-3:120b-cloud", 3),
        ("open-3-7b", 1),
        ("even-1", 1),
        ("anthropic/claude-4.5-sonnet", 3),
        ("claude-opus-5@20260724", 5),
        ("global.eu.anthropic.claude-opus-5-v1:0", 6),
        ("opus", 5),
        ("glm-77:free", 0),
    ],
)
def test_the_price_of_a_model_is_found_under_another_name(logged: str, price: float) -> None:
    assert input_of(logged) == price


@pytest.mark.parametrize(
    "logged",
    [
        "default",
        "latest",
        "chat",
        "eu",
        "vertex_ai",
        "claude",
        "gpt",
        "glm-9-turbo",
        "glm-9.5",
        "gpt-7-max",
        "open-3",
        "local-1",
        "qwen-free-2",
        "Claude-Opus-5",
        "claude-opus-5-5",
        "5",
        ":",
        "/",
        "[1m]",
    ],
)
def test_a_model_that_is_not_listed_has_no_price(logged: str) -> None:
    assert input_of(logged) is None


def test_of_one_sellers_names_the_one_without_a_region_counts() -> None:
    listed = {"bedrock/eu/v.vox-1": 9, "bedrock/us/v.vox-1": 9, "bedrock/v.vox-1": 1}

    assert input_of("vox-1", listed) == 1


def test_a_models_name_is_what_remains_without_sellers_dates_and_options() -> None:
    names = [
        "glm-4.6",
        "zai/glm-4.6",
        "zai.glm-4-6-v1:0",
        "us.zai.glm-4.6",
        "openrouter/z-ai/GLM-4.6",
        "vertex_ai/zai-org/glm-4.6-maas",
        "glm-4.6@20260101",
        "glm-4.6-2026-01-01[1m]",
    ]

    assert {identity(name) for name in names} == {"glm-4-6"}
    assert identity("deepseek.v3-v1:0") == "deepseek-v3"
    assert identity("nvidia.nemotron-nano-9b-v2") == "nemotron-nano-9b-v2"


words = st.sampled_from(["glm", "gpt", "claude", "opus", "latest", "9", "4.5", "20260101", "mini"])
names = st.lists(words, min_size=1, max_size=4).map("-".join)
sellers = st.sampled_from(["", "zai/", "x/", "eu.anthropic.", "bedrock/us/v."])
listed_names = st.builds("".join, st.tuples(sellers, names))
lists = st.dictionaries(listed_names, st.sampled_from([0.0, 1.0, 2.0]))
anything = st.one_of(names, st.text(max_size=20))


@settings(deadline=None)
@given(model=anything, listed=lists, data=st.data())
def test_the_order_of_the_list_does_not_matter(
    model: str, listed: dict[str, float], data: st.DataObject
) -> None:
    shuffled = dict(data.draw(st.permutations(list(listed.items()))))

    assert input_of(model, listed) == input_of(model, shuffled)


@settings(deadline=None)
@given(model=anything, listed=lists)
def test_every_price_is_from_the_list(model: str, listed: dict[str, float]) -> None:
    found = input_of(model, listed)

    assert found is None or found in listed.values() or model.endswith(":free")


@settings(deadline=None)
@given(name=listed_names, listed=lists)
def test_a_listed_name_has_its_price(name: str, listed: dict[str, float]) -> None:
    assert input_of(name, {**listed, name: 5.0}) == 5.0


@settings(deadline=None)
@given(models=st.lists(anything, min_size=12, max_size=30), listed=lists)
def test_earlier_searches_do_not_matter(models: list[str], listed: dict[str, float]) -> None:
    index = NameIndex(listed)

    def price_of(name: str) -> ModelPricing | None:
        price = listed.get(name)
        return None if price is None else ModelPricing(price, price, 0, 0)

    for model in models:
        assert search(model, index, price_of) == search(model, NameIndex(listed), price_of)
