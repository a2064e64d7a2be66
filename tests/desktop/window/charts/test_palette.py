from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QColor, QPalette
from pytestqt.qtbot import QtBot

from spendlight.desktop.theme import palette
from spendlight.desktop.window.charts.palette import (
    OTHER,
    OTHER_SLOT,
    SERIES,
    WARN,
    ColorBook,
    color_of,
    toned,
)
from spendlight.desktop.window.tones import SECONDARY, mixed

NAMES = st.lists(st.text(min_size=1, max_size=4), unique=True, max_size=12)


def luminance(color: QColor) -> float:
    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    red, green, blue = map(linear, (color.redF(), color.greenF(), color.blueF()))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: QColor, other: QColor) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.fixture(params=[False, True], ids=["light", "dark"])
def colors(request: pytest.FixtureRequest, qtbot: QtBot) -> QPalette:
    """One of the two themes."""
    assert qtbot is not None
    return palette(is_dark=request.param)


@pytest.mark.parametrize("name", [*SERIES, OTHER, WARN])
def test_areas_and_lines_contrast_with_their_background(colors: QPalette, name: str) -> None:
    assert contrast(QColor(name), colors.base().color()) >= 3
    assert contrast(QColor(name), colors.window().color()) >= 3


def test_texts_have_enough_contrast(colors: QPalette) -> None:
    role = QPalette.ColorRole
    for text, ground in (
        (role.WindowText, role.Window),
        (role.Text, role.Base),
        (role.ButtonText, role.Button),
        (role.HighlightedText, role.Highlight),
        (role.ToolTipText, role.ToolTipBase),
        (role.PlaceholderText, role.Base),
    ):
        assert contrast(colors.color(text), colors.color(ground)) >= 4.5


def test_secondary_texts_of_charts_have_enough_contrast(colors: QPalette) -> None:
    window = colors.window().color()
    text = mixed(colors.windowText().color(), window, SECONDARY)
    on_charts = toned(colors.text().color(), colors, 0.7)

    assert contrast(text, window) >= 4.5
    assert contrast(on_charts, colors.base().color()) >= 4.5


def test_a_colour_used_twice_differs_in_shade(colors: QPalette) -> None:
    first, second = color_of(0, colors), color_of(len(SERIES), colors)

    assert first != second
    assert color_of(OTHER_SLOT, colors) == QColor(OTHER)


@given(NAMES, NAMES)
def test_a_name_keeps_its_colour(first: list[str], later: list[str]) -> None:
    book = ColorBook()
    book.learn(first)
    before = {name: book.slot(name) for name in first}

    book.learn([*first, *later])

    assert {name: book.slot(name) for name in first} == before


@given(NAMES)
def test_names_shown_together_have_different_colours(names: list[str]) -> None:
    slots = ColorBook().slots_apart(names)

    own = [slot for slot in slots.values() if slot != OTHER_SLOT]
    assert len(own) == len(set(own)) == min(len(names), len(SERIES))


def test_a_stored_order_takes_precedence_over_the_order_of_appearance() -> None:
    book = ColorBook()
    book.slot("b")

    assert book.learn(["a", "b"])
    assert (book.slot("a"), book.slot("b")) == (0, 1)
    assert not book.learn(["a", "b", "c"])
