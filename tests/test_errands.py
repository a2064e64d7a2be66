from __future__ import annotations

import sys
import threading
import time
from pathlib import Path

import pytest

from spendlight.errands import ErrandError, Errands

WAIT = [sys.executable, "-c", "import time; time.sleep(60)"]


def test_a_program_is_run_to_its_end(tmp_path: Path) -> None:
    code = "import sys, pathlib; print('quiet'); pathlib.Path(sys.argv[1]).touch()"

    Errands().run([sys.executable, "-c", code, str(tmp_path / "done")], 60)

    assert (tmp_path / "done").exists()


def test_a_program_that_takes_too_long_is_ended() -> None:
    with pytest.raises(ErrandError, match="more than 0 s"):
        Errands().run(WAIT, 0.01)


def test_a_program_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ErrandError, match="No such file"):
        Errands().run([str(tmp_path / "missing")], 1)


def test_all_that_run_are_ended_and_none_begins(tmp_path: Path) -> None:
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
