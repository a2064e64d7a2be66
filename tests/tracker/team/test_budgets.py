"""Budgets of a team: measured where usage is published, checked in the tray."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.makers import OPUS, line, write_log
from tests.tracker.team.teams import Member, folder_of
from tests.tracker.worlds import World

from spendlight.metering.budgets import AlertPolicy, Budget, BudgetOf, BudgetPeriod, Metric
from spendlight.tracker.team.budget_readings import FILE, known_readings

TOKENS = 21_403
"""The tokens of an answer of `makers.line`."""


def budget(name: str, amount: float, metric: Metric = Metric.TOKENS, **changes: Any) -> Budget:  # noqa: ANN401  # any field
    return Budget(
        name=name,
        amount=amount,
        metric=metric,
        period=BudgetPeriod.MONTH,
        of=BudgetOf.TEAM,
        **changes,
    )


class Colleague(Member):
    """A machine of a team that uses something at times."""

    used = 0

    def use(self, answers: int, project: str = "p") -> None:
        """Make answers now, and publish them."""
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        for _ in range(answers):
            self.used += 1
            name = f"{self.name}-{self.used}"
            answer = line(id=name, requestId=name, timestamp=at)
            write_log(self.roots[0], f"{project}/{name}.jsonl", answer)
        self.publish()

    def watch(self, *budgets: Budget) -> Colleague:
        """Check budgets from now on."""
        self.tracker.use_budgets(budgets, AlertPolicy(), 0)
        return self

    def told(self) -> list[tuple[str, float]]:
        """Do what the tray does every few minutes, and return the alerts that it shows."""
        self.tracker.team.publish_if_new()
        alerts = self.tracker.refresh().alerts
        return [(alert.budget.name, alert.level) for alert in alerts]

    def shares(self, after: timedelta = timedelta()) -> dict[str, float | None]:
        """Return the share of each budget that is used, as the tray sees it; None if unknown."""
        states = self.tracker.snapshot(datetime.now(UTC) + after).budgets
        return {one.budget.name: one.share if one.instance else None for one in states}

    @property
    def folder(self) -> Path:
        """Where its ledger is."""
        return self.world.options(data=f"data-{self.name}").ledger_folder


@pytest.fixture
def desk(world: World) -> Colleague:
    return Colleague(world, "desk")


@pytest.fixture
def lap(world: World) -> Colleague:
    return Colleague(world, "lap")


def test_the_tray_alerts_once_about_what_all_machines_used(
    world: World, desk: Colleague, lap: Colleague
) -> None:
    desk.watch(budget("all", 10 * TOKENS))
    assert desk.told() == []
    lap.use(5)
    desk.use(2)
    assert desk.told() == []
    assert desk.shares() == {"all": pytest.approx(0.7)}

    lap.use(1)

    assert desk.told() == [("all", 0.8)]
    assert desk.told() == []
    again = Colleague(world, "desk", *desk.roots).watch(budget("all", 10 * TOKENS))
    assert again.told() == []


def test_budgets_of_a_person_a_project_and_a_model(desk: Colleague, lap: Colleague) -> None:
    lap.use(3, "shop")
    desk.use(1, "shop")
    desk.use(1, "blog")
    desk.watch(
        budget("all", 10 * TOKENS),
        budget("lap", 10 * TOKENS, person="owner of lap"),
        budget("shop", 10 * TOKENS, project="shop"),
        budget("opus", 10 * TOKENS, model=OPUS),
        budget("other", 10 * TOKENS, model="gpt-5"),
        budget("nobody", 10 * TOKENS, person="adda"),
        Budget(name="own", amount=10 * TOKENS, metric=Metric.TOKENS, period=BudgetPeriod.MONTH),
    )

    desk.told()

    assert desk.shares() == {
        "all": pytest.approx(0.5),
        "lap": pytest.approx(0.3),
        "shop": pytest.approx(0.4),
        "opus": pytest.approx(0.5),
        "other": 0.0,
        "nobody": None,
        "own": pytest.approx(0.2),
    }


def test_costs_are_those_of_the_teams_report(desk: Colleague, lap: Colleague) -> None:
    lap.use(2)
    desk.use(1)
    own = Budget(name="own", amount=1, period=BudgetPeriod.MONTH)
    desk.watch(
        budget("all", 1, Metric.COST), budget("mine", 1, Metric.COST, person="owner of desk"), own
    )

    desk.told()

    shares = desk.shares()
    assert shares["all"] == pytest.approx(3 * (shares["own"] or 0))
    assert shares["mine"] == pytest.approx(shares["own"])


def test_a_figure_ages_and_ends_with_its_period(desk: Colleague, lap: Colleague) -> None:
    lap.use(5)
    desk.watch(budget("all", 10 * TOKENS)).told()

    now = datetime.now(UTC)
    (fresh,) = desk.tracker.snapshot(now).budgets
    assert fresh.measured_at is not None
    assert now - fresh.measured_at < timedelta(minutes=1)
    assert not fresh.is_lower_bound
    resets_at = fresh.resets_at
    assert resets_at is not None
    (late,) = desk.tracker.snapshot(resets_at - timedelta(seconds=1)).budgets
    assert late.is_lower_bound == (resets_at - now > timedelta(minutes=30))
    (over,) = desk.tracker.snapshot(resets_at).budgets
    assert (over.instance, over.measured_at) == ("", None)


def test_a_folder_that_is_away_changes_nothing_that_was_known(
    world: World, desk: Colleague, lap: Colleague
) -> None:
    lap.use(5)
    desk.watch(budget("all", 10 * TOKENS)).told()
    known = known_readings(desk.folder)
    folder_of(world).rename(world.place / "away")

    desk.tracker.team.look()

    assert known_readings(desk.folder) == known
    (state,) = desk.tracker.team.status().budgets
    assert state.share == pytest.approx(0.5)
    assert state.measured_at == known[0].measured_at


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"[5]",
        b"[[]]",
        b"[" * 100_000,
        b'[{"rule": "r", "used": NaN, "startsAtMs": 0, "measuredAtMs": 0, "basis": ""}]',
        b'[{"rule": "r", "used": -1, "startsAtMs": 0, "measuredAtMs": 0, "basis": ""}]',
        b'[{"rule": "r", "used": 1, "startsAtMs": 1e99, "measuredAtMs": 0, "basis": ""}]',
        b'[{"rule": 5, "used": 1, "startsAtMs": 0, "measuredAtMs": 0, "basis": ""}]',
    ],
)
def test_a_damaged_file_makes_figures_unknown_until_they_are_measured_again(
    desk: Colleague, text: bytes
) -> None:
    desk.watch(budget("all", 10 * TOKENS))
    desk.use(1)
    (desk.folder / FILE.name).write_bytes(text)

    assert desk.shares() == {"all": None}
    desk.told()
    assert desk.shares() == {"all": pytest.approx(0.1)}


def test_another_amount_is_unknown_until_it_is_measured(desk: Colleague) -> None:
    desk.use(1)
    desk.watch(budget("all", 10 * TOKENS)).told()
    desk.watch(budget("all", 20 * TOKENS))

    assert desk.shares() == {"all": None}
    desk.told()
    assert desk.shares() == {"all": pytest.approx(0.05)}


def test_only_budgets_of_the_team_keep_the_tray_looking_at_its_folder(world: World) -> None:
    runs: list[bool] = []
    tray = Colleague(world, "tray", publish=lambda: runs.append(True))
    assert not tray.tracker.team.publish_if_new()
    tray.watch(Budget(name="own", amount=1), budget("off", 0))
    assert not tray.tracker.team.publish_if_new()

    tray.watch(budget("all", 1))

    assert tray.tracker.team.publish_if_new()
    assert runs == [True]


def test_who_leaves_the_team_forgets_its_usage(desk: Colleague) -> None:
    desk.use(1)
    desk.watch(budget("all", 10 * TOKENS)).told()
    assert json.loads((desk.folder / FILE.name).read_bytes())

    desk.tracker.team.leave()

    assert desk.shares() == {"all": None}
    assert desk.told() == []
