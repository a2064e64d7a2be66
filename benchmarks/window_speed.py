"""Measures the window's response times, and how long it blocks the event loop.

python benchmarks/window_speed.py CLAUDE_FOLDER LEDGER_FOLDER

Opens the window of the real desktop on a ledger, visits every page, and selects other ranges and
filters on each, measuring until all questions of the page are answered and painted. A timer of
10 ms runs meanwhile; the largest delay of a tick is the largest stall, and the processor time of
the window's thread between two ticks shows which part of it the window caused itself, even if other
programs keep the processor busy. Prints JSON.
"""

import json
import sys
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, Qt, QTimer
from PySide6.QtWidgets import QComboBox
from tray import desktop_on, idle, wait_for, wait_for_answers

from spendlight.desktop.window import MainWindow
from spendlight.desktop.window.charts.loading import plot_loader
from spendlight.desktop.window.pages import PAGES
from spendlight.desktop.window.scope_bar import RangeChoice

TICK_MS = 10
REST_MS = 1_000
PAUSE_MS = 50
RANGES = (RangeChoice.WEEK, RangeChoice.THIRTY, RangeChoice.ALL)
"""Filters are then selected in the last one, as it takes longest."""

Step = tuple[str, Callable[[], object]]


class Watch:
    """Measures the steps of a window, and the event loop meanwhile.

    Attributes:
        times_ms: The time of each step until it was painted.
        stalls_ms: The largest delay of a tick in each.
        busy_ms: The most processor time of the window's thread between two ticks.
    """

    def __init__(self, window: MainWindow) -> None:
        self.times_ms: dict[str, float] = {}
        self.stalls_ms: dict[str, float] = {}
        self.busy_ms: dict[str, float] = {}
        self._window = window
        self._ticks: list[tuple[int, int]] = []
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._tick)
        self._timer.start()

    def time(self, what: str, act: Callable[[], object]) -> None:
        """Do something, and wait until everything is answered and painted."""
        self._ticks.clear()
        begun = self._tick()
        act()
        wait_for_answers(self._window)
        QCoreApplication.processEvents()
        self._window.repaint()
        self.times_ms[what] = (self._tick() - begun) / 1e6
        pairs = list(pairwise(self._ticks))
        longest = max(later[0] - earlier[0] for earlier, later in pairs) / 1e6
        self.stalls_ms[what] = max(0.0, longest - TICK_MS)
        self.busy_ms[what] = max(later[1] - earlier[1] for earlier, later in pairs) / 1e6
        idle(PAUSE_MS)

    def _tick(self) -> int:
        now = time.perf_counter_ns()
        self._ticks.append((now, time.thread_time_ns()))
        return now


def steps(window: MainWindow) -> Iterator[Step]:
    """Yield the steps of a user who looks at everything."""
    for key in list(PAGES)[1:]:
        yield f"{key}, first", lambda key=key: window.show_page(key)
    boxes = {box.accessibleName(): box for box in window.scope_bar.findChildren(QComboBox)}
    for key in PAGES:
        yield f"{key}, again", lambda key=key: window.show_page(key)
        for choice in RANGES if window.page.has_range else ():
            yield f"{key}, {choice}", lambda choice=choice: window.scope_bar.choose_range(choice)
        for name in ("Project", "Model") if window.page.has_scope else ():
            box = boxes[name]
            for place, what in ((1, "one"), (0, "all")):
                yield (
                    f"{key}, {name} {what}",
                    lambda box=box, place=place: box.setCurrentIndex(place),
                )


def measured(folder: Path, data: Path) -> dict[str, Any]:
    """Return the response times, and the stalls of the event loop."""
    plot_loader().load()
    plot_loader().wait()
    with desktop_on(folder, data) as (desktop, controller):
        desktop.start()
        wait_for(controller.refreshed)
        idle(REST_MS)  # it is the tray that has been running for long
        begun = time.perf_counter_ns()
        window = desktop.window
        made_ms = (time.perf_counter_ns() - begun) / 1e6
        watch = Watch(window)
        watch.time("open", desktop.raise_window)
        open_ms = made_ms + watch.times_ms.pop("open")
        for what, act in steps(window):
            watch.time(what, act)
        window.hide()
    return {
        "open_ms": open_ms,
        "change_ms": max(watch.times_ms.values()),
        "stall_ms": max(made_ms, *watch.stalls_ms.values()),
        "busiest_ms": max(watch.busy_ms.values()),
        "times_ms": watch.times_ms,
        "stalls_ms": watch.stalls_ms,
        "busy_ms": watch.busy_ms,
    }


def main() -> None:
    """Measure one window."""
    print(json.dumps(measured(Path(sys.argv[1]), Path(sys.argv[2]))))


if __name__ == "__main__":
    main()
