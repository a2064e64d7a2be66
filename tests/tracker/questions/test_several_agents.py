"""What the tray and its filter say of several agents at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.makers import OPUS, line, write_log
from tests.tracker.codex_worlds import PLACE, CodexWorld, counts, meta, turn
from tests.tracker.worlds import NOW, at

from spendlight.metering.budgets import AlertPolicy, Budget, BudgetPeriod, Metric
from spendlight.tracker.alerting import cause_of
from spendlight.tracker.questions.choices import Choices
from spendlight.tracker.questions.periods import Periods
from spendlight.tracker.questions.selection import Selection
from spendlight.tracker.tracker import UsageTracker

CODEX_TOKENS = 1_300


@pytest.fixture
def tracker(tmp_path: Path) -> UsageTracker:
    """A tracker of a minute's usage of Claude Code, and of Codex."""
    world = CodexWorld(tmp_path)
    write_log(world.root, "p/s.jsonl", line(timestamp=at(0), model=OPUS))
    world.write(PLACE, meta(), turn(), *counts((1_000, 400, 300, 100)))
    return world.count()


def test_the_day_is_divided_by_agent_and_adds_up(tracker: UsageTracker) -> None:
    snapshot = tracker.snapshot(NOW)

    used = dict(snapshot.today_by_agent)
    assert used.keys() == {"claude-code", "codex"}
    assert used["codex"].tokens.total == CODEX_TOKENS
    assert sum(one.cost for one in used.values()) == pytest.approx(snapshot.today.cost)
    assert snapshot.block is not None
    assert snapshot.block.spending.tokens == used["claude-code"].tokens


def test_one_agent_alone_is_not_listed(tmp_path: Path) -> None:
    world = CodexWorld(tmp_path)
    world.write(PLACE, meta(), turn(), *counts((1_000, 400, 300, 100)))

    assert world.count().snapshot(NOW).today_by_agent == ()


def test_recent_sessions_say_of_which_agent_they_are(tracker: UsageTracker) -> None:
    recent = tracker.snapshot(NOW).recent

    assert {(usage.name.session, usage.agent) for usage in recent} == {
        ("s", "claude-code"),
        ("a", "codex"),
    }
    budget = Budget(name="b", amount=1, metric=Metric.TOKENS, agent="codex")
    assert cause_of(budget, recent).session == "a"


def test_a_filter_offers_the_agents_that_were_used(tracker: UsageTracker) -> None:
    assert tracker.ask(Choices()).agents == ("claude-code", "codex")

    of_codex = tracker.ask(Periods(Selection(agents=("codex",)))).total
    assert of_codex.tokens.total == CODEX_TOKENS


@pytest.mark.parametrize(
    ("period", "agent", "counts_codex", "counts_claude"),
    [
        (BudgetPeriod.DAY, "", True, True),
        (BudgetPeriod.DAY, "codex", True, False),
        (BudgetPeriod.MONTH, "claude-code", False, True),
        (BudgetPeriod.WEEK, "gemini", False, False),
        (BudgetPeriod.BLOCK, "", False, True),
    ],
)
def test_a_budget_is_for_one_agent_or_all_and_blocks_are_claude_codes(
    tracker: UsageTracker,
    period: BudgetPeriod,
    agent: str,
    counts_codex: bool,  # noqa: FBT001  # a case
    counts_claude: bool,  # noqa: FBT001  # a case
) -> None:
    budget = Budget(name="b", amount=1e6, metric=Metric.TOKENS, period=period, agent=agent)
    tracker.use_budgets((budget,), AlertPolicy())
    snapshot = tracker.snapshot(NOW)

    of_claude = dict(snapshot.today_by_agent)["claude-code"].tokens.total
    (state,) = snapshot.budgets
    assert state.used == CODEX_TOKENS * counts_codex + of_claude * counts_claude


def test_the_end_of_a_period_looks_at_budgets_of_its_own_agent(tracker: UsageTracker) -> None:
    day = BudgetPeriod.DAY
    full = Budget(name="full", amount=1, metric=Metric.TOKENS, period=day, agent="codex")
    ends = [
        Budget(name=name, metric=Metric.RESET, period=day, agent=agent)
        for name, agent in (("of-codex", "codex"), ("of-all", ""))
    ]
    tracker.use_budgets((full, *ends), AlertPolicy())

    used = {state.budget.name: state.used for state in tracker.snapshot(NOW).budgets}
    assert used["of-codex"] == CODEX_TOKENS
    assert used["of-all"] == 0


def test_budgets_of_two_agents_are_two_rules() -> None:
    rules = {Budget(name="b", amount=1, agent=agent).rule for agent in ("", "codex", "gemini")}

    assert len(rules) == 3  # as many as there are
