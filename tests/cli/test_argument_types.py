from __future__ import annotations

from argparse import ArgumentTypeError
from collections.abc import Callable
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from spendlight.cli import argument_types as types
from spendlight.cli.argument_types import BadSessionLengthError


@pytest.mark.parametrize("text", ["2026-03-01", "20260301"])
def test_a_day_is_written_with_or_without_hyphens(text: str) -> None:
    assert types.day(text) == date(2026, 3, 1)


@pytest.mark.parametrize(
    ("reader", "text"),
    [
        (types.day, "2026/03/01"),
        (types.day, "2026-3-1"),
        (types.day, "20260231"),
        (types.day, "today"),
        (types.zone, "+09:00"),
        (types.zone, "Mars/Base"),
        (types.zone, "America"),
        (types.zone, "../etc"),
        (types.zone, ""),
        (types.weekday, "someday"),
        (types.count, "0"),
        (types.count, "-1"),
        (types.count, "many"),
        (types.token_limit, "some"),
        (types.token_limit, "-5"),
        (types.percent, "101"),
        (types.percent, "half"),
        (types.aliases, "app"),
        (types.aliases, "app=,b=c"),
    ],
)
def test_invalid_arguments_are_rejected(reader: Callable[[str], object], text: str) -> None:
    with pytest.raises(ArgumentTypeError):
        reader(text)


def test_the_name_of_a_zone_is_case_insensitive() -> None:
    assert types.zone("europe/BERLIN") == ZoneInfo("Europe/Berlin")


def test_the_local_zone_is_determined_by_the_system() -> None:
    assert types.zone("Local") is None


def test_a_weekday_is_counted_from_monday() -> None:
    assert types.weekday("Monday") == 0
    assert types.weekday("sunday") == 6


def test_a_token_limit_is_a_number_or_the_fullest_block() -> None:
    assert types.token_limit("500,000") == 500_000
    assert types.token_limit("0") == 0
    assert types.token_limit("MAX") == "max"


def test_projects_can_be_renamed_in_reports() -> None:
    assert types.aliases("-w-app=App, -w-b = B=C ,") == {"-w-app": "App", "-w-b": "B=C"}


def test_a_block_may_be_shorter_than_an_hour() -> None:
    assert types.block_ms("0.5") == 1_800_000


@pytest.mark.parametrize("text", ["0", "-1", "nan", "inf", "1e9", "1e-9", "five"])
def test_a_block_needs_a_length(text: str) -> None:
    with pytest.raises(BadSessionLengthError):
        types.block_ms(text)


def test_names_are_separated_by_commas() -> None:
    assert types.names("desk, big lap ,,") == ["desk", "big lap"]


def test_an_empty_list_of_names_is_rejected() -> None:
    with pytest.raises(ArgumentTypeError, match="is empty"):
        types.names(" , ")
