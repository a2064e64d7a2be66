"""Fills in what earlier versions did not keep, and what was not found yet.

Logs are read once more for circumstances, titles and types of agents, and repositories are found.

A command leaves that to a process that nobody waits for; the tray, and a command on a system where
that is not possible, do a little of it each time. Each log is one transaction, so it may end at any
moment, and goes on the next time.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from spendlight.errors import LedgerError
from spendlight.ledger.usage_ledger import UsageLedger
from spendlight.logs.jobs import ReadJob
from spendlight.metering.periods import DAY_MS
from spendlight.tracker.repositories import PATIENCE_S, find_some

if TYPE_CHECKING:
    from collections.abc import Callable

    from spendlight.ledger.filling import UnattributedLog

AT_ONCE_S: Final = 0.3
"""How long a command or a pass of the tray does it itself."""

LOGS_AT_ONCE: Final = 50

SIGN_LASTS_S: Final = 60.0
"""After this time without a sign of life a process is expected to have ended."""

_SIGN: Final = ".filling-in"
"""The file beside the ledger whose time is the last sign of life of such a process."""


def fill_in(path: Path, leave: Callable[[Callable[[], object]], bool] | None) -> None:
    """Fill in circumstances, here or in another process.

    Args:
        path: The ledger, which lacks some.
        leave: Starts a process that does something, and returns whether it could; None if it is to
            be done here.
    """
    sign = path.with_name(path.name + _SIGN)
    with suppress(OSError):
        if time.time() - sign.stat().st_mtime < SIGN_LASTS_S:
            return
    if leave is None or not leave(lambda: fill_in_now(path, sign=sign)):
        fill_in_now(path, AT_ONCE_S)


def fill_in_now(path: Path, seconds: float = 1e9, *, sign: Path | None = None) -> None:
    """Read logs until all are read or the time is over; what fails is tried again another day.

    Args:
        path: The ledger.
        seconds: How long.
        sign: The file that tells others that this is being done.
    """
    end = time.monotonic() + seconds
    day = time.time_ns() // 1_000_000 // DAY_MS  # in UTC
    try:
        with suppress(LedgerError, OSError), UsageLedger(path) as ledger:
            while logs := ledger.unattributed_logs(day, LOGS_AT_ONCE):
                for log in logs:
                    if sign is not None:
                        sign.touch(0o600)
                    _read(ledger, log, day)
                    if time.monotonic() > end:
                        return
            patience = min(PATIENCE_S, seconds)
            while time.monotonic() < end and find_some(ledger, day, patience, gives_up=True):
                pass
    finally:
        if sign is not None:
            with suppress(OSError):
                sign.unlink()


def _read(ledger: UsageLedger, log: UnattributedLog, day: int) -> None:
    """Read a log and write what it says. If it is gone, nothing will ever be known."""
    from spendlight.logs.claude_code.parser import parse_range  # once

    try:
        size = os.stat(log.path).st_size  # noqa: PTH116  # no object is needed
    except (FileNotFoundError, NotADirectoryError):
        if Path(log.root).exists():
            ledger.fill_in(log.number, (), {}, {})
        else:  # it may be on a drive that is away
            ledger.note_tried(log.number, day)
        return
    except (OSError, ValueError):
        ledger.note_tried(log.number, day)
        return
    parsed = parse_range(
        ReadJob(log.path, log.path, log.number, log.first_name, log.session, 0, size, size)
    )
    if parsed.failure is not None:
        ledger.note_tried(log.number, day)
        return
    told = parsed.attributions, parsed.tools, parsed.notes
    ledger.fill_in(log.number, parsed.entries, *told)
