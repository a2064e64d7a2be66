from __future__ import annotations

import pytest
from tests.settings.files import write

from spendlight.metering.budgets import Budget, BudgetPeriod, Metric
from spendlight.settings import Settings, SettingsFile


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ('amount = "ten"', 'limits entry "b": amount must be a number of at least 0, not "ten".'),
        ("amount = -1", 'limits entry "b": amount must be a number of at least 0, not -1.'),
        ("amount = nan", 'limits entry "b": amount must be a number of at least 0, not nan.'),
        (
            f"amount = {10**400}",
            'limits entry "b": amount must be a number of at least 0, not 1000',
        ),
        ("amount = true", 'limits entry "b": amount must be a number of at least 0, not true.'),
        ("", 'limits entry "b": amount must be a number above 0.'),
        ('amount = 1\nmetric = "sheep"', 'limits entry "b": metric must be one of "cost", '),
        ('amount = 1\nperiod = "age"', 'limits entry "b": period must be one of "block", '),
        (
            "amount = 1\nproject = 7",
            'limits entry "b": project must be a string in quotation marks',
        ),
    ],
)
def test_an_invalid_limit_is_ignored_and_stays_in_the_file(
    file: SettingsFile, fields: str, problem: str
) -> None:
    write(file, f'[[limits]]\nname = "a"\namount = 5\n\n[[limits]]\nname = "b"\n{fields}\n')
    loaded = file.load()
    (limit,) = loaded.settings.budgets

    file.save(Settings(budgets=(Budget(name="c", amount=1), limit)))

    assert limit == Budget(name="a", amount=5)
    assert len(loaded.problems) == 1
    assert loaded.problems[0].startswith(problem)
    assert loaded.problems[0].endswith("This entry is ignored.")
    assert [limit.name for limit in file.load().settings.budgets] == ["c", "a"]
    assert file.load().problems == loaded.problems


def test_a_plan_limit_needs_no_amount(file: SettingsFile) -> None:
    write(file, '[[limits]]\nmetric = "plan"\nperiod = "week"\n')

    loaded = file.load()

    assert loaded.problems == ()
    assert loaded.settings.budgets == (
        Budget(name="week-plan", amount=100, metric=Metric.PLAN, period=BudgetPeriod.WEEK),
    )


@pytest.mark.parametrize(
    ("misfit", "reason"),
    [
        ('period = "day"', "period must be"),
        ('period = "month"', "period must be"),
        ('project = "p"', "a project or a model"),
        ('model = "m"', "a project or a model"),
    ],
)
def test_a_plan_limit_is_for_five_hours_or_a_week_without_a_filter(
    file: SettingsFile, misfit: str, reason: str
) -> None:
    write(file, f'[[limits]]\nmetric = "plan"\n{misfit}\n')

    loaded = file.load()

    assert loaded.settings.budgets == ()
    assert reason in loaded.problems[0]


@pytest.mark.parametrize(
    ("misfit", "reason"),
    [
        ("", 'for a team, period must be "day", "week" or "month"'),
        ('period = "day"\nmetric = "burn"', 'metric must be "cost", "tokens" or "forecast"'),
        ('period = "week"\nmetric = "plan"', 'metric must be "cost", "tokens" or "forecast"'),
        ('period = "day"\nmetric = "reset"', 'metric must be "cost", "tokens" or "forecast"'),
    ],
)
def test_a_team_has_budgets_for_calendar_periods_only(
    file: SettingsFile, misfit: str, reason: str
) -> None:
    write(file, f'[[limits]]\nname = "t"\namount = 5\nof = "team"\n{misfit}\n')

    loaded = file.load()

    assert loaded.settings.budgets == ()
    assert reason in loaded.problems[0]
    assert loaded.problems[0].startswith('limits entry "t": for a team, ')


def test_a_limit_may_be_for_one_agent(file: SettingsFile) -> None:
    write(
        file,
        '[[limits]]\nname = "c"\namount = 5\nperiod = "day"\nagent = "Codex"\n'
        '[[limits]]\nname = "b"\namount = 5\nagent = "claude"\n',
    )

    loaded = file.load()
    agents = [budget.agent for budget in loaded.settings.budgets]
    file.save(loaded.settings)

    assert (agents, loaded.problems) == (["codex", "claude-code"], ())
    assert file.load().settings == loaded.settings


@pytest.mark.parametrize(
    ("misfit", "reason"),
    [
        ("", 'with agent, period must be "day", "week" or "month"'),
        ('period = "day"\nmetric = "burn"', "so agent cannot be set"),
        ('metric = "plan"', "so agent cannot be set"),
        ('period = "day"\nof = "team"', "a team's usage is not divided by agents"),
    ],
)
def test_blocks_and_plan_limits_are_those_of_claude_code(
    file: SettingsFile, misfit: str, reason: str
) -> None:
    write(file, f'[[limits]]\nname = "t"\namount = 5\nagent = "codex"\n{misfit}\n')

    loaded = file.load()

    assert loaded.settings.budgets == ()
    assert reason in loaded.problems[0]


def test_a_person_belongs_to_a_team_and_a_team_is_called_so(file: SettingsFile) -> None:
    write(file, '[[limits]]\namount = 5\nperson = "ada"\n[[limits]]\namount = 5\nof = "taem"\n')

    loaded = file.load()

    assert loaded.settings.budgets == ()
    assert loaded.problems == (
        'limits entry 1: person needs of = "team". This entry is ignored.',
        'limits entry 2: of must be one of "ledger", "team", not "taem". This entry is ignored.',
    )


def test_a_limit_without_a_name_gets_a_descriptive_one(file: SettingsFile) -> None:
    write(file, '[[limits]]\namount = 5\n[[limits]]\namount = 6\n[[limits]]\nmetric = "reset"\n')

    loaded = file.load()

    assert [limit.name for limit in loaded.settings.budgets] == [
        "block-cost",
        "block-cost-2",
        "block-reset",
    ]
    assert loaded.problems == ()


def test_two_limits_of_the_same_name_are_distinguished(file: SettingsFile) -> None:
    write(file, '[[limits]]\nname = "a"\namount = 5\n[[limits]]\nname = "a"\namount = 6\n')

    loaded = file.load()

    assert [(limit.name, limit.amount) for limit in loaded.settings.budgets] == [
        ("a", 5),
        ("a-2", 6),
    ]
    assert "another entry has this name." in loaded.problems[0]


def test_invalid_levels_are_replaced_and_the_limit_applies(file: SettingsFile) -> None:
    write(file, '[[limits]]\nname = "a"\namount = 5\nlevels = [0.8, "x"]\n')

    loaded = file.load()

    assert loaded.settings.budgets == (Budget(name="a", amount=5),)
    assert "[0.8, 1.0] is used instead." in loaded.problems[0]
