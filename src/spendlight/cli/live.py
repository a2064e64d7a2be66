"""The live view of current usage, redrawn in place as it changes."""

from __future__ import annotations

import os
import sys
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from spendlight.cli import snapshot_words, terminal
from spendlight.cli.waiting import Wait, Waker, ending_cleanly
from spendlight.errors import UsageError
from spendlight.tracker.watching import WatchStop

if TYPE_CHECKING:
    from datetime import tzinfo

    from rich.console import Console, OverflowMethod, RenderableType

    from spendlight.cli.world import World
    from spendlight.tracker.snapshot import UsageSnapshot

SETTLING_S = 1.0
"""A second look after this time finds what was logged before the watcher was ready."""

_AFTER_A_BLANK = ("Today", "Last hour")


class NoTerminalError(UsageError):
    """There is no terminal to redraw in place."""

    def __init__(self) -> None:
        super().__init__(
            "The live view needs a terminal", "Use 'spendlight live --snapshot' to print it once."
        )


def demand_terminal() -> None:
    """Make sure that there is a terminal to draw on, and keys to leave with.

    Raises:
        NoTerminalError: If not.
    """
    if os.environ.get("TERM") == "dumb" or not (terminal.has_keyboard() and sys.stdout.isatty()):
        raise NoTerminalError


class LiveView:
    """Shows current usage until the user leaves.

    Updates when a log changes and at every full minute, and sleeps in between.
    """

    def __init__(
        self,
        world: World,
        console: Console,
        snapshot: UsageSnapshot,
        limit_tokens: int | None = None,
    ) -> None:
        self._world = world
        self._console = console
        self._snapshot = snapshot
        self._limit_tokens = limit_tokens
        self._notice = ""

    def run(self) -> None:
        """Draw until the user leaves."""
        from rich.live import Live

        with ending_cleanly(), Waker() as waker:
            stop = WatchStop()
            listener = threading.Thread(target=self.listen, args=(stop, waker), name="changes")
            live = Live(console=self._console, screen=True, auto_refresh=False)
            listener.start()
            try:
                # Not as a context manager: a signal while it starts would leave the screen behind.
                live.start()
                patience = SETTLING_S
                live.update(self.draw(), refresh=True)
                while waker.wait(patience) is not Wait.LEAVE:
                    self.look()
                    live.update(self.draw(), refresh=True)
                    patience = seconds_to_next_minute(datetime.now(UTC))
            finally:
                live.stop()
                stop.set()
                listener.join()

    def listen(self, stop: threading.Event, waker: Waker) -> None:
        """Wake the view whenever a log changes."""
        try:
            for _ in self._world.tracker.changes(stop):
                waker.wake()
        except (UsageError, OSError) as error:
            self._notice = f"Logs cannot be watched, so they are checked once a minute: {error}"
            waker.wake()

    def look(self) -> None:
        """Update the snapshot; if that fails, the last one stays, with its age."""
        try:
            self._snapshot = self._world.tracker.refresh().snapshot
            self._notice = ""
        except UsageError as error:
            age = f"{self._snapshot.at.astimezone(self._world.zone):%H:%M:%S}"
            self._notice = f"As of {age}. {error}"

    def draw(self) -> RenderableType:
        """Return what to draw now."""
        notice = self._notice or self._world.fault
        return screen(self._snapshot, self._limit_tokens, self._world.zone, notice)


def seconds_to_next_minute(now: datetime) -> float:
    """Return the seconds until the clock shows another minute, and a little more."""
    return 60.05 - now.second - now.microsecond / 1e6


def screen(
    snapshot: UsageSnapshot, limit_tokens: int | None, zone: tzinfo, notice: str = ""
) -> RenderableType:
    """Return current usage as a screen of the terminal."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    facts = snapshot_words.facts(snapshot, limit_tokens, zone)
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="bold", min_width=max(len(fact.heading) for fact in facts))
    grid.add_column(overflow="fold")
    for fact in facts:
        if fact.heading in _AFTER_A_BLANK:
            grid.add_row()
        overflow: OverflowMethod = "ellipsis" if fact.may_be_cut else "fold"
        text = Text(fact.text, fact.style, no_wrap=fact.may_be_cut, overflow=overflow)
        grid.add_row(fact.heading, text)
    clock = f"{snapshot.at.astimezone(zone):%Y-%m-%d %H:%M:%S}"
    lines: list[RenderableType] = [
        Text(f"Spendlight  {clock}", style="bold"),
        Text(),
        grid,
        Text(),
        Text(f"q quits · List price: {snapshot.prices.words}", style="dim"),
    ]
    if notice:
        lines.append(Text(notice, style="yellow"))
    return Group(*lines)
