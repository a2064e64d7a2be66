"""Makers of session-block files, and the blocks of reports."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from tests.tracker.worlds import NOW, at

from spendlight.metering.described_blocks import UNLOGGED
from spendlight.metering.slices import Spending
from spendlight.tracker.questions.blocks import Blocks
from spendlight.tracker.tracker import UsageTracker


def block(
    start: float,
    end: float,
    counts: Sequence[int] = (10, 500, 1000, 20_000),
    cost: float | None = 1.0,
    **changes: object,
) -> dict[str, object]:
    """Return a block between two times, in minutes after noon."""
    kinds = (
        "inputTokens",
        "outputTokens",
        "cacheCreationInputTokens",
        "cacheReadInputTokens",
    )
    return {
        "startTime": at(start),
        "endTime": at(end),
        "tokenCounts": dict(zip(kinds, counts, strict=True)),
        "costUSD": cost,
    } | changes


def write(root: Path, content: object, name: str = "session_blocks_1.json") -> Path:
    path = root / "usage_tracking" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(content))
    return path


def bounds(tracker: UsageTracker) -> list[tuple[datetime, datetime, int]]:
    """Return the blocks without gaps, with the number of logged answers in each."""
    report = tracker.ask(Blocks(now=NOW))
    return [
        (row.block.start, row.block.end, logged(row.block.spending))
        for row in report.rows
        if not row.block.is_gap
    ]


def logged(spending: Spending) -> int:
    return sum(model.answers for model in spending.models if model.label != UNLOGGED.label)
