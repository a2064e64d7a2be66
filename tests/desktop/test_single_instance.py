from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from spendlight import paths
from spendlight.desktop.single_instance import (
    SingleInstance,
    doorbell,
    end_instances,
    instance,
    instance_folder,
    instance_name,
)
from spendlight.desktop.single_instance.ending import StillRunningError
from spendlight.desktop.single_instance.instance import NoAddressError

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
instance.end_requested.connect(app.quit)
app.exec()
print("done", flush=True)
instance.release()
"""

IMPATIENT = f"""
from spendlight.desktop.single_instance import doorbell

doorbell.REPLY_S = 0.2
{PROGRAM}
"""

Start = Callable[[str], "subprocess.Popen[str]"]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a short name, as that of a socket is limited to about a hundred bytes."""
    with tempfile.TemporaryDirectory(prefix="sl-") as folder:
        yield Path(folder)


@pytest.fixture
def start(folder: Path) -> Iterator[Start]:
    """Start a program that must run only once."""
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


def test_a_second_start_raises_the_first_and_ends_successfully(start: Start) -> None:
    first = start("one")
    assert first_line(first) == "first"

    second = start("one")

    assert first_line(second) == "reached"
    assert second.wait(5) == 0
    assert first_line(first) == "raised"


def test_programs_with_other_names_run_side_by_side(start: Start) -> None:
    assert first_line(start("one")) == "first"
    assert first_line(start("demo")) == "first"


def test_after_a_kill_the_next_start_is_the_first(start: Start, folder: Path) -> None:
    first = start("one")
    assert first_line(first) == "first"
    first.send_signal(signal.SIGKILL)
    first.wait(5)
    left_behind = sorted(path.name for path in folder.iterdir())

    assert left_behind == ["one.lock", "one.socket"]
    assert first_line(start("one")) == "first"


def test_of_simultaneous_starts_one_keeps_running(start: Start) -> None:
    processes = [start("one") for _ in range(4)]

    assert sorted(first_line(process) for process in processes) == ["first", *["reached"] * 3]


def test_a_program_that_does_not_answer_is_named(start: Start, folder: Path) -> None:
    first = start("one")
    assert first_line(first) == "first"
    first.send_signal(signal.SIGSTOP)

    second = subprocess.run(
        [sys.executable, "-c", IMPATIENT, str(folder), "one"],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    first.send_signal(signal.SIGCONT)
    assert second.returncode == 1
    assert "already running, but does not respond" in second.stderr


def test_a_program_can_be_asked_to_end(start: Start, folder: Path) -> None:
    first, other = start("one"), start("other")
    assert first_line(first) == "first"
    assert first_line(other) == "first"

    assert end_instances(folder, "one") == 1

    assert first.poll() == 0
    assert first_line(first) == "done"
    assert other.poll() is None
    assert end_instances(folder, "one") == 0


def test_all_programs_of_the_user_can_be_asked_to_end(start: Start, folder: Path) -> None:
    names = [instance_name(""), instance_name("demo"), f"{instance_name('')}1-demo"]
    started = [start(name) for name in names]
    for process in started:
        assert first_line(process) == "first"

    assert end_instances(folder) == 2

    assert [process.poll() for process in started] == [0, 0, None]


def test_a_killed_program_need_not_be_ended(start: Start, folder: Path) -> None:
    first = start("one")
    assert first_line(first) == "first"
    first.kill()
    first.wait(5)

    assert end_instances(folder, "one") == 0
    assert end_instances(folder, "never") == 0


def test_a_program_that_does_not_end_is_named(
    start: Start, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doorbell, "REPLY_S", 0.2)
    first = start("one")
    assert first_line(first) == "first"
    first.send_signal(signal.SIGSTOP)

    with pytest.raises(StillRunningError, match=f"process {first.pid}"):
        end_instances(folder, "one", patience_s=0.1)

    first.send_signal(signal.SIGCONT)


def test_no_other_user_may_use_the_socket(start: Start, folder: Path) -> None:
    assert first_line(start("one")) == "first"

    mode = (folder / "one.socket").stat().st_mode

    assert stat.S_IMODE(mode) & 0o077 == 0


def test_the_name_contains_the_user() -> None:
    assert instance_name("demo").startswith("spendlight-")
    assert instance_name("demo").endswith("-demo")
    assert instance_name("") != instance_name("demo")


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of temporary files on a machine without a login session."""
    monkeypatch.setattr(instance, "SESSIONS", tmp_path / "nobody")
    with tempfile.TemporaryDirectory(prefix="sl-") as folder:
        monkeypatch.setenv("TMPDIR", folder)
        monkeypatch.setattr(tempfile, "tempdir", None)
        yield Path(folder)


def test_the_folder_of_the_session_is_used_if_there_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = tmp_path / str(os.getuid())
    session.mkdir(mode=0o700)
    monkeypatch.setattr(instance, "SESSIONS", tmp_path)

    assert instance_folder({"XDG_RUNTIME_DIR": str(tmp_path)}) == tmp_path
    assert instance_folder({"XDG_RUNTIME_DIR": "/nowhere"}) == session
    assert instance_folder({}) == session


@pytest.mark.skipif(sys.platform == "win32", reason="temporary files are each user's own there")
def test_without_a_session_the_folder_is_private(
    temporary: Path,
) -> None:
    open_to_all = temporary / "open"
    open_to_all.mkdir()
    open_to_all.chmod(0o777)

    folder = instance_folder({"XDG_RUNTIME_DIR": str(open_to_all)})

    assert folder == instance_folder({}) == paths.temp_dir()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.skipif(sys.platform == "win32", reason="temporary files are each user's own there")
@pytest.mark.usefixtures("qtbot")
@pytest.mark.parametrize("is_home_long", [False, True])
def test_another_user_cannot_block_it_by_being_first(
    temporary: Path, monkeypatch: pytest.MonkeyPatch, *, is_home_long: bool
) -> None:
    paths.temp_dir().mkdir()
    paths.temp_dir().chmod(0o777)  # as if it were another user's
    home = temporary / ("home" * (20 if is_home_long else 1))
    monkeypatch.setenv("XDG_STATE_HOME", str(home))

    folder = instance_folder({})

    assert folder != paths.temp_dir()
    assert folder.is_relative_to(home) is not is_home_long
    assert paths.is_own(folder)
    one = SingleInstance(folder, instance_name("12345678"))
    assert one.claim()
    one.release()


def test_a_folder_in_which_no_lock_can_be_created_is_named(folder: Path) -> None:
    with pytest.raises(NoAddressError, match=str(folder)):
        SingleInstance(folder / "nowhere", "one").claim()
