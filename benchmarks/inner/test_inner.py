"""The time of each step by itself: parse, dedup, record, query."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from spendlight.ledger.usage_ledger import Batch, FileMark, LogName, UsageLedger
from spendlight.logs.claude_code.parser import parse_range
from spendlight.logs.dedup import DedupRegistry
from spendlight.logs.jobs import ReadJob
from spendlight.logs.parsed import ParsedRange
from spendlight.metering.periods import Period
from spendlight.metering.reports import Report
from spendlight.metering.session_names import session_name
from spendlight.tracker.questions.blocks import Blocks
from spendlight.tracker.questions.periods import Periods
from spendlight.tracker.questions.question import Question
from spendlight.tracker.questions.sessions import Sessions
from spendlight.tracker.tracker import UsageTracker

REPORTS: dict[str, Question[Report[Any]]] = {
    "daily": Periods(),
    "weekly": Periods(period=Period.WEEK),
    "monthly": Periods(period=Period.MONTH),
    "session": Sessions(),
    "blocks": Blocks(),
}

CONTEXT_THRESHOLDS = (200_000,)


def found(parsed: list[ParsedRange]) -> int:
    """Return how many answers were read."""
    return sum(one.packed.count for one in parsed)


def deduplicated(jobs: list[ReadJob], parsed: list[ParsedRange], root: Path) -> Batch:
    """Return the batch that a pass passes to the ledger."""
    registry = DedupRegistry({job.number: job.name for job in jobs}, CONTEXT_THRESHOLDS)
    for one in parsed:
        registry.add(str(root), one.packed)
    packed, disputed = registry.drain()
    marks = [FileMark(job.number, job.size, 0, 0, job.end, 0) for job in jobs]
    variants = {number: variant for one in parsed for number, variant in one.variants.items()}
    return Batch(marks, [], packed, disputed, variants, [])


def _place(job: ReadJob) -> str:
    """Return a log's path below ``projects``."""
    return job.name.replace(os.sep, "/").rpartition("/projects/")[2]


def test_parse(benchmark: BenchmarkFixture, jobs: list[ReadJob]) -> None:
    """Read all logs, in one process."""
    parsed = benchmark(lambda: [parse_range(job) for job in jobs])

    benchmark.extra_info["answers"] = found(parsed)
    assert found(parsed)


def test_dedup(
    benchmark: BenchmarkFixture, jobs: list[ReadJob], parsed: list[ParsedRange], tmp_path: Path
) -> None:
    """Find the copy of each answer that counts."""
    batch = benchmark(deduplicated, jobs, parsed, tmp_path)

    benchmark.extra_info["answers"] = found(parsed)
    assert batch.packed


def test_record(
    benchmark: BenchmarkFixture, jobs: list[ReadJob], parsed: list[ParsedRange], tmp_path: Path
) -> None:
    """Write all answers into a new ledger."""
    batch = deduplicated(jobs, parsed, tmp_path)
    ledgers = iter(range(1_000))

    def new_ledger() -> tuple[tuple[UsageLedger], dict[str, object]]:
        ledger = UsageLedger(tmp_path / f"{next(ledgers)}.sqlite3")
        ledger.use_context_thresholds(CONTEXT_THRESHOLDS)
        names = [
            LogName(job.name, str(tmp_path), "", "", session_name(_place(job))) for job in jobs
        ]
        assert list(ledger.enlist(names).values()) == [job.number for job in jobs]
        return (ledger,), {}

    recorded = benchmark.pedantic(
        lambda ledger: ledger.record(batch), setup=new_ledger, rounds=20, warmup_rounds=1
    )

    benchmark.extra_info["answers"] = recorded.new_answers
    assert recorded.new_answers


@pytest.mark.parametrize("name", REPORTS)
def test_query(benchmark: BenchmarkFixture, tracker: UsageTracker, name: str) -> None:
    """Ask for a report."""
    report = benchmark(tracker.ask, REPORTS[name])

    benchmark.extra_info["answers"] = report.total.answers
    assert report.rows


def test_snapshot(benchmark: BenchmarkFixture, tracker: UsageTracker) -> None:
    """Ask for a snapshot of the present."""
    benchmark.extra_info["answers"] = tracker.health().answers
    assert benchmark(tracker.snapshot).last_at
