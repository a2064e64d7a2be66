"""Worlds for tests: Claude data folders, a ledger, and the tracker that connects them."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol, Self, TypeVar

from hypothesis import strategies as st
from tests.makers import LEFT_OUT, NOON, OPUS, QUICK, SONNET, line, price_list, progress, record
from tests.unread import Warnings

from spendlight.errors import LedgerOutOfUseError, UsageError
from spendlight.metering.entry import TokenCounts
from spendlight.metering.periods import Period
from spendlight.metering.reports import Report
from spendlight.metering.slices import Spending
from spendlight.tracker.options import TrackerOptions
from spendlight.tracker.questions.blocks import Blocks
from spendlight.tracker.questions.periods import Periods
from spendlight.tracker.questions.question import Question
from spendlight.tracker.questions.selection import Selection
from spendlight.tracker.questions.sessions import Sessions
from spendlight.tracker.snapshot import LogsRead, ScanProgress, UsageSnapshot
from spendlight.tracker.tracker import UsageTracker

Answer = TypeVar("Answer")

NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
"""Half an hour after the default time of log lines."""

ODD_BLOCK_MS = 2_520_000
"""Forty-two minutes, which are not a multiple of a quarter of an hour."""


class AnyReport(Question[Report[Any]], Protocol):
    """A question that a report of the terminal answers."""

    def _replace(self, *, selection: Selection = ..., by_machine: bool = ...) -> Self: ...


REPORTS: Mapping[str, AnyReport] = {
    "daily": Periods(),
    "weekly": Periods(period=Period.WEEK),
    "monthly": Periods(period=Period.MONTH),
    "session": Sessions(),
    "blocks": Blocks(now=NOW),
}
"""The questions of the terminal's reports."""

QUESTIONS: tuple[AnyReport, ...] = (
    *REPORTS.values(),
    Periods(by_project=True),
    Blocks(now=NOW, block_ms=ODD_BLOCK_MS),
)


class WatchedTracker(UsageTracker):
    """A tracker whose warnings the test must look at."""

    def __init__(self, options: TrackerOptions) -> None:
        super().__init__(options)
        self._noted = Warnings()

    @property
    def warnings(self) -> tuple[UsageError, ...]:
        found = super().warnings
        self._noted.give(map(repr, found), is_read=True)
        return found

    def read_logs(
        self,
        stop: threading.Event | None = None,
        on_progress: Callable[[ScanProgress], None] | None = None,
        only: Collection[str] | None = None,
        *,
        backs_up: bool = True,
    ) -> LogsRead:
        with self._noting():
            return super().read_logs(stop, on_progress, only, backs_up=backs_up)

    def ask(self, question: Question[Answer]) -> Answer:
        with self._noting():
            return super().ask(question)

    def snapshot(
        self, now: datetime | None = None, *, with_plan: bool = True, agents: tuple[str, ...] = ()
    ) -> UsageSnapshot:
        with self._noting():
            return super().snapshot(now, with_plan=with_plan, agents=agents)

    @contextmanager
    def _noting(self) -> Iterator[None]:
        """Note the warnings that there are after something was done."""
        try:
            yield
        finally:
            self._noted.give(map(repr, super().warnings))


class World:
    """A folder with Claude data folders, a price list and a ledger."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.prices_file = place / "prices.json"
        if not self.prices_file.exists():
            self.prices_file.write_text(json.dumps(price_list()))
        self.root = self.make_root("claude")

    def make_root(self, name: str) -> Path:
        """Make a Claude data folder without logs."""
        root = self.place / name
        (root / "projects").mkdir(parents=True, exist_ok=True)
        return root

    def options(self, *roots: Path, data: str = "data", **changes: Any) -> TrackerOptions:  # noqa: ANN401  # any option
        """Return options for some roots, by default for the one that always exists."""
        told: dict[str, Any] = {
            "data_dir": self.place / data,
            "environ": {"CLAUDE_CONFIG_DIR": ",".join(map(str, roots or (self.root,)))},
            "prices_file": self.prices_file,
            "is_offline": True,
            "has_threads": False,
            "zone": UTC,
        }
        return TrackerOptions(**(told | changes))

    def tracker(self, *roots: Path, data: str = "data", **changes: Any) -> UsageTracker:  # noqa: ANN401  # any option
        """Return a tracker that has read nothing yet."""
        return WatchedTracker.open(self.options(*roots, data=data, **changes))

    def read(self, *roots: Path, data: str = "data", **changes: Any) -> UsageTracker:  # noqa: ANN401  # any option
        """Return a tracker that has read everything."""
        tracker = self.tracker(*roots, data=data, **changes)
        tracker.refresh()
        return tracker


def total(tracker: UsageTracker) -> Spending:
    """Return the total of all usage."""
    return tracker.ask(Periods()).total


def causes(tracker: UsageTracker) -> list[type[UsageError]]:
    """Return the types of the warnings; for an unusable ledger, that of the cause."""
    return [
        type(warning.cause if isinstance(warning, LedgerOutOfUseError) else warning)
        for warning in tracker.warnings
    ]


def tokens(tracker: UsageTracker) -> int:
    """Return all tokens of every kind."""
    return total(tracker).tokens.total


def outputs_by_day(tracker: UsageTracker) -> dict[str, int]:
    """Return the output tokens of each day."""
    report = tracker.ask(Periods())
    return {str(row.start): row.spending.tokens.output for row in report.rows}


def figures(tracker: UsageTracker) -> list[object]:
    """Return all rows of all reports as plain values, with money to the tenth digit."""
    return [list(_plain((report.rows, report.total))) for report in map(tracker.ask, QUESTIONS)]


def _plain(value: object) -> Iterator[object]:
    """Yield the values inside a value, rounded so that the order of summing does not matter."""
    if isinstance(value, tuple):
        yield len(value)
        for part in value:
            yield from _plain(part)
    elif isinstance(value, float):
        yield round(value, 10) + 0.0
    else:
        yield value


def sums(tracker: UsageTracker) -> list[tuple[TokenCounts, float, int]]:
    """Return the total of each report: tokens, dollars, answers."""
    totals = [tracker.ask(question).total for question in QUESTIONS]
    return [(spent.tokens, round(spent.cost, 9), spent.answers) for spent in totals]


def at(minutes: float) -> str:
    """Return the time a number of minutes after noon, as written in logs."""
    moment = datetime.fromisoformat(NOON) + timedelta(minutes=minutes)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


_MINUTES = (0.0, 1 / 60_000, 14.99, 15.0, 42.0, 300.0, 300.001, 719.9, 720.0, 1000.0, 9000.0)
_STEP = {"model": SONNET, "input_tokens": 50, "output_tokens": 7}
_ADVISOR = _STEP | {"type": "advisor_message"}
_ATTEMPT = _STEP | {"type": "message", "model": QUICK}
_ANSWERED = _STEP | {"type": "fallback_message", "model": OPUS}
_COMPACTION = {"type": "compaction", "input_tokens": 300_000, "output_tokens": 8}


def log_lines() -> st.SearchStrategy[bytes]:
    """Generate lines of a small world with many copies of the same answers."""
    some = st.sampled_from
    changes = st.fixed_dictionaries(
        {
            "id": some(["a", "b", "c", "d", LEFT_OUT]),
            "requestId": some(["r1", "r2", "r3", LEFT_OUT]),
            "sessionId": some(["s1", "s2", LEFT_OUT]),
            "timestamp": some([at(minutes) for minutes in _MINUTES]),
            "model": some([OPUS, SONNET, QUICK, "mystery-model", "<synthetic>"]),
            "output_tokens": some([0, 1, 5, 9]),
            "stop_reason": some(["end_turn", "refusal", None]),
            "cache_read_input_tokens": some([0, 150_000, 250_000]),
            "isSidechain": st.booleans(),
            "speed": some([LEFT_OUT, "standard", "fast"]),
            "inference_geo": some([LEFT_OUT, "us"]),
            "costUSD": some([LEFT_OUT, 0.25]),
            "iterations": some(
                [
                    LEFT_OUT,
                    [_ADVISOR, _ADVISOR],
                    [_ATTEMPT, _ANSWERED],
                    [_COMPACTION, _ATTEMPT, _ANSWERED, _ADVISOR],
                ]
            ),
        }
    )
    return st.one_of(
        changes.map(lambda chosen: line(**chosen)),
        changes.map(lambda chosen: progress(record(**chosen))),
        some([b"{}\n", b'{"message":{"usage":{"input_tokens":-1}}}\n', b'"usage"\n']),
    )


PLACES = ("p/s1.jsonl", "p/s1/subagents/agent-x.jsonl", "q/deep/er/s3.jsonl", "top.jsonl")


def logs() -> st.SearchStrategy[dict[str, list[bytes]]]:
    """Make a few logs by their place below ``projects``."""
    return st.dictionaries(
        st.sampled_from(PLACES), st.lists(log_lines(), max_size=6), min_size=1, max_size=4
    )


def write_logs(root: Path, made: dict[str, list[bytes]]) -> None:
    """Write logs below a root."""
    for place, lines in made.items():
        path = root / "projects" / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"".join(lines))
