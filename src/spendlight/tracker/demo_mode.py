"""The program on made-up logs: nothing of the user's is read or written."""

from __future__ import annotations

import os
import random
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from spendlight.demo import DEMO, append_exchange, write_logs
from spendlight.tracker.tracker import TrackerOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


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
        """Let the newest session log another exchange, made now."""
        append_exchange(self.logs, datetime.now().astimezone(), self._rng)


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
        yield DemoMode(options, logs, random.Random())  # noqa: S311  # demo data, no secret
