"""What a face needs to wait for changes of logs, in addition to `UsageTracker.changes`."""

from __future__ import annotations

from spendlight.logs.watcher import WatchStop

__all__ = ["WatchStop"]
