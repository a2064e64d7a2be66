"""The program on made-up logs: nothing of the user's is read or written."""

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
"""How long Claude seems to think between two exchanges."""


FIVE_HOURS_LEFT: Final = timedelta(hours=2)
WEEK_LEFT: Final = timedelta(days=2)
"""How far the plan's windows are in the demo."""


@dataclass(frozen=True, slots=True)
class DemoMode:
    """A folder of made-up logs that goes on being written to.

    Attributes:
        options: For a tracker that looks at nothing but this folder.
        logs: What takes the place of ``~/.claude``.
    """

    options: TrackerOptions
    logs: Path
    _rng: random.Random

    def feed(self) -> None:
        """Let the newest session log another exchange, made now, and show its status line."""
        now = datetime.now().astimezone()
        append_exchange(self.logs, now, self._rng)
        _tell_limits(self.options, now)

    @contextmanager
    def growing(self, every_s: float = FEED_EVERY_S) -> Iterator[None]:
        """Feed the logs now and then, as long as the context lasts."""
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
    """Write made-up logs into a temporary folder, and remove it in the end.

    Args:
        on_progress: Called now and then with the bytes written and the bytes to write.
    """
    with tempfile.TemporaryDirectory(
        prefix="spendlight-demo-", ignore_cleanup_errors=True
    ) as place:
        logs = Path(place) / "claude"
        environ = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("CLAUDE", "CCUSAGE", "SPENDLIGHT"))
        }
        environ["CLAUDE_CONFIG_DIR"] = str(logs)
        write_logs(logs, DEMO.at(datetime.now().astimezone()), on_progress)
        options = TrackerOptions(data_dir=Path(place) / "data", environ=environ, is_offline=True)
        _tell_limits(options, datetime.now().astimezone())
        yield DemoMode(options, logs, random.Random())  # noqa: S311  # demo data, no secret


def _tell_limits(options: TrackerOptions, now: datetime) -> None:
    """Say what Claude Code would say of a plan's limits: the week is rather full, but will do."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    limits = {
        "five_hour": {"used_percentage": 41, "resets_at": (hour + FIVE_HOURS_LEFT).timestamp()},
        "seven_day": {"used_percentage": 63, "resets_at": (hour + WEEK_LEFT).timestamp()},
    }
    said = {"session_id": "demo", "rate_limits": limits}
    note_limits(options, json.dumps(said).encode(), now)
