"""Codex on the command line: models that are assumed, and plan limits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from tests.cli.shell import Shell
from tests.tracker.codex_worlds import count, meta, rollout_line, turn
from tests.tracker.tally_worlds import write


@pytest.fixture
def codex(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.setenv("CODEX_HOME", str(shell.place / "codex"))
    return shell


def test_a_model_that_the_log_does_not_name_is_marked(codex: Shell) -> None:
    lines = [count(1, (10, 0, 1, 0)), turn("gpt-5"), count(2, (100, 0, 1, 0))]
    write(codex.place / "codex", "sessions/a.jsonl", meta(), *lines)

    (day,) = codex.run("codex", "daily", "--json").json["daily"]
    assert day["models"]["gpt-5"]["isFallback"] is True
    assert day["models"]["gpt-5"]["inputTokens"] == 110

    (day,) = codex.run("daily", "--json").json["daily"]
    assert day["modelsUsed"] == ["gpt-5"]
    assert "gpt-5 (assumed)" in codex.run("daily").out
    told = codex.run("session", "--id", "a").out
    assert "gpt-5 (assumed)\n" in told
    assert "model assumed" not in told


def test_plan_limits_of_codex_are_shown_with_their_source(codex: Shell) -> None:
    at = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=5)
    resets = int((at + timedelta(hours=3)).timestamp())
    limits = {"primary": {"used_percent": 12.0, "window_minutes": 300, "resets_at": resets}}
    line = rollout_line(
        0, "event_msg", {"type": "token_count", "info": None, "rate_limits": limits}
    ).replace(b"2026-03-01T12:00:00.000", f"{at:%Y-%m-%dT%H:%M:%S}.000".encode())
    write(codex.place / "codex", "sessions/a.jsonl", meta(), turn(), line)

    told = codex.run("live", "--snapshot")
    assert "Codex: 5-hour limit  12 %" in told.out
    assert "from Codex, 5 min ago" in told.out
    live = codex.run("live", "--snapshot", "--json").json
    assert live["agent_plans"]["codex"]["five_hour"]["source"] == "rollout"
    assert "Plan limits of Codex" in codex.run("doctor").out
    doctor = codex.run("doctor", "--json").json
    assert doctor["agentPlans"]["codex"]["five_hour"]["used_percentage"] == 12


def test_fast_answers_cost_a_multiple_by_the_list_that_is_shipped(codex: Shell) -> None:
    tier = {"type": "thread_settings_applied", "thread_settings": {"service_tier": "fast"}}
    lines = [turn("gpt-5.4"), count(1, (100_000, 0, 0, 0)), rollout_line(2, "event_msg", tier)]
    lines.append(count(3, (100_000, 0, 0, 0)))
    write(codex.place / "codex", "sessions/a.jsonl", meta(), *lines)

    told = codex.run("codex", "daily", "--json").json

    assert told["totals"]["costUSD"] == pytest.approx(3 * 100_000 * 2.5e-6)
