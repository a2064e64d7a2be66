from __future__ import annotations

import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from spendlight.desktop.single_instance import instance_folder, instance_name

pytestmark = pytest.mark.slow  # starts processes

PROGRAM = """
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from spendlight.desktop.single_instance import SingleInstance

app = QCoreApplication([])
instance = SingleInstance(Path(sys.argv[1]), sys.argv[2])
if not instance.claim():
    print("reached", flush=True)
    sys.exit(0)
instance.raise_requested.connect(lambda: print("raised", flush=True))
print("first", flush=True)
app.exec()
"""

Start = Callable[[str], "subprocess.Popen[str]"]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a short name: that of a socket has room for some hundred letters."""
    with tempfile.TemporaryDirectory(prefix="sl-") as folder:
        yield Path(folder)


@pytest.fixture
def start(folder: Path) -> Iterator[Start]:
    """Starts a program that wants to be the only one."""
    started: list[subprocess.Popen[str]] = []

    def start(name: str = "one") -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(folder), name], stdout=subprocess.PIPE, text=True
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_a_second_start_raises_the_first_and_ends_well(start: Start) -> None:
    first = start("one")
    assert first_line(first) == "first"

    second = start("one")

    assert first_line(second) == "reached"
    assert second.wait(5) == 0
    assert first_line(first) == "raised"


def test_other_names_run_side_by_side(start: Start) -> None:
    assert first_line(start("one")) == "first"
    assert first_line(start("demo")) == "first"


def test_after_a_violent_end_the_next_start_is_the_first(start: Start, folder: Path) -> None:
    first = start("one")
    assert first_line(first) == "first"
    first.send_signal(signal.SIGKILL)
    first.wait(5)
    left_behind = sorted(path.name for path in folder.iterdir())

    assert left_behind == ["one.lock", "one.socket"]
    assert first_line(start("one")) == "first"


def test_starts_at_the_same_time_leave_one_running(start: Start) -> None:
    processes = [start("one") for _ in range(4)]

    assert sorted(first_line(process) for process in processes) == ["first", *["reached"] * 3]


def test_one_that_does_not_answer_is_named(start: Start, folder: Path) -> None:
    first = start("one")
    assert first_line(first) == "first"
    first.send_signal(signal.SIGSTOP)

    second = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(folder), "one"],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    first.send_signal(signal.SIGCONT)
    assert second.returncode == 1
    assert "running already, but does not answer" in second.stderr


def test_nobody_else_may_use_the_socket(start: Start, folder: Path) -> None:
    assert first_line(start("one")) == "first"

    mode = (folder / "one.socket").stat().st_mode

    assert stat.S_IMODE(mode) & 0o077 == 0


def test_the_name_is_the_users_own() -> None:
    assert instance_name("demo").startswith("spendlight-")
    assert instance_name("demo").endswith("-demo")
    assert instance_name("") != instance_name("demo")


def test_the_folder_is_that_of_the_session_if_there_is_one(tmp_path: Path) -> None:
    assert instance_folder({"XDG_RUNTIME_DIR": str(tmp_path)}) == tmp_path
    assert instance_folder({"XDG_RUNTIME_DIR": "/nowhere"}) == Path(tempfile.gettempdir())
    assert instance_folder({}) == Path(tempfile.gettempdir())
