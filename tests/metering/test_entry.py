from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.makers import OPUS, entry

from spendlight.metering.entry import (
    IS_REFUSED,
    SYNTHETIC_MODEL,
    ModelVariant,
    Role,
    TokenCounts,
    rank,
)

counts = st.integers(0, 2**63 - 1)
token_counts = st.builds(TokenCounts, counts, counts, counts, counts, counts)


def test_the_total_has_all_tokens_and_the_context_no_output() -> None:
    tokens = TokenCounts(input=1, output=20, cache_write_5m=300, cache_write_1h=4000, cache_read=5)

    assert (tokens.cache_write, tokens.context, tokens.total) == (4300, 4306, 4326)


@settings(deadline=None)
@given(token_counts, token_counts)
def test_tokens_add_up_kind_by_kind(one: TokenCounts, other: TokenCounts) -> None:
    both = one + other

    assert tuple(both) == tuple(map(sum, zip(one, other, strict=True)))
    assert both.total == one.total + other.total
    assert one + TokenCounts() == one


@pytest.mark.parametrize(
    ("variant", "label", "is_paid"),
    [
        (ModelVariant(OPUS), OPUS, True),
        (ModelVariant(OPUS, is_fast=True, geo="us"), f"{OPUS}-fast", True),
        (ModelVariant(OPUS, is_fast=True, role=Role.ADVISOR), OPUS, True),
        (ModelVariant(OPUS, is_fast=True, role=Role.ATTEMPT), f"{OPUS}-fast", True),
        (ModelVariant(OPUS, role=Role.COMPACTION), OPUS, True),
        (ModelVariant(OPUS, role=Role.REFUSED), OPUS, False),
        (ModelVariant(""), "", False),
        (ModelVariant(SYNTHETIC_MODEL), "", False),
        (ModelVariant(SYNTHETIC_MODEL, is_fast=True), "", False),
    ],
)
def test_a_model_is_labelled_as_reports_show_it(
    variant: ModelVariant, label: str, *, is_paid: bool
) -> None:
    assert (variant.label, variant.is_paid) == (label, is_paid)


def test_each_variant_of_a_model_has_a_permanent_number() -> None:
    choices = itertools.product((OPUS, "caf\u00e9"), (False, True), ("", "us"), Role)
    variants = [ModelVariant(*choice) for choice in choices]

    assert len({variant.number for variant in variants}) == len(variants)
    assert ModelVariant(OPUS).number == ModelVariant(OPUS, is_fast=False).number
    assert ModelVariant("claude-opus-4-5-20251101").number == 2_020_497_344
    assert ModelVariant(OPUS, role=Role.ADVISOR).number == 1_316_818_503


def test_an_entry_knows_its_tokens_and_its_flags() -> None:
    found = entry(input=1, output=2, cache_write_5m=3, cache_write_1h=4, cache_read=5)

    assert found.tokens == TokenCounts(1, 2, 3, 4, 5)
    assert found.total == found.tokens.total == 15
    for is_sidechain, has_speed in itertools.product((False, True), repeat=2):
        flagged = entry(is_sidechain=is_sidechain, has_speed=has_speed)
        assert (flagged.is_sidechain, flagged.has_speed) == (is_sidechain, has_speed)


def test_the_rank_prefers_main_chain_tokens_refusal_speed_and_path_order() -> None:
    ranks = [
        rank(entry(output=5, flags=IS_REFUSED), "/c"),
        rank(entry(output=5, has_speed=True), "/b"),
        rank(entry(output=5), "/a"),
        rank(entry(output=5, offset=9), "/a"),
        rank(entry(output=5), "/a/subagents"),
        rank(entry(output=4, has_speed=True), "/a"),
        rank(entry(output=900, is_sidechain=True, has_speed=True), "/a"),
    ]

    assert ranks == sorted(ranks)
    assert len(set(ranks)) == len(ranks)
