"""What a face needs to wait until logs change, beside `UsageTracker.changes`."""

from __future__ import annotations

from spendlight.logs.watcher import WatchStop

__all__ = ["WatchStop"]
