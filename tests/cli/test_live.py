from __future__ import annotations

import re
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC
from pathlib import Path
from typing import Any, cast

import pytest
from rich.console import Console, RenderableType
from tests.cli.shell import Shell, minutes_ago
from tests.cli.test_snapshot_words import IDLE, SNAPSHOT
from tests.makers import append

from spendlight.cli.live import (
    LiveView,
    NoTerminalError,
    demand_terminal,
    screen,
    seconds_to_next_minute,
)
from spendlight.cli.world import World
from spendlight.errors import LedgerBusyError, LedgerOutOfUseError, LedgerUnusableError, UsageError
from spendlight.tracker.options import TrackerOptions
from spendlight.tracker.snapshot import Refreshed, UsageSnapshot
from spendlight.tracker.tracker import UsageTracker

if sys.platform != "win32":
    from tests.cli.pseudo_terminal import PseudoTerminal

needs_pty = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")

ON_SCREEN = "\x1b[?1049h"
OFF_SCREEN = "\x1b[?1049l"
ESCAPES = re.compile(r"\x1b\[[?0-9;]*[a-zA-Z]")
HOME = "\x1b[H"
CURSOR_BACK = "\x1b[?25h"


def text_of(drawing: RenderableType, width: int = 80) -> str:
    console = Console(width=width, color_system=None)
    with console.capture() as capture:
        console.print(drawing)
    return "\n".join(line.rstrip() for line in capture.get().splitlines())


def test_the_screen_shows_the_current_figures_and_how_to_quit() -> None:
    text = text_of(screen(SNAPSHOT, None, UTC))

    assert text.startswith("Spendlight  2026-03-01 13:30:00\n")
    assert "Burn rate   $1.20/h · 1 k tokens/min\n" in text
    assert text.endswith("q quits · List price: test list")


def test_on_a_narrow_screen_figures_wrap_and_only_names_are_shortened() -> None:
    text = text_of(screen(SNAPSHOT, None, UTC), 48)

    assert "…" in text.split("Last hour")[1].splitlines()[0]
    assert "…" not in text.split("Last hour")[0]
    assert "20 k read)" in text


def test_a_notice_is_shown_at_the_bottom() -> None:
    assert text_of(screen(IDLE, None, UTC, "Logs cannot be watched,")).endswith(
        "Logs cannot be watched,"
    )


class Tracker:
    """A fake tracker whose ledger is busy and whose logs cannot be watched."""

    warnings: tuple[UsageError, ...] = ()

    def snapshot(self) -> UsageSnapshot:
        return SNAPSHOT

    def refresh(self) -> Refreshed:
        raise LedgerBusyError(str(SNAPSHOT.at))

    def changes(self, _stop: threading.Event) -> Iterator[None]:
        raise OSError(28, "no watches left")


def test_a_temporary_ledger_is_mentioned_as_long_as_it_is_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    view = make_view()
    cause = LedgerUnusableError("/home/me", "database or disk is full")
    monkeypatch.setattr(Tracker, "warnings", (LedgerOutOfUseError(cause, "/elsewhere"),))

    assert "disk is full" in text_of(view.draw())
    assert "/elsewhere" in text_of(view.draw())

    monkeypatch.setattr(Tracker, "warnings", ())
    assert "disk is full" not in text_of(view.draw())


def make_view() -> Any:  # noqa: ANN401  # a private attribute is checked
    tracker = cast("UsageTracker", Tracker())
    world = World(tracker, TrackerOptions(zone=UTC), growing=nullcontext)
    return LiveView(world, Console(width=80, color_system=None), SNAPSHOT)


def test_after_a_failed_pass_the_last_figures_are_shown_with_their_age() -> None:
    view = make_view()

    view.look()

    text = text_of(view.draw(), 200)
    assert "Cost        $1.50" in text
    assert "As of 13:30:00. The usage ledger is busy." in text


@needs_pty
def test_the_view_says_if_logs_cannot_be_watched() -> None:
    class Bell:
        rung = 0

        def wake(self) -> None:
            self.rung += 1

    view, bell = make_view(), Bell()

    view.listen(threading.Event(), bell)

    assert bell.rung == 1
    assert "no watches left" in text_of(view.draw(), 200)


def test_the_view_sleeps_until_the_clock_shows_another_minute() -> None:
    assert seconds_to_next_minute(SNAPSHOT.at.replace(second=59)) == pytest.approx(1.05)
    assert seconds_to_next_minute(SNAPSHOT.at) == pytest.approx(60.05)


def test_without_a_terminal_there_is_no_live_view() -> None:
    with pytest.raises(NoTerminalError):
        demand_terminal()


@pytest.fixture
def log(shell: Shell) -> Path:
    return shell.log("-w-app/s1.jsonl", minutes_ago(20), minutes_ago(10))


@needs_pty
@pytest.mark.slow  # starts programs
def test_q_quits_and_restores_the_terminal(log: Path, shell: Shell) -> None:
    assert log.exists()
    with PseudoTerminal("live", "--prices", str(shell.prices)) as terminal:
        drawn = terminal.read_until("q quits")
        assert ON_SCREEN in drawn
        assert "$0.05" in drawn
        assert terminal.now != terminal.before

        terminal.type("xq")

        assert terminal.wait() == 0
        assert OFF_SCREEN in terminal.drawn
        assert CURSOR_BACK in terminal.drawn
        assert terminal.now == terminal.before


@needs_pty
@pytest.mark.slow  # starts programs
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_restores_the_terminal(
    number: signal.Signals, code: int, log: Path, shell: Shell
) -> None:
    assert log.exists()
    with PseudoTerminal("live", "--prices", str(shell.prices)) as terminal:
        terminal.read_until("q quits")

        terminal.send(number)

        assert terminal.wait() == code
        assert OFF_SCREEN in terminal.drawn
        assert "Traceback" not in terminal.drawn
        assert terminal.now == terminal.before


@needs_pty
@pytest.mark.slow  # starts programs
def test_new_usage_appears_by_itself(log: Path, shell: Shell) -> None:
    with PseudoTerminal("live", "--prices", str(shell.prices)) as terminal:
        terminal.read_until("q quits")

        append(log, minutes_ago(0))

        terminal.read_until("$0.08")


@needs_pty
@pytest.mark.slow  # starts programs
def test_a_new_window_size_is_used_at_once(log: Path) -> None:
    assert log.exists()
    with PseudoTerminal("live") as terminal:
        terminal.read_until("q quits")

        terminal.resize(70, 30)
        terminal.send(signal.SIGWINCH)

        widest = 100
        while widest > 70:  # a frame of the old size may come first
            frame = terminal.read_until("q quits").rpartition(HOME)[2]
            widest = max(map(len, ESCAPES.sub("", frame).splitlines()))


@needs_pty
@pytest.mark.slow  # starts programs
def test_a_demo_leaves_nothing_behind_when_it_ends(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = shell.place / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    with PseudoTerminal("--demo", "live") as terminal:
        terminal.read_until("q quits")
        assert [place.name[:16] for place in temporary.iterdir()] == ["spendlight-demo-"]

        terminal.send(signal.SIGTERM)
        assert terminal.wait() == 143
    assert list(temporary.iterdir()) == []
