"""Paints every page of the window, dark and light, with data, without and after a failure.

Besides: in German, from right to left, on a screen of 3840 x 2160, with hidden and with old
figures, while the logs are read, and its dialogs.

Needs no screen. The pictures are for looking at; seven of them are kept in ``docs`` for the README:

    python maintenance/gallery.py FOLDER [--docs]
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from PySide6.QtCore import QLocale, QObject, QSize, Qt
from PySide6.QtWidgets import QApplication, QDialog, QPushButton

from spendlight.desktop import translations, words
from spendlight.desktop.theme import palette
from spendlight.desktop.window import MainWindow, Work
from spendlight.desktop.window.page_alerts import AlertsPage
from spendlight.desktop.window.page_history import HistoryPage
from spendlight.desktop.window.page_logs import LogsPage
from spendlight.desktop.window.page_now import session_target
from spendlight.desktop.window.pages import PageKey, listed_pages
from spendlight.desktop.window.scope_bar import RangeChoice
from spendlight.desktop.workers import TaskPool
from spendlight.errors import LedgerBusyError
from spendlight.metering.budgets import AlertPolicy, Budget, BudgetPeriod
from spendlight.metering.periods import DateRange, Period
from spendlight.tracker.demo_mode import demo_mode
from spendlight.tracker.questions.question import Question
from spendlight.tracker.snapshot import ScanProgress
from spendlight.tracker.tracker import TrackerOptions, UsageTracker

DOCS: Final = Path(__file__).resolve().parents[1] / "docs"
KEPT: Final = {
    "now-data-light": "window-now-light.png",
    "now-data-dark": "window-now-dark.png",
    "history-data-light": "window-history-light.png",
    "year-data-dark": "window-year-dark.png",
    "projects-data-light": "window-projects-light.png",
    "logs-data-dark": "window-logs-dark.png",
    "why-data-dark": "window-why-dark.png",
}
"""The pictures in the README, and their names there."""

SIZES: Final = (QSize(1080, 720), QSize(900, 600))
LARGEST: Final = QSize(3840, 2160)
SCALES: Final = ("1", "2")
LISTED: Final = [page.key for page in listed_pages()]

PATIENCE_S: Final = 20.0
AFTERNOON: Final = 17
"""The time of day in the pictures, so that the day has some usage."""


class Host(QObject):
    """Replaces the application: answers the window's questions on other threads."""

    def __init__(self, app: QApplication, tracker: UsageTracker) -> None:
        super().__init__()
        self._app = app
        self._tracker = tracker
        self._zone = TrackerOptions().time_zone
        self._pool = TaskPool(2, self)
        self._open = 0
        self.window = MainWindow(self._zone)
        self.window.asked.connect(self._ask)
        self.window.work_requested.connect(self._work)

    def show_present(self, error: Exception | None = None) -> None:
        """Show the present in the window, or why it is unknown."""
        snapshot = None if error is not None else self._tracker.snapshot()
        now = datetime.now(UTC)
        situation = words.Situation(now, snapshot=snapshot, error=error, zone=self._zone)
        self.window.show_snapshot(snapshot)
        self.window.show_figures(
            words.window_title(situation),
            words.cards(situation),
            words.price_line(situation),
            words.notice(situation),
            words.empty_state(situation),
        )

    def settle(self) -> None:
        """Wait until all questions are answered and everything is painted."""
        until = time.monotonic() + PATIENCE_S
        quiet = 0
        while quiet < 20 and time.monotonic() < until:  # this often nothing happened
            self._app.processEvents()
            quiet = 0 if self._open else quiet + 1
            time.sleep(0.01)

    def shut_down(self) -> None:
        """End it."""
        self.window.shut_down()
        self._pool.shut_down()

    def _ask(self, number: int, question: Question[object]) -> None:
        local = question._replace(selection=question.selection._replace(zone=self._zone))
        self._open += 1
        self._pool.run(lambda: (number, self._tracker.ask(local)), self._on_answer, self._on)

    def _work(self, work: Work) -> None:
        self._open += 1
        self._pool.run(lambda: (work, work.run(self._tracker)), self._on_done, self._on)

    def _on_answer(self, answer: object) -> None:
        self._open -= 1
        assert isinstance(answer, tuple)  # noqa: S101  # as it was sent
        self.window.on_answer(*answer)

    def _on_done(self, answer: object) -> None:
        self._open -= 1
        assert isinstance(answer, tuple)  # noqa: S101  # as it was sent
        work, result = answer
        work.done(result)

    def _on(self, error: object) -> None:
        self._open -= 1
        print(f"failed: {error!r}", file=sys.stderr)


def main() -> int:
    """Paint the pictures, one process for each scale, and return an exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--docs", action="store_true", help="renew the pictures of the README")
    parser.add_argument("--scale", choices=SCALES, help="only this scale, in this process")
    asked = parser.parse_args()
    if asked.scale:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        paint_all(asked.folder, asked.scale)
        return 0
    for scale in SCALES:
        hour = datetime.now(UTC).hour
        east = (AFTERNOON - hour + 12) % 24 - 12
        environ = os.environ | {
            "QT_QPA_PLATFORM": "offscreen",
            "QT_SCALE_FACTOR": scale,
            "TZ": f"<local>{-east:+d}",
        }
        command = [sys.executable, __file__, str(asked.folder), "--scale", scale]
        subprocess.run(command, env=environ, check=True)
    if asked.docs:
        for name, kept in KEPT.items():
            (DOCS / kept).write_bytes((asked.folder / f"{name}-1x.png").read_bytes())
    print(f"{len(list(asked.folder.glob('*.png')))} pictures in {asked.folder}")
    return 0


def paint_all(folder: Path, scale: str) -> None:
    """Paint everything at one scale."""
    folder.mkdir(parents=True, exist_ok=True)
    app = QApplication(["gallery"])
    app.setStyle("fusion")
    with demo_mode() as demo:
        tracker = UsageTracker.open(demo.options)
        budget = Budget(name="block", amount=6.0, period=BudgetPeriod.BLOCK)
        tracker.use_budgets((budget,), AlertPolicy())
        tracker.refresh()
        for is_dark in (False, True):
            app.setPalette(palette(is_dark=is_dark))
            ending = f"{'dark' if is_dark else 'light'}-{scale}x"
            with hosted(app, tracker) as host:
                paint_data(host, folder, ending)
                paint_states(host, folder, ending)
                paint_filtered(host, folder, ending)
            with hosted(app, tracker, LedgerBusyError("ledger.sqlite3")) as host:
                paint(host, folder, "nothing-error", ending)
            with TemporaryDirectory() as place, hosted(app, empty(Path(place))) as host:
                paint(host, folder, "nothing-empty", ending)
        app.setPalette(palette(is_dark=False))
        paint_large(app, tracker, folder, f"light-{scale}x")
        paint_german(app, tracker, folder, f"light-{scale}x")


def paint_large(app: QApplication, tracker: UsageTracker, folder: Path, ending: str) -> None:
    """Paint the pages on a screen of 3840 x 2160."""
    with hosted(app, tracker) as host:
        size = LARGEST / host.window.devicePixelRatio()
        for key in LISTED:
            host.window.show_page(key)
            paint(host, folder, f"{key}-largest", ending, (size,))


def paint_german(app: QApplication, tracker: UsageTracker, folder: Path, ending: str) -> None:
    """Paint the pages in German, and from right to left."""
    QLocale.setDefault(QLocale("de_DE"))
    installed = translations.install(app, QLocale("de_DE"))
    for name, direction in (
        ("german", Qt.LayoutDirection.LeftToRight),
        ("mirrored", Qt.LayoutDirection.RightToLeft),
    ):
        app.setLayoutDirection(direction)
        with hosted(app, tracker) as host:
            for key in LISTED:
                host.window.show_page(key)
                paint(host, folder, f"{key}-{name}", ending)
            paint_dialogs(host, folder, f"{name}-{ending}")
    for translator in installed:
        app.removeTranslator(translator)
    app.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
    QLocale.setDefault(QLocale("C"))


def empty(place: Path) -> UsageTracker:
    """Return a tracker that finds a folder without logs."""
    (place / "claude" / "projects").mkdir(parents=True)
    environ = {"CLAUDE_CONFIG_DIR": str(place / "claude")}
    options = TrackerOptions(data_dir=place / "data", environ=environ, is_offline=True)
    tracker = UsageTracker.open(options)
    tracker.refresh()
    return tracker


@contextmanager
def hosted(
    app: QApplication, tracker: UsageTracker, error: Exception | None = None
) -> Iterator[Host]:
    """Yield a window that is shown, and remove it at the end."""
    host = Host(app, tracker)
    host.show_present(error)
    host.window.show()
    try:
        yield host
    finally:
        host.shut_down()


def paint_data(host: Host, folder: Path, ending: str) -> None:
    """Paint every page as it is with data, and after a failed question."""
    window = host.window
    for key in LISTED:
        window.show_page(key)
        paint(host, folder, f"{key}-data", ending)
        window.on_answer_failed(words.failure(LedgerBusyError("ledger.sqlite3")))
        paint(host, folder, f"{key}-error", ending, SIZES[:1])
        host.show_present()
    window.show_page(PageKey.HISTORY)
    host.settle()
    page = window.page
    if isinstance(page, HistoryPage):
        page.choose("year")
        paint(host, folder, "year-data", ending)
        page.choose(Period.DAY)
        host.settle()
        rows = page.table().rows
        page.open_meaning(rows[min(1, len(rows) - 1)])
        paint(host, folder, "stretch-data", ending)
    window.show_page(PageKey.SESSIONS)
    host.settle()
    view = window.page.table()
    if view is not None and view.rows:
        window.open_target(session_target(view.rows[0], window.formats))
        paint(host, folder, "session-data", ending)


def paint_filtered(host: Host, folder: Path, ending: str) -> None:
    """Paint every page with a selection that is empty."""
    window = host.window
    long_ago = DateRange(date(2020, 1, 1), date(2020, 1, 1))
    window.scope_bar.choose_range(RangeChoice.CUSTOM, long_ago)
    for key in LISTED:
        window.show_page(key)
        page = window.page
        host.settle()
        if isinstance(page, AlertsPage):
            page.show_records(())
        elif isinstance(page, LogsPage):
            page.look_for("*.nothing")
        paint(host, folder, f"{key}-empty", ending, SIZES[:1])


def paint_states(host: Host, folder: Path, ending: str) -> None:
    """Paint rare states: hidden and outdated figures, offers, progress, and the dialogs."""
    window = host.window
    window.show_page(PageKey.NOW)
    window.set_private(True)
    paint(host, folder, "now-private", ending, SIZES[:1])
    window.set_private(False)
    window.show_stale(is_stale=True)
    window.offer_budgets()
    window.show_demo()
    window.show_hint(words.no_tray_hint("GNOME"))
    window.show_progress(400, 1000, words.progress_text(ScanProgress(890, 2227, 400, 1000)))
    paint(host, folder, "now-stale", ending)
    window.show_stale(is_stale=False)
    window.show_hint(None)
    window.show_progress(0, 0, "")
    for button in window.findChildren(QPushButton):
        if button.text() == "No, thanks":
            button.click()
    paint_dialogs(host, folder, ending)


def paint_dialogs(host: Host, folder: Path, ending: str) -> None:
    """Paint the window's explanations."""
    for name, show in (
        ("why", host.window.explain_figures),
        ("keys", host.window.show_keys),
    ):
        show()
        host.settle()
        for dialog in host.window.findChildren(QDialog):
            dialog.grab().save(str(folder / f"{name}-dialog-{ending}.png"))
            dialog.reject()
        host.settle()


def paint(host: Host, folder: Path, name: str, ending: str, sizes: Sequence[QSize] = SIZES) -> None:
    """Save a picture of the window as it is in each size."""
    for size in sizes:
        host.window.resize(size)
        host.settle()
        added = "" if size is sizes[0] else f"-{size.width()}"
        host.window.grab().save(str(folder / f"{name}-{ending}{added}.png"))


if __name__ == "__main__":
    sys.exit(main())
