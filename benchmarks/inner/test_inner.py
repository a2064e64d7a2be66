"""The time of each step by itself: parse, settle, record, query."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from spendlight.ledger.usage_ledger import Batch, FileMark, LogName, UsageLedger
from spendlight.logs.claude_code.native_settling import settler
from spendlight.logs.claude_code.parser import parse_range
from spendlight.logs.jobs import ReadJob
from spendlight.logs.parsed import ParsedRange
from spendlight.metering.periods import Period
from spendlight.metering.reports import Report
from spendlight.metering.session_names import session_name
from spendlight.metering.settling import Source
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


def batch_of(jobs: list[ReadJob], parsed: list[ParsedRange]) -> Batch:
    """Return the batch that a pass passes to the ledger."""
    marks = [FileMark(job.number, job.size, 0, 0, job.end, 0) for job in jobs]
    variants = {number: variant for one in parsed for number, variant in one.variants.items()}
    packed = [one.packed for one in parsed]
    return Batch(marks, [], packed, (), variants, [], settler=settler())


def _place(job: ReadJob) -> str:
    """Return a log's path below ``projects``."""
    return job.name.replace(os.sep, "/").rpartition("/projects/")[2]


def test_parse(benchmark: BenchmarkFixture, jobs: list[ReadJob]) -> None:
    """Read all logs, in one process."""
    parsed = benchmark(lambda: [parse_range(job) for job in jobs])

    benchmark.extra_info["answers"] = found(parsed)
    assert found(parsed)


def test_settle(
    benchmark: BenchmarkFixture, jobs: list[ReadJob], parsed: list[ParsedRange]
) -> None:
    """Find the copy of each answer that counts, and drop the others."""
    sources = [Source(one.packed, 1, job.name) for job, one in zip(jobs, parsed, strict=True)]
    best = settler()

    def settle() -> int:
        verdicts = best.settle(sources).verdicts
        rests = [
            best.rest(source.packed, told, CONTEXT_THRESHOLDS)
            for source, told in zip(sources, verdicts, strict=True)
            if any(told)
        ]
        return len(rests)

    benchmark(settle)
    benchmark.extra_info["answers"] = found(parsed)


def test_record(
    benchmark: BenchmarkFixture, jobs: list[ReadJob], parsed: list[ParsedRange], tmp_path: Path
) -> None:
    """Write all answers into a new ledger."""
    batch = batch_of(jobs, parsed)
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
