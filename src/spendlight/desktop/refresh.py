"""Decides when to read the logs: soon after a change, each minute, and one pass at a time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Final, Protocol, TypeAlias, TypeVar

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from spendlight.tracker.snapshot import Refreshed, ScanProgress
from spendlight.tracker.watching import WatchStop

Result = TypeVar("Result")

SETTLE_MS = 150
"""Changes are collected this long, as an answer is logged in several lines within 0.1 s."""

MAX_SETTLE_MS = 500
"""A long pass is followed by an equally long pause, at most this, so that answers show within a
second."""

PROGRESS_MS = 100
"""Progress is reported at most this often; a pass over small files would do it a thousand times."""

MINUTE_MS = 60_000

RETRY_MS = 60_000
"""A watch that failed is restarted after this time; until then there is a pass each minute."""

RefreshFunction: TypeAlias = Callable[
    [threading.Event, Callable[[ScanProgress], None], frozenset[str] | None],
    Refreshed,
]
"""Runs a pass: ended by the first argument, reporting to the second, over some files or over
all."""

NOTHING: Final = frozenset[str]()
"""No file has changed, but the clock has."""


class RunTask(Protocol):
    """Runs a function on another thread, and delivers its result on this one."""

    def __call__(
        self,
        function: Callable[[], Result],
        done: Callable[[Result], object],
        failed: Callable[[Exception], object],
        /,
    ) -> None:
        """Run it, and call one of the others with its result or with its exception."""


def ms_to_next_minute(now_ms: int) -> int:
    """Return the milliseconds until the clock shows another minute; never 0."""
    return MINUTE_MS - now_ms % MINUTE_MS


class RefreshController(QObject):
    """Runs refreshes, never two at once.

    Many requests lead to one refresh; a request during a refresh leads to one more. It also
    requests one at each full minute, as time passes even if nothing is logged. Once the user has
    cancelled a pass, it waits for the user.

    Signals:
        refreshed: A pass has ended; carries `Refreshed`.
        failed: A pass has failed; carries the exception.
        progressed: The progress of the pass; carries `ScanProgress`.
    """

    refreshed = Signal(object)
    failed = Signal(object)
    progressed = Signal(object)

    def __init__(
        self, refresh: RefreshFunction, run: RunTask, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._refresh = refresh
        self._run = run
        self._stop = threading.Event()
        self._is_running = False
        self._asked_again = False
        self._only: frozenset[str] | None = None
        self._is_cancelled = False
        self._is_shut_down = False
        self._pass_ms = 0
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.timeout.connect(self._start)
        self._minute = QTimer(self)
        self._minute.setSingleShot(True)
        self._minute.setTimerType(Qt.TimerType.PreciseTimer)
        self._minute.timeout.connect(self._on_minute)

    def start(self) -> None:
        """Run the first pass at once, and start the minute timer."""
        self._await_minute()
        self._start()

    def request(self, only: frozenset[str] | None = None) -> None:
        """Ask for a refresh soon. Asking often costs nothing.

        Args:
            only: The files that may have changed; by default any.
        """
        if self._is_shut_down or self._is_cancelled:
            return
        if self._is_running or self._settle.isActive():
            is_first = self._is_running and not self._asked_again
            known = NOTHING if is_first else self._only
            self._only = None if only is None or known is None else known | only
        else:
            self._only = only
        if self._is_running:
            self._asked_again = True
        elif not self._settle.isActive():
            self._settle.start(min(max(SETTLE_MS, self._pass_ms), MAX_SETTLE_MS))

    def request_by_user(self) -> None:
        """Ask for a refresh on the user's behalf, which ends a cancellation."""
        self._is_cancelled = False
        self.request()

    def wake(self) -> None:
        """Check all logs, and restart the minute timer: the clock may have jumped."""
        if not self._is_shut_down:
            self._await_minute()
            self.request()

    def cancel(self) -> None:
        """End the running pass; what it has read is kept. Wait for the user from now on."""
        if self._is_running:
            self._is_cancelled = True
            self._asked_again = False
            self._stop.set()

    def shut_down(self) -> None:
        """Tell the running pass to stop, and start no other."""
        self._is_shut_down = True
        self._settle.stop()
        self._minute.stop()
        self._stop.set()

    def _start(self) -> None:
        self._is_running = True
        self._asked_again = False
        stop = self._stop = threading.Event()
        only, self._only = self._only, None
        self._run(lambda: self._pass(stop, only), self._on_done, self._on_failed)

    def _pass(self, stop: threading.Event, only: frozenset[str] | None) -> tuple[Refreshed, int]:
        """Run one pass; called on a thread of the pool."""
        begun = told = time.monotonic_ns()

        def on_progress(progress: ScanProgress) -> None:
            nonlocal told
            now = time.monotonic_ns()
            if now - told >= PROGRESS_MS * 1_000_000:
                told = now
                self.progressed.emit(progress)

        refreshed = self._refresh(stop, on_progress, only)
        return refreshed, (time.monotonic_ns() - begun) // 1_000_000

    def _on_done(self, result: tuple[Refreshed, int]) -> None:
        refreshed, self._pass_ms = result
        self._end()
        self.refreshed.emit(refreshed)

    def _on_failed(self, error: Exception) -> None:
        self._end()
        self.failed.emit(error)

    def _end(self) -> None:
        self._is_running = False
        if self._asked_again:
            self._asked_again = False
            self.request(self._only)

    def _on_minute(self) -> None:
        self._await_minute()
        self.request(NOTHING)

    def _await_minute(self) -> None:
        self._minute.start(ms_to_next_minute(time.time_ns() // 1_000_000))


class LogWatch(QObject):
    """Emits a signal when the logs have changed.

    Signals:
        changed: Something was written; carries which files, or None if unknown. Sent from the
            watching thread.
    """

    changed = Signal(object)

    def __init__(
        self,
        changes: Callable[[threading.Event], Iterator[frozenset[str] | None]],
        run: RunTask,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._changes = changes
        self._run = run
        self._stop = WatchStop()
        self._retry = QTimer(self)
        self._retry.setSingleShot(True)
        self._retry.setInterval(RETRY_MS)
        self._retry.timeout.connect(self.start)

    def start(self) -> None:
        """Start listening."""
        stop = self._stop
        self._run(
            lambda: self._listen(stop),
            lambda _: self._on_ended(stop),
            lambda _: self._on_ended(stop),
        )

    def restart(self) -> None:
        """Restart, as the logs may be elsewhere now."""
        self.shut_down()
        self._stop = WatchStop()
        self.start()

    def shut_down(self) -> None:
        """Stop listening."""
        self._stop.set()
        self._retry.stop()

    def _listen(self, stop: threading.Event) -> None:
        """Forward changes until stopped; called on the watching thread."""
        for changed in self._changes(stop):
            self.changed.emit(changed)

    def _on_ended(self, stop: threading.Event) -> None:
        if not stop.is_set():
            self._retry.start()
