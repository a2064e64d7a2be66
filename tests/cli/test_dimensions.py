"""Reports by branch, tool and so on, and filters of these, as users see them."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from tests.cli.shell import TOKENS, Shell, at, minutes_ago
from tests.makers import LEFT_OUT

from spendlight.metering.dimensions import OFFERED

LATEST = "2.1.300"
REPORTS = ("daily", "weekly", "monthly", "session", "blocks")


def calls(*names: str) -> list[dict[str, object]]:
    return [{"type": "tool_use", "id": name, "name": name, "input": {}} for name in names]


@pytest.fixture
def told(shell: Shell) -> Shell:
    """Logs of two branches, of none, and of an old version that names none."""
    shell.log(
        "p/s1.jsonl",
        at("2026-03-01T12:00:00Z", "a", gitBranch="main", content=calls("Read", "Bash")),
        at("2026-03-01T12:01:00Z", "b", gitBranch="fix/\x1b[31mred", content=calls("Read")),
        at("2026-03-01T12:02:00Z", "c", gitBranch="", version=LATEST),
        at("2026-03-02T12:00:00Z", "d", gitBranch=LEFT_OUT, version="1.0.30"),
        at("2026-03-02T12:01:00Z", "e", gitBranch="none", isSidechain=True),
    )
    return shell


@pytest.mark.parametrize("report", REPORTS)
def test_parts_add_up_in_json(told: Shell, report: str) -> None:
    for dimension in OFFERED:
        rows = told.run(report, "--by", dimension.name, "--json").json[report]

        assert sum(row["totalTokens"] for row in rows) == 5 * TOKENS
        assert all({dimension.key, "isKnown"} <= row.keys() for row in rows if "isGap" not in row)


def test_no_branch_differs_from_one_that_is_not_known(told: Shell) -> None:
    rows = told.run("monthly", "--by", "branch", "--json").json["monthly"]

    assert {(row["branch"], row["isKnown"]) for row in rows} == {
        ("main", True),
        ("fix/\x1b[31mred", True),
        ("none", True),
        (None, True),
        (None, False),
    }


def test_usage_is_divided_by_one_dimension(told: Shell) -> None:
    ran = told.run("daily", "--by", "branch", "--by", "repo")

    assert (ran.code, ran.out) == (2, "")
    assert "argument --by: may be used only once" in ran.err


@pytest.mark.parametrize("report", REPORTS)
def test_a_table_names_the_parts(told: Shell, report: str) -> None:
    ran = told.run(report, "--by", "branch")

    assert "Branch" in ran.out
    assert "not known" in ran.out
    assert "\x1b[31m" not in ran.out


@pytest.mark.parametrize(
    ("options", "answers"),
    [
        (["--branch", "main"], 1),
        (["--branch", "main", "--branch", "none"], 2),
        (["--branch", "=none"], 1),
        (["--branch", "not-known"], 1),
        (["--branch", "not known", "--branch", "NONE"], 2),
        (["--tool", "Read"], 2),
        (["--tool", "Read", "--branch", "main"], 1),
        (["--tool", "Bash + Read"], 1),
        (["--tool", "none"], 3),
        (["--claude-version", LATEST], 1),
        (["--agent-type", "main thread"], 4),
        (["--agent-type", "not-known"], 1),
        (["--folder", "engine"], 5),
        (["--folder", "/home/ada/engine"], 5),
        (["--tier", "standard", "--project", "p"], 5),
    ],
)
def test_filters_select(told: Shell, options: list[str], answers: int) -> None:
    ran = told.run("daily", "--json", *options)

    assert ran.json["totals"]["totalTokens"] == answers * TOKENS


@pytest.mark.parametrize("report", REPORTS)
def test_filters_apply_to_every_report(told: Shell, report: str) -> None:
    rows = told.run(report, "--branch", "main", "--by", "tool", "--json").json[report]

    assert [(row["tools"], row["totalTokens"]) for row in rows] == [("Bash + Read", TOKENS)]


def test_a_filter_that_selects_nothing_says_so(told: Shell) -> None:
    assert told.run("daily", "--skill", "tidy").out.startswith("No usage matches these options.")


def test_a_relative_path_is_taken_from_the_working_folder(shell: Shell) -> None:
    place = Path.cwd() / "here"
    shell.log("p/s.jsonl", at("2026-03-01T12:00:00Z", cwd=str(place)))

    assert (
        shell.run("daily", "--folder", "./here", "--json").json["totals"]["totalTokens"] == TOKENS
    )


@pytest.mark.parametrize("report", REPORTS)
def test_a_csv_has_a_column_for_the_value(told: Shell, report: str) -> None:
    ran = told.run("export", report, "--by", "branch", "--format", "csv", "--raw")

    rows = list(csv.DictReader(io.StringIO(ran.out)))
    found = {(row["branch"], row["isKnown"]) for row in rows}
    assert {("main", "true"), ("", "true"), ("", "false")} <= found


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["daily", "--by", "weather"], "invalid choice: 'weather'"),
        (["daily", "--branch", ""], "a name is missing; 'none' selects answers without any"),
        (["export", "--by", "branch"], "--by cannot be used with entries"),
        (["export", "--claude-version", "2"], "--claude-version cannot be used with entries"),
        (["session", "--id", "s1", "--by", "branch"], "--id lists all answers of a session"),
        (["session", "--id", "s1", "--tool", "Bash"], "--id lists all answers of a session"),
        (["team", "daily", "--branch", "main"], "unrecognized arguments: --branch main"),
    ],
)
def test_options_without_sense_are_refused(told: Shell, words: list[str], reason: str) -> None:
    ran = told.run(*words)

    assert ran.code == 2
    assert reason in ran.err


def test_other_divisions_still_apply(told: Shell) -> None:
    told.log("q/s2.jsonl", at("2026-03-01T12:00:00Z", "f"))

    table = told.run("daily", "--instances", "--by", "branch", "--by-machine", "--breakdown").out
    latest = told.run("session", "--by", "tool", "--last", "1", "--json").json["session"]

    assert "Machine" in table
    assert {row["metadata"]["projectPath"] for row in latest} == {"p"}
    assert sum(row["totalTokens"] for row in latest) == 5 * TOKENS


def test_the_active_block_by_branch_is_a_table(shell: Shell) -> None:
    shell.log("p/s.jsonl", minutes_ago(3, gitBranch="main"), minutes_ago(2, gitBranch="fix"))

    ran = shell.run("blocks", "--active", "--by", "branch")

    assert "Branch" in ran.out
    assert "fix" in ran.out
