"""Several programs with one ledger, and programs killed while writing."""

from __future__ import annotations

import signal
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from tests.tracker.worlds import World, figures

from spendlight.demo import DEMO
from spendlight.demo import write_logs as write_demo

pytestmark = pytest.mark.slow

SMALL = replace(DEMO, days=5, files=40, answers=200, target_bytes=600_000, resumed_share=0.3)

REFRESH = """
import os, signal, sys
from pathlib import Path
from spendlight.tracker import refresh
from tests.tracker.worlds import World

place, data, commit_every, kill_at = Path(sys.argv[1]), sys.argv[2], *map(float, sys.argv[3:])
refresh.COMMIT_EVERY_S = commit_every
tracker = World(place).tracker(data=data)
print("ready", flush=True)
sys.stdin.readline()

def on_progress(progress):
    if progress.files_done == kill_at:
        os.kill(os.getpid(), signal.SIGKILL)

tracker.refresh(on_progress=on_progress)
"""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[World, list[object]]:
    world = World(tmp_path_factory.mktemp("demo"))
    write_demo(world.root, SMALL)
    return world, figures(world.read())


def start(world: World, data: str, kill_at: int = -1, commit: float = 0.0) -> subprocess.Popen[str]:
    """Start a program that waits for a signal, refreshes a ledger, and may kill itself."""
    arguments = [str(world.place), data, str(commit), str(kill_at)]
    return subprocess.Popen(
        [sys.executable, "-c", REFRESH, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def let_run(*programs: subprocess.Popen[str]) -> list[int]:
    """Let programs continue simultaneously, and return their exit codes."""
    with ExitStack() as ends:
        for program in programs:
            ends.enter_context(program)
        for program in programs:
            assert program.stdout is not None
            program.stdout.readline()
        for program in programs:
            assert program.stdin is not None
            program.stdin.write("go\n")
            program.stdin.flush()
        return [program.wait() for program in programs]


def test_three_programs_with_one_ledger_count_everything_once(
    demo: tuple[World, list[object]], tmp_path: Path
) -> None:
    world, expected = demo
    data = str(tmp_path / "shared")

    codes = let_run(*(start(world, data) for _ in range(3)))

    assert codes == [0, 0, 0]
    assert expected == figures(world.tracker(data=data))


@pytest.mark.skipif(sys.platform == "win32", reason="kills with a signal")
def test_a_program_killed_at_any_time_loses_and_doubles_nothing(
    demo: tuple[World, list[object]], tmp_path: Path
) -> None:
    world, expected = demo
    points = [1, 2, 3, 5, 8, 13, 21, 34, 39, 40]
    commits = [0.0, 1e9]
    runs = [
        (str(tmp_path / f"{point}-{commit}"), point, commit)
        for number, point in enumerate(points)
        for commit in commits[number % 2 : number % 2 + 1]
    ]
    for start_at in range(0, len(runs), 5):
        some = runs[start_at : start_at + 5]
        codes = let_run(*(start(world, data, point, commit) for data, point, commit in some))
        assert codes == [-signal.SIGKILL] * len(some)

    for data, _, _ in runs:
        assert expected == figures(world.read(data=data))


@pytest.mark.skipif(sys.platform == "win32", reason="kills with a signal")
def test_a_program_killed_in_a_transaction_does_not_change_the_ledger(
    demo: tuple[World, list[object]], tmp_path: Path
) -> None:
    world, expected = demo
    data = str(tmp_path / "data")
    killed = subprocess.run(
        [sys.executable, "-c", DIE_IN_TRANSACTION, str(world.place), data], check=False
    )

    tracker = world.tracker(data=data)
    before = tracker.health().answers

    assert killed.returncode == -signal.SIGKILL
    assert before == 0
    tracker.refresh()
    assert expected == figures(tracker)


DIE_IN_TRANSACTION = """
import os, signal, sys
from contextlib import contextmanager
from pathlib import Path
from spendlight.ledger import usage_ledger
from tests.tracker.worlds import World

whole = usage_ledger.transaction

@contextmanager
def dying(connection):
    with whole(connection):
        yield
        if connection.execute("SELECT COUNT(*) FROM chunks").fetchone()[0]:
            os.kill(os.getpid(), signal.SIGKILL)

usage_ledger.transaction = dying
World(Path(sys.argv[1])).read(data=sys.argv[2])
"""
