from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.makers import OPUS, QUICK, SONNET, line, write_log
from tests.purse import HOUR, MINUTE, START, Purse
from tests.tracker.worlds import NOW, World, at, logs, write_logs

from spendlight.metering.budgets import AlertPolicy, Budget, BudgetPeriod, BudgetState, Metric
from spendlight.metering.periods import Period
from spendlight.metering.slices import Spending
from spendlight.tracker.questions.budgets import BudgetQuestion
from spendlight.tracker.questions.periods import Periods
from spendlight.tracker.questions.selection import Selection
from spendlight.tracker.tracker import UsageTracker

PERIODS = {
    BudgetPeriod.DAY: Period.DAY,
    BudgetPeriod.WEEK: Period.WEEK,
    BudgetPeriod.MONTH: Period.MONTH,
}


def states(tracker: UsageTracker, *budgets: Budget, now: datetime = NOW) -> dict[str, BudgetState]:
    tracker.use_budgets(budgets, AlertPolicy())
    return {state.budget.name: state for state in tracker.snapshot(now).budgets}


def test_without_budgets_there_are_no_states(world: World) -> None:
    write_log(world.root, "p/s.jsonl", line())
    tracker = world.read()

    assert tracker.snapshot(NOW).budgets == ()
    assert states(tracker, Budget(name="off", amount=1, is_on=False)) == {}


def test_budgets_keep_their_order(world: World) -> None:
    names = ["z", "a", "reset", "b"]
    budgets = [
        Budget(name=name, amount=1, metric=Metric.RESET if name == "reset" else Metric.COST)
        for name in names
    ]

    assert list(states(world.read(), *budgets)) == names


def test_without_an_active_block_its_budget_has_no_end(world: World) -> None:
    write_log(world.root, "p/s.jsonl", line())
    tracker = world.read()

    later = NOW + timedelta(hours=9)
    state = states(tracker, Budget(name="b", amount=1), now=later)["b"]

    assert (state.used, state.instance, state.resets_at, state.severity) == (0, "", None, None)


_SCOPES = [("", ""), ("p", ""), ("", OPUS), ("q", SONNET), ("p", f"{QUICK}-fast"), ("none", "")]


@settings(max_examples=25, deadline=None)
@given(
    logs(),
    st.sampled_from(["UTC", "Asia/Kathmandu", "America/Los_Angeles", "Pacific/Kiritimati"]),
    st.sampled_from([0.0, 14.99, 42.0, 719.0, 1000.0, 9000.0]),
)
def test_budgets_never_contradict_the_reports(
    made: dict[str, list[bytes]], zone_name: str, minutes: float
) -> None:
    zone = ZoneInfo(zone_name)
    now = NOW + timedelta(minutes=minutes)
    budgets = [
        Budget(
            name=f"{metric}{period}{project}{model}",
            amount=1,
            metric=metric,
            period=period,
            project=project,
            model=model,
        )
        for metric in (Metric.COST, Metric.TOKENS)
        for period in BudgetPeriod
        for project, model in _SCOPES
    ]
    with tempfile.TemporaryDirectory() as place:
        world = World(Path(place))
        write_logs(world.root, made)
        tracker = world.read(zone=zone)
        snapshot = tracker.snapshot(now)
        rows = {
            (period, project): tracker.ask(
                Periods(Selection(zone, project=project or None), PERIODS[period])
            ).rows
            for period in PERIODS
            for project in ("", "p", "q", "none")
        }
        for state in states(tracker, *budgets, now=now).values():
            budget = state.budget
            if budget.period is not BudgetPeriod.BLOCK:
                spending = next(
                    (
                        row.spending
                        for row in rows[budget.period, budget.project]
                        if row.start.isoformat() == state.instance
                    ),
                    Spending(),
                )
            elif budget.project:
                continue
            else:
                spending = snapshot.block.spending if snapshot.block else Spending()
            parts = [model for model in spending.models if model.label == budget.model]
            if budget.metric is Metric.COST:
                whole = spending.cost
                part = sum(model.cost for model in parts)
            else:
                whole = spending.tokens.total
                part = sum(model.tokens.total for model in parts)
            assert close(state.used, part if budget.model else whole)


def close(one: float, other: float) -> bool:
    return abs(one - other) <= 1e-9 * max(1.0, abs(other))


def test_a_burn_limit_and_a_forecast_agree_with_the_snapshot(world: World) -> None:
    write_log(
        world.root,
        "p/s.jsonl",
        line(id="a", timestamp=at(0), output_tokens=100_000),
        line(id="b", timestamp=at(50), output_tokens=100_000),
    )
    tracker = world.read()
    now = NOW + timedelta(minutes=30)

    found = states(
        tracker,
        Budget(name="burn", amount=10, metric=Metric.BURN, period=BudgetPeriod.DAY),
        Budget(name="forecast", amount=10, metric=Metric.FORECAST),
        now=now,
    )
    snapshot = tracker.snapshot(now)

    assert snapshot.rate is not None
    assert snapshot.projection is not None
    assert close(found["burn"].used, snapshot.rate.cost_per_hour)
    assert found["burn"].instance == "2026-03-01"
    projected = found["forecast"].projected
    assert projected is not None
    assert abs(projected - snapshot.projection.total_cost) < 0.01


@pytest.mark.parametrize(
    ("zone", "period", "start", "end"),
    [
        ("UTC", BudgetPeriod.DAY, "2026-03-01T00:00", "2026-03-02T00:00"),
        ("Asia/Kathmandu", BudgetPeriod.DAY, "2026-02-28T18:15", "2026-03-01T18:15"),
        ("UTC", BudgetPeriod.WEEK, "2026-03-01T00:00", "2026-03-08T00:00"),
        ("UTC", BudgetPeriod.MONTH, "2026-03-01T00:00", "2026-04-01T00:00"),
        ("Europe/Berlin", BudgetPeriod.MONTH, "2026-02-28T23:00", "2026-03-31T22:00"),
    ],
)
def test_periods_begin_and_end_at_local_midnight(
    world: World, zone: str, period: BudgetPeriod, start: str, end: str
) -> None:
    budget = Budget(name="x", amount=1, period=period)

    state = states(world.read(zone=ZoneInfo(zone)), budget)["x"]

    assert state.starts_at == datetime.fromisoformat(start).replace(tzinfo=UTC)
    assert state.resets_at == datetime.fromisoformat(end).replace(tzinfo=UTC)


def test_a_week_begins_on_the_day_asked_for(world: World) -> None:
    tracker = world.read()
    tracker.use_budgets(
        [Budget(name="x", amount=1, period=BudgetPeriod.WEEK)], AlertPolicy(), week_start=0
    )

    assert tracker.snapshot(NOW).budgets[0].instance == "2026-02-23"


_SPENT = st.lists(st.tuples(st.integers(0, 3_000), st.sampled_from(["p", "q"])), max_size=30)


@settings(max_examples=50)
@given(_SPENT, st.lists(st.integers(-10, 300), min_size=2, max_size=2))
def test_settled_usage_is_the_usage_before_given_times(
    spent: list[tuple[int, str]], quarters: list[int]
) -> None:
    moments = tuple(START + number * 15 * MINUTE for number in quarters)
    budgets = tuple(
        Budget(name=f"{period}{project}", amount=1, period=period, project=project)
        for period in BudgetPeriod
        for project in ("", "p")
    )
    purse = Purse(*budgets)
    for minutes, project in spent:
        purse.spend(1, START + minutes * MINUTE, project=project)

    found = purse.states(START + 50 * HOUR, BudgetQuestion(budgets, 0, moments))

    for state in found:
        begin, end = state.starts_at, state.resets_at
        inside = [
            START + minutes * MINUTE
            for minutes, project in spent
            if begin is not None
            and end is not None
            and begin <= START + minutes * MINUTE < end
            and state.budget.project in {"", project}
        ]
        assert state.used == len(inside)
        assert state.settled == tuple(
            sum(moment < before for moment in inside) for before in moments
        )
