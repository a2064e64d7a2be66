from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.cli.shell import COST, Shell
from tests.makers import encoded, line

from spendlight.claude_code import cleanup
from spendlight.cli import profile
from spendlight.tracker.profile import FileFilter, FolderProfile, SurveyProgress
from spendlight.tracker.tracker import UsageTracker


@pytest.fixture(autouse=True)
def plain_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Remove managed settings, and make the terminal wide enough for sentences."""
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr(cleanup, "MANAGED_FOLDERS", {sys.platform: str(tmp_path / "etc")})


def test_claudes_folder_is_shown_in_tables(shell: Shell) -> None:
    path = shell.log("-home-me-app/s.jsonl", line())
    os.utime(path, (1_700_000_000, 1_700_000_000))
    (shell.claude / "todos").mkdir()

    ran = shell.run("profile")

    assert ran.code == 0
    for told in (
        "1 in 3 folders",
        "os.scandir, 1 thread, because there are few files",
        "-home-me-app      1",
        ".jsonl            1",
        "projects/-home-me-app/s.jsonl",
        "Empty folders (1)\ntodos",
        "When Claude Code starts, it deletes session logs last changed more than 30 days ago",
        "at the next start     1",
        "2023-12-14",
        "$0.03",
        "All of them are in the ledger",
    ):
        assert told in ran.out
    assert all(len(row) <= 100 for row in ran.out.splitlines())


@pytest.mark.parametrize("columns", [40, 60, 80, 120])
def test_tables_fit_the_terminal_and_amounts_are_never_shortened(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    shell.log(f"-home-me-{'long-' * 12}name/{'s' * 36}.jsonl", line())

    out = shell.run("profile").out

    assert max(map(len, out.splitlines())) <= columns
    assert out.count("$0.03") == 3


def test_sessions_whose_logs_will_be_deleted_have_their_titles(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    title = {"type": "ai-title", "aiTitle": "Mend the clock", "sessionId": "s"}
    path = shell.log("p/s.jsonl", line(), encoded(title))
    os.utime(path, (1_700_000_000, 1_700_000_000))

    assert "Mend the clock (s)" in shell.run("profile").out
    (log,) = shell.run("profile", "--json").json["folders"][0]["cleanup"]["logs"]
    assert log["title"] == "Mend the clock"


def test_the_profile_of_any_folder_can_be_json(shell: Shell) -> None:
    folder = shell.place / "some"
    (folder / "empty").mkdir(parents=True)
    (folder / "a.txt").write_bytes(b"abc")
    (folder / "b.TXT").write_bytes(b"defg")

    told = shell.run("profile", str(folder), "--json", "--top", "1").json["folders"][0]

    assert (told["files"], told["bytes"], told["complete"]) == (2, 7, True)
    assert told["byExtension"][0]["extension"] == ".txt"
    assert told["emptyFolders"] == [str(folder / "empty")]
    assert [file["path"] for file in told["largest"]] == [str(folder / "b.TXT")]
    assert told["method"] == {"function": "os.scandir", "threads": 1, "why": "few-files"}
    assert told["cleanup"] is None


def test_the_cleanup_is_contained_in_json(shell: Shell) -> None:
    path = shell.log("p/s.jsonl", line())
    os.utime(path, (1_700_000_000, 1_700_000_000))

    told = shell.run("profile", "--json").json["folders"][0]["cleanup"]

    assert (told["days"], told["origin"], told["inEffect"]) == (30, "default", True)
    assert told["kept"] == {"answers": 1, "cost": pytest.approx(COST), "unpricedModels": []}
    (log,) = told["logs"]
    assert log["deletedFrom"] == "2023-12-14T22:13:20.000Z"
    assert (log["projectPath"], log["sessionId"], log["read"]) == ("p", "s", True)


def test_only_files_that_match_the_filter_are_counted(shell: Shell) -> None:
    folder = shell.place / "some"
    (folder / ".git").mkdir(parents=True)
    for name, length in (("a.txt", 10), ("b.md", 2_000), ("c", 3_000), (".git/d.md", 5_000)):
        (folder / name).write_bytes(b"x" * length)

    def size(*words: str) -> int:
        told: int = shell.run("profile", str(folder), "--json", *words).json["folders"][0]["bytes"]
        return told

    assert size("--ext", "txt,none") == 3_010
    assert size("--min-size", "1k", "--no-hidden") == 5_000
    assert size("--name", "*.md", "--regex", "^.git") == 5_000
    assert size("--older-than", "1d") == 0
    assert size("--older-than", "2100-01-01", "-x") == 10_010


def test_without_claude_code_there_is_nothing_to_profile(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CLAUDE_CONFIG_DIR")

    assert shell.run("profile").out.startswith("No Claude Code data was found.")
    assert shell.run("profile", "--json").json == {"folders": []}


def test_anything_but_a_folder_is_a_usage_error(shell: Shell) -> None:
    ran = shell.run("profile", str(shell.place / "gone"))

    assert (ran.code, ran.out) == (2, "")
    assert "it does not exist. Choose an existing folder." in ran.err
    assert shell.run("profile", "--regex", "(").code == 2
    assert shell.run("profile", "--min-size", "huge").code == 2


def test_unreadable_folders_are_reported_and_set_the_exit_code(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = shell.place / "some"
    (folder / "closed").mkdir(parents=True)
    scan = os.scandir

    def guarded(path: str) -> Iterator[os.DirEntry[str]]:
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied")
        return scan(path)

    monkeypatch.setattr(os, "scandir", guarded)
    ran = shell.run("profile", str(folder))

    assert ran.code == 1
    assert "Could not be read (1)\nclosed: Permission denied" in ran.out


def test_names_with_control_characters_are_escaped(shell: Shell) -> None:
    folder = shell.place / "some"
    folder.mkdir()
    (folder / "a\x1b]0;x\x07.\x1b[2J").write_bytes(b"x")

    ran = shell.run("profile", str(folder))

    assert "\x1b" not in ran.out
    assert "\\x1b[2J" in ran.out


Profile = Callable[..., tuple[FolderProfile, ...]]


def interrupted(look: Profile, *, times: int = 1) -> Profile:
    """Return the function, interrupted before it starts as if by Ctrl-C."""

    def look_interrupted(
        tracker: UsageTracker,
        path: Path | None,
        filters: FileFilter | None,
        stop: threading.Event,
        on_progress: Callable[[SurveyProgress], None],
    ) -> tuple[FolderProfile, ...]:
        for _ in range(times):
            signal.raise_signal(signal.SIGINT)
        return look(tracker, path, filters, stop, on_progress)

    return look_interrupted


def test_ctrl_c_shows_the_results_so_far(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(UsageTracker, "profile", interrupted(UsageTracker.profile))
    before = signal.getsignal(signal.SIGINT)

    ran = shell.run("profile", str(shell.place))

    assert ran.code == 130
    assert "Stopped early: these are the results up to that point." in ran.out
    assert signal.getsignal(signal.SIGINT) is before
    assert shell.run("profile", "--json").json["folders"][0]["complete"] is False


def test_ctrl_c_twice_ends_it_at_once(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(UsageTracker, "profile", interrupted(UsageTracker.profile, times=2))

    ran = shell.run("profile", str(shell.place))

    assert (ran.code, ran.out) == (130, "")


def test_progress_is_drawn_on_a_terminal_and_removed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setattr(profile, "SHOW_AFTER_S", 0.0)
    monkeypatch.setattr(profile, "REDRAW_EVERY_S", 0.0)
    monkeypatch.setenv("COLUMNS", "50")

    with profile._counter() as counter:  # noqa: SLF001  # what the verb uses to draw
        counter.show(SurveyProgress(12_345, 67, 8_900_000))
    drawn = capsys.readouterr().err

    assert "Scanning… 12,345 files in 67 folders, 8.9 MB" in drawn
    assert max(len(part) for part in drawn.split("\r\x1b[K")) < 50
    assert drawn.endswith("\r\x1b[K")


def test_nothing_is_drawn_if_stderr_is_not_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(profile, "SHOW_AFTER_S", 0.0)

    with profile._counter() as counter:  # noqa: SLF001  # what the verb uses to draw
        counter.show(SurveyProgress(1, 1, 1))

    assert not capsys.readouterr().err


@pytest.mark.slow  # starts the program
def test_only_this_verb_loads_what_it_needs() -> None:
    code = (
        "import sys; from spendlight.cli.main import main; main(['daily', '--help']);"
        "print([name for name in sys.modules if 'survey' in name or 'cleanup' in name"
        " or name.startswith('rich')], file=sys.stderr)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, encoding="utf-8"
    )

    assert ran.stderr == "[]\n"


@pytest.mark.slow  # starts the program
def test_color_is_used_on_demand_only(shell: Shell) -> None:
    shell.log("p/s.jsonl", line())

    assert "\x1b" not in shell.start("profile").out
    assert "\x1b[1m" in shell.start("profile", "--color").out
    assert "\x1b" not in shell.start("profile", NO_COLOR="1", FORCE_COLOR="1").out
