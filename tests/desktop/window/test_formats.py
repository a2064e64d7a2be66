from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QLocale

from spendlight.desktop.window.formats import HIDDEN, Formats

GERMAN = QLocale(QLocale.Language.German, QLocale.Country.Germany)
DAY = date(2026, 8, 3)


@pytest.fixture
def german() -> Formats:
    return Formats(UTC, GERMAN)


def test_english_texts_look_like_the_reports() -> None:
    formats = Formats(UTC)

    assert formats.money(1234.5) == "$1,234.50"
    assert formats.day(DAY) == "2026-08-03"
    assert formats.count(1234567) == "1,234,567"
    assert formats.share(0.1234) == "12 %"
    assert formats.share(0.0123) == "1.2 %"


def test_german_uses_german_numbers_and_days(german: Formats) -> None:
    assert german.money(1234.5).replace("\xa0", " ") == "1.234,50 $"
    assert german.day(DAY) == "03.08.2026"
    assert german.count(1234567) == "1.234.567"
    assert german.compact(1_280_000) == "1,28 M"
    assert german.short_day(DAY).startswith("3. Aug")
    assert german.moment(datetime(2026, 8, 3, 14, 20, tzinfo=UTC)) == "03.08.2026 14:20"


@pytest.mark.parametrize(
    ("plain", "german_text"),
    [
        ("$1.20/h", "1,20 $/h"),
        ("1.28 M tokens", "1,28 M tokens"),
        ("LiteLLM list from 2026-08-01", "LiteLLM list from 01.08.2026"),
        ("$12.00 + ?", "12,00 $ + ?"),
        ("5,684 answers", "5.684 answers"),
        ("opus-4-5", "opus-4-5"),
        ("2026-08-03 14:20", "03.08.2026 14:20"),
        ("claude-opus-4.5", "claude-opus-4.5"),
    ],
)
def test_figures_in_texts_are_localized(german: Formats, plain: str, german_text: str) -> None:
    assert german.text(plain).replace("\xa0", " ") == german_text


@given(st.floats(-1e9, 1e9), st.sampled_from([GERMAN, QLocale.c()]))
def test_a_hidden_amount_is_hidden_in_every_language(dollars: float, locale: QLocale) -> None:
    formats = Formats(UTC, locale)
    formats.set_private(True)  # a slot

    assert formats.money(dollars) == HIDDEN


def test_only_amounts_are_hidden() -> None:
    formats = Formats(UTC)
    formats.set_private(True)  # a slot

    assert formats.text("$3.75 of $5.00, 1.28 M tokens") == f"{HIDDEN} of {HIDDEN}, 1.28 M tokens"


def test_projects_and_sessions_have_short_names() -> None:
    formats = Formats(UTC)
    formats.set_projects({"-home-ada-kettle": "kettle"})

    assert formats.project("-home-ada-kettle/agents") == "kettle/agents"
    assert formats.project("-unknown") == "-unknown"
    assert formats.session("0f8fad5b-d9cb-469f-a165-70867728950e") == "0f8fad5b…"
    assert formats.session("my-session") == "my-session"
