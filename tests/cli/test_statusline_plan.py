from __future__ import annotations

import shlex
import subprocess
import sys
from subprocess import PIPE

import pytest
from tests.cli.shell import Shell, hook, minutes_ago

LIMITS = {"five_hour": {"used_percentage": 41.5, "resets_at": None}}


def test_plan_limits_are_stored_for_the_other_commands(shell: Shell) -> None:
    transcript = shell.log("p/s1.jsonl", minutes_ago(10))

    ran = shell.run("statusline", stdin=hook(transcript, rate_limits=LIMITS))

    assert ran.code == 0
    live = shell.run("live", "--snapshot").out
    assert "5-hour limit  41 % · from Claude Code, just now\n" in live
    assert shell.run("live", "--snapshot", "--json").json["plan"]["five_hour"]["state"] == "fresh"
    assert "5-hour limit: 41 % · from Claude Code, just now, " in shell.run("doctor").out


@pytest.mark.parametrize("odd", [None, 5, [], {"five_hour": None}, {"five_hour": {"x": "y"}}])
def test_invalid_plan_limits_do_not_change_the_line(shell: Shell, odd: object) -> None:
    plain = shell.run("statusline", stdin=hook("/nowhere.jsonl"))

    assert shell.run("statusline", stdin=hook("/nowhere.jsonl", rate_limits=odd)) == plain


def test_plan_limits_that_cannot_be_stored_do_not_change_the_line(shell: Shell) -> None:
    words = ("statusline", "--data-dir", str(shell.place / "data"))
    plain = shell.run(*words, stdin=hook("/nowhere.jsonl"))
    (shell.place / "data" / "plan").write_text("a file where a folder belongs")

    assert shell.run(*words, stdin=hook("/nowhere.jsonl", rate_limits=LIMITS)) == plain


ECHO = "import sys; sys.stdout.write(sys.stdin.read()[:14]); sys.exit(3)"


def test_another_status_line_gets_the_complete_input(shell: Shell) -> None:
    then = shlex.join([sys.executable, "-c", ECHO])
    words = [sys.executable, "-m", "spendlight", "statusline", "--then", then]
    said = hook("/nowhere.jsonl", rate_limits=LIMITS)

    ran = subprocess.run(words, input=said, capture_output=True, check=False)

    assert (ran.returncode, ran.stdout, ran.stderr) == (3, said[:14], b"")
    assert "5-hour limit  41 %" in shell.run("live", "--snapshot").out


def test_another_status_line_need_not_read_its_input(shell: Shell) -> None:
    said = hook("/nowhere.jsonl", padding="x" * 1_000_000)

    assert shell.run("statusline", "--then", "exit 0", stdin=said).code == 0


def test_many_simultaneous_status_lines_are_all_printed(shell: Shell) -> None:
    transcript = shell.log("p/s1.jsonl", minutes_ago(10))
    words = [sys.executable, "-m", "spendlight", "statusline", "--prices", str(shell.prices)]
    running = [subprocess.Popen(words, stdin=PIPE, stdout=PIPE, stderr=PIPE) for _ in range(6)]

    for number, process in enumerate(running):
        limits = {"five_hour": {"used_percentage": number, "resets_at": None}}
        said = hook(transcript, session_id=f"s{number}", rate_limits=limits)
        out, err = process.communicate(said)
        assert (process.returncode, err) == (0, b"")
        assert out.startswith("🤖 Opus 4.5".encode())

    assert "5-hour limit  5 %" in shell.run("live", "--snapshot").out
