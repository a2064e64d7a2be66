"""A progress bar on stderr for long scans such as the first one."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from spendlight.cli.output import own

if TYPE_CHECKING:
    from spendlight.tracker.snapshot import ScanProgress

SHOW_AFTER_S = 0.3
"""Shorter scans need no bar."""

REDRAW_EVERY_S = 0.1

_WIDTH = 24
_CLEAR = "\r\x1b[K"


class ProgressBar:
    """Shows the progress of a refresh, if stderr is a terminal, and clears it at the end.

    Attributes:
        is_wanted: Whether stderr is a terminal; if not, nothing is shown.
    """

    def __init__(self) -> None:
        self.is_wanted = sys.stderr.isatty()
        self._next_at = time.monotonic() + SHOW_AFTER_S
        self._is_drawn = False

    def show(self, progress: ScanProgress) -> None:
        """Draw it, unless it is too early."""
        if not self.is_wanted or time.monotonic() < self._next_at:
            return
        from spendlight.cli.terminal import columns  # most passes are too short for a bar
        from spendlight.cli.words import bar

        self._next_at = time.monotonic() + REDRAW_EVERY_S
        share = progress.bytes_done / progress.bytes_total if progress.bytes_total else 1.0
        files = f"{progress.files_done:,} of {progress.files_total:,} files"
        text = f"Reading logs {bar(share, _WIDTH)} {share:4.0%}  {files}"
        self._write(_CLEAR + text[: columns() - 1])
        self._is_drawn = True

    def clear(self) -> None:
        """Clear it."""
        if self._is_drawn:
            self._write(_CLEAR)
            self._is_drawn = False

    @staticmethod
    def _write(text: str) -> None:
        screen = own(sys.stderr)
        screen.write(text)
        screen.flush()
