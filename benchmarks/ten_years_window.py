"""Measures how soon the window's first page is complete with a ledger of ten years.

python benchmarks/ten_years_window.py LEDGER_FOLDER

Uses the ledger that `ten_years.py` has left in the folder, and measures from opening the window
until all questions of its first page have been answered and drawn. Prints JSON.
"""

import json
import sys
import time
from pathlib import Path

from PySide6.QtCore import QCoreApplication
from tray import desktop_on, idle, wait_for, wait_for_answers

REST_MS = 1_000


def first_page_s(place: Path) -> float:
    """Return the seconds until the first page is complete."""
    with desktop_on(place / "claude", place / "data") as (desktop, controller):
        window = desktop.window
        desktop.start()
        wait_for(controller.refreshed)
        idle(REST_MS)  # like a tray that has been running for a while
        begun = time.perf_counter()
        desktop.raise_window()
        wait_for_answers(window)
        QCoreApplication.processEvents()
        return time.perf_counter() - begun


def main() -> None:
    """Measure one window."""
    print(json.dumps({"first_page_s": first_page_s(Path(sys.argv[1]))}))


if __name__ == "__main__":
    main()
