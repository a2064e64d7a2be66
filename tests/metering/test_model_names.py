from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spendlight.errors import BadArgumentError
from spendlight.metering.model_names import (
    maker_of,
    matching_names,
    parse_aliases,
    without_effort,
)

LISTED = [
    "anthropic.claude-haiku-4-5-20251001-v1:0",
    "claude-haiku-4-5-20251001",
    "claude-opus-4",
    "claude-opus-4-5",
    "claude-opus-4-5-20251101",
    "claude-sonnet-4-20250514",
    "claude-sonnet-4-5-20250929",
    "eu.anthropic.claude-sonnet-4-5-20250929-v1:0",
    "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
]

names = st.from_regex(r"[a-z]{1,4}(-[a-z0-9]{1,3}){0,3}", fullmatch=True)


@pytest.mark.parametrize(
    ("logged", "expected"),
    [
        ("anthropic/claude-opus-4-5-20251101", "claude-opus-4-5-20251101"),
        ("claude-opus-4-5@20251101", "claude-opus-4-5-20251101"),
        ("vertex_ai/claude-sonnet-4@20250514", "claude-sonnet-4-20250514"),
        ("claude-sonnet-4.5", "eu.anthropic.claude-sonnet-4-5-20250929-v1:0"),
        ("my-proxy/claude-sonnet-4-5-20250929[1m]", "claude-sonnet-4-5-20250929"),
        ("claude-opus-4-5-thinking", "claude-opus-4-5"),
        ("haiku", "anthropic.claude-haiku-4-5-20251001-v1:0"),
    ],
)
def test_a_model_is_found_under_another_spelling(logged: str, expected: str) -> None:
    assert matching_names(logged, LISTED)[0] == expected


@pytest.mark.parametrize(
    "logged",
    ["Claude-Opus-4-5", "claude-opus-4-9", "claude-opus-4.9", "claude-sonnet-9", "opusculum", ""],
)
def test_a_later_version_or_another_word_is_not_found(logged: str) -> None:
    assert matching_names(logged, LISTED) == []


def test_eight_more_digits_are_a_date_and_not_a_version() -> None:
    assert matching_names("claude-opus-4-5-20990101", LISTED) == ["claude-opus-4-5"]
    assert matching_names("claude-opus-4-5-209901011", LISTED) == []
    assert matching_names("claude-opus-4-5-2099010", LISTED) == []


def test_the_longest_name_wins_and_then_the_first_alphabetically() -> None:
    assert matching_names("sonnet", LISTED) == [
        "eu.anthropic.claude-sonnet-4-5-20250929-v1:0",
        "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
        "claude-sonnet-4-5-20250929",
        "claude-sonnet-4-20250514",
    ]


def test_a_name_within_a_word_is_not_a_match() -> None:
    assert matching_names("xopus/opus", ["opus"]) == ["opus"]


def test_an_empty_name_in_the_list_is_ignored() -> None:
    assert matching_names("opus", [""]) == []


@settings(deadline=None)
@given(name=names, listed=st.lists(names, unique=True))
def test_the_order_of_the_list_does_not_matter(name: str, listed: list[str]) -> None:
    assert matching_names(name, listed) == matching_names(name, listed[::-1])


@settings(deadline=None)
@given(name=names, version=st.integers(0, 9_999_999))
def test_a_model_never_gets_the_price_of_an_earlier_version(name: str, version: int) -> None:
    assert matching_names(f"{name}-4-{version}", [f"{name}-4"]) == []


@settings(deadline=None)
@given(name=names, date=st.integers(10_000_000, 99_999_999), tail=st.sampled_from(["", "-v1:0"]))
def test_a_date_never_hides_the_model(name: str, date: int, tail: str) -> None:
    assert matching_names(f"{name}-4-{date}{tail}", [f"{name}-4"]) == [f"{name}-4"]


@pytest.mark.parametrize(
    "text",
    [
        "my-opus=claude-opus-4-5,x=y",
        " my-opus = claude-opus-4-5 , x = y ,",
        '{"my-opus":"claude-opus-4-5","x":"y"}',
        ' { "my-opus" : "claude-opus-4-5" , "x" : "y" } ',
    ],
)
def test_aliases_come_as_a_list_or_as_json(text: str) -> None:
    assert parse_aliases(text) == {"my-opus": "claude-opus-4-5", "x": "y"}


@pytest.mark.parametrize("text", ["", "  ", "{}", "{ }"])
def test_aliases_may_be_empty(text: str) -> None:
    assert parse_aliases(text) == {}


@pytest.mark.parametrize("text", ["opus", "=opus", "opus=", "a=b=c", '{"a":1}', '{"a":"b",}', "{a"])
def test_invalid_aliases_are_rejected(text: str) -> None:
    with pytest.raises(BadArgumentError, match="aliases are not valid:"):
        parse_aliases(text)


@pytest.mark.parametrize(
    "logged", ["vox-1", "vox-1-thinking", "vox-1[1m]", "vox-1-high(fast)", "vox-1(x)-low[1m]"]
)
def test_the_thinking_effort_is_not_part_of_a_models_name(logged: str) -> None:
    assert without_effort(logged) == "vox-1"


@pytest.mark.parametrize(
    ("model", "maker"),
    [
        ("hunyuan-t1", "tencent"),
        ("kimi-k9", "moonshot"),
        ("moonshot-v1-8k", "moonshot"),
        ("glm-9", "zai"),
        ("vox-1", None),
    ],
)
def test_the_maker_of_a_model_is_known(model: str, maker: str | None) -> None:
    assert maker_of(model) == maker
