from __future__ import annotations

import pytest
from tests.cli.shell import COST, TOKENS, Shell, hook, minutes_ago
from tests.makers import SONNET
from tests.makers import line as logged

from spendlight.errors import LedgerBusyError


def test_the_line_is_computed_from_the_logs(shell: Shell) -> None:
    shell.set_noon()
    transcript = shell.log("p/s1.jsonl", minutes_ago(12), minutes_ago(10))
    shell.log("q/s2.jsonl", minutes_ago(11))

    ran = shell.run("statusline", "--cost-source", "both", stdin=hook(transcript))

    assert ran.code == 0
    assert ran.out.startswith(
        "🤖 Opus 4.5 | 💰 ($0.42 cc / $0.05 ccusage) session / $0.08 today / $0.08 block ("
    )
    assert ran.out.endswith(" | 🧠 21,003 (11%)\n")


def test_the_context_size_of_a_model_is_that_of_the_price_list(shell: Shell) -> None:
    transcript = shell.log("p/s1.jsonl", minutes_ago(10))
    model = {"id": SONNET, "display_name": "Sonnet"}

    ran = shell.run("statusline", stdin=hook(transcript, model=model))

    assert ran.out.endswith(" | 🧠 21,003 (2%)\n")


def test_the_context_that_claude_code_reports_takes_precedence(shell: Shell) -> None:
    transcript = shell.log("p/s1.jsonl", minutes_ago(10))
    window = {"total_input_tokens": 150_000, "context_window_size": 200_000}

    ran = shell.run("statusline", stdin=hook(transcript, context_window=window))

    assert ran.out.endswith(" | 🧠 150,000 (75%)\n")


def test_the_cost_of_a_session_includes_its_subagents(shell: Shell) -> None:
    shell.log("p/s1.jsonl", logged(sessionId="s1"))
    shell.log("p/agent-a.jsonl", logged(id="a", sessionId="s1"))
    shell.log("p/s1/subagents/agent-b.jsonl", logged(id="b", sessionId="s1"))
    shell.log("p/s1/subagents/workflows/w/agent-c.jsonl", logged(id="c", sessionId="s1"))

    words = ["statusline", "--cost-source", "ccusage"]
    ran = shell.run(*words, stdin=hook("/nowhere.jsonl", session_id="s1"))

    assert f"${4 * COST:.2f} session" in ran.out
    told = shell.run("session", "--id", "s1", "--json").json
    assert (told["totalTokens"], len(told["entries"])) == (4 * TOKENS, 4)


def test_an_unknown_session_has_no_cost(shell: Shell) -> None:
    ran = shell.run(
        "statusline", "--cost-source", "ccusage", stdin=hook("/nowhere.jsonl", session_id="x")
    )

    assert ran.out == "🤖 Opus 4.5 | 💰 N/A session / $0.00 today / No active block | 🧠 N/A\n"


def test_without_claude_data_there_is_still_a_line(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", "/nowhere")

    ran = shell.run("statusline", stdin=hook("/nowhere.jsonl"))

    assert ran.code == 0
    assert ran.out == "🤖 Opus 4.5 | 💰 $0.42 session / N/A today / No active block | 🧠 N/A\n"


def test_while_another_process_writes_the_line_shows_the_last_figures(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.set_noon()
    transcript = shell.log("p/s1.jsonl", minutes_ago(10))
    shell.run("daily")

    def read_logs(_tracker: object, **_options: object) -> None:
        raise LedgerBusyError(str(shell.place))

    monkeypatch.setattr("spendlight.tracker.tracker.UsageTracker.read_logs", read_logs)

    ran = shell.run("statusline", stdin=hook(transcript))

    assert ran.code == 0
    assert "$0.03 today" in ran.out
