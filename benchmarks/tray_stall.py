"""Measures the stalls of the tray's event loop during a first scan.

python benchmarks/tray_stall.py CLAUDE_FOLDER[,ANOTHER]

A timer of 10 ms runs in the real desktop; the largest delay of a tick is the largest stall. Prints
JSON.
"""

import json
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from tray import desktop_on, wait_for

TICK_MS = 10


def largest_stalls(folders: str, data: Path) -> dict[str, float]:
    """Return the stalls of the event loop in a first scan, in milliseconds."""
    ticks: list[int] = []
    timer = QTimer()
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.setInterval(TICK_MS)
    timer.timeout.connect(lambda: ticks.append(time.monotonic_ns()))
    with desktop_on(folders, data) as (desktop, controller):
        timer.start()
        ticks.append(time.monotonic_ns())
        desktop.start()
        wait_for(controller.refreshed)
        ticks.append(time.monotonic_ns())
        timer.stop()
    gaps = sorted((later - earlier) / 1e6 for earlier, later in pairwise(ticks))
    late = [max(0.0, gap - TICK_MS) for gap in gaps]
    return {
        "largest_ms": late[-1],
        "hundredth_ms": late[-1 - len(late) // 100],
        "scan_ms": (ticks[-1] - ticks[0]) / 1e6,
    }


def main() -> None:
    """Measure one first scan."""
    with tempfile.TemporaryDirectory() as data:
        print(json.dumps(largest_stalls(sys.argv[1], Path(data))))


if __name__ == "__main__":
    main()
