"""What `spendlight team` prints as JSON conforms to the schemas of the user guide."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.cli.shell import Shell, at, minutes_ago
from tests.cli.test_json_schemas import holds
from tests.makers import SONNET, write_log

from spendlight.paths import settings_path

PERIODS = ("daily", "weekly", "monthly")
SHARES = ("projects", "models", "machines", "people")
OPTIONS: tuple[list[str], ...] = (
    [],
    ["--no-cost"],
    ["--since", "2030-01-01"],
    ["--scheduler", "here"],
)


@pytest.fixture
def team(shell: Shell) -> Path:
    """A team whose reports have every optional field."""
    shell.log(
        "shop/s1.jsonl",
        at("2026-03-01T12:00:00Z", server_tool_use={"web_search_requests": 3}),
        at("2026-03-01T13:00:00Z", model="claude-nobody-knows", costUSD=None),
        at("2026-03-02T13:00:00Z", "recorded", costUSD=0.5),
        at("2026-03-02T14:00:00Z", model=SONNET),
    )
    write_log(shell.claude / "vms" / "box", "p/s3.jsonl", at("2026-03-03T12:00:00Z"))
    folder = shell.place / "team"
    assert shell.run("team", "join", str(folder), "--as", "desk").code == 0
    return folder


@pytest.mark.parametrize("verb", [*PERIODS, *SHARES])
def test_a_report_conforms_to_its_schema(shell: Shell, team: Path, verb: str) -> None:
    odd = team / "machine=0123456789abcdef" / "month=2026-03" / f"00000001-{'0' * 16}.parquet"
    odd.parent.mkdir(parents=True)
    odd.write_bytes(b"nonsense")
    by_row = [["--by", "machine"], ["--by", "person"], ["--last", "1"]]
    if verb == "daily":
        by_row += [["--instances"], ["--instances", "--by", "person"], ["--project", "shop"]]

    for options in (*OPTIONS, *by_row):
        told = shell.run("team", verb, "--json", *options).json
        assert told["notes"]
        holds(f"team-{verb}", told)


def test_budgets_conform_to_the_schema_of_the_status(shell: Shell, team: Path) -> None:
    path = settings_path(os.environ, None)
    path.parent.mkdir(parents=True)
    path.write_text(
        '[[limits]]\namount = 5\nperiod = "month"\nof = "team"\n'
        '[[limits]]\namount = 5\nperiod = "month"\nof = "team"\nperson = "adda"\n'
    )
    shell.log("shop/now.jsonl", minutes_ago(1))
    shell.run("team", "publish")

    known = shell.run("team", "status", "--json").json
    holds("team-status", known)
    assert [one["used"] is None for one in known["budgets"]] == [False, True]
    team.rename(shell.place / "away")
    away = shell.run("team", "status", "--json").json
    holds("team-status", away)
    assert away["budgets"][0]["used"] == known["budgets"][0]["used"]


def test_status_and_publishing_conform_to_their_schemas(shell: Shell, team: Path) -> None:
    holds("team-status", shell.run("team", "status", "--json").json)
    holds("team-publish", shell.run("team", "publish", "--json").json)
    shell.run("team", "join", str(team), "--hide", "branches,projects", "--keep-entries")
    holds("team-publish", shell.run("team", "publish", "--json").json)
    shell.log("shop/s2.jsonl", at("2026-03-04T12:00:00Z"))
    team.rename(shell.place / "away")

    assert shell.run("team", "publish").code == 1
    told = shell.run("team", "status", "--json").json

    assert told["publishingFailure"]
    assert told["problem"]
    assert told["keepsEntries"]
    holds("team-status", told)
