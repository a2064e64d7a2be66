from __future__ import annotations

from argparse import ArgumentTypeError
from datetime import UTC, datetime, timedelta

import pytest

from spendlight.cli import profile_arguments as types
from spendlight.cli.arguments import parse
from spendlight.survey.tally import KEPT_FILES
from spendlight.tracker.profile import MAX_DAYS


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", 0),
        ("300", 300),
        ("500k", 500_000),
        ("1.5M", 1_500_000),
        ("2 MiB", 2 * 1024 * 1024),
        ("1Gi", 1024**3),
        ("3TB", 3 * 10**12),
        ("7b", 7),
    ],
)
def test_sizes_are_read_in_decimal_and_in_binary_units(text: str, expected: int) -> None:
    assert types.size(text) == expected


@pytest.mark.parametrize("text", ["", "k", "-5", "5 apples", "1.k", "5i", "1e9", "9" * 400 + "GB"])
def test_invalid_sizes_are_rejected(text: str) -> None:
    with pytest.raises(ArgumentTypeError, match="is not a size;"):
        types.size(text)


@pytest.mark.parametrize(("text", "hours"), [("12h", 12), ("30d", 720), ("2W", 336)])
def test_an_age_becomes_a_time_in_the_past(text: str, hours: int) -> None:
    before = datetime.now(UTC)

    assert before <= types.moment(text) + timedelta(hours=hours) <= datetime.now(UTC)


def test_a_day_begins_at_local_midnight() -> None:
    assert types.moment("2026-03-01") == datetime(2026, 3, 1).astimezone()


@pytest.mark.parametrize("text", ["", "d", "30", "30y", "2026-13-01", "99999999999999d"])
def test_invalid_ages_are_rejected(text: str) -> None:
    with pytest.raises(ArgumentTypeError, match="is not an age;"):
        types.moment(text)


def test_extensions_come_with_or_without_dots() -> None:
    assert types.extensions("jsonl,.MD, none") == [".jsonl", ".md", ""]
    with pytest.raises(ArgumentTypeError, match="is not a list of extensions;"):
        types.extensions("a,,b")


@pytest.mark.parametrize(("text", "expected"), [("1", 1), ("365", 365), ("Forever", 36_500)])
def test_days_are_whole_or_forever(text: str, expected: int) -> None:
    assert types.days(text) == expected


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "36501", "always", "99999999999999999999"])
def test_invalid_numbers_of_days_are_rejected(text: str) -> None:
    with pytest.raises(ArgumentTypeError, match="is not a number of days"):
        types.days(text)


def test_limits_equal_those_of_the_core() -> None:
    assert types.MOST_ROWS == KEPT_FILES
    assert types.MOST_DAYS == MAX_DAYS
    with pytest.raises(ArgumentTypeError, match="the maximum is 100"):
        types.rows("101")


def test_options_can_be_given_several_times() -> None:
    read = parse(["profile", "-e", "md", "--ext", "txt,none", "--name", "a*", "--name", "b"])

    assert (list(read.ext), list(read.name)) == ([".md", ".txt", ""], ["a*", "b"])
    assert read.path is None


def test_keeping_and_undoing_exclude_each_other(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        parse(["profile", "--undo", "--keep-logs", "9"])

    assert end.value.code == 2
    assert "not allowed with" in capsys.readouterr().err
