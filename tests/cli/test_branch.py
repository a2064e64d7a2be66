"""What a branch cost, from the ledger alone, and since it left another one, from git."""

from __future__ import annotations

import shutil

import pytest
from tests.cli.shell import COST, TOKENS, Shell, at
from tests.cli.test_json_schemas import holds
from tests.makers import OPUS, SONNET, encoded
from tests.test_git import Checkout

CLOCK = "fix/the clock"
LINK = {"type": "pr-link", "prNumber": 7, "prUrl": "https://example.com/7", "prRepository": "a/b"}


@pytest.fixture
def logs(shell: Shell) -> Shell:
    """A branch on two days and in two sessions, beside others."""
    engine = {"cwd": "/home/ada/engine"}
    shell.log(
        "engine/s1.jsonl",
        at("2026-03-01T11:00:00Z", gitBranch="main", **engine),
        at("2026-03-01T12:00:00Z", gitBranch=CLOCK, **engine),
        at("2026-03-01T12:10:00Z", gitBranch=CLOCK, **engine),
        encoded(LINK),
    )
    shell.log(
        "engine/s2.jsonl",
        at("2026-03-03T09:00:00Z", gitBranch=CLOCK, model=SONNET, **engine),
        at("2026-03-03T09:30:00Z", gitBranch=CLOCK, **engine),
        at("2026-03-03T10:00:00Z", gitBranch="side", **engine),
    )
    garden = {"cwd": "/home/ada/garden"}
    shell.log("garden/s3.jsonl", at("2026-03-03T10:30:00Z", gitBranch="main", **garden))
    return shell


def test_a_branch_is_told_from_its_first_to_its_last_answer(logs: Shell) -> None:
    told = logs.run("branch", CLOCK, "--json").json

    holds("branch", told)
    assert told["repository"] == "/home/ada/engine"
    assert told["totalTokens"] == 4 * TOKENS
    first, last = told["firstActivity"], told["lastActivity"]
    assert (first, last) == ("2026-03-01T12:00:00.000Z", "2026-03-03T09:30:00.000Z")
    assert {model["modelName"] for model in told["modelBreakdowns"]} == {OPUS, SONNET}
    days = [(day["date"], day["answers"], day["activeMinutes"]) for day in told["personDays"]]
    assert days == [("2026-03-01", 2, 10), ("2026-03-03", 2, 0)]
    assert sum(day["totalCost"] for day in told["personDays"]) == pytest.approx(told["totalCost"])
    assert (told["sessions"], told["mergeBase"]) == (2, None)
    assert told["pullRequests"] == [
        {"url": "https://example.com/7", "number": 7, "repository": "a/b"}
    ]


def test_the_text_has_the_same_figures(logs: Shell) -> None:
    ran = logs.run("branch", CLOCK)

    assert ran.out.startswith(
        "Branch        fix/the clock\n"
        "Repository    /home/ada/engine\n"
        "First answer  2026-03-01 12:00\n"
        "Last answer   2026-03-03 09:30\n"
        "Cost          $0.09 (estimate)\n"
        f"Tokens        {4 * TOKENS:,}\n"
        "Sessions      2\n"
        "Active time   0:10 h\n"
        "Person-days   2, $0.05 each\n"
        "Pull request  https://example.com/7\n"
    )
    assert "\n2026-03-01 " in ran.out
    assert all(len(line) <= 80 for line in ran.out.splitlines() if "prices.json" not in line)


def test_a_branch_is_still_known_when_its_logs_are_deleted(logs: Shell) -> None:
    before = logs.run("branch", CLOCK, "--json").json
    for log in (logs.claude / "projects").rglob("*.jsonl"):
        log.unlink()

    assert logs.run("branch", CLOCK, "--json").json == before


def test_a_branch_of_several_repositories_has_to_be_chosen(logs: Shell) -> None:
    ran = logs.run("branch", "main")

    assert ran.code == 2
    assert "Choose one with --repo: /home/ada/engine, /home/ada/garden." in ran.err
    for repository in ("garden", "/home/ada/garden"):
        told = logs.run("branch", "main", "--repo", repository, "--json").json
        assert (told["repository"], told["totalTokens"]) == ("/home/ada/garden", TOKENS)


def test_the_working_folder_chooses_among_repositories(logs: Shell) -> None:
    here = str(logs.place.resolve())
    logs.log("here/s4.jsonl", at("2026-03-05T09:00:00Z", gitBranch="main", cwd=here))

    assert logs.run("branch", "main", "--json").json["repository"] == here
    assert logs.run("branch", "main", "--repo", ".", "--json").json["repository"] == here


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["nope"], "No usage of the branch nope was found. Found instead: fix/the clock, main, s"),
        ([CLOCK, "--repo", "shop"], "No usage of the repository shop was found."),
        ([CLOCK, "--since-merge-base", "main"], "/home/ada/engine is not on this machine."),
    ],
)
def test_what_is_not_there_is_said_in_a_sentence(
    logs: Shell, words: list[str], message: str
) -> None:
    ran = logs.run("branch", *words)

    assert ran.code == 2
    assert message in ran.err


@pytest.mark.skipif(shutil.which("git") is None, reason="asks a real git")
def test_answers_before_the_merge_base_do_not_count(shell: Shell) -> None:
    checkout = Checkout(shell.place / "engine")  # the first commit is of noon
    checkout.git("branch", "dev")
    here = {"cwd": str(checkout.folder.resolve()), "gitBranch": "dev"}
    hours = ("11:00", "12:30", "13:30")
    shell.log("p/s.jsonl", *(at(f"2026-03-01T{hour}:00Z", **here) for hour in hours))
    checkout.git("switch", "--quiet", "dev")
    checkout.commit()

    told = shell.run("branch", "dev", "--since-merge-base", "main", "--json").json
    text = shell.run("branch", "dev", "--since-merge-base", "main").out

    holds("branch", told)
    assert told["totalCost"] == pytest.approx(2 * COST)
    assert told["mergeBase"] == {
        "at": "2026-03-01T12:00:00.000Z",
        "commit": checkout.git("rev-parse", "main"),
        "with": "main",
    }
    assert "with main, 2026-03-01 12:00; answers before it do not count" in text
    ran = shell.run("branch", "dev", "--since-merge-base", "trunk")
    assert ran.code == 1
    assert "it has no branch trunk" in ran.err


@pytest.mark.skipif(shutil.which("git") is None, reason="asks a real git")
def test_a_branch_without_answers_since_then_has_none(shell: Shell) -> None:
    checkout = Checkout(shell.place / "engine")
    checkout.git("branch", "dev")
    here = {"cwd": str(checkout.folder.resolve()), "gitBranch": "dev"}
    shell.log("p/s.jsonl", at("2026-02-01T11:00:00Z", **here))
    checkout.git("switch", "--quiet", "dev")
    checkout.commit()

    assert "Answers     none" in shell.run("branch", "dev", "--since-merge-base", "main").out
    holds("branch", shell.run("branch", "dev", "--since-merge-base", "main", "--json").json)


@pytest.mark.parametrize("arguments", [("",), ("topic", "--since-merge-base", "")])
def test_a_branch_has_a_name(shell: Shell, arguments: tuple[str, ...]) -> None:
    ran = shell.run("branch", *arguments)

    assert (ran.code, "a name is missing" in ran.err) == (2, True)
