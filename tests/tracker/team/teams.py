"""Makers of teams: machines that share a folder, and what they should come to."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tests.tracker.machines import Computer
from tests.tracker.worlds import World

from spendlight.metering.entry import TokenCounts
from spendlight.metering.periods import Period
from spendlight.metering.reports import Report
from spendlight.metering.slices import Spending
from spendlight.tracker.entry_rows import EntryRow
from spendlight.tracker.questions.periods import Periods
from spendlight.tracker.questions.question import Question
from spendlight.tracker.questions.selection import EVERYTHING, Selection
from spendlight.tracker.questions.sessions import Sessions
from spendlight.tracker.team.publishing import Published
from spendlight.tracker.team.source import TeamSource
from spendlight.tracker.tracker import UsageTracker

ASKED = (
    Periods(),
    Periods(period=Period.WEEK),
    Periods(period=Period.MONTH),
    Periods(by_project=True),
    Periods(by_machine=True),
    Sessions(),
)
"""Questions that a ledger and a team answer alike."""


class Member(Computer):
    """A machine that belongs to a team."""

    def __init__(self, world: World, name: str, *roots: Path, **changes: object) -> None:
        super().__init__(world, name, *roots, **changes)
        self.tracker.team.join(str(world.place / "team"), person=f"owner of {name}")

    def publish(self) -> Published:
        """Read all logs there are, and publish what is new."""
        self.read()
        return self.tracker.team.publish()


def folder_of(world: World) -> Path:
    """Return the folder of a world's team."""
    return world.place / "team"


def segments(world: World) -> list[Path]:
    """Return the segments in it."""
    found = folder_of(world).glob("machine=*/month=*/*.parquet")
    return sorted(path for path in found if not path.name.endswith(".days.parquet"))


class _All(NamedTuple):
    """All questions at once, as opening the cache takes longer than they do."""

    selection: Selection

    def answer(self, source: TeamSource) -> list[object]:
        asked = [question._replace(selection=self.selection) for question in ASKED]
        return [_plain(question.answer(source)) for question in asked]


def team_figures(
    tracker: UsageTracker, selection: Selection = EVERYTHING, scheduler: str = ""
) -> list[object]:
    """Return all rows of a team's reports as plain values."""
    return tracker.team.ask(_All(selection), scheduler=scheduler).value


def ledger_figures(tracker: UsageTracker, selection: Selection = EVERYTHING) -> list[object]:
    """Return the same of a ledger."""
    asked: list[Question[Report[Any]]] = [
        question._replace(selection=selection) for question in ASKED
    ]
    return [_plain(tracker.ask(question)) for question in asked]


def _plain(report: Report[Any]) -> object:
    """Return the rows of a report whatever their order, and the total."""
    rows = [(str(row._replace(spending=Spending())), _sums(row.spending)) for row in report.rows]
    return sorted(rows), _sums(report.total)


def _sums(spending: Spending) -> object:
    models = sorted(
        (model.label, model.tokens, round(model.cost, 9), model.is_priced, model.answers)
        for model in spending.models
    )
    moments = spending.first_ms, spending.last_ms, spending.limit_reset_ms
    searches = spending.web_searches, round(spending.web_search_cost, 9)
    return spending.tokens, round(spending.cost, 9), spending.answers, models, moments, searches


def by_hand(machines: Iterable[Computer]) -> tuple[TokenCounts, int]:
    """Return the tokens and the number of all answers, each once, of what machines hold."""
    copies: dict[tuple[str, str], list[EntryRow]] = {}
    for machine in machines:
        for row in machine.rows():
            copies.setdefault((row.answer, row.request), []).append(row)
    best = [min(found, key=_rank) for found in copies.values()]
    counting = [row for row in best if not _is_replayed(row, best)]
    tokens = sum(map(_tokens, counting), TokenCounts())
    return tokens, len(counting)


def _is_replayed(row: EntryRow, best: Sequence[EntryRow]) -> bool:
    return row.is_sidechain and any(
        other.answer == row.answer
        and other.request != row.request
        and other.timestamp == row.timestamp
        and _rank(other) <= _rank(row)
        for other in best
    )


def _rank(row: EntryRow) -> tuple[object, ...]:
    return (
        row.is_sidechain,
        -_tokens(row).total,
        row.role != "refused",
        not row.has_speed,
        row.path.removeprefix(row.root),
        row.path,
        row.machine_id,
        row.offset,
    )


def _tokens(row: EntryRow) -> TokenCounts:
    return TokenCounts(
        row.input_tokens,
        row.output_tokens,
        row.cache_creation_5m_tokens,
        row.cache_creation_1h_tokens,
        row.cache_read_tokens,
    )


def files_of(folder: Path) -> dict[str, bytes]:
    """Return the files in a folder, by their paths in it."""
    return {
        os.fspath(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
