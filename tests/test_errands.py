from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from spendlight.errands import ErrandError, Errands, leave_behind

WAIT = [sys.executable, "-c", "import time; time.sleep(60)"]


def test_an_errand_runs_until_it_ends(tmp_path: Path) -> None:
    code = "import sys, pathlib; print('quiet'); pathlib.Path(sys.argv[1]).touch()"

    Errands().run([sys.executable, "-c", code, str(tmp_path / "done")], 60)

    assert (tmp_path / "done").exists()


def test_an_errand_that_takes_too_long_is_ended() -> None:
    with pytest.raises(ErrandError, match="more than 0 s"):
        Errands().run(WAIT, 0.01)


def test_an_errand_without_its_program_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ErrandError, match="No such file"):
        Errands().run([str(tmp_path / "missing")], 1)


def test_all_errands_can_be_ended_for_good(tmp_path: Path) -> None:
    errands = Errands()
    code = "import sys, pathlib, time; pathlib.Path(sys.argv[1]).touch(); time.sleep(60)"
    marks = [tmp_path / name for name in "ab"]
    threads = [
        threading.Thread(target=errands.run, args=([sys.executable, "-c", code, str(mark)], 60))
        for mark in marks
    ]
    for thread in threads:
        thread.start()
    latest = time.monotonic() + 30
    while not all(mark.exists() for mark in marks) and time.monotonic() < latest:
        threads[0].join(0.01)

    errands.end()

    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()
    with pytest.raises(ErrandError, match="quitting"):
        errands.run(WAIT, 1)


LEFT_BEHIND = """
import os, sys
from spendlight.errands import leave_behind

waited_for = os.getppid()

def act():
    open(sys.argv[1]).read()
    is_apart = os.getsid(0) == os.getpid() and os.getpriority(os.PRIO_PROCESS, 0) == 19
    with open(sys.argv[2], "w") as told:
        told.write(f"{is_apart} {sorted(os.listdir('/proc/self/fd'))}")

print(leave_behind(act))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="looks at open files as Linux shows them")
def test_abandoned_work_does_not_delay_the_end(tmp_path: Path) -> None:
    go, told = tmp_path / "go", tmp_path / "told"
    for pipe in (go, told):
        os.mkfifo(pipe)
    with (tmp_path / "held").open("w") as held:
        ended = subprocess.run(
            [sys.executable, "-c", LEFT_BEHIND, str(go), str(told)],
            check=True,
            capture_output=True,
            text=True,
            timeout=60,
            pass_fds=(held.fileno(),),
        )
    assert ended.stdout == "True\n"

    go.write_text("go on")

    assert told.read_text() == "True ['0', '1', '2', '3', '4']"  # the two pipes: this and the list


def test_nothing_is_left_behind_while_a_thread_runs() -> None:
    done: list[bool] = []
    end = threading.Event()
    other = threading.Thread(target=end.wait)
    other.start()

    assert not leave_behind(lambda: done.append(True))

    end.set()
    other.join()
    assert done == []
