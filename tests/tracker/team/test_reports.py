"""A team's reports, which are added up in its database, have the rows that a ledger's have."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.makers import OPUS, SONNET, line, write_log
from tests.tracker.team.teams import Member, ledger_figures, team_figures
from tests.tracker.worlds import World, logs, write_logs

from spendlight.metering.periods import Period
from spendlight.metering.pricing import CostMode
from spendlight.metering.reports import PeriodRow, Report
from spendlight.metering.slices import Spending
from spendlight.tracker.questions.periods import Periods
from spendlight.tracker.questions.selection import Selection
from spendlight.tracker.questions.sessions import Sessions
from spendlight.tracker.questions.source import SumsSource
from spendlight.tracker.team import source
from spendlight.tracker.team.shares import TeamShares


@pytest.fixture
def desk(world: World) -> Member:
    """A machine whose usage has several models, prices, months and projects."""
    desk = Member(world, "desk")
    write_log(
        desk.roots[0],
        "p/s.jsonl",
        line(id="a", timestamp="2026-01-31T23:30:00.000Z", model=SONNET),
        line(id="b", timestamp="2026-01-31T22:30:00.000Z", model=OPUS, costUSD=0.25),
        line(id="c", timestamp="2026-02-01T10:00:00.000Z", model=SONNET, input_tokens=300_000),
        line(id="d", timestamp="2026-02-03T10:00:00.000Z", model="<synthetic>"),
    )
    write_log(
        desk.roots[0],
        "q/t.jsonl",
        line(id="e", timestamp="2026-02-03T10:00:00.000Z", model="no-such-model"),
        line(id="f", timestamp="2026-02-08T10:00:00.000Z", model=SONNET, costUSD=1.5),
        line(
            id="g",
            timestamp="2026-03-01T10:00:00.000Z",
            model=OPUS,
            server_tool_use={"web_search_requests": 3},
        ),
    )
    desk.publish()
    return desk


@pytest.mark.parametrize("mode", CostMode)
def test_costs_are_determined_alike(desk: Member, mode: CostMode) -> None:
    selection = Selection(ZoneInfo("Europe/Berlin"), mode=mode)
    assert team_figures(desk.tracker, selection) == ledger_figures(desk.tracker, selection)


@pytest.mark.parametrize("selection", [Selection(model=SONNET), Selection(project="q")])
def test_usage_is_selected_alike(desk: Member, selection: Selection) -> None:
    assert team_figures(desk.tracker, selection) == ledger_figures(desk.tracker, selection)


class _Each(NamedTuple):
    """Several questions at once, as opening the cache takes longer than they do."""

    asked: list[Periods]
    selection: Selection

    def answer(self, source: SumsSource) -> list[Report[PeriodRow]]:
        return [question.answer(source) for question in self.asked]


@settings(max_examples=12, deadline=None)
@given(logs(), st.sampled_from(["UTC", "Asia/Kathmandu", "America/New_York"]))
def test_a_team_of_one_reports_what_its_ledger_does_to_the_last_digit(
    made: dict[str, list[bytes]], zone: str
) -> None:
    with tempfile.TemporaryDirectory() as place:
        world = World(Path(place))
        desk = Member(world, "desk")
        write_logs(desk.roots[0], made)
        desk.publish()
        asked = [
            Periods(Selection(ZoneInfo(zone), mode=mode), period, by_project=by, by_machine=not by)
            for mode in CostMode
            for period in Period
            for by in (False, True)
        ]
        each = _Each(asked, asked[0].selection)
        told = desk.tracker.team.ask(each).value
        for report, expected in zip(told, desk.tracker.ask(each), strict=True):
            assert report.rows == expected.rows
            assert report.total == expected.total


def test_models_have_the_order_of_the_logs_and_not_of_time(world: World) -> None:
    desk = Member(world, "desk")
    opus = [line(id=f"o{at}", timestamp="2026-01-05T12:00:00Z", model=OPUS) for at in range(3)]
    sonnet = [line(id=f"s{at}", timestamp="2026-01-05T10:00:00Z", model=SONNET) for at in range(3)]
    write_log(desk.roots[0], "p/s/subagents/agent-b.jsonl", *sonnet)
    write_log(desk.roots[0], "p/s/subagents/agent-a.jsonl", *opus)
    desk.publish()

    for asked in (Periods(), Periods(by_project=True)):
        (row,) = desk.tracker.team.ask(asked).value.rows
        assert [model.label for model in row.spending.models] == [OPUS, SONNET]
        assert row == desk.tracker.ask(asked).rows[0]


def test_shares_are_separated_by_machine_or_person(world: World) -> None:
    for name, count in (("desk", 2), ("lap", 1)):
        member = Member(world, name)
        for number in range(count):
            used = line(id=f"{name}{number}", model=(OPUS, SONNET)[number])
            write_log(member.roots[0], f"p/{number}.jsonl", used)
        write_log(member.roots[0], "q/t.jsonl", line(id=f"{name} in q", model=SONNET))
        member.publish()

    def shares(of: str, by: str) -> set[tuple[str | None, str, int, int]]:
        rows = member.tracker.team.ask(TeamShares(of, by=by)).value.rows
        assert sum(row.share for row in rows) == pytest.approx(1)
        return {(row.machine, row.name, row.spending.answers, row.sessions) for row in rows}

    assert shares("project", "machine") == {
        ("desk", "p", 2, 2),
        ("desk", "q", 1, 1),
        ("lap", "p", 1, 1),
        ("lap", "q", 1, 1),
    }
    assert shares("model", "person") == {
        ("owner of desk", OPUS, 1, 1),
        ("owner of desk", SONNET, 2, 2),
        ("owner of lap", OPUS, 1, 1),
        ("owner of lap", SONNET, 1, 1),
    }
    assert shares("machine", "person") == {
        ("owner of desk", "desk", 3, 3),
        ("owner of lap", "lap", 2, 2),
    }
    assert shares("model", "") == {(None, OPUS, 2, 2), (None, SONNET, 3, 3)}


@pytest.mark.parametrize("most", [0, 50_000])
def test_each_answer_has_the_price_of_its_day(
    world: World, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    """o3 became cheaper on 2025-06-16, here in the middle of a session and a local day."""
    monkeypatch.setattr(source, "MOST_IN_ORDER", most)
    desk = Member(world, "desk")
    moments = ("2025-06-15T23:59:59.999Z", "2025-06-16T00:00:00.000Z", "2025-06-18T00:00:00.000Z")
    lines = (
        line(id=f"m{number}", timestamp=at, model="o3", input_tokens=1_000_000, output_tokens=0)
        for number, at in enumerate(moments)
    )
    write_log(desk.roots[0], "p/s.jsonl", *lines)
    desk.publish()
    selection = Selection(ZoneInfo("Asia/Tokyo"))

    def cost(question: Any) -> float:  # noqa: ANN401  # of several sorts
        spending: Spending = desk.tracker.team.ask(question).value.total
        return round(spending.cost, 6)

    assert team_figures(desk.tracker, selection) == ledger_figures(desk.tracker, selection)
    spent = 14.0 + 20_000 * (2.5 + 0.5 + 0.5) / 1e6 + 1_000 * (12.5 + 2.5 + 2.5) / 1e6
    assert cost(Periods(selection)) == cost(Sessions(selection)) == spent
    assert cost(TeamShares("model", selection)) == spent
