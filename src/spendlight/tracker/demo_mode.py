"""Demo mode: runs on made-up logs; nothing of the user's is read or written."""

from __future__ import annotations

import json
import os
import random
import tempfile
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from spendlight.demo import DEMO, append_exchange, write_logs
from spendlight.tracker.plan_notes import note_limits
from spendlight.tracker.tracker import TrackerOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FEED_EVERY_S: Final = 10.0
"""The time between two made-up exchanges."""


FIVE_HOURS_LEFT: Final = timedelta(hours=2)
WEEK_LEFT: Final = timedelta(days=2)
"""How much is left of the weekly window in the demo."""


@dataclass(frozen=True, slots=True)
class DemoMode:
    """A folder of made-up logs that keeps growing.

    Attributes:
        options: For a tracker that reads this folder only.
        logs: The folder that replaces ``~/.claude``.
    """

    options: TrackerOptions
    logs: Path
    _rng: random.Random

    def feed(self) -> None:
        """Append another exchange to the newest session's log, and report plan limits."""
        now = datetime.now().astimezone()
        append_exchange(self.logs, now, self._rng)
        _tell_limits(self.options, now)

    @contextmanager
    def growing(self, every_s: float = FEED_EVERY_S) -> Iterator[None]:
        """Append to the logs at intervals, as long as the context lasts."""
        stop = threading.Event()
        thread = threading.Thread(target=self._grow, args=(stop, every_s), name="demo")
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()

    def _grow(self, stop: threading.Event, every_s: float) -> None:
        while not stop.wait(every_s):
            self.feed()


@contextmanager
def demo_mode(on_progress: Callable[[int, int], None] | None = None) -> Iterator[DemoMode]:
    """Write made-up logs into a temporary folder, and remove it at the end.

    Args:
        on_progress: Called at intervals with the bytes written and the bytes to write.
    """
    with tempfile.TemporaryDirectory(
        prefix="spendlight-demo-", ignore_cleanup_errors=True
    ) as folder:
        logs = Path(folder) / "claude"
        environ = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("CLAUDE", "CCUSAGE", "SPENDLIGHT"))
        }
        environ["CLAUDE_CONFIG_DIR"] = str(logs)
        write_logs(logs, DEMO.at(datetime.now().astimezone()), on_progress)
        options = TrackerOptions(data_dir=Path(folder) / "data", environ=environ, is_offline=True)
        _tell_limits(options, datetime.now().astimezone())
        yield DemoMode(options, logs, random.Random())  # noqa: S311  # not for cryptography


def _tell_limits(options: TrackerOptions, now: datetime) -> None:
    """Report plan limits like Claude Code: much of the week is used, but it will last."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    limits = {
        "five_hour": {"used_percentage": 41, "resets_at": (hour + FIVE_HOURS_LEFT).timestamp()},
        "seven_day": {"used_percentage": 63, "resets_at": (hour + WEEK_LEFT).timestamp()},
    }
    said = {"session_id": "demo", "rate_limits": limits}
    note_limits(options, json.dumps(said).encode(), now)
