"""The user's settings and their defaults."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from spendlight.metering.budgets import AlertPolicy, Budget
from spendlight.metering.pricing import CostMode


class TrayText(StrEnum):
    """The text beside the tray's icon, if it can be shown."""

    BLOCK_COST = "block-cost"
    TODAY_COST = "today-cost"
    PERCENT = "percent"
    FIVE_HOURS = "five-hours"
    WEEK = "week"
    TIME_LEFT = "time-left"
    BURN = "burn"
    ICON_ONLY = "icon-only"


class Appearance(StrEnum):
    """Dark or light."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentChoices:
    """Which coding agents are read, and where; by the agents' names in the ledger.

    Attributes:
        off: The agents that are neither read nor counted.
        folders: The data folders of agents, in place of those that are found.
    """

    off: tuple[str, ...] = ()
    folders: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The user's settings.

    Attributes:
        tray_text: The text beside the tray's icon.
        starts_at_login: Whether the tray starts with the session.
        budgets: Budgets and alert rules; no two have the same name.
        alerts: When alerts may be shown.
        config_dirs: Claude data folders to read in addition to those that are found.
        agents: Which coding agents are read, and where.
        with_vms: Whether to read the logs of virtual machines, too.
        cost_mode: How the cost of an answer is determined.
        week_start: The first day of a week; 0 is Monday, 6 is Sunday.
        time_zone: The IANA name of the time zone; "" means the computer's own.
        is_offline: Never go online: fetch no prices, use no fetched ones, and do not check for
            newer versions.
        check_for_updates: Whether to check for a newer version, at most once a day; None means the
            default for the kind of package.
        prices_file: A price list that takes precedence over ours; "" means none.
        is_private: Whether amounts are hidden.
        has_offered_budgets: Whether the user was asked for budgets, which is done once.
    """

    tray_text: TrayText = TrayText.BLOCK_COST
    starts_at_login: bool = False
    appearance: Appearance = Appearance.SYSTEM
    budgets: tuple[Budget, ...] = ()
    alerts: AlertPolicy = field(default_factory=AlertPolicy)
    config_dirs: tuple[str, ...] = ()
    agents: AgentChoices = field(default_factory=AgentChoices)
    with_vms: bool = True
    cost_mode: CostMode = CostMode.AUTO
    week_start: int = 6
    time_zone: str = ""
    is_offline: bool = False
    check_for_updates: bool | None = None
    prices_file: str = ""
    is_private: bool = False
    has_offered_budgets: bool = False


@dataclass(frozen=True, slots=True)
class LoadedSettings:
    """The contents of a settings file.

    Attributes:
        problems: What in it cannot be used, and what is used instead; a sentence or two each.
    """

    settings: Settings
    problems: tuple[str, ...] = ()
