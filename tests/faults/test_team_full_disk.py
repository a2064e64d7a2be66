"""A disk that is full while a team's files are written: one sentence, and nothing is lost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.makers import line, write_log
from tests.tracker.team.teams import Member, segments
from tests.tracker.worlds import World

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="no limit for the size of files there"),
]

ANSWERS = 20_000
"""Enough for a segment of 700 KB, and a cache of 2 MB."""

LIMITED = """
import resource, runpy, sys

limit = int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
sys.argv = ["spendlight", *sys.argv[2:]]
runpy.run_module("spendlight", run_name="__main__", alter_sys=True)
"""
"""Runs the program with a limit for the size of files."""


@pytest.fixture
def desk(world: World) -> Member:
    desk = Member(world, "desk")
    lines = (line(id=f"a{number}", requestId=f"r{number}") for number in range(ANSWERS))
    write_log(desk.roots[0], "p/s.jsonl", *lines)
    desk.read()
    desk.tracker.close()
    return desk


def run(world: World, desk: Member, limit: int, *words: str) -> subprocess.CompletedProcess[str]:
    options = ["--offline", "--data-dir", str(world.place / "data-desk")]
    return subprocess.run(
        [sys.executable, "-c", LIMITED, str(limit), "team", *words, "--json", *options],
        env=os.environ | {"CLAUDE_CONFIG_DIR": str(desk.roots[0]), "TMPDIR": str(world.place)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_is_said_and_everything_counts_once_afterwards(world: World, desk: Member) -> None:
    full = run(world, desk, 500_000, "publish")
    assert (full.returncode, full.stdout) == (1, "")
    assert full.stderr.startswith("spendlight: ")
    assert full.stderr.count("\n") == 1
    assert "Traceback" not in full.stderr
    assert segments(world) == []
    assert json.loads(run(world, desk, 1 << 30, "publish").stdout)["copies"] == ANSWERS
    (world.place / "data-desk" / "team.duckdb").unlink()  # publishing has made it

    for limit in (10_000, 300_000):
        full = run(world, desk, limit, "daily")
        assert (full.returncode, full.stdout) == (1, "")
        assert "File too large" in full.stderr
        assert "Nothing is lost" in full.stderr
        assert "Error" not in full.stderr

    total = json.loads(run(world, desk, 1 << 30, "daily").stdout)["totals"]
    assert total["outputTokens"] == 400 * ANSWERS
    assert not list(Path(world.place).glob("*/*.part"))
