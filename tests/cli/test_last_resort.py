from __future__ import annotations

import contextlib
import os
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from tests.cli.shell import Shell

from spendlight.cli import terminal
from spendlight.cli.last_resort import tell
from spendlight.cli.main import main
from spendlight.ledger import locking

pytestmark = pytest.mark.skipif(os.name == "nt", reason="closes streams as only POSIX does")

PROGRAM = (sys.executable, "-m", "spendlight")

RAISING = """
import sys
from spendlight.cli import reporting
def run(arguments):
    raise {error}
reporting.run = run
sys.argv = ["spendlight", "daily", {options}]
from spendlight.__main__ import start
start()
"""


def run_raising(error: str, options: str = "", **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", RAISING.format(error=error, options=options)],
        env=os.environ | {"SPENDLIGHT_DEBUG": "0"} | environ,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow  # starts programs
@pytest.mark.parametrize(
    ("error", "told"),
    [
        ("KeyError(390)", "KeyError: 390"),
        ("RuntimeError", "RuntimeError"),
        (r"RuntimeError('a\x1b]52;c;x\x07')", r"RuntimeError: a\x1b]52;c;x\x07"),
        ("OSError(28, 'No space left on device', '/x')", "No space left on device: /x"),
        ("MemoryError", "MemoryError"),
        ("RecursionError('too deep')", "RecursionError: too deep"),
    ],
)
def test_an_unforeseen_error_is_one_sentence(error: str, told: str, home: Path) -> None:
    ran = run_raising(error)

    kept = home / ".cache/spendlight/last-error.txt"
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr == (
        f"spendlight: Unexpected error: {told}. Please report it, with the details in {kept}.\n"
    )
    assert "Traceback" in kept.read_text()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


@pytest.mark.slow  # starts programs
@pytest.mark.parametrize(("options", "debug"), [("'--debug'", "0"), ("", "1")])
def test_its_details_are_shown_on_demand(options: str, debug: str) -> None:
    ran = run_raising("KeyError(390)", options, SPENDLIGHT_DEBUG=debug)

    assert ran.returncode == 1
    assert "Traceback (most recent call last)" in ran.stderr
    assert ran.stderr.endswith("KeyError: 390. Please report it.\n")


def test_if_no_details_can_be_saved_it_says_how_to_see_them(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SPENDLIGHT_DEBUG", "0")
    monkeypatch.setenv("SPENDLIGHT_DATA_DIR", "/dev/null/data")

    assert tell(ZeroDivisionError(), []) == 1

    assert "with the details that '--debug' shows" in capsys.readouterr().err


@pytest.mark.slow  # starts programs
def test_a_full_disk_behind_stdout_is_reported(shell: Shell) -> None:
    shell.log("p/s.jsonl")

    for words in (["daily"], ["daily", "--json"], ["session", "--color"], ["export"], ["--help"]):
        with Path("/dev/full").open("wb") as full:
            ran = subprocess.run(
                [*PROGRAM, *words], stdout=full, stderr=subprocess.PIPE, text=True, check=False
            )

        assert ran.returncode == 1, words
        assert (
            ran.stderr
            == "spendlight: Writing to standard output failed: No space left on device.\n"
        )


@pytest.mark.slow  # starts programs
@pytest.mark.parametrize(
    ("closed", "code", "out", "err"),
    [
        (">&-", 1, "", "spendlight: Writing to standard output failed: it is closed.\n"),
        ("2>&-", 0, "No usage", ""),
        ("<&-", 0, "No usage", ""),
        (">&- 2>&- <&-", 1, "", ""),
        ("2>/dev/full", 0, "No usage", ""),
    ],
)
def test_streams_may_be_closed(closed: str, code: int, out: str, err: str, shell: Shell) -> None:
    shell.log("p/s.jsonl")
    command = f'"$@" daily --since 2030-01-01 {closed}'

    ran = subprocess.run(
        ["sh", "-c", command, "sh", *PROGRAM], capture_output=True, text=True, check=False
    )

    assert (ran.returncode, ran.stderr) == (code, err)
    assert ran.stdout.startswith(out)
    assert bool(ran.stdout) is bool(out)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("profile", "--keep-logs", "365"), "needs your confirmation"),
        (("statusline", "--install"), "needs your confirmation"),
        (("statusline",), "there was nothing on stdin"),
        (("live",), "The live view needs a terminal"),
    ],
)
def test_a_question_needs_a_terminal(
    words: tuple[str, ...],
    told: str,
    shell: Shell,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    shell.log("p/s.jsonl")
    monkeypatch.setattr(sys, "stdin", None)

    assert main(words) in {1, 2}

    err = capsys.readouterr().err
    assert told in err
    assert not (shell.claude / "settings.json").exists()


@pytest.mark.slow  # starts programs
def test_an_impossible_data_folder_is_reported(shell: Shell) -> None:
    shell.log("p/s.jsonl")

    for name in ("x" * 300, "y/" * 3000):
        ran = shell.start("daily", "--data-dir", name)

        assert (ran.code, ran.out) == (1, "")
        assert ran.err.startswith("spendlight: The data folder ")
        assert "cannot be used: File name too long." in ran.err
        assert ran.err.count("\n") == 1


def test_an_unusable_lock_is_reported_and_the_command_succeeds(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = locking._begun  # noqa: SLF001  # where SQLite is asked

    def begun(lock: Path, timeout_s: float) -> sqlite3.Connection:
        if lock.parent.name == "backups":
            message = "disk I/O error"
            raise sqlite3.OperationalError(message)
        return usual(lock, timeout_s)

    monkeypatch.setattr(locking, "_begun", begun)
    shell.log("p/s.jsonl")
    data = shell.place / "data"
    words = ("daily", "--data-dir", str(data))
    shell.run(*words)

    ran = shell.run(*words)

    assert ran.code == 0
    assert "2026-03-01" in ran.out
    assert (
        "spendlight: The usage ledger could not be backed up: the lock file of the backups cannot "
        "be used (disk I/O error)."
    ) in ran.err
    (data / "ledger.sqlite3").write_bytes(b"damaged " * 1000)
    again = shell.run(*words)
    assert again.code == 0
    assert again.out == ran.out
    assert again.err.startswith("spendlight: ")


@pytest.mark.usefixtures("warnings_ignored")
@pytest.mark.parametrize("kind", ["fifo", "socket", "folder", "zero", "huge"])
def test_something_other_than_a_file_in_its_place_blocks_no_command(
    kind: str, shell: Shell, home: Path
) -> None:
    shell.log("p/s.jsonl")
    data = shell.place / "data"
    words = ("--data-dir", str(data))
    before = shell.run("daily", *words).out
    places = (
        data / "plan" / "a.json",
        data / "settings.toml",
        data / "cache" / "prices.json",
        shell.claude / "projects" / "p" / "x.jsonl",
        shell.claude / "ccusage.json",
        shell.claude / "settings.json",
        shell.claude / ".last-cleanup",
        shell.claude / ".claude.json",
        shell.claude / "usage_tracking" / "session_blocks_1.json",
        home / ".claude.json",
    )
    for place in places:
        place.parent.mkdir(parents=True, exist_ok=True)
        put(kind, place)

    for verb in (("daily",), ("live", "--snapshot"), ("doctor",), ("profile",), ("stats",)):
        ran = shell.run(*verb, *words)
        assert ran.code in {0, 1}
        if verb == ("daily",):
            assert ran.out.splitlines()[2] == before.splitlines()[2]
    ran = shell.run("statusline", *words, stdin=b'{"rate_limits":{"five_hour":{}}}')
    assert ran.code == 0


def put(kind: str, place: Path) -> None:
    """Put something in the place of a file."""
    if kind == "fifo":
        os.mkfifo(place)
    elif kind == "socket":
        with contextlib.chdir(place.parent), socket.socket(socket.AF_UNIX) as bound:
            bound.bind(place.name)
    elif kind == "folder":
        place.mkdir()
    elif kind == "zero":
        place.symlink_to("/dev/zero")
    elif place.suffix != ".jsonl":  # a log may be long, and is read in parts
        with place.open("wb") as file:
            file.truncate(1 << 40)


@pytest.mark.slow  # starts programs
def test_the_working_directory_may_be_gone(shell: Shell) -> None:
    shell.log("p/s.jsonl")
    command = 'mkdir gone && cd gone && rmdir ../gone && "$@"'

    for words, code in (
        (["daily"], 0),
        (["daily", "--data-dir", "here"], 1),
        (["daily", "--prices", "here"], 1),
        (["profile", "."], 0),
        (["export", "--output", "here"], 1),
        (["import", "here"], 1),
    ):
        ran = subprocess.run(
            ["sh", "-c", command, "sh", sys.executable, "-P", "-m", "spendlight", *words],
            cwd=shell.place,
            capture_output=True,
            text=True,
            check=False,
        )

        assert ran.returncode == code, (words, ran.stderr)
        assert "Traceback" not in ran.stderr


@pytest.mark.parametrize("size", ["0", "-1", "1000000000", "9" * 40, "wide"])
def test_an_impossible_terminal_size_is_ignored(
    size: str, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.log("p/s.jsonl")
    monkeypatch.setenv("COLUMNS", size)
    monkeypatch.setenv("LINES", size)

    assert "2026-03-01" in shell.run("daily").out
    assert shell.run("profile").code == 0
    assert terminal.console(None).width <= terminal.UNLIMITED_WIDTH


INTERRUPTED = """
import os, signal, sys
at, count = {at}, 0
def hook(event, arguments):
    global count
    if event in ("import", "open", "sqlite3.connect", "os.scandir"):
        count += 1
        if count == at:
            os.kill(os.getpid(), signal.SIGINT)
sys.argv = ["spendlight", *{words}]
from spendlight.__main__ import start
start_for_real = start
sys.addaudithook(hook)
start_for_real()
"""
"""Presses Ctrl-C when the program loads its n-th module or opens its n-th file."""


@pytest.mark.slow  # starts programs
@pytest.mark.parametrize("at", [*range(1, 12), *range(12, 160, 12)])
def test_ctrl_c_ends_it_silently_from_the_start(at: int, shell: Shell) -> None:
    shell.log("p/s.jsonl")

    ran = subprocess.run(
        [sys.executable, "-c", INTERRUPTED.format(at=at, words=["session", "--compact"])],
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode in {0, 130, -signal.SIGINT}
    assert ran.stderr == ""


@pytest.mark.slow  # starts programs
def test_an_ignored_interrupt_stays_ignored(shell: Shell) -> None:
    shell.log("p/s.jsonl")
    ignoring = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\n"

    for at in (5, 60):
        code = ignoring + INTERRUPTED.format(at=at, words=["daily"])
        ran = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=False
        )

        assert (ran.returncode, ran.stderr) == (0, "")
        assert "2026-03-01" in ran.stdout
