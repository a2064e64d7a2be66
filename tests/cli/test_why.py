"""What usage was for, on one screen."""

from __future__ import annotations

import math
import random
from datetime import UTC

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.cli.shell import TOKENS, Shell, at, minutes_ago
from tests.cli.test_json_schemas import holds
from tests.makers import LEFT_OUT, NOON_MS

from spendlight.cli.long_tables import cells
from spendlight.cli.why_screen import Screen, lines
from spendlight.metering.dimensions import Value
from spendlight.metering.entry import TokenCounts
from spendlight.metering.pricing import PriceSource
from spendlight.metering.slices import Spending, combine
from spendlight.tracker.questions.breakdown import with_shares
from spendlight.tracker.questions.why import ALL, WhyPart, WhyReport

LATEST = "2.1.300"
FOOTER = ["List price: test list"]

NAMES: tuple[Value, ...] = (
    None,
    "",
    "main",
    "漢字" * 20,
    "/a/b/" + "c" * 60,
    "C:\\b\n",
    "\x1b[31m",
)


def report_of(seed: int) -> WhyReport:
    """Return a random report; each dimension has values of its own."""
    rng = random.Random(seed)  # noqa: S311  # no secret
    parts = []
    for name in ALL:
        values = rng.sample([*NAMES, *map(str, range(8))], rng.randint(1, 14))
        spent: list[tuple[tuple[Value, ...], Spending]] = []
        for value in values:
            answers = rng.randint(1, 99_999)
            cost = rng.choice([0.0, rng.random(), 99_999 * rng.random()])
            one = Spending(TokenCounts(1), cost, answers=answers, first_ms=NOON_MS, last_ms=NOON_MS)
            spent.append(((value,), one))
        parts.append(WhyPart(name, with_shares(spent)))
    total = combine(row.spending for row in parts[0].rows)
    return WhyReport(tuple(parts), total, Spending(), PriceSource("test list"), NOON_MS)


seeds = st.integers(0, 10**9)


@settings(max_examples=30)
@given(seeds, st.integers(39, 250), st.none() | st.integers(5, 100))
def test_no_line_is_too_wide(seed: int, width: int, height: int | None) -> None:
    report = report_of(seed)
    found = list(lines(report, Screen(width, height), UTC, FOOTER))

    assert max(map(cells, found)) <= width


@settings(max_examples=30)
@example(2665)  # a name of wide letters in a sentence
@given(seeds)
def test_it_fits_on_the_smallest_usual_screen(seed: int) -> None:
    report = report_of(seed)
    assert len(list(lines(report, Screen(80, 24), UTC, FOOTER))) < 24


@settings(max_examples=10)
@given(seeds, st.sampled_from([False, True]))
def test_each_panel_shows_ten_things_and_the_rest(seed: int, is_bold: bool) -> None:  # noqa: FBT001  # as drawn
    report = report_of(seed)
    for part in report.parts:
        one = report._replace(parts=(part,))
        _, _, heading, *panel = lines(one, Screen(60, None, is_bold=is_bold), UTC, FOOTER)
        shown = panel[: panel.index("")]

        assert heading.startswith("\x1b[1m") == is_bold
        assert len(shown) == min(len(part.rows), 10)
        answers = sum(int(line.split()[-1].replace(",", "")) for line in shown)
        assert answers == sum(row.spending.answers for row in part.rows)


@pytest.fixture
def told(shell: Shell) -> Shell:
    shell.log(
        "p/s1.jsonl",
        at("2026-03-01T12:00:00Z", "a", gitBranch="main", version=LATEST),
        at("2026-03-01T12:01:00Z", "b", gitBranch="fix/\x1b[31mred\nover", version=LATEST),
        at("2026-03-02T12:00:00Z", "c", gitBranch=LEFT_OUT, version="1.0.30"),
    )
    return shell


def test_the_values_of_each_dimension_add_up(told: Shell) -> None:
    found = told.run("why", "--json").json

    holds("why", found)
    assert [one["dimension"] for one in found["dimensions"]] == list(ALL)
    for one in found["dimensions"]:
        values = one["values"]
        assert sum(value["totalTokens"] for value in values) == 3 * TOKENS
        assert sum(value["answers"] for value in values) == found["totals"]["answers"]
        assert math.isclose(
            sum(value["totalCost"] for value in values), found["totals"]["totalCost"]
        )
        assert math.isclose(sum(value["share"] for value in values), 1)
    assert found["knownSince"] == found["firstAnswer"] == "2026-03-01T12:00:00.000Z"


def test_a_screen_names_what_cost_most(told: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("LINES", "24")

    out = told.run("why").out

    assert out.startswith("Why it cost $0.08 for 3 answers from 2026-03-01 to 2026-03-02\n")
    assert len(out.splitlines()) < 24
    assert {"Branch", "  main", "  not known"} <= {line[:11].rstrip() for line in out.splitlines()}
    assert "Also: " in out
    assert "Known since 2026-03-01; no log says what is 'not known'." in out
    assert "\x1b[31m" not in out


def test_one_dimension_alone(told: Shell) -> None:
    out = told.run("why", "--by", "branch", "--branch", "not-known", "--branch", "main").out

    assert "Known since 2026-03-01; of 1 answer ($0.03) no log says it." in out
    assert "Skill" not in out


def test_what_no_log_says_is_said_so() -> None:
    report = report_of(1)
    nothing = report._replace(known_since_ms=None, unknown=report.total)
    something = report._replace(unknown=Spending(cost=2.5, answers=7))

    assert "Nothing is known of what this usage was for" in text(nothing)
    assert "Known since 2026-03-01; of 7 answers ($2.50) no log says anything." in text(something)


def text(report: WhyReport) -> str:
    """Return the whole screen."""
    return "\n".join(lines(report, Screen(120), UTC, FOOTER))


@pytest.mark.parametrize(
    ("period", "answers"),
    [("block", 2), ("1h", 1), ("5h", 2), ("1000d", 3), ("200w", 3), ("40m", 3), ("1000", 3)],
)
def test_the_last_hours_days_or_the_last_block(shell: Shell, period: str, answers: int) -> None:
    shell.log("p/s.jsonl", at("2026-03-01T12:00:00Z"), minutes_ago(62), minutes_ago(2))

    found = shell.run("why", "--json", "--last", period).json

    assert found["totals"]["answers"] == answers


def test_filters_and_days_select(told: Shell) -> None:
    def answers(*options: str) -> int:
        return int(told.run("why", "--json", *options).json["totals"]["answers"])

    assert answers("--branch", "main") == 1
    assert answers("--until", "2026-03-01", "--project", "p") == 2
    assert answers("--claude-version", LATEST, "--since", "2026-03-02") == 0
    assert answers("--timezone", "Pacific/Kiritimati", "--since", "2026-03-03") == 1


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_without_usage(shell: Shell, options: tuple[str, ...]) -> None:
    ran = shell.run("why", *options)

    assert ran.code == 0
    if options:
        holds("why", ran.json)
    else:
        assert "No usage has been logged yet." in ran.out


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--last", "5x"], "'5x' is not a period; use hours, days, weeks or months"),
        (["--last", "7d", "--since", "2026-01-01"], "--last cannot be combined with --since"),
    ],
)
def test_bad_options_are_refused(told: Shell, options: list[str], reason: str) -> None:
    ran = told.run("why", *options)

    assert ran.code == 2
    assert reason in ran.err
