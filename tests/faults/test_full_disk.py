"""A disk that fills up at any time during a first scan affects only that scan."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.tracker.worlds import World

from spendlight.demo import DEMO
from spendlight.demo import write_logs as write_demo

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="no limit for the size of files there"),
]

SMALL = replace(DEMO, days=5, files=40, answers=2_000, target_bytes=3_000_000)

LIMITED = """
import resource, runpy, sys

limit = int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
sys.argv = ["spendlight", *sys.argv[2:]]
runpy.run_module("spendlight", run_name="__main__", alter_sys=True)
"""
"""Runs the program with a limit for the size of files."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    world = World(tmp_path_factory.mktemp("world"))
    write_demo(world.root, SMALL)
    return world


def daily(world: World, data: Path, limit: int | None = None) -> subprocess.CompletedProcess[str]:
    program = ["-m", "spendlight"] if limit is None else ["-c", LIMITED, str(limit)]
    options = ["--offline", "--data-dir", str(data), "--prices", str(world.prices_file)]
    return subprocess.run(
        [sys.executable, *program, "daily", "--json", *options],
        env=os.environ | {"CLAUDE_CONFIG_DIR": str(world.root), "TMPDIR": str(world.place)},
        capture_output=True,
        text=True,
        check=False,
    )


def report(ran: subprocess.CompletedProcess[str]) -> Any:  # noqa: ANN401  # whatever was printed
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


@pytest.mark.parametrize("limit", [0, 1_000, 5_000, 30_000, 70_000, 110_000])
def test_a_scan_stopped_by_a_full_disk_says_so_and_succeeds_next_time(
    world: World, tmp_path: Path, limit: int
) -> None:
    expected = report(daily(world, tmp_path / "undisturbed"))

    broken = daily(world, tmp_path / "data", limit)
    again = daily(world, tmp_path / "data")

    assert broken.returncode == 1
    assert broken.stderr.startswith("spendlight: The usage ledger cannot be used: ")
    assert "and that the disk is not full," in broken.stderr
    assert "Traceback" not in broken.stderr
    assert report(again) == expected
    assert again.stderr == ""


@pytest.mark.parametrize("room", [0, 4_096, 40_960])
def test_a_ledger_that_cannot_grow_keeps_its_contents(
    world: World, tmp_path: Path, room: int
) -> None:
    half = sorted(world.root.rglob("*.jsonl"))[::2]
    other = World(tmp_path)
    data = tmp_path / "data"
    for log in half:
        copy = other.root / log.relative_to(world.root)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(log.read_bytes())
    before = report(daily(other, data))
    for log in set(world.root.rglob("*.jsonl")) - set(half):
        copy = other.root / log.relative_to(world.root)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(log.read_bytes())

    size = (data / "ledger.sqlite3").stat().st_size
    daily(other, data, size + room)
    after = report(daily(other, data))

    assert after["totals"]["totalTokens"] > before["totals"]["totalTokens"]
    assert after == report(daily(other, tmp_path / "fresh"))
