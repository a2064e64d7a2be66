from __future__ import annotations

import pytest
from tests.cli.shell import Keyboard

from spendlight.cli.progress import ProgressBar
from spendlight.tracker.snapshot import ScanProgress

HALF = ScanProgress(files_done=50, files_total=1_000, bytes_done=500, bytes_total=1_000)


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("spendlight.cli.progress.time.monotonic", clock.monotonic)
    return clock


def look(monkeypatch: pytest.MonkeyPatch, columns: int = 80) -> Keyboard:
    """Replace stderr with a screen, and return it."""
    screen = Keyboard()
    monkeypatch.setattr("sys.stderr", screen)
    monkeypatch.setenv("COLUMNS", str(columns))
    return screen


def test_a_short_task_shows_no_progress_bar(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    screen = look(monkeypatch)
    bar = ProgressBar()

    clock.now += 0.2
    bar.show(HALF)
    bar.clear()

    assert screen.getvalue() == ""


def test_a_longer_task_shows_a_progress_bar(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    screen = look(monkeypatch)
    bar = ProgressBar()

    clock.now += 0.4
    bar.show(HALF)
    bar.clear()

    assert screen.getvalue() == (
        "\r\x1b[KReading logs ████████████░░░░░░░░░░░░  50%  50 of 1,000 files\r\x1b[K"
    )


def test_it_is_not_redrawn_for_every_file(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    screen = look(monkeypatch)
    bar = ProgressBar()

    for _ in range(100):
        clock.now += 0.01
        bar.show(HALF)

    assert 5 <= screen.getvalue().count("Reading") <= 8


def test_it_never_wraps(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    screen = look(monkeypatch, columns=20)
    bar = ProgressBar()

    clock.now += 0.4
    bar.show(ScanProgress(0, 0, 0, 0))

    assert screen.getvalue() == "\r\x1b[KReading logs ██████"


def test_without_a_terminal_nothing_is_drawn(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    bar = ProgressBar()

    clock.now += 5
    bar.show(HALF)
    bar.clear()

    assert capsys.readouterr().err == ""
