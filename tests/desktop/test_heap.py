from __future__ import annotations

import gc
import subprocess
import sys

import pytest

from spendlight.desktop import heap

BUSY = """
import threading
from pathlib import Path
from spendlight.desktop import heap

def resident_mb():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1000

def work():
    held = [bytes(2000) for _ in range(20_000)]
    kept.append(held[-1])

kept = []
heap.keep_few_heaps()
before = resident_mb()
for _ in range(3):
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
busy = resident_mb()
heap.give_back()
print(busy - before, resident_mb() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems give memory back themselves")
def test_memory_of_a_busy_thread_is_released() -> None:
    done = subprocess.run([sys.executable, "-c", BUSY], capture_output=True, text=True, check=True)

    held_mb, kept_mb = map(float, done.stdout.split())
    assert held_mb > 20
    assert kept_mb < 5


def test_garbage_is_not_collected_while_answers_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heap, "MANY_OBJECTS", 1_000)
    frozen = gc.get_freeze_count()
    try:
        with heap.without_collecting():
            with heap.without_collecting():  # for two windows, in two threads
                assert not gc.isenabled()
            assert not gc.isenabled()
            kept = [[number] for number in range(2_000)]
        assert gc.isenabled()
        assert gc.get_freeze_count() >= frozen + len(kept)
    finally:
        gc.unfreeze()


def test_few_objects_stay_among_those_that_are_collected() -> None:
    frozen = gc.get_freeze_count()
    with heap.without_collecting():
        [[number] for number in range(2_000)]
    assert gc.isenabled()
    assert gc.get_freeze_count() == frozen
