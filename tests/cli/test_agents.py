"""Reports of all agents and of each, the usage of which is told apart everywhere."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.cli.shell import COST, TOKENS, Shell, at, hook, minutes_ago
from tests.makers import NOON, OPUS, QUICK, SONNET, encoded
from tests.tracker.tally_agent import TALLY
from tests.tracker.tally_worlds import RUN, count, model, start, write

from spendlight.logs.agents import AGENTS

DAY = "2026-03-01"
OF_TALLY = 280
"""The tokens of `RUN`."""

COST_OF_TALLY = (250 * 5 + 30 * 25) / 1e6


@pytest.fixture
def two(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shell]:
    """Logs of Claude Code and, of the same day, of another agent."""
    AGENTS[TALLY.name] = TALLY
    monkeypatch.setenv("TALLY_HOME", str(shell.place / "tally"))
    write(shell.place / "tally", "runs/a.jsonl", *RUN)
    shell.log("p/s.jsonl", at(f"{DAY}T12:00:00Z", model=SONNET))
    yield shell
    AGENTS.pop(TALLY.name, None)


def tokens(told: dict[str, Any]) -> int:
    count_of: int = told["totals"]["totalTokens"]
    return count_of


def test_a_day_is_of_all_agents_and_says_which(two: Shell) -> None:
    told = two.run("daily", "--json").json

    (day,) = told["daily"]
    assert (day["agent"], day["period"]) == ("all", DAY)
    assert day["metadata"] == {"agents": ["claude", "tally"]}
    assert day["modelsUsed"] == sorted([OPUS, SONNET])
    assert tokens(told) == day["totalTokens"] == TOKENS + OF_TALLY
    assert "agents" not in day


def test_models_of_several_agents_are_added_up(two: Shell) -> None:
    two.log("p/t.jsonl", at(f"{DAY}T13:00:00Z", "t", model=OPUS))

    (day,) = two.run("daily", "--json").json["daily"]

    found = {one["modelName"]: (one["inputTokens"], one["cost"]) for one in day["modelBreakdowns"]}
    assert found[OPUS] == (3 + 250, pytest.approx(COST + COST_OF_TALLY))
    assert [one["cost"] for one in day["modelBreakdowns"]] == sorted(
        (one["cost"] for one in day["modelBreakdowns"]), reverse=True
    )


@pytest.mark.parametrize("option", [["--by-agent"], ["--by", "agent"]], ids=" ".join)
def test_each_agents_part_can_be_told(two: Shell, option: list[str]) -> None:
    (day,) = two.run("daily", "--json", *option).json["daily"]

    assert [(one["agent"], one["totalTokens"]) for one in day["agents"]] == [
        ("claude", TOKENS),
        ("tally", OF_TALLY),
    ]


def test_a_table_shows_the_agents_of_a_day_below_their_sum(two: Shell) -> None:
    lines = two.run("daily").out.splitlines()

    assert lines[0].split()[:3] == ["Day", "Agent", "Models"]
    assert [line.split()[0] for line in lines[2:4]] == [DAY, "-"]
    assert f"{DAY}  All" in lines[2]
    assert "- Claude Code  sonnet-4-5 " in lines[3]
    assert "- Tally        opus-4-5 " in lines[4]
    assert f"{TOKENS + OF_TALLY:,}" in lines[2]


def test_a_table_of_one_agent_has_no_column_of_agents_unless_it_is_asked_for(two: Shell) -> None:
    assert "Agent" not in two.run("daily", "--agent", "tally").out
    assert "Tally" in two.run("daily", "--agent", "tally", "--by-agent").out


@pytest.mark.parametrize("report", ["daily", "weekly", "monthly", "session"])
def test_every_report_can_be_of_some_agents(two: Shell, report: str) -> None:
    assert tokens(two.run(report, "--json").json) == TOKENS + OF_TALLY
    assert tokens(two.run(report, "--json", "--agent", "tally").json) == OF_TALLY
    assert tokens(two.run(report, "--json", "--agent", "Claude Code").json) == TOKENS
    assert tokens(two.run(report, "--json", "--agent", "claude,tally").json) == TOKENS + OF_TALLY


def test_statistics_can_be_of_one_agent(two: Shell) -> None:
    assert two.run("stats", "--json").json["total_tokens"] == TOKENS + OF_TALLY
    assert two.run("stats", "--json", "--agent", "tally").json["total_tokens"] == OF_TALLY


def test_an_export_can_be_of_one_agent(two: Shell) -> None:
    rows = list(csv.DictReader(io.StringIO(two.run("export", "-f", "csv", "--agent", "tally").out)))

    assert {row["agent"] for row in rows} == {"tally"}


def test_an_exported_report_has_a_row_for_each_agent_if_asked(two: Shell) -> None:
    words = ("export", "daily", "--format", "csv")

    both = list(csv.DictReader(io.StringIO(two.run(*words).out)))
    each = list(csv.DictReader(io.StringIO(two.run(*words, "--by-agent").out)))

    assert [(row["agent"], row["metadata.agents"]) for row in both] == [("all", "claude;tally")]
    assert [(row["period"], row["agent"], row["totalTokens"]) for row in each] == [
        (DAY, "claude", str(TOKENS)),
        (DAY, "tally", str(OF_TALLY)),
    ]


def test_an_unknown_agent_is_refused(two: Shell) -> None:
    ran = two.run("daily", "--agent", "tally,cladue")

    assert ran.code == 2
    assert "'cladue' is not an agent; use one of claude, " in ran.err


def test_sessions_say_of_which_agent_they_are(two: Shell) -> None:
    rows = two.run("session", "--json").json["session"]
    reversed_rows = two.run("session", "--json", "--order", "asc").json["session"]

    assert [(row["agent"], row["period"], row["metadata"]["projectPath"]) for row in rows] == [
        ("claude", "s", "p"),
        ("tally", "s1", "engine"),
    ]
    assert rows[0]["metadata"]["lastActivity"] == f"{DAY}T12:00:00.000Z"
    assert reversed_rows == rows[::-1]
    assert "Agent" in two.run("session").out


def test_an_agent_has_its_own_reports(two: Shell) -> None:
    (day,) = two.run("tally", "daily", "--json").json["daily"]
    (month,) = two.run("tally", "monthly", "--json").json["monthly"]
    (session,) = two.run("tally", "session", "--json").json["sessions"]

    assert (day["date"], day["totalTokens"]) == (DAY, OF_TALLY)
    assert (month["month"], month["totalTokens"]) == (DAY[:7], OF_TALLY)
    assert (session["sessionId"], session["totalTokens"]) == ("s1", OF_TALLY)
    assert two.run("tally").out == two.run("daily", "--agent", "tally").out


def test_reports_of_claude_code_have_their_own_form(two: Shell) -> None:
    (day,) = two.run("claude", "daily", "--json").json["daily"]
    (session,) = two.run("claude", "session", "--json").json["sessions"]

    assert (day["date"], day["totalTokens"]) == (DAY, TOKENS)
    assert (session["sessionId"], session["totalTokens"]) == ("s", TOKENS)
    assert not {"agent", "metadata"} & (day.keys() | session.keys())


def test_sessions_of_another_agent_are_in_the_order_of_their_ids(two: Shell) -> None:
    write(two.place / "tally", "runs/b.jsonl", start("s0"), model(OPUS), count(1, 1))

    def ids(*options: str) -> list[str]:
        rows = two.run("tally", "session", "--json", *options).json["sessions"]
        return [row["sessionId"] for row in rows]

    assert ids() == ["s0", "s1"]
    assert ids("--order", "desc") == ["s1", "s0"]


@pytest.mark.parametrize("report", ["weekly", "blocks", "doctor"])
def test_a_report_that_only_others_have_is_refused(two: Shell, report: str) -> None:
    ran = two.run("tally", report)

    assert ran.code == 2
    assert f'The "{report}" report is not available for Tally usage' in ran.err
    assert "spendlight tally daily" in ran.err


def test_an_agents_report_of_other_agents_is_refused(two: Shell) -> None:
    ran = two.run("tally", "daily", "--agent", "claude")

    assert ran.code == 2
    assert "--agent cannot be combined with 'tally'" in ran.err


def test_weeks_of_all_agents_begin_on_monday_and_those_of_claude_code_on_sunday(two: Shell) -> None:
    (week,) = two.run("weekly", "--json").json["weekly"]
    (of_claude,) = two.run("claude", "weekly", "--json").json["weekly"]
    (chosen,) = two.run("weekly", "--json", "-w", "sunday").json["weekly"]

    assert (week["period"], of_claude["week"]) == ("2026-02-23", "2026-03-01")
    assert chosen["period"] == "2026-03-01"


def test_several_reports_can_be_sections_of_one(two: Shell) -> None:
    told = two.run("daily", "--sections", "monthly,session", "--json").json
    refused = two.run("daily", "--sections", "daily")
    unknown = two.run("daily", "--sections", "hourly", "--json")

    assert told["monthly"] == two.run("monthly", "--json").json["monthly"]
    assert told["session"] == two.run("session", "--json").json["session"]
    assert (tokens(told), "daily" in told) == (TOKENS + OF_TALLY, False)
    assert (refused.code, unknown.code) == (2, 2)
    assert "--sections needs --json" in refused.err


def test_blocks_are_claude_codes(two: Shell) -> None:
    two.log("p/t.jsonl", minutes_ago(7), minutes_ago(2))
    write(two.place / "tally", "runs/b.jsonl", start("s2"), model(OPUS), count(5, 5, minutes=200))

    blocks = two.run("blocks", "--json").json["blocks"]
    live = two.run("live", "--snapshot", "--json").json

    assert sum(block["totalTokens"] for block in blocks) == 3 * TOKENS
    assert [block["entries"] for block in blocks if not block["isGap"]] == [1, 2]
    assert live["tokens"]["current"] == 2 * TOKENS
    assert two.run("blocks", "--agent", "tally").code == 2


def test_folders_of_claude_code_are_demanded_of_its_reports_only(
    two: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(two.place / "nowhere"))

    of_all, of_tally, of_claude = (
        two.run(*words, "daily", "--json") for words in ((), ("tally",), ("claude",))
    )

    assert (of_all.code, of_tally.code, of_claude.code) == (0, 0, 1)
    assert tokens(of_all.json) == tokens(of_tally.json) == OF_TALLY


def test_a_configuration_has_a_section_for_each_agent(two: Shell, tmp_path: Path) -> None:
    file = tmp_path / "ccusage.json"
    file.write_bytes(encoded({"tally": {"defaults": {"since": "2030-01-01"}}}))

    ran = two.run("tally", "daily", "--json", "--config", str(file))

    assert ran.json["daily"] == []
    assert tokens(two.run("daily", "--json", "--config", str(file)).json) == TOKENS + OF_TALLY


def test_answers_of_codex_can_be_priced_at_another_speed(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CODEX_HOME", str(shell.place / "codex"))
    usage = {"input_tokens": 1000, "cached_input_tokens": 0, "output_tokens": 100}
    info = {"last_token_usage": usage, "total_token_usage": usage}
    rollout = [
        {"type": "session_meta", "payload": {"id": "aaaa"}},
        {"type": "turn_context", "payload": {"model": QUICK}},
        {"type": "event_msg", "payload": {"type": "token_count", "info": info}},
    ]
    path = shell.place / "codex" / "sessions" / "2026" / "03" / "01" / "rollout-x.jsonl"
    path.parent.mkdir(parents=True)
    at_noon = {"timestamp": f"{DAY}T12:00:00.000Z"}
    path.write_bytes(b"".join(encoded(at_noon | one) for one in rollout))

    def cost(*options: str) -> float:
        told = shell.run("codex", "daily", "--json", *options).json
        found: float = told["totals"]["costUSD"]
        return found

    assert cost() == cost("--speed", "auto") == cost("--speed", "standard") > 0
    assert cost("--speed", "fast") == pytest.approx(6 * cost())
    (session,) = shell.run("codex", "session", "--json").json["sessions"]
    assert (session["sessionId"], session["directory"], session["sessionFile"]) == (
        "2026/03/01/rollout-x",
        "2026/03/01",
        "rollout-x",
    )
    assert shell.run("claude", "daily", "--speed", "fast").code == 2


def test_a_day_of_copilot_says_how_many_requests_and_names_models_as_they_were_used(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COPILOT_HOME", str(shell.place / "copilot"))
    for number, name in enumerate((SONNET, OPUS), start=1):
        used = {"requests": {"count": 3}, "usage": {"inputTokens": 9, "outputTokens": 1}}
        told = {"modelMetrics": {name: used}}
        event = {"type": "session.shutdown", "timestamp": f"{DAY}T12:0{number}:00Z", "data": told}
        log = f"session-state/s{number}/events.jsonl"
        write(shell.place / "copilot", log, encoded(event))

    (day,) = shell.run("copilot", "daily", "--json").json["daily"]

    assert day["messageCount"] == 6
    assert day["modelsUsed"] == [SONNET, OPUS]


def test_doctor_tells_agents_apart(two: Shell) -> None:
    ran = two.run("doctor")
    told = two.run("doctor", "--json").json

    assert f"Claude Code data\n  {two.claude}, 1 log\n  1 answer\n\nTally data\n" in ran.out
    assert f"  {two.place / 'tally'}, 1 log\n  2 answers\n" in ran.out
    assert [(one["agent"], one["answers"], one["isOn"]) for one in told["agents"]] == [
        ("claude", 1, True),
        ("tally", 2, True),
    ]
    assert [root["agent"] for root in told["roots"]] == ["claude", "tally"]


def test_doctor_names_an_agent_that_is_switched_off(two: Shell) -> None:
    two.run("daily")
    data = two.place / "data"
    data.mkdir()
    (data / "settings.toml").write_text('[agents]\noff = ["codex"]\n')

    ran = two.run("doctor", "--data-dir", str(data))

    assert "Codex data\n  switched off in the settings" in ran.out


def test_an_agent_that_is_switched_off_has_no_reports(two: Shell) -> None:
    data = two.place / "off"
    data.mkdir()
    (data / "settings.toml").write_text('[agents]\noff = ["tally"]\n')

    alone = two.run("tally", "daily", "--data-dir", str(data))
    both = two.run("daily", "--agent", "claude,tally", "--json", "--data-dir", str(data))

    assert (alone.code, alone.out) == (1, "")
    assert "Tally is switched off in the settings. Switch it on under Data sources" in alone.err
    assert "Tally is switched off in the settings" in both.err
    assert tokens(both.json) == TOKENS


def test_what_is_no_report_works_for_an_agent_that_is_switched_off(two: Shell) -> None:
    data = two.place / "off"
    data.mkdir()
    (data / "settings.toml").write_text('[agents]\noff = ["claude"]\n')

    ran = two.run("claude", "doctor", "--data-dir", str(data))

    assert ran.code == 0
    assert "Claude Code data\n  switched off in the settings" in ran.out


def test_the_help_of_an_agent_is_of_its_reports(two: Shell) -> None:
    ran = two.run("tally", "--help")
    of_report = two.run("tally", "daily", "--help")

    assert ran.out.startswith("usage: spendlight tally ")
    assert "Reports of Tally alone" in ran.out
    assert "monthly" in ran.out
    assert not any(verb in ran.out for verb in ("blocks", "statusline", "doctor"))
    assert of_report.out.startswith("usage: spendlight tally daily ")


def test_a_status_line_is_of_claude_code(two: Shell) -> None:
    two.set_noon()
    log = two.log("p/now.jsonl", minutes_ago(7), minutes_ago(2))
    since_noon = datetime.now(UTC) - datetime.fromisoformat(NOON)
    now = count(10**6, 10**6, minutes=since_noon // timedelta(minutes=1) - 3)
    write(two.place / "tally", "runs/now.jsonl", start("s3"), model(OPUS), now)

    ran = two.run("statusline", "--offline", stdin=hook(log))

    assert f"${2 * COST:.2f} today" in ran.out
    assert two.run("daily", "--last", "1", "--json").json["totals"]["totalCost"] > 30
