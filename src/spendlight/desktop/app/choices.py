"""What the settings mean for the session, and what the settings dialog offers."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from spendlight import autostart
from spendlight.autostart import LoginState
from spendlight.errors import UsageError
from spendlight.metering.reports import short_model
from spendlight.names import name

if TYPE_CHECKING:
    from spendlight.settings import Settings
    from spendlight.tracker.tracker import UsageTracker


class KnownScopes(NamedTuple):
    """What the user has used so far.

    Attributes:
        projects: The folder of each project, and its display name.
        models: The name of each model, and a short one.
        has_team: Whether this machine belongs to a team.
        people: The people of the team, as far as they are known.
        agents: The name of each agent in the ledger, and its title.
    """

    projects: tuple[tuple[str, str], ...]
    models: tuple[tuple[str, str], ...]
    has_team: bool = False
    people: tuple[str, ...] = ()
    agents: tuple[tuple[str, str], ...] = ()


def known_scopes(tracker: UsageTracker) -> KnownScopes:
    """Return the projects, models and agents to which rules may apply."""
    from spendlight.metering.periods import Period
    from spendlight.metering.project_names import project_names
    from spendlight.tracker.agents import title_of
    from spendlight.tracker.questions.choices import Choices
    from spendlight.tracker.questions.periods import Periods

    known = tracker.ask(Choices())
    folders = known.projects
    names = project_names(folders)
    total = tracker.ask(Periods(period=Period.MONTH)).total
    labels = dict.fromkeys(model.label for model in total.models_by_cost)
    titles = ((folder, name(names.get(folder, folder))) for folder in folders)
    projects = sorted(titles, key=_by_title)
    models = tuple((label, short_model(label)) for label in labels)
    try:
        has_team, people = tracker.team.membership is not None, tracker.team.people
    except UsageError:  # `team status` says what is wrong with its file
        has_team, people = False, ()
    agents = tuple((agent, title_of(agent)) for agent in known.agents)
    return KnownScopes(tuple(projects), models, has_team, people, agents)


def _login_item() -> autostart.LoginItem:
    """Return the entry that starts this program at login."""
    return autostart.login_item(os.environ, autostart.login_command(autostart.RunningProgram()))


def login_state() -> LoginState:
    """Return whether the session starts the tray."""
    return _login_item().state()


def start_at_login(*, is_wanted: bool) -> None:
    """Set whether the session starts the tray.

    Raises:
        AutostartError: If it cannot be changed.
    """
    item = _login_item()
    if is_wanted:
        item.enable()
    elif item.state() is not LoginState.OFF:
        item.disable()


def repair_start_at_login() -> None:
    """Make the session start this program if its entry names one that has moved.

    Raises:
        AutostartError: If it cannot be changed.
    """
    autostart.repair(_login_item())


def tracker_sources(settings: Settings) -> tuple[object, ...]:
    """Return the settings with which a tracker is opened."""
    return (
        settings.config_dirs,
        settings.agents,
        settings.with_vms,
        settings.is_offline,
        settings.prices_file,
        settings.cost_mode,
        settings.time_zone,
    )


def alert_rules(settings: Settings) -> tuple[object, ...]:
    """Return the settings on which alerts depend."""
    return settings.budgets, settings.alerts, settings.week_start


def _by_title(project: tuple[str, str]) -> str:
    return project[1].casefold()
