from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from tests.cli.shell import COST, TOKENS, Shell, at, minutes_ago
from tests.logs.listers import list_in_python
from tests.makers import OPUS, QUICK, SONNET, line


def test_a_day_has_the_same_json_as_ccusages(shell: Shell) -> None:
    shell.log("-w-app/s1.jsonl")

    ran = shell.run("claude", "daily", "--json")

    assert ran.code == 0
    assert ran.err == ""
    assert ran.json == {
        "daily": [
            {
                "cacheCreationTokens": 1000,
                "cacheReadTokens": 20000,
                "date": "2026-03-01",
                "inputTokens": 3,
                "modelBreakdowns": [
                    {
                        "cacheCreationTokens": 1000,
                        "cacheReadTokens": 20000,
                        "cost": pytest.approx(COST),
                        "inputTokens": 3,
                        "modelName": OPUS,
                        "outputTokens": 400,
                    }
                ],
                "modelsUsed": [OPUS],
                "outputTokens": 400,
                "totalCost": pytest.approx(COST),
                "totalTokens": TOKENS,
            }
        ],
        "totals": {
            "cacheCreationTokens": 1000,
            "cacheReadTokens": 20000,
            "inputTokens": 3,
            "outputTokens": 400,
            "totalCost": pytest.approx(COST),
            "totalTokens": TOKENS,
        },
    }


def test_json_is_indented_by_two_spaces_with_its_keys_in_order(shell: Shell) -> None:
    shell.log("-w-app/s1.jsonl")

    keys = re.findall(r'^ {4}"(\w+)"', shell.run("daily", "--json").out, re.MULTILINE)

    assert keys == sorted(keys)
    assert "totalTokens" in keys


def test_the_cost_of_an_empty_report_is_not_negative_zero(shell: Shell) -> None:
    ran = shell.run("daily", "--json")

    assert ran.json["daily"] == []
    assert '"totalCost": 0.0' in ran.out


def test_projects_can_be_shown_separately(shell: Shell) -> None:
    shell.log("-w-beta/s2.jsonl", at("2026-03-01T12:00:00Z", "b"))
    shell.log("-w-alpha/s1.jsonl", at("2026-03-01T12:00:00Z", "a"))

    told = shell.run("daily", "-i", "--json").json["projects"]

    assert list(told) == ["-w-alpha", "-w-beta"]
    assert told["-w-alpha"][0]["project"] == "-w-alpha"


def test_without_usage_separate_projects_are_an_empty_report(shell: Shell) -> None:
    ran = shell.run("daily", "-i", "--project=-w-app", "--json")

    assert ran.json["daily"] == []
    assert "projects" not in ran.json


def test_a_single_project_is_named_in_its_rows(shell: Shell) -> None:
    shell.log("-w-app/s1.jsonl")
    shell.log("-w-other/s2.jsonl", at("2026-03-01T12:00:00Z"))

    told = shell.run("daily", "--project=-w-app", "--json").json

    assert [row["project"] for row in told["daily"]] == ["-w-app"]
    assert told["totals"]["totalTokens"] == TOKENS


def test_weeks_begin_on_sunday_by_default(shell: Shell) -> None:
    shell.log("p/s.jsonl", at("2026-03-04T12:00:00Z"))

    assert shell.run("claude", "weekly", "--json").json["weekly"][0]["week"] == "2026-03-01"
    told = shell.run("claude", "weekly", "--json", "-w", "Wednesday").json
    assert told["weekly"][0]["week"] == "2026-03-04"


def test_a_month_is_shown_by_its_name(shell: Shell) -> None:
    shell.log("p/s.jsonl")

    assert shell.run("claude", "monthly", "--json").json["monthly"][0]["month"] == "2026-03"


def test_days_begin_at_midnight_in_the_requested_zone(shell: Shell) -> None:
    shell.log("p/s.jsonl", at("2026-03-01T23:30:00Z"))

    told = shell.run("claude", "daily", "--json", "-z", "asia/tokyo").json

    assert told["daily"][0]["date"] == "2026-03-02"


def test_since_and_until_are_local_days_and_inclusive(shell: Shell) -> None:
    days = ("2026-02-28", "2026-03-01", "2026-03-02")
    shell.log("p/s.jsonl", *(at(f"{day}T12:00:00Z") for day in days))

    told = shell.run("claude", "daily", "--json", "-s", "20260301", "-u", "2026-03-01").json

    assert [row["date"] for row in told["daily"]] == ["2026-03-01"]


def test_the_order_can_be_reversed(shell: Shell) -> None:
    shell.log("p/s.jsonl", at("2026-03-01T12:00:00Z"), at("2026-03-02T12:00:00Z"))

    told = shell.run("claude", "daily", "--json", "--order", "desc").json

    assert [row["date"] for row in told["daily"]] == ["2026-03-02", "2026-03-01"]


def test_the_last_days_end_today(shell: Shell) -> None:
    shell.log("p/s.jsonl", at("2026-03-01T12:00:00Z"), minutes_ago(0))

    told = shell.run("claude", "daily", "--json", "--limit", "2").json

    assert [row["date"] for row in told["daily"]] == [f"{datetime.now(UTC):%Y-%m-%d}"]


def test_the_last_days_and_certain_days_exclude_each_other(shell: Shell) -> None:
    ran = shell.run("daily", "--last", "2", "--since", "20260301")

    assert ran.code == 2
    assert ran.err.startswith("spendlight: --last cannot be combined with --since")


def test_a_range_that_ends_before_it_begins_is_a_usage_error(shell: Shell) -> None:
    assert shell.run("daily", "-s", "20260308", "-u", "20260301").code == 2


def test_sessions_are_shown_with_their_first_and_last_activity(shell: Shell) -> None:
    shell.log("-w-app/s1.jsonl", at("2026-03-01T12:00:00Z"), at("2026-03-02T12:00:00.250Z"))

    told = shell.run("claude", "session", "--json").json

    row = told["sessions"][0]
    assert row["sessionId"] == "s1"
    assert row["projectPath"] == "-w-app"
    assert row["firstActivity"] == "2026-03-01T12:00:00.000Z"
    assert row["lastActivity"] == "2026-03-02T12:00:00.250Z"
    assert told["totals"]["totalCost"] == pytest.approx(2 * COST)


def test_the_last_sessions_are_the_most_recent_and_the_total_covers_only_them(
    shell: Shell,
) -> None:
    shell.log("p/old.jsonl", at("2026-03-01T12:00:00Z", output_tokens=900_000))
    shell.log("p/newer.jsonl", at("2026-03-02T12:00:00Z"))
    shell.log("p/newest.jsonl", at("2026-03-03T12:00:00Z", output_tokens=500))

    told = shell.run("claude", "session", "--json", "--last", "2").json

    assert [row["sessionId"] for row in told["sessions"]] == ["newest", "newer"]
    assert told["totals"]["outputTokens"] == 900


def test_the_answers_of_a_session_are_listed_as_json(shell: Shell) -> None:
    shell.log("p/s1.jsonl", at("2026-03-01T12:00:00Z", costUSD=0.5))

    told = shell.run("session", "--id", "s1", "--json").json

    assert told["sessionId"] == "s1"
    assert told["totalCost"] == 0.5
    assert told["totalTokens"] == TOKENS
    assert told["entries"] == [
        {
            "cacheCreationTokens": 1000,
            "cacheReadTokens": 20000,
            "costUSD": 0.5,
            "inputTokens": 3,
            "model": OPUS,
            "outputTokens": 400,
            "timestamp": "2026-03-01T12:00:00.000Z",
        }
    ]


def test_the_answers_of_an_unknown_session_are_null(shell: Shell) -> None:
    assert shell.run("session", "--id", "nope", "--json").out == "null\n"


def test_the_answers_of_a_session_are_listed_in_a_table(shell: Shell) -> None:
    shell.log("p/s1.jsonl", at("2026-03-01T12:00:00Z"), at("2026-03-01T12:05:00Z", model="new"))

    out = shell.run("session", "--id", "s1").out

    assert "2026-03-01 12:00:00        21,403 tokens       $0.03  claude-opus" in out
    assert "no price  new" in out
    assert out.endswith("2 answers, 42,806 tokens, $0.03\n")


def test_entries_other_than_answers_are_labelled(shell: Shell) -> None:
    steps = [
        {"type": "message", "model": QUICK, "input_tokens": 1, "output_tokens": 10},
        {"type": "fallback_message", "model": OPUS, "input_tokens": 3, "output_tokens": 400},
    ]
    shell.log(
        "p/s1.jsonl",
        at("2026-03-01T12:00:00Z", iterations=steps),
        at("2026-03-01T12:05:00Z", stop_reason="refusal", output_tokens=0),
    )

    told = shell.run("session", "--id", "s1", "--json").json
    out = shell.run("session", "--id", "s1").out

    kinds = [(entry["model"], entry.get("kind")) for entry in told["entries"]]
    assert kinds == [(OPUS, None), (QUICK, "fallback attempt"), (OPUS, "refused, not billed")]
    assert f"  {QUICK} (fallback attempt)\n" in out
    assert f"$0.00  {OPUS} (refused, not billed)\n" in out


def test_an_unknown_session_is_reported(shell: Shell) -> None:
    assert shell.run("session", "--id", "nope").out == "Session nope was not found.\n"


def test_the_mode_selects_recorded_or_calculated_costs(shell: Shell) -> None:
    shell.log("p/s1.jsonl", at("2026-03-01T12:00:00Z", costUSD=0.5))

    def total(mode: str) -> object:
        return shell.run("daily", "--json", "-m", mode).json["totals"]["totalCost"]

    assert total("auto") == 0.5
    assert total("calculate") == pytest.approx(COST)
    assert total("display") == 0.5


def test_money_can_be_left_out(shell: Shell) -> None:
    shell.log("p/s1.jsonl")

    assert "ost" not in shell.run("daily", "--json", "--no-cost").out
    table = shell.run("daily", "--no-cost").out
    assert "$" not in table
    assert "Cost" not in table


def test_models_without_a_price_are_marked(shell: Shell) -> None:
    shell.log("p/s1.jsonl", at("2026-03-01T12:00:00Z", model="new"), at("2026-03-01T12:05:00Z"))

    told = shell.run("daily", "--json").json
    table = shell.run("daily").out

    models = told["daily"][0]["modelBreakdowns"]
    assert [model.get("missingPricing") for model in models] == [None, True]
    assert told["totals"]["unpricedModels"] == ["new"]
    assert "1 model without a price: new" in table
    assert "$0.03 + ?" in table


def test_web_searches_are_shown_beside_the_cost(shell: Shell) -> None:
    shell.log("p/s1.jsonl", line(server_tool_use={"web_search_requests": 3}))

    told = shell.run("daily", "--json").json

    assert told["totals"]["webSearchRequests"] == 3
    assert told["totals"]["webSearchCost"] == pytest.approx(0.03)
    assert told["totals"]["totalCost"] == pytest.approx(COST)
    assert "3 web searches, $0.03, not included in the cost" in shell.run("daily").out


def test_a_fast_model_is_called_so(shell: Shell) -> None:
    shell.log("p/s1.jsonl", line(model=QUICK, speed="fast"))

    assert shell.run("daily", "--json").json["daily"][0]["modelsUsed"] == [f"{QUICK}-fast"]


@pytest.mark.parametrize("report", ["weekly", "monthly"])
def test_models_are_listed_in_the_order_of_days_and_within_a_day_of_logs(
    shell: Shell, report: str
) -> None:
    shell.log("p/a.jsonl", at("2026-03-03T12:00:00Z", model=QUICK))
    shell.log("p/b.jsonl", at("2026-03-02T13:00:00Z", model=SONNET))
    shell.log("p/c.jsonl", at("2026-03-02T12:00:00Z", model=OPUS))

    (row,) = shell.run("claude", report, "--json").json[report]

    assert row["modelsUsed"] == [SONNET, OPUS, QUICK]


def test_a_note_below_the_table_names_the_source_of_prices(shell: Shell) -> None:
    shell.log("p/s1.jsonl")

    assert f"\n\nList price: {shell.prices}, on top of LiteLLM list from " in shell.run("daily").out


def test_a_note_below_the_table_mentions_unreadable_lines(shell: Shell) -> None:
    shell.log("p/s1.jsonl", line(), at("yesterday"))

    assert "1 line could not be read; for details: spendlight doctor" in shell.run("daily").out


@pytest.mark.parametrize(
    "words", [["daily"], ["daily", "--instances"], ["session"], ["blocks"], ["stats"]]
)
def test_unreadable_lines_are_mentioned_in_json(shell: Shell, words: list[str]) -> None:
    shell.log("p/s1.jsonl", line())
    assert not {"unreadLines", "notes"} & shell.run(*words, "--json").json.keys()

    shell.log("p/s2.jsonl", at("yesterday"), at("tomorrow"))

    assert shell.run(*words, "--json").json["unreadLines"] == 2


def test_a_missing_folder_is_mentioned_in_json(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.log("p/s1.jsonl")
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", f"{shell.claude},/nowhere")

    (note,) = shell.run("daily", "--json").json["notes"]

    assert "/nowhere does not exist" in note
    assert shell.run("export", "daily", "--format", "csv").out.count("\n") == 2


def test_a_report_without_rows_says_why(shell: Shell) -> None:
    assert shell.run("daily").out.startswith("No usage has been logged yet.\n")

    shell.log("p/s1.jsonl")

    out = shell.run("daily", "--since", "20270101").out
    assert out.startswith("No usage matches these options.\n")


def test_a_report_mentions_an_unreadable_folder(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.log("p/s1.jsonl", line(model=SONNET))
    secret = shell.log("secret/s2.jsonl").parent
    list_in_python(monkeypatch)
    scan = os.scandir

    def guarded(path: str) -> Iterator[os.DirEntry[str]]:
        if str(path) == str(secret):
            raise PermissionError(13, "Permission denied")
        return scan(path)

    monkeypatch.setattr(os, "scandir", guarded)

    assert (
        "1 file or folder could not be read; for details: spendlight doctor"
        in shell.run("daily").out
    )
    assert shell.run("daily", "--json").json["unreadablePaths"] == 1


def test_claude_before_a_verb_makes_no_difference_if_there_is_no_other_agent(shell: Shell) -> None:
    shell.log("p/s1.jsonl", line(model=SONNET))

    assert shell.run("claude", "blocks", "--json") == shell.run("blocks", "--json")
    assert shell.run("claude") == shell.run("daily")


def test_today_is_a_day_of_the_zone(shell: Shell) -> None:
    shell.log("p/s1.jsonl", minutes_ago(0))

    told = shell.run("claude", "daily", "--json", "--last", "1").json["daily"]

    assert date.fromisoformat(told[0]["date"]) == datetime.now(UTC).date()
