from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.cli.shell import COST, TOKENS, Shell
from tests.makers import line

DAY = "2026-03-01T12:00:00.000Z"
NEXT = "2026-03-02T12:00:00.000Z"


def at(timestamp: str, number: int = 0) -> bytes:
    return line(timestamp=timestamp, id=f"m{timestamp}{number}", requestId=f"r{timestamp}{number}")


@pytest.fixture
def logs(shell: Shell) -> tuple[Path, Path]:
    """Three answers on two days, in two projects."""
    first = shell.log("p/a.jsonl", at(DAY), at(DAY, 1))
    return first, shell.log("q/b.jsonl", at(NEXT))


@pytest.mark.usefixtures("logs")
def test_everything_is_summed_up(shell: Shell) -> None:
    ran = shell.run("stats")

    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(
        "Days          2026-03-01 to 2026-03-02, active on 2 of 2\n"
        f"Tokens        {3 * TOKENS:,}\n"
        "Cost          $0.08\n"
        "Active day    32.1 k tokens · $0.04 on average\n"
        f"Most tokens   2026-03-01  {2 * TOKENS:,}\n"
        "Highest cost  2026-03-01  $0.05\n"
    )
    assert "\nMonth      In logs  Ledger only  No usage\n2026-03          2            0" in ran.out
    assert "List price: " in ran.out


@pytest.mark.usefixtures("logs")
def test_json_has_toktracks_fields(shell: Shell) -> None:
    told = shell.run("stats", "--json", "--until", "2026-03-31").json

    assert told.pop("coverage") == [
        {
            "days": 31,
            "ledger_only_days": 0,
            "log_days": 2,
            "month": "2026-03",
            "no_usage_days": 29,
        }
    ]
    assert told == {
        "active_days": 2,
        "daily_avg_cost": pytest.approx(1.5 * COST),
        "daily_avg_tokens": round(1.5 * TOKENS),
        "first_day": "2026-03-01",
        "last_day": "2026-03-02",
        "peak_cost_day": ["2026-03-01", pytest.approx(2 * COST)],
        "peak_day": ["2026-03-01", 2 * TOKENS],
        "total_cost": pytest.approx(3 * COST),
        "total_tokens": 3 * TOKENS,
        "unpriced_models": [],
    }


@pytest.mark.usefixtures("logs")
@pytest.mark.parametrize(
    ("words", "tokens", "days"),
    [
        (["--since", "2026-03-02"], TOKENS, 1),
        (["--until", "2026-03-01"], 2 * TOKENS, 1),
        (["--project", "q"], TOKENS, 1),
        (["--timezone", "Pacific/Kiritimati"], 3 * TOKENS, 2),
        (["--since", "2026-04-01"], 0, 0),
    ],
)
def test_options_of_reports_apply_to_stats(
    shell: Shell, words: list[str], tokens: int, days: int
) -> None:
    told = shell.run("stats", "--json", *words).json

    assert (told["total_tokens"], told["active_days"]) == (tokens, days)
    reported = shell.run("daily", "--json", *words).json
    assert told["total_tokens"] == reported["totals"]["totalTokens"]
    assert told["total_cost"] == pytest.approx(reported["totals"]["totalCost"])


def test_days_with_deleted_logs_only_are_counted_as_kept_by_the_ledger(
    shell: Shell, logs: tuple[Path, Path]
) -> None:
    shell.run("stats")
    logs[0].unlink()

    told = shell.run("stats", "--json").json

    march = next(month for month in told["coverage"] if month["month"] == "2026-03")
    assert (march["log_days"], march["ledger_only_days"]) == (1, 1)
    assert told["total_tokens"] == 3 * TOKENS


def test_days_without_usage_until_today_are_counted(shell: Shell) -> None:
    now = datetime.now(UTC)
    first = now - timedelta(days=40)
    shell.log("p/a.jsonl", at(f"{first:%Y-%m-%dT%H:%M:%S}.000Z"))

    months = shell.run("stats", "--json", "--timezone", "UTC").json["coverage"]

    assert sum(month["days"] for month in months) == (now.date() - first.date()).days + 1


def test_without_usage_there_is_one_sentence_and_no_figure(shell: Shell) -> None:
    ran = shell.run("stats")

    assert ran.code == 0
    assert ran.out.startswith("No usage has been logged yet.\n")
    told = shell.run("stats", "--json").json
    assert (told["peak_day"], told["peak_cost_day"], told["first_day"]) == (None, None, None)
    assert (told["daily_avg_tokens"], told["active_days"], told["coverage"]) == (0, 0, [])


def test_a_range_that_ends_before_it_begins_is_a_usage_error(shell: Shell) -> None:
    ran = shell.run("stats", "--since", "2026-03-02", "--until", "2026-03-01")

    assert ran.code == 2
    assert "ends before it begins" in ran.err


def test_an_unknown_machine_is_named(shell: Shell) -> None:
    ran = shell.run("stats", "--machine", "nowhere")

    assert ran.code != 0
    assert "nowhere" in ran.err
