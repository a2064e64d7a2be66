"""Reads a range of a log of Copilot CLI, in the way of its kind."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from spendlight.logs.copilot.folders import EVENTS, SESSIONS

if TYPE_CHECKING:
    from spendlight.logs.jobs import ReadJob
    from spendlight.logs.parsed import ParsedRange


def parse(job: ReadJob) -> ParsedRange:
    """Read a range of a log."""
    folder, name = os.path.split(job.path)
    if name == EVENTS or os.path.basename(folder) == SESSIONS:  # noqa: PTH119  # text
        from spendlight.logs.copilot.events import parse_events

        return parse_events(job)
    from spendlight.logs.copilot.telemetry import parse_telemetry

    return parse_telemetry(job)
