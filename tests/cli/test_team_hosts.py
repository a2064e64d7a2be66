"""What is said of other hosts whose usage a team gets."""

from __future__ import annotations

import os
import sys

import pytest
from tests.cli.shell import Shell
from tests.makers import line
from tests.tracker.machines import Computer
from tests.tracker.team.hosts import script
from tests.tracker.worlds import World


@pytest.fixture
def member(shell: Shell) -> Shell:
    shell.log("p/s.jsonl", line(id="own"))
    assert shell.run("team", "join", str(shell.place / "team"), "--as", "me").code == 0
    return shell


@pytest.mark.skipif(sys.platform == "win32", reason="starts a shell script")
def test_pull_tells_what_was_published_and_which_hosts_failed(
    member: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = Computer(World(member.place), "there")
    path = there.roots[0] / "projects" / "p" / "s.jsonl"
    path.parent.mkdir(parents=True)
    path.write_bytes(line(id="theirs"))
    export = there.read().export()
    script(
        member.place / "ssh",
        f'#!/bin/sh\ncase "$*" in *" box "*) exec cat {export};; esac\n'
        "echo 'Could not resolve hostname' >&2\nexit 255\n",
    )
    monkeypatch.setenv("PATH", f"{member.place}{os.pathsep}{os.environ['PATH']}")

    ran = member.run("team", "pull", "box", "nowhere")
    again = member.run("team", "pull", "box")
    total = member.run("team", "daily", "--json")

    assert (ran.code, ran.out) == (1, "box: published 1 answer as there\n")
    assert "Nothing was taken from nowhere: ssh failed: Could not resolve hostname." in ran.err
    assert (again.code, again.out) == (0, "box: nothing new as there\n")
    assert total.json["totals"]["totalTokens"] == 2 * 21_403


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("pull", "--", "-oProxyCommand=x"), "-oProxyCommand=x is not a host for ssh"),
        (("scan",), "Which cluster is to be scanned?"),
        (("scan", "--scheduler", "host"), "host is not the address of a Dask scheduler"),
        (("daily", "--scheduler", "tcp:/x"), "tcp:/x is not the address of a Dask scheduler"),
    ],
)
def test_what_cannot_be_meant_is_wrong_usage(
    member: Shell, words: tuple[str, ...], told: str
) -> None:
    ran = member.run("team", *words)

    assert ran.code == 2
    assert told in ran.err


def test_neither_works_without_a_team(shell: Shell) -> None:
    for words in (("pull", "box"), ("scan", "--scheduler", "tcp://host:8786")):
        ran = shell.run("team", *words)

        assert ran.code == 2
        assert "does not belong to a team" in ran.err
