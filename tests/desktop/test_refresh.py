from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QThreadPool, QTimer
from pytestqt.qtbot import QtBot
from tests.desktop.makers import make_refreshed

from spendlight.desktop.refresh import (
    MINUTE_MS,
    SETTLE_MS,
    LogWatch,
    RefreshController,
    ms_to_next_minute,
)
from spendlight.desktop.workers import TaskPool
from spendlight.errors import LedgerBusyError
from spendlight.tracker.snapshot import Refreshed, ScanProgress


def is_about_to_look(controller: RefreshController) -> bool:
    """Whether a pass is scheduled, other than that of the next minute."""
    return any(
        timer.isActive() and timer.interval() < MINUTE_MS
        for timer in controller.findChildren(QTimer)
    )


def wait_for_rest(qtbot: QtBot, controller: RefreshController, pool: TaskPool) -> None:
    """Wait until no pass is running or scheduled, except that of the next minute."""
    (threads,) = pool.findChildren(QThreadPool)

    def is_at_rest() -> bool:
        if threads.activeThreadCount():
            return False
        QCoreApplication.processEvents()  # the results of the last pass may request another
        return not (threads.activeThreadCount() or is_about_to_look(controller))

    qtbot.waitUntil(is_at_rest)


class FakePass:
    """A refresh function that counts its calls and can be blocked."""

    def __init__(self) -> None:
        self.calls = 0
        self.at_once = 0
        self.most_at_once = 0
        self.begun = threading.Semaphore(0)
        self.may_end = threading.Event()
        self.may_end.set()
        self.error: Exception | None = None
        self.stops: list[threading.Event] = []
        self.looked_at: list[frozenset[str] | None] = []

    def __call__(
        self,
        stop: threading.Event,
        on_progress: Callable[[ScanProgress], None],
        only: frozenset[str] | None,
    ) -> Refreshed:
        self.calls += 1
        self.looked_at.append(only)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.stops.append(stop)
        self.begun.release()
        while not self.may_end.wait(0.02) and not stop.is_set():
            on_progress(ScanProgress(1, 2, 10, 20))
        self.at_once -= 1
        if self.error is not None:
            raise self.error
        return make_refreshed(is_complete=not stop.is_set())


@pytest.fixture
def pool() -> Iterator[TaskPool]:
    pool = TaskPool(2)
    yield pool
    pool.shut_down()


@pytest.fixture
def a_pass() -> FakePass:
    return FakePass()


@pytest.fixture
def controller(
    a_pass: FakePass, pool: TaskPool, monkeypatch: pytest.MonkeyPatch
) -> Iterator[RefreshController]:
    """A controller whose next minute never comes."""
    monkeypatch.setattr("spendlight.desktop.refresh.ms_to_next_minute", lambda _: MINUTE_MS)
    controller = RefreshController(a_pass, pool.run)
    yield controller
    controller.shut_down()


def test_many_requests_cause_one_pass(
    qtbot: QtBot, controller: RefreshController, a_pass: FakePass, pool: TaskPool
) -> None:
    with qtbot.waitSignal(controller.refreshed):
        for _ in range(50):
            controller.request()

    wait_for_rest(qtbot, controller, pool)
    assert a_pass.calls == 1


def test_requests_during_a_pass_cause_one_more(
    qtbot: QtBot, controller: RefreshController, a_pass: FakePass, pool: TaskPool
) -> None:
    a_pass.may_end.clear()
    controller.start()
    a_pass.begun.acquire()

    for _ in range(50):
        controller.request()
    with qtbot.waitSignals([controller.refreshed, controller.refreshed]):
        a_pass.may_end.set()

    wait_for_rest(qtbot, controller, pool)
    assert a_pass.calls == 2


def test_two_passes_never_run_at_once(
    qtbot: QtBot, controller: RefreshController, a_pass: FakePass, pool: TaskPool
) -> None:
    a_pass.may_end.clear()
    controller.start()
    a_pass.begun.acquire()

    for _ in range(5):
        controller.request()
        QCoreApplication.processEvents()
        assert not is_about_to_look(controller)
    a_pass.may_end.set()
    qtbot.waitUntil(lambda: a_pass.calls == 2)

    wait_for_rest(qtbot, controller, pool)
    assert a_pass.most_at_once == 1


def test_a_steady_stream_of_requests_cannot_delay_the_pass(
    qtbot: QtBot, controller: RefreshController, a_pass: FakePass
) -> None:
    stream = QTimer(controller)
    stream.timeout.connect(controller.request)
    stream.start(SETTLE_MS // 8)

    qtbot.waitUntil(lambda: a_pass.calls >= 3)


def test_a_failure_is_reported_and_the_next_request_retries(
    qtbot: QtBot, controller: RefreshController, a_pass: FakePass
) -> None:
    a_pass.error = LedgerBusyError("ledger")
    with qtbot.waitSignal(controller.failed) as failed:
        controller.start()
    a_pass.error = None
    with qtbot.waitSignal(controller.refreshed):
        controller.request()

    assert isinstance(failed.args, list)
    assert isinstance(failed.args[0], LedgerBusyError)


def test_progress_of_a_long_pass_is_reported(
    qtbot: QtBot, controller: RefreshController, a_pass: FakePass
) -> None:
    a_pass.may_end.clear()

    with qtbot.waitSignal(controller.progressed) as progressed:
        controller.start()
    a_pass.may_end.set()

    assert progressed.args == [ScanProgress(1, 2, 10, 20)]


def test_a_cancelled_controller_waits_for_the_user(
    qtbot: QtBot, controller: RefreshController, a_pass: FakePass, pool: TaskPool
) -> None:
    a_pass.may_end.clear()
    controller.start()
    a_pass.begun.acquire()

    with qtbot.waitSignal(controller.refreshed) as refreshed:
        controller.cancel()
    controller.request()
    wait_for_rest(qtbot, controller, pool)
    calls_of_its_own = a_pass.calls
    a_pass.may_end.set()
    with qtbot.waitSignal(controller.refreshed):
        controller.request_by_user()

    assert isinstance(refreshed.args, list)
    assert not refreshed.args[0].is_complete
    assert (calls_of_its_own, a_pass.calls) == (1, 2)


def test_cancelling_nothing_changes_nothing(
    qtbot: QtBot, controller: RefreshController, a_pass: FakePass
) -> None:
    controller.cancel()

    with qtbot.waitSignal(controller.refreshed):
        controller.request()
    assert a_pass.calls == 1


def test_shutting_down_stops_the_pass_and_starts_no_other(
    qtbot: QtBot, controller: RefreshController, a_pass: FakePass, pool: TaskPool
) -> None:
    a_pass.may_end.clear()
    controller.start()
    a_pass.begun.acquire()

    controller.shut_down()
    pool.shut_down()
    controller.request()

    wait_for_rest(qtbot, controller, pool)
    assert a_pass.calls == 1
    assert a_pass.stops[0].is_set()


def test_each_minute_requests_a_pass(
    qtbot: QtBot,
    controller: RefreshController,
    a_pass: FakePass,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("spendlight.desktop.refresh.ms_to_next_minute", lambda _: 200)

    controller.start()

    qtbot.waitUntil(lambda: a_pass.calls >= 3)


def test_after_waking_up_all_logs_are_checked(
    qtbot: QtBot, controller: RefreshController, a_pass: FakePass
) -> None:
    with qtbot.waitSignal(controller.refreshed):
        controller.wake()

    assert a_pass.looked_at == [None]


@pytest.mark.parametrize(
    ("now_ms", "wait_ms"), [(0, MINUTE_MS), (1, MINUTE_MS - 1), (MINUTE_MS - 1, 1)]
)
def test_the_next_minute_is_never_now(now_ms: int, wait_ms: int) -> None:
    assert ms_to_next_minute(now_ms) == wait_ms


def test_every_change_that_the_watcher_reports_requests_a_pass(
    qtbot: QtBot, pool: TaskPool
) -> None:
    def changes(stop: threading.Event) -> Iterator[None]:
        yield None
        yield None
        stop.wait()

    watch = LogWatch(changes, pool.run)
    with qtbot.waitSignals([watch.changed, watch.changed]):
        watch.start()

    watch.shut_down()


def test_a_watcher_that_fails_is_restarted(
    qtbot: QtBot, pool: TaskPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spendlight.desktop.refresh.RETRY_MS", 10)
    attempts: list[str] = []

    def changes(stop: threading.Event) -> Iterator[None]:
        attempts.append("ledger")
        if len(attempts) == 1:
            raise LedgerBusyError(attempts[0])
        yield None
        stop.wait()

    watch = LogWatch(changes, pool.run)
    with qtbot.waitSignal(watch.changed):
        watch.start()

    watch.shut_down()
    assert len(attempts) == 2


@pytest.mark.parametrize(
    ("asked", "looked_at"),
    [
        ([{"a"}, {"b"}], {"a", "b"}),
        ([{"a"}, None], None),
        ([None, {"a"}], None),
        ([set(), {"a"}], {"a"}),
    ],
)
def test_a_pass_checks_all_requested_files(
    qtbot: QtBot,
    controller: RefreshController,
    a_pass: FakePass,
    asked: list[set[str] | None],
    looked_at: set[str] | None,
) -> None:
    with qtbot.waitSignal(controller.refreshed):
        for only in asked:
            controller.request(None if only is None else frozenset(only))

    assert a_pass.looked_at == [looked_at]


def test_changes_during_a_pass_are_checked_in_the_next(
    qtbot: QtBot, controller: RefreshController, a_pass: FakePass
) -> None:
    a_pass.may_end.clear()
    controller.start()
    qtbot.waitUntil(lambda: a_pass.calls == 1)
    controller.request(frozenset({"a"}))
    controller.request(frozenset({"b"}))

    a_pass.may_end.set()
    qtbot.waitUntil(lambda: a_pass.calls == 2)

    assert a_pass.looked_at == [None, {"a", "b"}]
