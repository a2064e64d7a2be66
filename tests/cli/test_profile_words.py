from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from spendlight.cli import profile_words as words
from spendlight.cli.profile_words import file_size, from_ns
from spendlight.tracker.profile import (
    CleanupOutlook,
    DaysOrigin,
    ExpiringLog,
    Override,
    Retention,
    ScanMethod,
    WhyThreads,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def log(days: float | None, *, is_read: bool = True) -> ExpiringLog:
    """Return a log that will be deleted in some days."""
    at = None if days is None else NOW + timedelta(days=days)
    return ExpiringLog("/p/s.jsonl", "p", "s", 10, NOW, at, is_read, None)


def outlook(
    *logs: ExpiringLog, days: int | None = 30, is_known: bool = True, agents: int = 0
) -> CleanupOutlook:
    held = Retention("/h/settings.json", days, DaysOrigin.USER, (), "")
    return CleanupOutlook("/h", held, is_known, logs, agents, agents * 1000, None)


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1_000, "1.0 kB"),
        (999_949, "999.9 kB"),
        (999_950, "1.0 MB"),
        (2_849_600_000, "2.8 GB"),
        (5_000_000_000_000_000, "5,000.0 TB"),
    ],
)
def test_sizes_have_a_unit_and_few_digits(size: int, expected: str) -> None:
    assert file_size(size) == expected


def test_times_beyond_the_calendar_are_clamped_to_its_ends() -> None:
    assert from_ns(10**18) == datetime.fromtimestamp(10**9, UTC)
    assert from_ns(10**30).year == 9999
    assert from_ns(-(10**30)).year == 1


@pytest.mark.parametrize("why", WhyThreads)
def test_the_way_of_scanning_is_shown_with_its_reason(why: WhyThreads) -> None:
    assert words.method(ScanMethod(1, why)).startswith("os.scandir, 1 thread, ")
    assert words.method(ScanMethod(2, why)).startswith("os.scandir, 2 threads, ")


@pytest.mark.parametrize(
    ("days", "origin", "expected"),
    [
        (30, DaysOrigin.DEFAULT, "30 days … (the default, because /h/s.json does not set it)."),
        (1, DaysOrigin.USER, "1 day … (set in /h/s.json)."),
        (9, DaysOrigin.MANAGED, "9 days … (set by your organisation)."),
    ],
)
def test_the_setting_that_decides_how_long_logs_are_kept_is_named(
    days: int, origin: DaysOrigin, expected: str
) -> None:
    (told,) = words.keeping(Retention("/h/s.json", days, origin, (), ""))

    start, end = expected.split(" … ")
    assert told.startswith(
        f"When Claude Code starts, it deletes session logs last changed more than {start} ago ("
    )
    assert told.endswith(end)


def test_invalid_settings_are_reported() -> None:
    held = Retention("/h/s.json", None, DaysOrigin.DEFAULT, (), "It is broken.")

    assert list(words.keeping(held)) == [
        "It is broken. It may not delete anything until that is corrected."
    ]


def test_other_settings_that_matter_are_listed() -> None:
    others = (
        Override("/etc/m.json", 14, is_managed=True),
        Override("/w/s.json", 1, is_managed=False),
    )

    _, first, second = words.keeping(
        Retention("/h/settings.json", 14, DaysOrigin.MANAGED, others, "")
    )

    assert first == "/etc/m.json sets 14 days; it always applies."
    assert second == "/w/s.json sets 1 day; sessions started there apply it to all projects."


def test_logs_are_grouped_by_when_they_will_be_deleted() -> None:
    logs = [log(days) for days in (-3, 0, 0.5, 6, 7, 20, 31, None)]

    told = [(name, len(part)) for name, part in words.periods(outlook(*logs), NOW)]

    assert told == [
        ("at the next start", 2),
        ("within a day", 1),
        ("within 7 days", 2),
        ("within 30 days", 1),
        ("later", 2),
    ]


def test_logs_that_are_never_deleted_are_mentioned() -> None:
    hint = "To keep the logs longer, for example for a year: spendlight profile --keep-logs 365"

    assert list(words.what_stays(outlook(log(1)))) == [
        "All of them are in the ledger: their cost stays counted after they are deleted.",
        hint,
    ]
    assert list(words.what_stays(outlook(log(1), log(2, is_read=False), days=400))) == [
        "1 log not completely in the ledger yet; to read them, run 'spendlight daily'."
    ]
    assert list(words.what_stays(outlook(log(1), is_known=False, days=400))) == [
        "This is not one of the data folders in use, so the ledger keeps nothing from it."
    ]
    assert list(words.what_stays(outlook(days=400, agents=2))) == [
        "2 subagent logs (2.0 kB) are just as old; Claude Code does not delete those at present."
    ]
