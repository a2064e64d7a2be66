from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cli.shell import Shell, hook, minutes_ago
from tests.makers import OPUS

from spendlight.cli.statusline import (
    BadHookInputError,
    BadThresholdsError,
    ContextUse,
    Hook,
    HookCost,
    HookModel,
    LineStyle,
    line,
    read_hook,
)
from spendlight.cli.statusline_arguments import BurnRateMark, CostSource
from spendlight.metering.blocks import SessionBlock
from spendlight.metering.burnrate import BurnRate
from spendlight.metering.periods import to_ms
from spendlight.metering.pricing import PriceSource
from spendlight.metering.slices import Spending
from spendlight.names import shown
from spendlight.tracker.snapshot import DataState, UsageSnapshot

NOW = datetime(2026, 11, 21, 1, 35, 27, tzinfo=UTC)
START_MS = to_ms(datetime(2026, 11, 21, tzinfo=UTC))

HOOK = Hook("s", "/log.jsonl", HookModel("Opus 4.5", OPUS), HookCost(0.42))
UNPAID = Hook("s", "/log.jsonl", HookModel("Opus 4.5"))
CONTEXT = ContextUse(60_010, 200_000)
NOTHING_KNOWN = "🤖 N/A | 💰 N/A session / {} | 🧠 N/A"


def snapshot(per_minute: float | None = 183.7, *, has_block: bool = True) -> UsageSnapshot:
    rate = None if per_minute is None else BurnRate(2_000, per_minute, 0.36)
    spending = Spending(cost=0.18)
    block = SessionBlock(START_MS, START_MS + 5 * 3_600_000, spending) if has_block else None
    return UsageSnapshot(
        at=NOW,
        state=DataState.ACTIVE if has_block else DataState.IDLE,
        block=block,
        rate=rate if has_block else None,
        projection=None,
        today=spending,
        recent=(),
        last_at=NOW - timedelta(minutes=1),
        prices=PriceSource("test list"),
    )


def drawn(
    hook: Hook = HOOK,
    present: UsageSnapshot | None = None,
    logged: float | None = 0.18,
    context: ContextUse | None = CONTEXT,
    **style: Any,  # noqa: ANN401  # any part of the style
) -> str:
    return line(hook, present or snapshot(), logged, context, LineStyle(**style))


def test_the_line_equals_ccusages_exactly() -> None:
    assert drawn() == (
        "🤖 Opus 4.5 | 💰 $0.42 session / $0.18 today / $0.18 block (3h 24m left) "
        "| 🔥 $0.36/hr | 🧠 60,010 (30%)"
    )


@pytest.mark.parametrize(
    ("source", "hook", "session"),
    [
        (CostSource.AUTO, HOOK, "$0.42 session"),
        (CostSource.AUTO, UNPAID, "$0.18 session"),
        (CostSource.LOGS, HOOK, "$0.18 session"),
        (CostSource.CLAUDE_CODE, HOOK, "$0.42 session"),
        (CostSource.CLAUDE_CODE, UNPAID, "N/A session"),
        (CostSource.BOTH, HOOK, "($0.42 cc / $0.18 ccusage) session"),
    ],
)
def test_the_source_of_the_sessions_cost_can_be_chosen(
    source: CostSource, hook: Hook, session: str
) -> None:
    assert f"💰 {session} / " in drawn(hook, source=source)


@pytest.mark.parametrize(
    ("mark", "per_minute", "burn"),
    [
        (BurnRateMark.EMOJI, 1_999, "🔥 $0.36/hr 🟢 |"),
        (BurnRateMark.TEXT, 2_000, "🔥 $0.36/hr (Moderate) |"),
        (BurnRateMark.EMOJI_TEXT, 4_999, "🔥 $0.36/hr ⚠️ (Moderate) |"),
        (BurnRateMark.EMOJI_TEXT, 5_000, "🔥 $0.36/hr 🚨 (High) |"),
    ],
)
def test_a_burn_rate_can_be_marked(mark: BurnRateMark, per_minute: float, burn: str) -> None:
    assert burn in drawn(present=snapshot(per_minute), mark=mark)


def test_without_a_burn_rate_nothing_is_shown_for_it() -> None:
    assert drawn(present=snapshot(None)).endswith("block (3h 24m left) | 🧠 60,010 (30%)")


def test_without_a_block_the_line_says_so() -> None:
    assert (
        drawn(present=snapshot(has_block=False))
        == "🤖 Opus 4.5 | 💰 $0.42 session / $0.18 today / No active block | 🧠 60,010 (30%)"
    )


def test_without_logs_no_figure_is_invented() -> None:
    assert (
        line(HOOK, None, None, None, LineStyle())
        == "🤖 Opus 4.5 | 💰 $0.42 session / N/A today / No active block | 🧠 N/A"
    )


@pytest.mark.parametrize(
    ("tokens", "color", "percent"),
    [(98_999, 32, 49), (100_000, 33, 50), (158_000, 33, 79), (160_000, 31, 80)],
)
def test_the_context_is_coloured_by_how_full_it_is(tokens: int, color: int, percent: int) -> None:
    text = drawn(context=ContextUse(tokens, 200_000), has_color=True)

    assert text.endswith(f"(\x1b[{color}m{percent}%\x1b[39m)")


def test_a_context_of_unknown_size_has_no_percentage() -> None:
    assert drawn(context=ContextUse(5, 0)).endswith("🧠 5 (0%)")


def test_thresholds_in_the_wrong_order_are_a_usage_error(shell: Shell) -> None:
    with pytest.raises(BadThresholdsError):
        LineStyle(low_percent=80, medium_percent=50)

    assert shell.run("statusline", "--context-low-threshold", "80", stdin=hook("/x")).code == 2


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"[]",
        b"5",
        b"[" * 100_000,
        b"{" + b'"x":{' * 100_000,
        b'{"session_id":"\xff","transcript_path":"/t","model":{"display_name":"M"}}',
    ],
)
def test_invalid_input_fails(text: bytes, shell: Shell) -> None:
    with pytest.raises(BadHookInputError):
        read_hook(text)

    ran = shell.run("statusline", stdin=text)
    assert ran.code == 1
    assert ran.out == ""
    assert ran.err.startswith(
        "spendlight: The input is not what Claude Code passes to a status line: "
    )


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, NOTHING_KNOWN),
        ({"session_id": "s1"}, "🤖 N/A | 💰 $0.03 session / {} | 🧠 N/A"),
        ({"model": {"id": "claude-x"}}, "🤖 claude-x | 💰 N/A session / {} | 🧠 N/A"),
        ({"model": "M", "cost": 5}, NOTHING_KNOWN),
        (
            {"session_id": 5, "cost": {"total_cost_usd": 0.42}},
            "🤖 N/A | 💰 $0.42 session / {} | 🧠 N/A",
        ),
        ({"cost": {"total_cost_usd": 10**400}}, NOTHING_KNOWN),
        ({"cost": {"total_cost_usd": float("nan")}}, NOTHING_KNOWN),
        ({"cost": {"total_cost_usd": True}}, NOTHING_KNOWN),
        (
            {"context_window": {"total_input_tokens": 5, "context_window_size": 10**400}},
            NOTHING_KNOWN,
        ),
        (
            {"context_window": {"total_input_tokens": 5, "context_window_size": 10}},
            "🤖 N/A | 💰 N/A session / {} | 🧠 5 (50%)",
        ),
        (
            {"model": {"display_name": "\ud800\x1b]52;c;x\x07\n\u202e"}},
            "🤖 \\ud800\\x1b]52;c;x\\x07\\x0a\\u202e | 💰 N/A session / {} | 🧠 N/A",
        ),
        (
            {"session_id": "\ud800", "transcript_path": "\0"},
            NOTHING_KNOWN,
        ),
        ({"transcript_path": "/dev/zero"}, NOTHING_KNOWN),
        ({"transcript_path": "fifo"}, NOTHING_KNOWN),
        ({"transcript_path": "x" * 5000}, NOTHING_KNOWN),
        (
            {"rate_limits": {"five_hour": {"used_percentage": 10**400}}},
            NOTHING_KNOWN,
        ),
        (
            {"rate_limits": {"five_hour": {"used_percentage": "\ud800"}}},
            NOTHING_KNOWN,
        ),
    ],
)
def test_known_values_are_shown_despite_invalid_ones(
    said: dict[str, object], expected: str, shell: Shell
) -> None:
    shell.set_noon()
    shell.log("p/s1.jsonl", minutes_ago(1500))
    if os.name == "posix":
        os.mkfifo(shell.place / "fifo")

    ran = shell.run("statusline", stdin=json.dumps(said).encode())

    assert (ran.code, ran.err) == (0, "")
    assert ran.out == f"{expected.format('$0.00 today / No active block')}\n"
    assert shell.run("live", "--snapshot").code == 0


ODD = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([10**400, -(2**63), 2**53 + 1, float("inf"), float("nan"), 1e308])
    | st.floats()
    | st.text(alphabet=st.characters()),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "session_id": ODD,
            "transcript_path": ODD,
            "model": ODD | st.fixed_dictionaries({}, optional={"display_name": ODD, "id": ODD}),
            "cost": ODD | st.fixed_dictionaries({}, optional={"total_cost_usd": ODD}),
            "context_window": ODD
            | st.fixed_dictionaries(
                {}, optional={"total_input_tokens": ODD, "context_window_size": ODD}
            ),
        },
    ),
    st.sampled_from(CostSource),
)
def test_any_input_makes_one_harmless_line(said: dict[str, object], source: CostSource) -> None:
    found = read_hook(json.dumps(said).encode())

    told = line(found, snapshot(), 0.18, found.context_window, LineStyle(source))

    told.encode()
    assert told.isprintable() or told == shown(told)


@pytest.mark.skipif(os.name == "nt", reason="reads a device of POSIX")
def test_excessive_input_is_not_read_completely(shell: Shell) -> None:
    with Path("/dev/zero").open("rb") as endless:
        words = [sys.executable, "-m", "spendlight", "statusline", "--prices", str(shell.prices)]
        ran = subprocess.run(words, stdin=endless, capture_output=True, text=True, check=False)

    assert (ran.returncode, ran.stdout) == (1, "")
    assert "it is longer than 16,777,216 bytes" in ran.stderr


def test_a_hostile_repository_cannot_redirect_anything(shell: Shell) -> None:
    shell.set_noon()
    transcript = shell.log("p/s1.jsonl", minutes_ago(10))
    shell.run("daily")
    (shell.place / "theirs.json").write_text(json.dumps({OPUS: {"input_cost_per_token": 9}}))
    (shell.place / ".ccusage").mkdir()
    defaults = {
        "dataDir": "ledger",
        "prices": "theirs.json",
        "noOffline": True,
        "pricingOverrides": {OPUS: {"input_cost_per_token": 9}},
        "order": "nonsense",
    }
    (shell.place / ".ccusage/ccusage.json").write_text(json.dumps({"defaults": defaults}))
    words = [sys.executable, "-P", "-m", "spendlight", "statusline", "--cost-source", "ccusage"]
    (shell.place / "json.py").write_text("raise SystemExit('theirs was run')")

    line = subprocess.run(
        [*words, "--prices", str(shell.prices)],
        input=hook(transcript),
        capture_output=True,
        cwd=shell.place,
        check=False,
    )

    assert (line.returncode, line.stderr) == (0, b"")
    assert "💰 $0.03 session".encode() in line.stdout
    assert not (shell.place / "ledger").exists()


def test_on_a_terminal_the_verb_explains_itself(shell: Shell) -> None:
    ran = shell.run("statusline", stdin=None)

    assert ran.code == 1
    assert "there was nothing on stdin" in ran.err


def test_no_configuration_file_can_name_a_command(shell: Shell) -> None:
    (shell.place / ".ccusage").mkdir()
    (shell.place / ".ccusage" / "ccusage.json").write_text(
        json.dumps({"defaults": {"then": "touch bad", "install": True, "yes": True, "undo": True}})
    )

    ran = shell.run("statusline", stdin=hook("/nowhere.jsonl"))

    assert ran.out.startswith("🤖 Opus 4.5 | ")
    assert not (shell.place / "bad").exists()
    assert not (shell.claude / "settings.json").exists()
