"""Two machines in networks of their own share a bucket; one is cut off for a while."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.makers import line, write_log
from tests.tracker.worlds import World

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="network namespaces of Linux"),
]

ROOT = Path(__file__).parents[2]

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(world: World) -> Iterator[Run]:
    """Yield what runs a command on a machine, or plugs or unplugs its cable."""
    program = [sys.executable, "-m", "tests.faults.two_networks", str(world.place)]
    with subprocess.Popen(
        ["unshare", "--map-root-user", "--net", *program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env=os.environ
        | {
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
        },
        text=True,
    ) as networks:
        assert networks.stdin is not None
        assert networks.stdout is not None
        stdin, stdout = networks.stdin, networks.stdout
        is_ready = bool(stdout.readline())
        assert is_ready, "this system has no network namespaces (unshare), or no iproute2"

        def carry_out(where: str, *words: str) -> tuple[int, str, str]:
            stdin.write(json.dumps([where, *words]) + "\n")
            stdin.flush()
            code, out, err = json.loads(stdout.readline())
            return code, out, err

        yield carry_out
        stdin.close()


def test_what_is_new_waits_for_the_network(world: World, run: Run) -> None:
    here, there = world.make_root("here"), world.make_root("there")
    write_log(here, "p/s.jsonl", line(), line(id="b"))
    write_log(there, "q/t.jsonl", line(id="b"), line(id="c"))
    for machine in ("here", "there"):
        code, out, _ = run(machine, "team", "join", "s3://usage/team", "--as", machine)
        assert (code, out.splitlines()[1]) == (0, "Published 2 answers.")
    assert outputs(run("there", "team", "daily", "--json")) == 3 * 400

    run("down")
    write_log(there, "q/u.jsonl", line(id="d"))
    code, out, err = run("there", "team", "publish")
    assert (code, out) == (1, "")
    assert "will be published as soon as it can be used again" in err
    assert err.count("\n") == 1
    told = run("there", "team", "daily", "--json")
    assert outputs(told) == 3 * 400
    assert "newer usage is missing" in told[1]

    run("up")
    assert run("there", "team", "publish")[1] == "Published 1 answer.\n"
    assert outputs(run("here", "team", "daily", "--json")) == 4 * 400


def outputs(ran: tuple[int, str, str]) -> int:
    """Return the output tokens in a report."""
    code, out, err = ran
    assert (code, err) == (0, "")
    tokens: int = json.loads(out)["totals"]["outputTokens"]
    return tokens
