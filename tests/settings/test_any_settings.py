from __future__ import annotations

from zoneinfo import available_timezones

from hypothesis import HealthCheck, given
from hypothesis import settings as profile
from hypothesis import strategies as st

from spendlight.metering.budgets import (
    TEAM_METRICS,
    TEAM_PERIODS,
    AlertPolicy,
    Budget,
    BudgetOf,
    BudgetPeriod,
    Metric,
)
from spendlight.metering.pricing import CostMode
from spendlight.settings import AgentChoices, Appearance, Settings, TrayText
from spendlight.settings.reading import read
from spendlight.settings.writing import fresh, merged

words = st.text(max_size=12)
shares = st.floats(0.01, 5, allow_nan=False)
budgets = st.builds(
    Budget,
    name=st.text(min_size=1, max_size=8),
    amount=st.floats(0.01, 1e12),
    metric=st.sampled_from([metric for metric in Metric if metric is not Metric.PLAN]),
    period=st.sampled_from(BudgetPeriod),
    project=words,
    model=words,
    levels=st.lists(shares, min_size=1, max_size=4).map(tuple),
    is_on=st.booleans(),
)
plan_limits = st.builds(
    Budget,
    name=st.text(min_size=1, max_size=8),
    amount=st.floats(1, 100),
    metric=st.just(Metric.PLAN),
    period=st.sampled_from([BudgetPeriod.BLOCK, BudgetPeriod.WEEK]),
    is_on=st.booleans(),
)
team_budgets = st.builds(
    Budget,
    name=st.text(min_size=1, max_size=8),
    amount=st.floats(0.01, 1e12),
    metric=st.sampled_from(TEAM_METRICS),
    period=st.sampled_from(TEAM_PERIODS),
    project=words,
    of=st.just(BudgetOf.TEAM),
    person=words,
)
clocks = st.none() | st.times().map(lambda clock: clock.replace(second=0, microsecond=0))
agents = st.sampled_from(["codex", "gemini", "claude-code", "not-made-yet"])
words_of_folders = st.text(min_size=1, max_size=12)
any_settings = st.builds(
    Settings,
    tray_text=st.sampled_from(TrayText),
    starts_at_login=st.booleans(),
    appearance=st.sampled_from(Appearance),
    budgets=st.lists(
        budgets | plan_limits | team_budgets, max_size=4, unique_by=lambda limit: limit.name
    ).map(tuple),
    alerts=st.builds(
        AlertPolicy,
        is_on=st.booleans(),
        quiet_from=clocks,
        quiet_until=clocks,
        critical_breaks_quiet=st.booleans(),
    ),
    config_dirs=st.lists(st.text(min_size=1, max_size=12), max_size=3).map(tuple),
    agents=st.builds(
        AgentChoices,
        off=st.lists(agents, max_size=3, unique=True).map(tuple),
        folders=st.dictionaries(agents, st.lists(words_of_folders, max_size=2).map(tuple)).map(
            lambda folders: tuple(folders.items())
        ),
    ),
    with_vms=st.booleans(),
    cost_mode=st.sampled_from(CostMode),
    week_start=st.integers(0, 6),
    time_zone=st.sampled_from(["", *sorted(available_timezones())[:5]]),
    is_offline=st.booleans(),
    check_for_updates=st.none() | st.booleans(),
    prices_file=words,
    is_private=st.booleans(),
    has_offered_budgets=st.booleans(),
)


@given(any_settings, any_settings)
@profile(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_saved_settings_are_loaded_whatever_was_there_before(
    before: Settings, after: Settings
) -> None:
    text = merged(fresh(before) + '\n[later]\nname = "kept"\n', after)

    assert text is not None
    assert 'name = "kept"' in text
    assert load(text) == after


@given(st.text(max_size=200), any_settings)
@profile(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_settings_are_saved_correctly_over_any_text(text: str, chosen: Settings) -> None:
    try:
        written = merged(text, chosen)
    except ValueError:
        return
    assert written is None or load(written) == chosen


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | words | st.times() | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)
keys = st.sampled_from(
    ["limits", "alerts", "tray_text", "week_start", "time_zone", "config_dirs", "is_private"]
)


@given(st.dictionaries(keys, json_like))
def test_any_content_can_be_loaded(content: dict[str, object]) -> None:
    loaded = read(content)

    assert isinstance(loaded.settings, Settings)
    assert all(problem.endswith(".") for problem in loaded.problems)


def load(text: str) -> Settings:
    import tomllib

    loaded = read(tomllib.loads(text))
    assert loaded.problems == ()
    return loaded.settings
