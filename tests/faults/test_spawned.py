"""Spawned processes, as on Windows and macOS, and in a frozen program."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest
from tests.makers import line, write_log
from tests.tracker.worlds import World

LOGS = 200

SPAWNING = """
import os, runpy, sys
from spendlight.tracker import reading, worker_processes

reading.PROCESS_THRESHOLD_BYTES = 0
worker_processes._start_method = lambda: "spawn"
worker_processes.MAX_PROCESSES = 2
whole = worker_processes._Worker.__init__

def told(worker, *arguments):
    whole(worker, *arguments)
    print("started", worker._process.pid, file=sys.stderr, flush=True)

worker_processes._Worker.__init__ = told
sys.argv = ["spendlight", *sys.argv[1:]]
runpy.run_module("spendlight", run_name="__main__", alter_sys=True)
"""
"""Runs the program as ``python -m spendlight`` does, but with processes for any amount of work."""


@pytest.fixture
def logs(world: World) -> World:
    for number in range(LOGS):
        write_log(world.root, f"p/{number:03}.jsonl", line(id=f"m{number}"))
    return world


def program(world: World, *words: str) -> list[str]:
    options = ["--offline", "--data-dir", str(world.place / "data")]
    return [*words, "daily", "--json", *options, "--prices", str(world.prices_file)]


def environ(world: World) -> dict[str, str]:
    return os.environ | {"CLAUDE_CONFIG_DIR": str(world.root), "TZ": "UTC"}


def totals(out: str) -> Any:  # noqa: ANN401  # whatever was printed
    return json.loads(out)["totals"]


@pytest.mark.slow
def test_the_program_spawns_processes_and_counts_the_same(logs: World) -> None:
    ran = subprocess.run(
        [sys.executable, *program(logs, "-c", SPAWNING)],
        env=environ(logs),
        capture_output=True,
        text=True,
        check=False,
    )

    started = [line for line in ran.stderr.splitlines() if line.startswith("started")]
    assert ran.returncode == 0, ran.stderr
    assert len(started) == 2
    assert ran.stderr.splitlines() == started
    assert totals(ran.stdout)["totalTokens"] == 21_403 * LOGS


@pytest.mark.slow
def test_processes_load_nothing_from_the_folder_they_are_started_in(
    logs: World, tmp_path: Path
) -> None:
    place = tmp_path / "theirs"
    place.mkdir()
    for name in ("multiprocessing", "struct", "xxhash", "json"):
        (place / f"{name}.py").write_text("raise SystemExit('theirs was run')")

    script = tmp_path / "spendlight.py"  # stands for the one that pip writes
    script.write_text("import sys; del sys.path[0]\n" + SPAWNING)

    ran = subprocess.run(
        [sys.executable, *program(logs, str(script))],
        env=environ(logs),
        cwd=place,
        capture_output=True,
        text=True,
        check=False,
    )

    assert "theirs" not in ran.stderr
    assert totals(ran.stdout)["totalTokens"] == 21_403 * LOGS


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="kills with a signal")
def test_spawned_processes_end_when_the_program_is_killed(logs: World) -> None:
    killed = subprocess.Popen(
        [sys.executable, *program(logs, "-c", SPAWNING)],
        env=environ(logs),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    with killed:
        assert killed.stderr is not None
        children = [psutil.Process(int(killed.stderr.readline().split()[1])) for _ in range(2)]
        killed.kill()
        _, alive = psutil.wait_procs(children, timeout=20)

    assert not alive
    assert totals(daily(logs))["totalTokens"] == 21_403 * LOGS


def daily(world: World) -> str:
    """Return the report that the program prints by itself."""
    command = [sys.executable, *program(world, "-m", "spendlight")]
    return subprocess.run(
        command, env=environ(world), capture_output=True, text=True, check=True
    ).stdout


def test_a_short_command_does_not_load_what_processes_need(tmp_path: Path) -> None:
    code = "import sys; from spendlight.__main__ import main; main(['--version']); "
    code += "sys.exit('multiprocessing' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=False).returncode == 0
