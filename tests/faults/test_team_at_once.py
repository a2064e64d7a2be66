"""Several processes publish and ask simultaneously, on the same machine and on others."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from tests.makers import line, write_log
from tests.tracker.team.teams import Member, segments
from tests.tracker.worlds import World

pytestmark = pytest.mark.slow

ANSWERS = 50
AT_ONCE = 3


def start(world: World, machine: Member, *words: str) -> subprocess.Popen[str]:
    options = ["--data-dir", str(world.place / f"data-{machine.name}"), "--offline"]
    return subprocess.Popen(
        [sys.executable, "-m", "spendlight", "team", *words, "--json", *options],
        env=os.environ
        | {"CLAUDE_CONFIG_DIR": str(machine.roots[0]), "SPENDLIGHT_MACHINE": machine.name},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_everything_is_published_once_and_counts_once(world: World) -> None:
    desk, lap = Member(world, "desk"), Member(world, "lap")
    for machine in (desk, lap):
        for number in range(ANSWERS):
            names = {"id": f"{machine.name}-{number}", "requestId": f"r{number}"}
            write_log(machine.roots[0], f"p/{number}.jsonl", line(**names), line(id="of both"))

    running = [
        start(world, machine, *words)
        for machine in (desk, lap)
        for words in [("publish",)] * AT_ONCE + [("daily",)]
    ]
    told = [(process.communicate(), process.returncode) for process in running]

    assert [(err, code) for (_, err), code in told] == [("", 0)] * len(running)
    done = [json.loads(out) for (out, _), _ in told]
    copies = sum(one.get("copies", 0) for one in done)
    assert copies == 2 * (ANSWERS + 1)
    assert len(segments(world)) == sum(one.get("segments", 0) for one in done)
    total = json.loads(start(world, desk, "daily").communicate()[0])["totals"]
    assert total["outputTokens"] == 400 * (2 * ANSWERS + 1)
