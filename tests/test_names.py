from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spendlight.names import MOST_LETTERS, guarded, name, shortened, shown, shown_lines, unguarded


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\x1b[2Jb\nc", "a\\x1b[2Jb\\x0ac"),
        ("\x7f\x9b31m", "\\x7f\\x9b31m"),
        ("\u202egpj.exe\u2066\u061c", "\\u202egpj.exe\\u2066\\u061c"),
        ("half \ud800 of a pair", "half \\ud800 of a pair"),
        ("\u2028\U000e0041", "\\u2028\\U000e0041"),
        ("grün ✓ 中文 👩\u200d👧 a\u00a0b", "grün ✓ 中文 👩\u200d👧 a\u00a0b"),
    ],
)
def test_control_characters_in_names_are_escaped(text: str, expected: str) -> None:
    assert shown(text) == expected


@given(st.text(alphabet=st.characters()))
def test_shown_names_are_one_line_without_control_characters(text: str) -> None:
    told = shown(text)

    assert not any(ord(letter) < 32 or 0x7F <= ord(letter) < 0xA0 for letter in told)
    told.encode()
    assert shown(told) == told


def test_our_own_line_breaks_are_kept() -> None:
    assert shown_lines("a\x07\nb\r") == "a\\x07\nb\\x0d"


@given(st.text(max_size=300))
def test_long_names_keep_both_ends(text: str) -> None:
    short = shortened(text, 9)

    assert len(short) <= 9
    assert text.startswith(short.split("…")[0]) or short == text
    assert short == text or (short.startswith(text[:4]) and short.endswith(text[-4:]))


def test_a_name_is_shortened_in_the_middle() -> None:
    long = name("start" + "x" * 300 + "end")

    assert len(long) == MOST_LETTERS
    assert long.startswith("startx")
    assert long.endswith("xend")


@given(st.text(alphabet=st.sampled_from("=+-@\t\r\n'ax\uff1d")))
def test_a_guarded_text_is_not_a_formula_and_can_be_restored(text: str) -> None:
    told = guarded(text)

    assert told[:1] not in set("=+-@\t\r\n")
    assert unguarded(told) == text
