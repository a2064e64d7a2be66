from __future__ import annotations

import re

import pytest
from tests.cli.shell import COST, TOKENS, Shell, at, minutes_ago
from tests.makers import OPUS, line


def test_a_past_block_has_the_same_json_as_ccusages(shell: Shell) -> None:
    shell.log("p/s1.jsonl")

    told = shell.run("blocks", "--json").json

    assert told == {
        "blocks": [
            {
                "actualEndTime": "2026-03-01T12:00:00.000Z",
                "burnRate": None,
                "costUSD": pytest.approx(COST),
                "endTime": "2026-03-01T17:00:00.000Z",
                "entries": 1,
                "id": "2026-03-01T12:00:00.000Z",
                "isActive": False,
                "isGap": False,
                "models": [OPUS],
                "projection": None,
                "startTime": "2026-03-01T12:00:00.000Z",
                "tokenCounts": {
                    "cacheCreationInputTokens": 1000,
                    "cacheReadInputTokens": 20000,
                    "inputTokens": 3,
                    "outputTokens": 400,
                },
                "totalTokens": TOKENS,
            }
        ]
    }


def test_a_gap_is_an_empty_block(shell: Shell) -> None:
    shell.log("p/s1.jsonl", at("2026-03-01T10:00:00Z"), at("2026-03-01T20:10:00Z"))

    ran = shell.run("blocks", "--json")

    gap = ran.json["blocks"][1]
    assert gap["id"] == "gap-2026-03-01T15:00:00.000Z"
    assert gap["isGap"]
    assert gap["actualEndTime"] is None
    assert '"costUSD": 0,' in ran.out


def test_the_last_blocks_keep_the_gap_between_them(shell: Shell) -> None:
    hours = ("01T01", "01T10", "01T20", "02T20")
    shell.log("p/s1.jsonl", *(at(f"2026-03-{hour}:10:00Z") for hour in hours))

    told = shell.run("blocks", "--json", "--last", "2").json

    assert [block["isGap"] for block in told["blocks"]] == [False, True, False]


def test_the_active_block_has_a_projection(shell: Shell) -> None:
    shell.log("p/s1.jsonl", minutes_ago(20), minutes_ago(10))

    told = shell.run("blocks", "--active", "--json", "-t", "1000").json["blocks"]

    assert len(told) == 1
    assert told[0]["isActive"]
    assert told[0]["burnRate"]["tokensPerMinute"] == pytest.approx(2 * TOKENS / 10, rel=1e-3)
    assert told[0]["burnRate"]["tokensPerMinuteForIndicator"] == pytest.approx(80.6, rel=1e-3)
    assert told[0]["projection"]["totalTokens"] > 2 * TOKENS
    limit = told[0]["tokenLimitStatus"]
    assert limit["limit"] == 1000
    assert limit["status"] == "exceeds"
    assert limit["projectedUsage"] == told[0]["projection"]["totalTokens"]


def test_the_fullest_past_block_is_the_limit_even_if_only_the_active_one_is_shown(
    shell: Shell,
) -> None:
    shell.log("p/s1.jsonl", at("2026-03-01T12:00:00Z"), minutes_ago(20), minutes_ago(10))

    told = shell.run("blocks", "--active", "--json", "-t", "max").json["blocks"][0]

    assert told["tokenLimitStatus"]["limit"] == TOKENS


def test_a_usage_limit_that_was_reached_is_shown_in_its_block(shell: Shell) -> None:
    text = [{"type": "text", "text": "Claude AI usage limit reached|1772380800"}]
    shell.log("p/s1.jsonl", line(content=text, isApiErrorMessage=True))

    told = shell.run("blocks", "--json").json["blocks"][0]

    assert told["usageLimitResetTime"] == "2026-03-01T16:00:00.000Z"


def test_a_block_can_have_another_length(shell: Shell) -> None:
    shell.log("p/s1.jsonl")

    told = shell.run("blocks", "-n", "0.5", "--json").json["blocks"][0]

    assert told["endTime"] == "2026-03-01T12:30:00.000Z"


def test_a_block_without_a_length_fails(shell: Shell) -> None:
    ran = shell.run("blocks", "-n", "0", "--json")

    assert ran.code == 1
    assert ran.out == ""
    assert "positive number of hours," in ran.err


def test_the_active_block_is_described_in_words(shell: Shell) -> None:
    shell.log("p/s1.jsonl", minutes_ago(20), minutes_ago(10))

    out = shell.run("blocks", "--active").out

    assert re.search(r"^Block +\d\d:\d\d – \d\d:\d\d .* left$", out, re.MULTILINE)
    assert re.search(r"^Cost +\$0.05$", out, re.MULTILINE)


def test_a_block_in_the_future_is_not_active(shell: Shell) -> None:
    shell.log("p/s.jsonl", minutes_ago(2), minutes_ago(1))
    shell.log("vm/s.jsonl", minutes_ago(-480), minutes_ago(-479))

    told = shell.run("blocks", "--active", "--json").json["blocks"]
    out = shell.run("blocks", "--active").out

    assert len(told) == 2  # as ccusage has it
    assert out.count("Block ") == 1
    assert f"Cost        ${2 * COST:.2f}\n" in out
    assert "not begun" in shell.run("blocks").out
    assert f"${2 * COST:.2f}\n" in shell.run("live", "--snapshot").out


def test_without_an_active_block_the_last_answer_is_shown(shell: Shell) -> None:
    shell.log("p/s1.jsonl")

    out = shell.run("blocks", "--active").out

    assert out.startswith("No active block. The last answer was at 2026-03-01 12:00.\n")
