from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from spendlight.desktop.leaving import ending_signals
from spendlight.desktop.quit_signals import QuitSignals


@pytest.fixture
def signals(qapp: QApplication) -> Iterator[QuitSignals]:  # noqa: ARG001  # it must be there
    signals = QuitSignals(ending_signals())
    signals.listen()
    yield signals
    signals.shut_down()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_wakes_an_idle_event_loop(
    qtbot: QtBot, signals: QuitSignals, number: signal.Signals
) -> None:
    with qtbot.waitSignal(signals.quit_requested, timeout=1_000):
        os.kill(os.getpid(), number)


def test_other_signals_do_not_end_the_program(qtbot: QtBot, signals: QuitSignals) -> None:
    former = signal.signal(signal.SIGUSR1, lambda *_: None)

    with qtbot.assertNotEmitted(signals.quit_requested, wait=100):
        os.kill(os.getpid(), signal.SIGUSR1)

    signal.signal(signal.SIGUSR1, former)


@pytest.mark.usefixtures("qapp")
def test_the_signals_previous_handlers_are_restored() -> None:
    before = signal.getsignal(signal.SIGTERM)
    signals = QuitSignals(ending_signals())
    during = signal.getsignal(signal.SIGTERM)

    signals.shut_down()

    assert signal.getsignal(signal.SIGTERM) == before != during


def test_a_signal_ignored_at_the_start_stays_ignored(qtbot: QtBot) -> None:
    former = signal.signal(signal.SIGINT, signal.SIG_IGN)
    signals = QuitSignals(ending_signals())
    signals.listen()
    try:
        with qtbot.assertNotEmitted(signals.quit_requested, wait=50):
            os.kill(os.getpid(), signal.SIGINT)
    finally:
        signals.shut_down()
        signal.signal(signal.SIGINT, former)


def test_a_signal_before_the_event_loop_is_handled_by_it(qtbot: QtBot) -> None:
    signals = QuitSignals(ending_signals())
    assert not signals.has_come()
    os.kill(os.getpid(), signal.SIGTERM)
    assert signals.has_come()

    signals.listen()

    with qtbot.waitSignal(signals.quit_requested, timeout=1_000):
        pass
    signals.shut_down()
