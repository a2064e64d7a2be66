"""Teams on the command line."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest
from tests.cli.shell import COST, TOKENS, Shell, at, minutes_ago

from spendlight import paths
from spendlight.team.cache_file import CacheBusyError


@pytest.fixture
def folder(shell: Shell) -> Path:
    """A team's folder, which this machine has joined."""
    shell.log("shop/s.jsonl", at("2026-03-01T12:00:00Z"), at("2026-03-02T12:00:00Z", "b"))
    path = shell.place / "team"
    ran = shell.run("team", "join", str(path), "--as", "desk", "--person", "Ada")
    assert ran.code == 0
    assert ran.out.splitlines() == [
        f"This machine is now desk of Ada in the team at {path}",
        "Published 2 answers.",
        "No other machine is in this team yet.",
    ]
    return path


@pytest.mark.parametrize("verb", ["daily", "weekly", "monthly"])
def test_a_team_of_one_has_the_same_json_as_the_ledger(
    shell: Shell, folder: Path, verb: str
) -> None:
    by_project = [["--instances"], ["--project", "shop"]] if verb == "daily" else []
    for options in ([], ["--last", "1"], ["--order", "desc"], ["--no-cost"], *by_project):
        expected = shell.run("claude", verb, "--json", *options).json
        assert shell.run("team", verb, "--json", *options).json == expected
    assert folder.is_dir()


@pytest.mark.parametrize(
    ("verb", "key", "name"),
    [
        ("projects", "project", "shop"),
        ("models", "model", "claude-opus-4-5-20251101"),
        ("machines", "machine", "desk"),
        ("people", "person", "Ada"),
    ],
)
def test_shares_of_a_team(shell: Shell, folder: Path, verb: str, key: str, name: str) -> None:
    told = shell.run("team", verb, "--json").json

    (row,) = told[verb]
    assert row[key] == name
    assert row["totalTokens"] == told["totals"]["totalTokens"] == 2 * TOKENS
    assert row["totalCost"] == pytest.approx(2 * COST)
    assert (row["sessions"], row["share"]) == (1, 1.0)
    assert name.removeprefix("claude-") in shell.run("team", verb).out
    assert folder.is_dir()


@pytest.mark.parametrize("verb", ["projects", "models", "machines", "people"])
@pytest.mark.parametrize(("by", "name"), [("machine", "desk"), ("person", "Ada")])
def test_shares_by_machine_or_person(
    shell: Shell, folder: Path, verb: str, by: str, name: str
) -> None:
    expected = shell.run("team", verb, "--json").json

    told = shell.run("team", verb, "--json", "--by", by).json

    assert [row[by] for row in told[verb]] == [name] * len(expected[verb])
    own = {"machines": "machine", "people": "person"}.get(verb) == by
    for row in told[verb] if not own else ():
        del row[by]
    assert told == expected
    heading = shell.run("team", verb, "--by", by).out.split("\n")[0].split()
    assert heading.count(by.capitalize()) == 1
    assert folder.is_dir()


def test_shares_of_the_last_days(shell: Shell, folder: Path) -> None:
    shell.log("shop/now.jsonl", minutes_ago(1))
    shell.run("team", "publish")

    told = shell.run("team", "models", "--last", "1", "--json").json

    assert told["totals"]["totalTokens"] == TOKENS
    assert shell.run("team", "models", "--last", "1", "--since", "2026-03-01").code == 2
    assert folder.is_dir()


@pytest.mark.parametrize("by", ["machine", "person"])
def test_rows_by_machine_or_person(shell: Shell, folder: Path, by: str) -> None:
    name = {"machine": "desk", "person": "Ada"}[by]

    told = shell.run("team", "daily", "--json", "--by", by).json

    assert [row[by] for row in told["daily"]] == [name, name]
    out = shell.run("team", "daily", "--by", by).out
    assert by.capitalize() in out
    assert name in out
    assert folder.is_dir()


def test_what_is_new_is_published_once(shell: Shell, folder: Path) -> None:
    assert shell.run("team", "publish").out == "Nothing new to publish.\n"
    shell.log("shop/t.jsonl", at("2026-03-03T12:00:00Z", "c"))

    assert shell.run("team", "publish", "--json").json == {
        "copies": 1,
        "segments": 1,
        "withdrawn": 0,
    }
    status = shell.run("team", "status", "--json").json
    assert status["unpublished"] == 0
    assert status["segments"] == 2
    (machine,) = status["machines"]
    assert (machine["machine"], machine["person"], machine["answers"]) == ("desk", "Ada", 3)
    assert status["url"] == str(folder)
    assert "desk" in shell.run("team").out


def test_entries_of_others_come_into_the_ledger_of_who_wants_them(
    shell: Shell, folder: Path
) -> None:
    data = str(shell.place / "other")
    shell.log("blog/s.jsonl", at("2026-03-04T12:00:00Z", "x"))
    shell.run("team", "join", str(folder), "--as", "lap", "--data-dir", data)
    (shell.claude / "projects" / "blog" / "s.jsonl").unlink()

    ran = shell.run("team", "join", str(folder), "--keep-entries")

    assert ran.out.splitlines()[1:] == [
        "The entries of the other machines come into this machine's ledger, too.",
        "Nothing new to publish.",
        "Took in 3 entries of lap, 1 new answer.",
    ]
    assert shell.run("daily", "--json", "--machine", "lap").json["totals"]["totalTokens"] == (
        3 * TOKENS
    )
    assert shell.run("team", "publish", "--json").json["takenIn"] == {
        "entries": 0,
        "machines": [],
        "newAnswers": 0,
        "problem": None,
    }
    assert "No new entries of other machines." in shell.run("team", "publish").out
    assert shell.run("team", "status", "--json").json["keepsEntries"] is True
    assert "come into the ledger" in shell.run("team").out
    shell.run("team", "join", str(folder), "--no-keep-entries")
    assert "takenIn" not in shell.run("team", "publish", "--json").json


def test_joining_again_keeps_what_is_hidden_unless_told(shell: Shell, folder: Path) -> None:
    shell.run("team", "join", str(folder), "--hide", "projects")

    assert "Hidden: projects" in shell.run("team", "join", str(folder), "--as", "tower").out
    assert "Hidden" not in shell.run("team", "join", str(folder), "--hide", "none").out


def test_a_cache_that_cannot_be_used_does_not_fail_what_was_published(
    shell: Shell, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise CacheBusyError(folder)

    monkeypatch.setattr("spendlight.team.updating.up_to_date", refuse)
    shell.log("shop/t.jsonl", at("2026-03-05T12:00:00Z", "n"))

    assert shell.run("team", "publish").out == "Published 1 answer.\n"
    assert shell.run("team", "join", str(folder), "--as", "tower").code == 0
    assert shell.run("team", "status").code == 1


def test_leaves_what_was_published(shell: Shell, folder: Path) -> None:
    files = sorted(folder.rglob("*"))

    assert "has left the team" in shell.run("team", "leave").out

    assert sorted(folder.rglob("*")) == files
    ran = shell.run("team", "daily")
    assert (ran.code, ran.out) == (2, "")
    assert "does not belong to a team" in ran.err


def test_a_folder_that_is_gone_is_named_below_the_report(shell: Shell, folder: Path) -> None:
    shell.run("team", "daily")
    folder.rename(shell.place / "away")

    report = shell.run("team", "daily")

    assert report.code == 0
    assert "newer usage is missing" in report.out
    shell.log("shop/t.jsonl", at("2026-03-03T12:00:00Z", "c"))
    ran = shell.run("team", "publish")
    assert ran.code == 1
    assert "connected or mounted? Nothing is lost: what is new will be published" in ran.err
    why = "it contains no team; is it connected or mounted?"
    status = shell.run("team", "status", "--json").json["publishingFailure"]
    assert status["reason"] == why
    assert f"Failing   not published since {status['since'][:10]}" in shell.run("team").out
    (shell.place / "away").rename(folder)
    shell.run("team", "publish")
    assert shell.run("team", "status", "--json").json["publishingFailure"] is None
    assert "Failing" not in shell.run("team").out


def test_says_what_to_install(shell: Shell, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shell.run("team", "leave")
    find = importlib.util.find_spec

    def without(name: str, package: str | None = None) -> ModuleSpec | None:
        return None if name == "duckdb" else find(name, package)

    monkeypatch.setattr(importlib.util, "find_spec", without)
    ran = shell.run("team", "join", str(folder))

    assert ran.code == 1
    assert "pip install 'spendlight[team]'" in ran.err


@pytest.mark.parametrize("hidden", ["projects", "branches", "projects,branches"])
def test_names_that_can_be_hidden(shell: Shell, folder: Path, hidden: str) -> None:
    shell.run("team", "leave")

    ran = shell.run("team", "join", str(folder), "--hide", hidden)

    assert f"Hidden: {', '.join(sorted(hidden.split(',')))}" in ran.out
    assert shell.run("team", "join", str(folder), "--hide", "times").code == 2


@pytest.mark.slow  # starts a program
def test_nothing_is_loaded_to_publish_nothing(shell: Shell, folder: Path) -> None:
    script = (
        "import sys; from spendlight.__main__ import main; code = main();"
        " print([name for name in ('duckdb', 'fsspec', 'numpy') if name in sys.modules],"
        " file=sys.stderr); sys.exit(code)"
    )

    ran = subprocess.run(
        [sys.executable, "-c", script, "team", "publish", "--prices", str(shell.prices)],
        capture_output=True,
        encoding="utf-8",
        check=True,
    )

    assert (ran.stdout, ran.stderr) == ("Nothing new to publish.\n", "[]\n")
    assert folder.is_dir()


@pytest.mark.slow  # starts a program
def test_a_report_with_nothing_new_loads_no_more_than_it_needs(shell: Shell, folder: Path) -> None:
    shell.run("team", "daily", "--json")
    script = (
        "import sys; from spendlight.__main__ import main; code = main();"
        " print([name for name in ('numpy', 'msgspec', 'dataclasses') if name in sys.modules],"
        " file=sys.stderr); sys.exit(code)"
    )

    ran = subprocess.run(
        [sys.executable, "-c", script, "team", "daily", "--json", "--prices", str(shell.prices)],
        capture_output=True,
        encoding="utf-8",
        check=True,
    )

    assert (json.loads(ran.stdout)["totals"]["totalTokens"], ran.stderr) == (2 * TOKENS, "[]\n")
    assert folder.is_dir()


def test_a_file_that_is_damaged_after_it_was_read_is_said_to_count(
    shell: Shell, folder: Path
) -> None:
    assert shell.run("team", "daily", "--json").json["totals"]["totalTokens"] == 2 * TOKENS
    segment = next(one for one in folder.glob("*/*/*.parquet") if ".days" not in one.name)
    name = segment.relative_to(folder).as_posix()
    whole = segment.read_bytes()
    segment.write_bytes(whole[:-9])

    for _ in range(2):
        told = shell.run("team", "daily", "--json").json
        assert told["totals"]["totalTokens"] == 2 * TOKENS
        assert told["notes"] == [
            f"{name} still counts as it was read earlier; now it is cut off or damaged"
        ]
    (fault,) = shell.run("team", "status", "--json").json["unreadable"]
    assert (fault["path"], fault["stillCounts"]) == (name, True)
    assert f"{name} still counts as it was read earlier" in shell.run("team", "status").out

    cache = paths.data_dir(os.environ) / "team.duckdb"
    cache.unlink()  # as on a machine that has not read it
    told = shell.run("team", "daily", "--json").json
    assert told["totals"]["totalTokens"] == 0
    assert told["notes"] == [f"{name} does not count: it is cut off or damaged"]

    segment.write_bytes(whole)
    told = shell.run("team", "daily", "--json").json
    assert told["totals"]["totalTokens"] == 2 * TOKENS
    assert "notes" not in told


def test_a_file_that_was_damaged_for_a_while_is_no_longer_named(shell: Shell, folder: Path) -> None:
    shell.run("team", "daily")
    segment = next(one for one in folder.glob("*/*/*.parquet") if ".days" not in one.name)
    whole = segment.read_bytes()
    segment.write_bytes(whole[:-9])
    assert shell.run("team", "daily", "--json").json["notes"]
    segment.write_bytes(whole)

    told = shell.run("team", "daily", "--json").json

    assert told["totals"]["totalTokens"] == 2 * TOKENS
    assert "notes" not in told


def test_who_joins_a_team_with_other_machines_is_not_told_that_there_are_none(
    shell: Shell, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPENDLIGHT_DATA_DIR", str(shell.place / "laptop"))

    told = shell.run("team", "join", str(folder), "--as", "laptop").out

    assert told.splitlines()[1:] == ["Published 2 answers."]
