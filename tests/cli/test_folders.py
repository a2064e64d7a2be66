"""What verbs say about data folders that are missing, excluded or behind a link."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest
from tests.cli.shell import Shell
from tests.makers import line, write_log


@pytest.fixture
def work(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a second data folder that was read and then deleted."""
    work = shell.place / "work"
    write_log(work, "p/s.jsonl", line(id="there"))
    shell.log("p/s.jsonl")
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", f"{shell.claude}, {work}")
    shell.run("daily")
    shutil.rmtree(work)
    return work


def test_a_missing_folder_that_is_listed_is_named_and_counted(shell: Shell, work: Path) -> None:
    for verb in ("daily", "stats"):
        assert (
            f"{work} does not exist; the 1 answer from it is still counted"
            in shell.run(verb).out.splitlines()
        )
    assert shell.run("daily", "--json").json["totals"]["outputTokens"] == 800
    assert f"{work} (no longer exists), 0 logs, 1 log deleted" in shell.run("doctor").out


def test_a_report_mentions_answers_of_a_missing_folder_that_is_not_listed(
    shell: Shell, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", f"{shell.claude},{shell.place / 'wrok'}")
    left = (
        f"Not counted: 1 answer from {work}, which no longer exists. "
        "To count it, add that folder to CLAUDE_CONFIG_DIR."
    )

    report = shell.run("daily")

    assert left in report.out.splitlines()
    assert (
        f"No Claude Code data: {shell.place / 'wrok'} does not exist. Correct CLAUDE_CONFIG_DIR."
        in report.out.splitlines()
    )
    doctor = shell.run("doctor")
    assert f"  {left}" in doctor.out.splitlines()
    assert shell.run("doctor", "--json").json["leftOut"] == [
        {"answers": 1, "exists": False, "folder": str(work)}
    ]


@pytest.mark.parametrize(
    "words",
    [
        ["doctor"],
        ["profile"],
        ["stats"],
        ["export"],
        ["export", "daily"],
        ["live", "--snapshot"],
    ],
)
def test_only_reports_fail_if_no_folder_exists(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", "/nowhere")

    assert shell.run(*words).code == 0
    assert shell.run("weekly").code == 1


@pytest.mark.skipif(sys.platform == "win32", reason="needs the right to make links")
def test_a_report_and_doctor_mention_a_link_to_logs(shell: Shell) -> None:
    shell.log("p/s.jsonl")
    write_log(shell.place / "big", "p/s.jsonl", line(id="hidden"))
    link = shell.claude / "projects" / "-home-big"
    link.symlink_to(shell.place / "big" / "projects")

    assert f"{link} is a link, so the logs in it are not counted" in shell.run("daily").out
    skipped = f"  {link}: a link, which is not followed; the logs in it are not counted"
    assert skipped in shell.run("doctor").out.splitlines()
