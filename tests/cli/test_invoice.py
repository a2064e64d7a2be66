"""Invoices add up, say that they are estimates, and contain nothing that could do harm."""

from __future__ import annotations

import csv
import io
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from tests.cli.shell import COST, TOKENS, Shell, at
from tests.cli.test_json_schemas import holds
from tests.makers import encoded, line

MARCH = ("invoice", "--month", "2026-03")
ENGINE = {"cwd": "/home/ada/engine"}
GARDEN = {"cwd": "/home/ada/garden"}


@pytest.fixture
def logs(shell: Shell) -> Shell:
    """Six answers of COST each: three days, two repositories, three branches."""
    shell.log(
        "engine/s1.jsonl",
        at("2026-03-01T12:00:00Z", gitBranch="main", **ENGINE),
        at("2026-03-01T12:10:00Z", gitBranch="fix/the clock", **ENGINE),
        at("2026-03-01T12:26:00Z", gitBranch="fix/the clock", **ENGINE),
        at("2026-03-01T23:50:00Z", gitBranch="main", **ENGINE),
        at("2026-03-02T00:04:00Z", gitBranch="main", **ENGINE),
        encoded({"type": "ai-title", "aiTitle": "Mend the clock"}),
    )
    shell.log("garden/s2.jsonl", at("2026-03-31T12:00:00Z", gitBranch="main", **GARDEN))
    shell.log("garden/s3.jsonl", at("2026-04-01T12:00:00Z", gitBranch="main", **GARDEN))
    return shell


class Page(HTMLParser):
    """Collects what a page would load, and its texts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.texts.append(data.strip())


def test_days_and_sessions_add_up_to_the_total(logs: Shell) -> None:
    told = logs.run(*MARCH, "--json").json

    assert told["amount"] == round(6 * COST, 2) == 0.16
    assert told["totals"]["totalTokens"] == 6 * TOKENS
    days = [(day["date"], day["amount"], day["activeMinutes"]) for day in told["days"]]
    assert days == [("2026-03-01", 0.10, 20), ("2026-03-02", 0.03, 4), ("2026-03-31", 0.03, 0)]
    assert told["activeMinutes"] == 24  # ten, ten until midnight, and four after it
    for day in told["days"]:
        assert sum(line["amount"] for line in day["sessions"]) == pytest.approx(day["amount"])
    assert sum(model["amount"] for model in told["models"]) == pytest.approx(0.16)
    assert told["isEstimate"]
    holds("invoice", told)


def test_cents_that_rounding_would_lose_are_given_to_the_rows(shell: Shell) -> None:
    moments = [f"2026-03-{day:02d}T12:00:00Z" for day in range(1, 8)]
    shell.log("p/s.jsonl", *(at(moment, costUSD=0.014) for moment in moments))

    told = shell.run(*MARCH, "--json").json

    assert told["amount"] == 0.10  # 0.098, and seven times 0.01 would be 0.07
    assert [day["amount"] for day in told["days"]] == [0.02, 0.02, 0.02, 0.01, 0.01, 0.01, 0.01]


def test_a_rate_and_an_exchange_rate_multiply_the_cost(logs: Shell) -> None:
    words = ("--rate", "1.5", "--currency", "eur", "--exchange", "0.92")

    told = logs.run(*MARCH, *words, "--json").json
    text = logs.run(*MARCH, *words).out

    assert (told["currency"], told["amount"]) == ("EUR", round(6 * COST * 1.5 * 0.92, 2))
    assert "EUR 0.22 (estimate)" in text
    assert "Computed as USD 0.1576 × a rate of 1.5 × 0.92 EUR for a dollar" in text
    assert logs.run(*MARCH, "--rate", "3", "--json").json["amount"] == round(18 * COST, 2)


@pytest.mark.parametrize(
    ("words", "answers", "repository"),
    [
        (["--project", "garden"], 1, None),
        (["--repo", "engine"], 5, "/home/ada/engine"),
        (["--repo", "/home/ada/garden"], 1, "/home/ada/garden"),
        (["--branch", "fix/the clock"], 2, "/home/ada/engine"),
        (["--repo", "engine", "--branch", "main"], 3, "/home/ada/engine"),
        ([], 6, None),
    ],
)
def test_one_project_repository_or_branch_is_invoiced(
    logs: Shell, words: list[str], answers: int, repository: str | None
) -> None:
    told = logs.run(*MARCH, *words, "--json").json

    assert told["totals"]["totalTokens"] == answers * TOKENS
    assert told["repository"] == repository
    holds("invoice", told)


def test_a_repository_is_named_by_a_relative_path_too(
    logs: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = logs.place.resolve() / "shop"
    (folder / "src").mkdir(parents=True)
    logs.log("shop/s5.jsonl", at("2026-03-06T12:00:00Z", cwd=str(folder / "src")))
    monkeypatch.chdir(folder)

    told = logs.run(*MARCH, "--repo", ".", "--json").json

    assert told["totals"]["totalTokens"] == TOKENS


def test_claude_codes_worktrees_belong_to_their_repository(logs: Shell) -> None:
    folder = "/home/ada/garden/.claude/worktrees/roses"
    logs.log("worktree/s4.jsonl", at("2026-03-05T12:00:00Z", cwd=folder, gitBranch="roses"))

    assert logs.run(*MARCH, "--repo", "garden", "--json").json["totals"]["totalTokens"] == (
        2 * TOKENS
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["invoice"], "An invoice needs its days. Use --month 2026-11, or --since and --until."),
        ([*MARCH, "--since", "2026-03-01"], "--month cannot be combined with --since or --until"),
        ([*MARCH, "--currency", "EUR"], "Amounts in EUR need an exchange rate. Say how many EUR"),
        ([*MARCH, "--exchange", "0.92"], "--exchange needs another currency than USD"),
        (["invoice", "--month", "2026-13"], "'2026-13' is not a month"),
        ([*MARCH, "--rate", "0,92"], "'0,92' is not a factor; use a positive number"),
        ([*MARCH, "--rate", "0"], "'0' is not a factor"),
        ([*MARCH, "--rate", "-1"], "'-1' is not a factor"),
        ([*MARCH, "--rate", "nan"], "'nan' is not a factor"),
        ([*MARCH, "--currency", "euro", "--exchange", "1"], "'euro' is not the code of a currency"),
        ([*MARCH, "--project", "shop"], "No usage of the project shop was found. Found instead:"),
        ([*MARCH, "--repo", "shop"], "Found instead: /home/ada/engine, /home/ada/garden."),
        ([*MARCH, "--branch", "nope"], "Found instead: fix/the clock, main."),
        (
            [*MARCH, "--branch", "main"],
            "several repositories. Choose one with --repo: /home/ada/engine, /home/ada/garden.",
        ),
        ([*MARCH, "--html", "-", "--json"], "Only one of --html -, --csv - and --json"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_invalid_input_is_refused_in_a_sentence(
    logs: Shell, words: list[str], message: str
) -> None:
    ran = logs.run(*words)

    assert ran.code == 2
    assert message in " ".join(ran.err.split())


def test_a_page_needs_nothing_else_and_says_what_it_is(logs: Shell) -> None:
    file = logs.place / "invoice.html"

    ran = logs.run(*MARCH, "--project", "engine", "--html", "invoice.html")
    text = file.read_text("utf-8")
    page = Page(text)

    assert (ran.code, ran.err) == (0, "")
    assert ran.out == "invoice.html was written; to print it, open it in a browser\n"
    assert page.tags.isdisjoint({"script", "link", "img", "iframe", "object", "form"})
    assert page.attributes.isdisjoint({"src", "href", "onload", "onclick"})
    assert not re.search(r"url\(|@import|https?:", text)
    assert "@media print" in text
    assert {"USD 0.13", "Mend the clock (s1)", "2026-03-01", "0.10", "engine"} <= set(page.texts)
    notes = " ".join(page.texts)
    assert "Estimate from list prices, not a bill of the provider" in notes
    assert re.search(r"Prices: prices\.json, on top of LiteLLM list from .*, \d+ days? old", notes)
    assert str(logs.place) not in text


def test_names_in_a_page_are_text(shell: Shell) -> None:
    title = "</td><script>alert('x')</script>\x1b[2J & \u202eexe"
    shell.log(
        "p/s1.jsonl",
        at("2026-03-01T12:00:00Z", gitBranch="<b>&bold", model="claude-<i>x"),
        encoded({"type": "ai-title", "aiTitle": title}),
    )

    text = shell.run(*MARCH, "--branch", "<b>&bold", "--html", "-").out
    page = Page(text)

    assert page.tags.isdisjoint({"script", "b", "i"})
    assert {"<b>&bold", "<i>x"} <= set(page.texts)
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_a_spreadsheet_gets_the_same_amounts_and_no_formulas(shell: Shell) -> None:
    shell.log(
        "=shop/s1.jsonl",
        at("2026-03-01T12:00:00Z"),
        at("2026-03-02T12:00:00Z"),
        encoded({"type": "ai-title", "aiTitle": "=HYPERLINK(1)"}),
    )

    rows = list(csv.DictReader(io.StringIO(shell.run(*MARCH, "--csv", "-").out)))

    assert [row["amount"] for row in rows] == ["0.03", "0.02"]
    assert [row["date"] for row in rows] == ["2026-03-01", "2026-03-02"]
    assert {row["title"] for row in rows} == {"'=HYPERLINK(1)"}
    assert {row["project"] for row in rows} == {"'=shop"}
    assert {row["totalCost"] for row in rows} == {"0.026265"}
    assert {(row["currency"], row["basis"]) for row in rows} == {
        ("USD", "Estimate from list prices, not a bill of the provider")
    }


def test_a_model_without_a_price_and_web_searches_are_named(shell: Shell) -> None:
    shell.log(
        "p/s1.jsonl",
        at("2026-03-01T12:00:00Z", model="claude-nobody-knows"),
        at("2026-03-01T13:00:00Z", server_tool_use={"web_search_requests": 2}),
    )

    text = " ".join(shell.run(*MARCH).out.split())

    assert "No price is known for claude-nobody-knows; that usage is not included." in text
    assert "2 web searches, $0.02 at list prices, not included." in text
    holds("invoice", shell.run(*MARCH, "--json").json)


def test_days_without_usage_make_an_empty_invoice(logs: Shell) -> None:
    ran = logs.run("invoice", "--month", "2025-03")

    assert ran.code == 0
    assert "No usage in these days." in ran.out
    assert "No usage in these days" in logs.run("invoice", "--month", "2025-03", "--html", "-").out
    holds("invoice", logs.run("invoice", "--month", "2025-03", "--json").json)


def test_a_page_that_cannot_be_written_is_reported(logs: Shell) -> None:
    ran = logs.run(*MARCH, "--html", str(Path("no") / "such" / "folder.html"))

    assert ran.code == 1
    assert "was not written" in ran.err


def test_an_invoice_needs_no_logs(logs: Shell) -> None:
    before = logs.run(*MARCH, "--branch", "fix/the clock", "--json").json
    for log in (logs.claude / "projects").rglob("*.jsonl"):
        log.unlink()

    assert logs.run(*MARCH, "--branch", "fix/the clock", "--json").json == before


def test_days_are_those_of_the_time_zone(shell: Shell) -> None:
    shell.log("p/s.jsonl", line(timestamp="2026-03-31T23:30:00Z"))

    in_march = shell.run(*MARCH, "--json").json
    in_april = shell.run("invoice", "--month", "2026-04", "-z", "Asia/Kathmandu", "--json").json

    assert in_march["amount"] == in_april["amount"] == 0.03
    assert in_april["days"][0]["date"] == "2026-04-01"
