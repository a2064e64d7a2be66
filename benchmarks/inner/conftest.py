"""Logs, and the trackers that have read them, for the inner benchmarks."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.makers import job_for

from spendlight.demo import corpus, write_logs
from spendlight.logs.claude_code.parser import parse_range
from spendlight.logs.jobs import ReadJob
from spendlight.logs.parsed import ParsedRange
from spendlight.tracker.tracker import TrackerOptions, UsageTracker

LOG_BYTES = 20_000_000
LOG_FILES = 40


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Claude data folder like the reference, but small."""
    folder = tmp_path_factory.mktemp("claude")
    write_logs(folder, corpus(LOG_BYTES, LOG_FILES))
    return folder


@pytest.fixture(scope="session")
def jobs(folder: Path) -> list[ReadJob]:
    """The read jobs for all logs."""
    logs = sorted(folder.rglob("*.jsonl"))
    return [job_for(log)._replace(number=number) for number, log in enumerate(logs, start=1)]


@pytest.fixture(scope="session")
def parsed(jobs: list[ReadJob]) -> list[ParsedRange]:
    """The parsed ranges."""
    return [parse_range(job) for job in jobs]


@pytest.fixture(scope="session")
def options(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> TrackerOptions:
    """Options for a single process without a network."""
    return TrackerOptions(
        data_dir=tmp_path_factory.mktemp("data"),
        environ={"CLAUDE_CONFIG_DIR": str(folder)},
        is_offline=True,
        has_threads=False,
    )


@pytest.fixture(scope="session")
def tracker(options: TrackerOptions) -> UsageTracker:
    """A tracker that has read everything."""
    tracker = UsageTracker.open(options)
    tracker.read_logs()
    return tracker
