from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable

import pytest
from tests.cli.shell import COST, TOKENS, Shell, minutes_ago
from tests.makers import line

from spendlight import __version__
from spendlight.cli import main as front
from spendlight.cli.main import guard
from spendlight.errors import BadArgumentError, UsageError

HEAVY = ("PySide6", "pyqtgraph", "numpy", "httpx", "watchfiles")
"""Modules that the command line never loads."""

DEAR = (
    "dataclasses",
    "inspect",
    "msgspec",
    "orjson",
    "queue",
    "rich",
    "shutil",
    "stringzilla",
    "tempfile",
    "tzlocal",
    "spendlight.ledger.recording",
    "spendlight.logs.claude_code.parser",
    "spendlight.online",
    "spendlight.updates",
)
"""Modules that take a tenth of a short report or more, and are loaded only when needed."""


def test_the_version_is_printed(shell: Shell) -> None:
    ran = shell.run("--version")

    assert ran.code == 0
    assert ran.out == f"spendlight {__version__}\n"


def test_an_unknown_verb_is_a_usage_error(shell: Shell) -> None:
    ran = shell.run("dialy")

    assert ran.code == 2
    assert ran.out == ""
    assert ran.err.startswith("spendlight: argument VERB: invalid choice: 'dialy'")
    assert "'daily', 'weekly'" in ran.err
    assert "'live', 'statusline'" in ran.err


def test_a_wrong_argument_is_reported_briefly(shell: Shell) -> None:
    told = shell.run("daily", "--last", "9" * 5000).err

    assert told.startswith("spendlight: argument --last/--limit: ")
    assert len(told) < 600
    assert told.count("\n") == 1


def test_a_folder_without_claude_data_fails_in_one_line(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", "/nowhere")

    ran = shell.run("daily", "--json")

    assert ran.code == 1
    assert ran.out == ""
    assert ran.err.startswith(
        "spendlight: CLAUDE_CONFIG_DIR does not contain a Claude Code data folder"
    )
    assert ran.err.count("\n") == 1


def fail(error: BaseException) -> Callable[[], int]:
    def action() -> int:
        raise error

    return action


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UsageError("It failed", "Try again."), 1),
        (BadArgumentError("It is invalid"), 2),
        (KeyboardInterrupt(), 130),
        (SystemExit(143), 143),
        (SystemExit(), 0),
    ],
)
def test_errors_become_exit_codes(error: BaseException, code: int) -> None:
    assert guard(fail(error)) == code


def test_an_error_is_printed_with_its_advice(capsys: pytest.CaptureFixture[str]) -> None:
    guard(fail(UsageError("It failed", "Try again.")))

    assert capsys.readouterr().err == "spendlight: It failed. Try again.\n"


def test_a_bug_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        guard(fail(ZeroDivisionError()))


def test_an_unusable_ledger_is_reported_and_the_logs_are_counted(shell: Shell) -> None:
    shell.log("p/s.jsonl")
    (shell.place / "taken").write_text("no folder")

    ran = shell.run("daily", "--json", "--data-dir", str(shell.place / "taken"))

    assert ran.code == 0
    assert ran.json["totals"]["totalTokens"] == TOKENS
    assert ran.err.startswith("spendlight: The usage ledger cannot be used")


def test_the_ledger_is_stored_in_the_given_folder(shell: Shell) -> None:
    shell.log("p/s.jsonl")

    shell.run("daily", "--data-dir", str(shell.place / "mine"))

    assert [path.suffix for path in (shell.place / "mine").glob("*.sqlite3")] == [".sqlite3"]


def test_details_are_printed_to_stderr(shell: Shell) -> None:
    shell.log("p/s.jsonl")

    ran = shell.run("daily", "--json", "--debug")

    assert ran.json["totals"]["totalTokens"] == TOKENS
    assert f"spendlight: 1 logs in {shell.claude}" in ran.err
    assert "1 new answers" in ran.err


def test_a_newer_price_list_is_requested_only_on_demand(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []

    def refresh_prices(_tracker: object) -> str:
        asked.append(True)
        return "no network"

    monkeypatch.setattr("spendlight.tracker.tracker.UsageTracker.refresh_prices", refresh_prices)

    assert shell.run("daily").err == ""
    assert not asked
    assert shell.run("daily", "--no-offline").err == "spendlight: No newer price list: no network\n"
    assert asked


def test_a_snapshot_has_the_figures_of_the_active_block(shell: Shell) -> None:
    shell.log("p/s1.jsonl", minutes_ago(20), minutes_ago(10))

    told = shell.run("live", "--snapshot", "--json").json
    block = shell.run("blocks", "--active", "--json").json["blocks"][0]

    assert told["status"] == "active"
    assert told["tokens"]["current"] == block["totalTokens"]
    assert told["cost"]["current"] == block["costUSD"]
    assert told["burn_rates"]["cost_per_hour"] == block["burnRate"]["costPerHour"]
    assert told["burn_rates"]["tokens_per_minute"] == block["burnRate"]["tokensPerMinute"]
    assert told["timing"]["start_time"] == block["startTime"]


def test_a_snapshot_can_be_compared_with_the_fullest_past_block(shell: Shell) -> None:
    shell.log("p/s1.jsonl", line(), minutes_ago(20), minutes_ago(10))

    told = shell.run("live", "--snapshot", "--json", "-t", "max").json

    assert told["tokens"]["limit"] == TOKENS
    assert told["tokens"]["percentage"] == 200


def test_a_snapshot_without_any_block_has_no_limit(shell: Shell) -> None:
    told = shell.run("live", "--snapshot", "--json", "-t", "max").json

    assert told == {
        "message": "No active session",
        "plan": {},
        "status": "inactive",
        "today": {"cost": 0, "tokens": 0},
    }


def test_a_snapshot_in_words_names_the_source_of_prices(shell: Shell) -> None:
    shell.set_noon()
    shell.log("p/s1.jsonl", minutes_ago(10))

    out = shell.run("live", "--snapshot").out

    assert "Today       $0.03 · 21.4 k tokens" in out
    assert f"List price: {shell.prices}, on top of LiteLLM list from " in out


def test_the_live_view_has_no_json(shell: Shell) -> None:
    ran = shell.run("live", "--json")

    assert ran.code == 2
    assert "live --snapshot --json" in ran.err


def test_the_live_view_needs_a_terminal(shell: Shell) -> None:
    ran = shell.run("live")

    assert ran.code == 1
    assert "live --snapshot" in ran.err


def test_the_demo_leaves_the_users_ledger_and_nothing_else_behind(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = shell.place / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    monkeypatch.setattr("spendlight.tracker.demo_mode.DEMO", small_demo())

    told = shell.run("--demo", "session", "--json", "--data-dir", str(shell.place / "mine")).json

    assert told["totals"]["totalTokens"] > 0
    assert not (shell.place / "mine").exists()
    assert list(temporary.iterdir()) == []


def small_demo() -> object:
    from dataclasses import replace

    from spendlight.demo import DEMO

    return replace(DEMO, days=2, files=4, answers=30, target_bytes=100_000)


@pytest.mark.slow  # starts programs
def test_printing_json_loads_nothing_that_only_the_desktop_needs(shell: Shell) -> None:
    shell.log("p/s.jsonl")
    script = (
        "import sys; from spendlight.__main__ import main; code = main();"
        f"print([name for name in {(*HEAVY, 'rich')} if name in sys.modules], file=sys.stderr);"
        "sys.exit(code)"
    )

    ran = subprocess.run(
        [sys.executable, "-c", script, "daily", "--json", "--prices", str(shell.prices)],
        capture_output=True,
        encoding="utf-8",
        check=True,
    )

    assert ran.stderr == "[]\n"
    assert json.loads(ran.stdout)["totals"]["totalCost"] == pytest.approx(COST)


@pytest.mark.slow  # starts programs
@pytest.mark.parametrize(
    "words",
    [
        ["daily", "--json"],
        ["session", "--json"],
        ["blocks", "--active", "--json"],
        ["live", "--snapshot"],
        ["statusline"],
    ],
)
def test_without_new_usage_little_is_loaded(words: list[str], shell: Shell) -> None:
    shell.log("p/s.jsonl", minutes_ago(3), minutes_ago(1))
    shell.run("daily")
    script = (
        "import sys; from spendlight.__main__ import main; code = main();"
        f"print([name for name in {(*HEAVY, *DEAR)} if name in sys.modules], file=sys.stderr);"
        "sys.exit(code)"
    )

    ran = subprocess.run(
        [sys.executable, "-c", script, *words, "--prices", str(shell.prices)],
        input=json.dumps(
            {
                "session_id": "s",
                "transcript_path": "/none",
                "model": {"display_name": "M"},
                "context_window": {"total_input_tokens": 5, "context_window_size": 10},
            }
        ),
        capture_output=True,
        encoding="utf-8",
        check=True,
    )

    assert ran.stderr == "[]\n"
    assert ran.stdout


@pytest.mark.slow  # starts programs
@pytest.mark.parametrize(
    ("words", "asked"),
    [
        (["daily", "--json"], {"periods"}),
        (["session", "--json"], {"sessions"}),
        (["session", "--id", "s", "--json"], {"answers"}),
        (["blocks", "--json"], {"blocks"}),
        (["stats", "--json"], {"stats"}),
    ],
)
def test_only_the_module_of_the_question_asked_is_loaded(
    words: list[str], asked: set[str], shell: Shell
) -> None:
    shell.log("p/s.jsonl", minutes_ago(3), minutes_ago(1))
    script = (
        "import sys; from spendlight.__main__ import main; code = main();"
        "print(*[n for n in sys.modules if n.startswith('spendlight.tracker.questions.')],"
        "file=sys.stderr); sys.exit(code)"
    )

    ran = subprocess.run(
        [sys.executable, "-c", script, *words, "--prices", str(shell.prices)],
        capture_output=True,
        encoding="utf-8",
        check=True,
    )

    loaded = {name.rpartition(".")[2] for name in ran.stderr.split()}
    assert loaded == {"desk", "selection", "source", *asked}


@pytest.mark.slow  # starts programs
def test_a_closed_pipe_ends_the_program_silently(shell: Shell) -> None:
    shell.log("p/s.jsonl")
    reader, writer = os.pipe()
    os.close(reader)

    with os.fdopen(writer, "w") as pipe:
        ran = subprocess.run(
            [sys.executable, "-m", "spendlight", "daily", "--prices", str(shell.prices)],
            stdout=pipe,
            stderr=subprocess.PIPE,
            check=False,
        )

    assert ran.returncode == front.OK
    assert ran.stderr == b""


@pytest.mark.slow  # starts programs
def test_exit_codes_reach_the_shell(shell: Shell) -> None:
    shell.log("p/s.jsonl")

    assert shell.start("daily").code == 0
    assert shell.start("daily", CLAUDE_CONFIG_DIR="/nowhere").code == 1
    assert shell.start("daily", "--since", "soon").code == 2


@pytest.mark.slow  # starts programs
def test_json_is_utf_8_whatever_the_encoding_of_the_terminal(shell: Shell) -> None:
    shell.log("-w-tüte/s.jsonl")

    ran = shell.start("claude", "session", "--json", PYTHONIOENCODING="ascii", PYTHONUTF8="0")

    assert ran.json["sessions"][0]["projectPath"] == "-w-tüte"
    assert "tüte" in ran.out


@pytest.mark.slow  # starts programs
def test_a_table_is_shown_on_a_terminal_with_a_small_character_set(shell: Shell) -> None:
    shell.log("-w-tüte/s.jsonl")

    ran = shell.start("session", PYTHONIOENCODING="ascii", PYTHONUTF8="0")

    assert ran.code == 0
    assert "-w-t?te" in ran.out
