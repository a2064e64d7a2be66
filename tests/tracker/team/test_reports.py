"""A team's reports, which are added up in its database, have the rows that a ledger's have."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from tests.makers import OPUS, SONNET, line, write_log
from tests.tracker.team.teams import Member, ledger_figures, team_figures
from tests.tracker.worlds import World

from spendlight.metering.pricing import CostMode
from spendlight.tracker.questions.selection import Selection


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
