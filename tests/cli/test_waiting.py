from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator

import pytest

from spendlight.cli.waiting import Wait, Waker, ending_cleanly

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows has no pseudo-terminals to type on"
)

LONG_S = 20.0
"""Longer than any test: each wait is ended earlier."""


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Make stdin a terminal, and return where to write what is typed."""
    ours, theirs = os.openpty()
    with os.fdopen(theirs) as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        yield ours
    os.close(ours)


@pytest.fixture
def waker(keys: int) -> Iterator[Waker]:
    assert keys
    with Waker() as waker:
        yield waker


@pytest.mark.parametrize("typed", [b"q", b"Q", b"\x04", b"xyzq"])
def test_some_keys_quit(waker: Waker, keys: int, typed: bytes) -> None:
    os.write(keys, typed)

    assert waker.wait(LONG_S) is Wait.LEAVE


def test_any_other_key_causes_a_pass(waker: Waker, keys: int) -> None:
    os.write(keys, b"x")

    assert waker.wait(LONG_S) is Wait.LOOK


def test_another_thread_ends_the_wait(waker: Waker) -> None:
    timer = threading.Timer(0.05, waker.wake)
    timer.start()

    assert waker.wait(LONG_S) is Wait.LOOK
    timer.join()


def test_several_wake_ups_are_combined(waker: Waker) -> None:
    for _ in range(100_000):
        waker.wake()

    assert waker.wait(LONG_S) is Wait.LOOK


def test_a_wait_ends_by_itself(waker: Waker) -> None:
    assert waker.wait(0.01) is Wait.LOOK
    assert waker.wait(-1) is Wait.LOOK


def test_a_new_window_size_ends_the_wait(waker: Waker) -> None:
    timer = threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGWINCH))
    timer.start()

    assert waker.wait(LONG_S) is Wait.LOOK
    timer.join()


def test_keys_are_not_echoed_meanwhile_and_again_afterwards(keys: int) -> None:
    import termios

    def has_echo() -> bool:
        return bool(termios.tcgetattr(keys)[3] & termios.ECHO)

    with Waker():
        assert not has_echo()
    assert has_echo()


def test_a_signal_to_end_unwinds_the_program() -> None:
    former = signal.getsignal(signal.SIGTERM)

    with pytest.raises(SystemExit) as ended, ending_cleanly():
        signal.raise_signal(signal.SIGTERM)

    assert ended.value.code == 143
    assert signal.getsignal(signal.SIGTERM) is former
