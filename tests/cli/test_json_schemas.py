"""Everything printed as JSON conforms to the schemas of the user guide, whatever the options."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from tests.cli.shell import Shell, at, minutes_ago
from tests.makers import line, write_log

SCHEMAS = Path(__file__).resolve().parents[2] / "docs" / "schemas"

REPORTS = ("daily", "weekly", "monthly", "session", "blocks")
OPTIONS: tuple[list[str], ...] = (
    [],
    ["--breakdown"],
    ["--compact"],
    ["--offline"],
    ["--no-cost"],
    ["--by-machine"],
    ["--by", "branch"],
    ["--by", "agent-type", "--branch", "main", "--by-machine"],
    ["--skill", "none", "--skill", "not-known"],
    ["--order", "desc", "--last", "2"],
    ["--mode", "display"],
    ["--timezone", "Asia/Kathmandu"],
    ["--since", "2030-01-01"],
)
OF_ONE: tuple[list[str], ...] = (
    ["daily", "--instances"],
    ["daily", "--instances", "--by-machine"],
    ["daily", "--instances", "--by", "tool"],
    ["daily", "--project", "shop"],
    ["weekly", "--start-of-week", "monday"],
    ["blocks", "--active"],
    ["blocks", "--recent", "--token-limit", "max"],
    ["blocks", "--active", "--token-limit", "1000"],
    ["blocks", "--session-length", "1"],
)


def holds(name: str, told: object) -> None:
    """Assert that what was printed conforms to a schema."""
    schema = json.loads((SCHEMAS / f"{name}.json").read_text("utf-8"))
    validator = Draft202012Validator(schema, format_checker=FormatChecker())
    errors = [f"{error.json_path}: {error.message}" for error in validator.iter_errors(told)]
    assert not errors


@pytest.fixture
def full(shell: Shell) -> Shell:
    """Logs that fill every optional field."""
    step = {"input_tokens": 5, "output_tokens": 6, "model": "claude-haiku-4-5-20251001"}
    steps = [{**step, "type": "message"}, {**step, "type": "compaction"}]
    shell.log(
        "shop/s1.jsonl",
        at("2026-03-01T12:00:00Z", server_tool_use={"web_search_requests": 3}),
        at("2026-03-01T13:00:00Z", model="claude-nobody-knows", costUSD=None),
        at("2026-03-02T13:00:00Z", "recorded", costUSD=0.5),
        at("2026-03-02T14:00:00Z", iterations=steps),
        at("2026-03-02T15:00:00Z", stop_reason="refusal", output_tokens=0),
        b'{"type":"assistant","message":{"usage":{"input_tokens":"many"}}}\n',
        b'{"type":"ai-title","aiTitle":"Mend the clock"}\n',
        b'{"type":"pr-link","prUrl":"https://example.com/7","prNumber":7,"prRepository":"a/b"}\n',
    )
    shell.log("blog/s2.jsonl", minutes_ago(30), minutes_ago(2))
    write_log(shell.claude / "vms" / "box", "p/s3.jsonl", at("2026-03-03T12:00:00Z"))
    return shell


@pytest.mark.parametrize("options", OPTIONS, ids=" ".join)
@pytest.mark.parametrize("report", REPORTS)
def test_a_report_conforms_to_its_schema(full: Shell, report: str, options: list[str]) -> None:
    ran = full.run(report, "--json", *options)

    assert ran.code == 0
    holds(report, ran.json)


@pytest.mark.parametrize("words", OF_ONE, ids=" ".join)
def test_a_report_with_specific_options_conforms_to_its_schema(
    full: Shell, words: list[str]
) -> None:
    holds(words[0], full.run(*words, "--json").json)


def test_every_optional_field_of_a_report_occurred(full: Shell) -> None:
    daily = full.run("daily", "--json").json
    block = full.run("blocks", "--active", "--token-limit", "1000", "--json").json["blocks"][0]

    assert {"webSearchCost", "unpricedModels"} <= daily["totals"].keys()
    assert "unreadLines" in daily
    assert any(
        "missingPricing" in model for row in daily["daily"] for model in row["modelBreakdowns"]
    )
    assert block["burnRate"]
    assert block["projection"]
    assert "tokenLimitStatus" in block


@pytest.mark.parametrize("report", REPORTS)
def test_an_empty_report_conforms_to_its_schema(shell: Shell, report: str) -> None:
    holds(report, shell.run(report, "--json").json)


@pytest.mark.parametrize("options", [[], ["--no-cost"], ["--mode", "calculate"]], ids=" ".join)
def test_the_answers_of_a_session_conform_to_their_schema(full: Shell, options: list[str]) -> None:
    told = full.run("session", "--id", "s1", "--json", *options).json
    if told is None:
        told = full.run(
            "session", "--id", "11111111-1111-4111-8111-111111111111", "--json", *options
        ).json

    assert told["entries"]
    holds("session-answers", told)
    holds("session-answers", full.run("session", "--id", "nobody", "--json").json)


@pytest.mark.parametrize("report", REPORTS)
def test_an_exported_report_equals_the_printed_one(full: Shell, report: str) -> None:
    holds(report, full.run("export", report).json)
    if report in {"daily", "weekly", "monthly"}:
        told = full.run("export", report, "--instances").json
        assert told["projects"]
        holds(report, told)


def test_exported_answers_conform_to_their_schema(full: Shell) -> None:
    told = full.run("export").json

    assert told["entries"]
    holds("export-entries", told)


@pytest.mark.parametrize("options", [[], ["--token-limit", "1000"]], ids=" ".join)
def test_the_live_view_conforms_to_its_schema(full: Shell, options: list[str]) -> None:
    told = full.run("live", "--snapshot", "--json", *options).json

    assert told["status"] == "active"
    holds("live", told)


def test_the_live_view_without_a_block_or_with_a_plan_conforms_to_its_schema(shell: Shell) -> None:
    holds("live", shell.run("live", "--snapshot", "--json").json)

    told = shell.run("--demo", "live", "--snapshot", "--json").json
    assert told["plan"]
    holds("live", told)


def test_stats_prices_and_doctor_conform_to_their_schemas(full: Shell) -> None:
    holds("stats", full.run("stats", "--json").json)
    holds("stats", full.run("stats", "--json", "--since", "2030-01-01").json)
    holds("prices", full.run("prices", "--json", "--offline").json)
    holds("prices-history", full.run("prices", "--history", "gpt-5.6", "--json", "--offline").json)
    holds("doctor", full.run("doctor", "--json", "--offline").json)
    holds("doctor", full.run("doctor", "--json", "--verify").json)


def test_the_profile_of_a_folder_conforms_to_its_schema(full: Shell) -> None:
    (full.claude / "nowhere").symlink_to(full.claude / "not-there")
    (full.claude / "empty").mkdir()
    (full.claude / "loop").symlink_to(full.claude)

    for options in ([], [str(full.claude), "--top", "1"], [str(full.place)], ["--ext", "md"]):
        told = full.run("profile", "--json", *options).json
        assert told["folders"]
        holds("profile", told)


@pytest.mark.skipif(sys.platform != "linux", reason="where Linux keeps the entry")
def test_the_menu_entry_conforms_to_its_schema(shell: Shell) -> None:
    for action in ("status", "install", "status", "uninstall"):
        holds("desktop", shell.run("desktop", action, "--json").json)


@pytest.mark.usefixtures("settings")
def test_changes_of_claude_codes_settings_conform_to_their_schema(shell: Shell) -> None:
    shell.log("p/s1.jsonl", line())

    holds("keep-logs", shell.run("profile", "--keep-logs", "365", "--yes", "--json").json)
    holds("keep-logs", shell.run("profile", "--undo", "--yes", "--json").json)
    for option in ("--install", "--install", "--undo"):
        holds("statusline-setup", shell.run("statusline", option, "--yes", "--json").json)
    shell.run("statusline", "--install", "--yes")
    holds("unhook", shell.run("unhook", "--yes", "--json").json)
    holds("unhook", shell.run("unhook", "--yes", "--json").json)


def test_a_schema_rejects_unknown_fields() -> None:
    with pytest.raises(AssertionError, match="surprise"):
        holds("blocks", {"blocks": [], "surprise": 1})
