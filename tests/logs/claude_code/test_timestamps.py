from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.makers import LEFT_OUT, answers, line, read, write_log

from spendlight.logs.timestamps import BadLineError, parse_timestamp, parse_timestamps

ZERO_MS = 1_772_359_200_000
"""2026-03-01T10:00:00Z."""


def problems(root: Path, text: bytes) -> list[tuple[int, str]]:
    """Return where the lines of a log that were not counted start, and why."""
    parsed = read(write_log(root, "-app/s.jsonl", text))
    return [(one.offset, one.reason) for one in parsed.problems]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-01T10:00:00Z", ZERO_MS),
        ("2026-03-01T10:00:00.000Z", ZERO_MS),
        ("2026-03-01T10:00:59.999Z", ZERO_MS + 59_999),
        ("2026-03-01T10:00:00.1Z", ZERO_MS + 100),
        ("2026-03-01T10:00:00.12Z", ZERO_MS + 120),
        ("2026-03-01T10:00:00.123456789Z", ZERO_MS + 123),
        ("2026-03-01T10:00:00.9999999Z", ZERO_MS + 999),
        ("2026-03-01t10:00:00.000z", ZERO_MS),
        ("2026-03-01T12:30:00.5+02:30", ZERO_MS + 500),
        ("2026-03-01T00:15:00-09:45", ZERO_MS),
        ("2026-03-02T09:59:00.000+23:59", ZERO_MS),
        ("1970-01-01T00:00:00.000Z", 0),
        ("2024-02-29T00:00:00Z", 1_709_164_800_000),
        ("2199-12-31T23:59:59.999Z", 7_258_118_399_999),
    ],
)
def test_timestamps_with_any_fraction_and_offset_are_read(text: str, expected: int) -> None:
    assert parse_timestamp(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2026-03-01",
        "2026-03-01T10:00:00",
        "2026-03-01T10:00:00.000",
        "2026-03-01 10:00:00Z",
        "2026-03-01T10:00Z",
        "2026-03-01T10:00:00.Z",
        "2026-03-01T10:00:00,5Z",
        "2026-03-01T10:00:00+0200",
        "2026-03-01T10:00:00+24:00",
        "2026-03-01T10:00:00+02:60",
        "2026-03-01T10:00:60.000Z",
        "2026-03-01T24:00:00.000Z",
        "2026-03-01T10:60:00.000Z",
        "2026-02-30T10:00:00.000Z",
        "2026-13-01T10:00:00.000Z",
        "0000-01-01T10:00:00.000Z",
        "2026-03-01T10:00:00.0x0Z",
        "2026-03-01T10:00:00.0\u06630Z",
        "\uff12026-03-01T10:00:00.000Z",
        " 2026-03-01T10:00:00Z",
        "2026-03-01T10:00:00Z\n",
        "1969-12-31T23:59:59.999Z",
        "1970-01-01T00:00:00+00:01",
        "2200-01-01T00:00:00.000Z",
        "9999-12-31T23:59:59-01:00",
    ],
)
def test_an_invalid_timestamp_is_a_problem(tmp_path: Path, text: str) -> None:
    with pytest.raises(BadLineError, match=r"^its timestamp "):
        parse_timestamp(text)
    with pytest.raises(BadLineError, match=r"^its timestamp "):
        parse_timestamps(["2026-03-01T10:00:00.000Z", text])

    ((offset, reason),) = problems(tmp_path, line(timestamp=text))
    assert (offset, reason[:14]) == (0, "its timestamp ")


@pytest.mark.parametrize("value", [LEFT_OUT, None, 1772359200000])
def test_an_answer_without_a_timestamp_is_a_problem(tmp_path: Path, value: object) -> None:
    assert problems(tmp_path, line(timestamp=value)) == [(0, "it has no timestamp")]


@settings(deadline=None)
@given(st.datetimes(datetime(1970, 1, 1), datetime(2199, 1, 1)), st.integers(0, 999))  # noqa: DTZ001  # UTC below
def test_a_timestamp_as_claude_code_writes_it_is_read_to_the_millisecond(
    moment: datetime, milliseconds: int
) -> None:
    text = f"{moment:%Y-%m-%dT%H:%M:%S}.{milliseconds:03}Z"

    expected = int(moment.replace(tzinfo=UTC, microsecond=0).timestamp()) * 1000 + milliseconds
    assert parse_timestamp(text) == expected
    assert parse_timestamps([text, text]) == [expected, expected]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_timestamp_of_a_copy_that_does_not_count_does_not_matter(
    tmp_path: Path, order: tuple[int, ...]
) -> None:
    copies = [line(output_tokens=90), line(output_tokens=1, timestamp="2026-02-31T12:00:00.000Z")]

    parsed = read(write_log(tmp_path, "p/s.jsonl", *(copies[i] for i in order)))

    assert [one.output for one in answers(parsed)] == [90]
    assert parsed.problems == []


@pytest.mark.parametrize(
    "text", ["1969-12-31T23:59:59.{}Z", "2200-01-01T00:00:00.{}Z", "2026-03-01 10:00:00.{}"]
)
def test_the_first_forty_characters_of_a_long_timestamp_are_reported(text: str) -> None:
    text = text.format("1234567890" * 5)

    with pytest.raises(BadLineError) as caught:
        parse_timestamp(text)
    assert str(caught.value).endswith(f": {text[:40]!r}")
