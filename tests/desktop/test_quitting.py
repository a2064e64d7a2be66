"""A signal at any time during the tray's start quits it as the user would."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.desktop.sessions import NEEDED, Session, desktop_session
from tests.makers import line, write_log

pytestmark = [
    pytest.mark.display,
    pytest.mark.slow,
    pytest.mark.linux_programs(*NEEDED),
]

PROGRAM = """
import os, runpy, sys, threading

stage, place, number = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
sys.argv = ["spendlight", *sys.argv[4:]]
seen = -1

def on_event(name, arguments):
    global seen
    if seen < 0:
        if stage in (name, arguments and arguments[0]):
            seen = 0
        else:
            return
    seen += 1
    if seen == place + 1:  # to send a signal is an event, too
        os.kill(os.getpid(), number)

late = threading.Timer(10, os.kill, (os.getpid(), number))
late.daemon = True
late.start()
sys.addaudithook(on_event)
runpy.run_module("spendlight", run_name="__main__", alter_sys=True)
"""
"""Runs the program, and sends it a signal a number of events after it imports a module.

Python's audit events are imports, opened files, connections and compilations: some thousand in a
start. If there are fewer, the signal comes late.
"""

QT = "PySide6.QtWidgets"
"""A module whose import starts a long one, only for the tray."""

STAGES = {
    "spendlight.cli.arguments": (0, 9),
    QT: (0, 5, 40, 150, 400, 900),
    "spendlight.desktop.app": (0, 30, 100, 200),
    "spendlight.desktop.quit_signals": (0, 20),
    "spendlight.desktop.single_instance.instance": (3,),
    "socket.bind": (0, 1, 2, 3, 5, 8, 12, 20, 40),
    "sqlite3.connect": (0, 1, 3, 6, 10, 20),
}
"""Modules or events, and the number of events after which the signal comes."""

CASES = [(stage, place) for stage, places in STAGES.items() for place in places]

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with (
        tempfile.TemporaryDirectory(prefix="sl-") as folder,
        desktop_session(Path(folder)) as session,
    ):
        yield session


@pytest.fixture
def run(session: Session, home: Path) -> Iterator[Run]:
    write_log(home / ".claude", "p/s.jsonl", *(line(id=f"m{n}") for n in range(20)))
    with tempfile.TemporaryDirectory(prefix="sl-") as runtime:

        def run(
            stage: str, place: int, number: signal.Signals, *options: str
        ) -> subprocess.CompletedProcess[str]:
            command = [sys.executable, "-c", PROGRAM, stage, str(place), str(int(number))]
            return subprocess.run(
                [*command, "--offline", *options],
                env=session.environ | {"HOME": str(home), "XDG_RUNTIME_DIR": runtime},
                capture_output=True,
                text=True,
                timeout=20,
                check=False,
            )

        yield run
        assert list(Path(runtime).iterdir()) == []


def assert_quit(ended: subprocess.CompletedProcess[str]) -> None:
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


@pytest.mark.parametrize(("stage", "place"), CASES)
def test_a_signal_at_any_stage_of_the_start_quits(run: Run, stage: str, place: int) -> None:
    number = (signal.SIGINT, signal.SIGTERM)[CASES.index((stage, place)) % 2]

    assert_quit(run(stage, place, number))


def test_a_signal_at_any_time_during_the_start_quits(run: Run) -> None:
    rng = random.Random(15)  # noqa: S311  # random times, but the same ones each time
    for _ in range(8):
        assert_quit(run(QT, rng.randrange(2_500), rng.choice([signal.SIGINT, signal.SIGHUP])))


def test_a_demo_that_is_quit_while_its_logs_are_written_leaves_nothing_behind(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))

    assert_quit(run("tempfile.mkdtemp", 60, signal.SIGINT, "--demo"))

    assert list(tmp_path.iterdir()) == []
