from __future__ import annotations

import subprocess
import sys

import pytest

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
