from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spendlight.claude_code.members import members, with_member, without_member

KEY = "cleanupPeriodDays"

values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=8)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=6,
)
objects = st.dictionaries(st.one_of(st.text(max_size=6), st.just(KEY)), values, max_size=5)


@st.composite
def texts(draw: st.DrawFn) -> str:
    """Generate JSON objects in the styles of people and programs."""
    text = json.dumps(
        draw(objects),
        indent=draw(st.sampled_from([None, 0, 2, 4, "\t"])),
        separators=draw(st.sampled_from([(",", ":"), (", ", ": "), (" ,\n", " :  ")])),
        ensure_ascii=draw(st.booleans()),
    )
    text = text.replace("\n", draw(st.sampled_from(["\n", "\r\n"])))
    return draw(st.sampled_from(["", "\ufeff", "\n "])) + text + draw(st.sampled_from(["", "\n"]))


def parsed(text: str) -> dict[str, object]:
    value: dict[str, object] = json.loads(text.removeprefix("\ufeff"))
    return value


@given(texts(), st.integers(1, 36_500))
def test_setting_a_member_preserves_all_others_and_their_order(text: str, days: int) -> None:
    before, after = parsed(text), parsed(with_member(text, KEY, days))

    assert list(after) == list(before | {KEY: days})
    assert after == before | {KEY: days}


@given(texts(), st.integers(1, 36_500))
def test_removing_a_member_that_was_added_restores_the_text(text: str, days: int) -> None:
    if KEY in parsed(text):
        text = without_member(text, KEY)
    changed = with_member(text, KEY, days)
    undone = without_member(changed, KEY)

    assert KEY not in parsed(text)
    assert undone == (text if parsed(text) else undone)
    assert parsed(undone) == parsed(text)


@given(texts())
def test_members_are_found_at_their_positions(text: str) -> None:
    for member in members(text).members:
        assert json.loads(text[member.start : member.key_end]) == member.key
        assert json.loads(text[member.value_start : member.end]) == member.value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{}", '{\n  "cleanupPeriodDays": 90\n}'),
        ("{ }\n", '{\n  "cleanupPeriodDays": 90\n}\n'),
        ('{"a":1}', '{"a":1,"cleanupPeriodDays":90}'),
        ('{\n  "a": 1\n}\n', '{\n  "a": 1,\n  "cleanupPeriodDays": 90\n}\n'),
        ('{\r\n\t"a": 1\r\n}', '{\r\n\t"a": 1,\r\n\t"cleanupPeriodDays": 90\r\n}'),
        ('{"a": 1, "b": [2]}', '{"a": 1, "b": [2], "cleanupPeriodDays": 90}'),
        ('{"cleanupPeriodDays" : 30 , "b": 2}', '{"cleanupPeriodDays" : 90 , "b": 2}'),
        ('{"cleanupPeriodDays":1,"cleanupPeriodDays":2}', None),
    ],
)
def test_the_new_text_has_the_same_style_as_the_rest(text: str, expected: str | None) -> None:
    expected = expected or '{"cleanupPeriodDays":1,"cleanupPeriodDays":90}'

    assert with_member(text, KEY, 90) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a": 1, "cleanupPeriodDays": 2, "b": 3}', '{"a": 1, "b": 3}'),
        ('{"cleanupPeriodDays": 2, "b": 3}', '{"b": 3}'),
        ('{ "cleanupPeriodDays": 2 }', "{}"),
        ('{"cleanupPeriodDays":1,"cleanupPeriodDays":2}', "{}"),
        ('{"a": 1}', '{"a": 1}'),
    ],
)
def test_a_member_is_removed_together_with_its_comma(text: str, expected: str) -> None:
    assert without_member(text, KEY) == expected


@pytest.mark.parametrize(
    "text", ["", "[]", "3", '{"a": 1,}', '{"a": NaN}', "{'a': 1}", "// hello\n{}", "[" * 100_000]
)
def test_anything_but_a_json_object_is_rejected(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        with_member(text, KEY, 90)
