"""Waits for logs to change."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterator, Sequence

    from spendlight.logs.discovery import LogRoot

LOOK_AGAIN_MS: Final = 30_000
"""A safety net: file systems that tell nothing (network drives) are looked at this often."""

_STEP_MS: Final = 100
_DEBOUNCE_MS: Final = 400
"""How long a burst of changes is gathered: an answer writes a line for each of its parts."""


def watch_logs(roots: Sequence[LogRoot], stop: threading.Event) -> Iterator[None]:
    """Yield whenever a log may have changed, and at least every half a minute, until stopped.

    Folders that do not exist yet are looked for again each time.
    """
    from watchfiles import watch  # a one-off report never watches

    while not stop.is_set():
        folders = _folders(roots)
        if not folders:
            stop.wait(LOOK_AGAIN_MS / 1000)
            yield None
            continue
        for _ in watch(
            *folders,
            watch_filter=None,
            debounce=_DEBOUNCE_MS,
            step=_STEP_MS,
            rust_timeout=LOOK_AGAIN_MS,
            stop_event=stop,
            yield_on_timeout=True,
            raise_interrupt=False,
            ignore_permission_denied=True,
        ):
            yield None
            if _folders(roots) != folders:
                break


def _folders(roots: Sequence[LogRoot]) -> list[str]:
    folders = [os.path.realpath(root.projects) for root in roots if root.exists]
    return [folder for folder in folders if os.access(folder, os.R_OK | os.X_OK)]
