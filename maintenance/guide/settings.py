"""The page of ``settings.toml``: defaults and values from the code, explanations from here."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from spendlight.metering.budgets import AlertPolicy, Budget, BudgetOf, BudgetPeriod, Metric
from spendlight.metering.pricing import CostMode
from spendlight.settings.keys import (
    AGENT_CHOICES,
    AGENTS,
    ALERT_POLICY,
    ALERTS,
    BUDGET_ALERTS,
    BUDGET_SCOPE,
    LIMITS,
    TOP,
    WEEKDAYS,
    Key,
)
from spendlight.settings.values import AgentChoices, Appearance, Settings, TrayText

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Told(NamedTuple):
    """The explanation of a key.

    Attributes:
        type: Its TOML type, with the unit if it has one.
        meaning: One or more sentences.
        example: A value as written in the file.
        allowed: The allowed values, if more specific than the type and not an enumeration.
        unset: The default in words, if it is not a value that the file can contain.
    """

    type: str
    meaning: str
    example: str
    allowed: str = ""
    unset: str = ""


CHOICES: Final[dict[str, dict[StrEnum, str]]] = {
    "tray_text": {
        TrayText.BLOCK_COST: "cost of the current block",
        TrayText.TODAY_COST: "cost of today",
        TrayText.PERCENT: "the share that the ring shows",
        TrayText.FIVE_HOURS: "how much of your plan's five-hour limit is used",
        TrayText.WEEK: "how much of your plan's weekly limit is used",
        TrayText.TIME_LEFT: "time until the current block ends",
        TrayText.BURN: "burn rate of the current block",
        TrayText.ICON_ONLY: "nothing",
    },
    "appearance": {
        Appearance.SYSTEM: "as the system",
        Appearance.LIGHT: "always light",
        Appearance.DARK: "always dark",
    },
    "cost_mode": {
        CostMode.AUTO: "the cost that a log recorded, else calculated from the price list",
        CostMode.CALCULATE: "always calculated from the price list",
        CostMode.DISPLAY: "recorded cost only; an answer without one costs 0",
    },
    "metric": {
        Metric.COST: "dollars",
        Metric.TOKENS: "tokens, all kinds together",
        Metric.BURN: "dollars an hour in the current block",
        Metric.FORECAST: "dollars that will be spent by the end of the period",
        Metric.RESET: "the end of a nearly used-up period",
        Metric.PLAN: "percent of a limit of your Claude plan",
    },
    "period": {
        BudgetPeriod.BLOCK: "the five-hour block",
        BudgetPeriod.DAY: "the local day",
        BudgetPeriod.WEEK: "the week, from `week_start` on",
        BudgetPeriod.MONTH: "the calendar month",
    },
    "of": {
        BudgetOf.LEDGER: "all that is in this machine's ledger",
        BudgetOf.TEAM: "all machines of your [team](team.md), or those of one person",
    },
}
"""The meanings of enumerated values."""

TEXTS: Final[dict[str, Told]] = {
    "tray_text": Told(
        "text", "What stands beside the tray icon, on panels that have room for it.", '"today-cost"'
    ),
    "starts_at_login": Told(
        "true or false",
        "Whether the tray starts when you log in. The tray changes the login entry when you "
        "change this in its settings window.",
        "true",
    ),
    "appearance": Told("text", "Whether the window is light or dark.", '"dark"'),
    "config_dirs": Told(
        "list of texts",
        "Claude data folders to read in addition to those that are found. `~` is your home. "
        "`CLAUDE_CONFIG_DIR` in the environment wins: while it is set, this key is ignored.",
        '["~/.claude-work"]',
        "each a folder with a folder `projects` in it",
    ),
    "with_vms": Told(
        "true or false",
        "Whether logs of virtual machines (`vms/*` in a data folder) are read. `false` is "
        "`--exclude-vms`.",
        "false",
    ),
    "cost_mode": Told(
        "text", "Where the cost of an answer comes from, as `--mode`.", '"calculate"'
    ),
    "week_start": Told(
        "text",
        "The first day of a week, in weekly reports and weekly budgets; as `--start-of-week`.",
        '"monday"',
        ", ".join(f"`{name}`" for name in WEEKDAYS),
    ),
    "time_zone": Told(
        "text",
        "The time zone in which days begin, as `--timezone`. Empty is the computer's own.",
        '"Europe/Berlin"',
        "an IANA name, or empty",
    ),
    "is_offline": Told(
        "true or false",
        "Never go online: no price list is fetched, none that was fetched earlier is used, and "
        "no newer version is looked for.",
        "true",
    ),
    "check_for_updates": Told(
        "true or false",
        "Whether to look for a newer version of Spendlight, at most once a day.",
        "false",
        unset="depends on the package: on, except where the system's packages bring updates",
    ),
    "prices_file": Told(
        "text",
        "A price list of your own in LiteLLM's form, as `--prices`. Models that it does not list "
        "keep their price. Empty is none.",
        '"~/prices.json"',
    ),
    "is_private": Told("true or false", "Hide amounts in tray, window and alerts.", "true"),
    "has_offered_budgets": Told(
        "true or false",
        "Whether the tray has asked you once for budgets. The tray sets it itself.",
        "true",
    ),
    "alerts.is_on": Told("true or false", "Whether there are alerts at all.", "false"),
    "alerts.quiet_from": Told(
        "local time",
        "Where quiet hours begin. They need `quiet_until`, too, and may span midnight.",
        "22:00:00",
        'a time without zone; a text such as `"22:00"` is read as well. Seconds are ignored',
        "no quiet hours",
    ),
    "alerts.quiet_until": Told(
        "local time", "Where quiet hours end.", "07:00:00", "as `quiet_from`", "no quiet hours"
    ),
    "alerts.critical_breaks_quiet": Told(
        "true or false", "Whether critical alerts are shown in quiet hours.", "false"
    ),
    "agents.off": Told(
        "list of texts",
        "The coding agents that are neither read nor counted. What the ledger has of them stays "
        "there, and counts again once they are on.",
        '["gemini", "amp"]',
        "names of agents, see [agents.md](agents.md)",
    ),
    "agents.folders": Told(
        "table of lists of texts",
        "The data folders of an agent, in place of its default ones and of those in its "
        "environment variables. `~` is your home. Folders of Claude Code in addition to the "
        "default ones are `config_dirs`.",
        '{ codex = ["~/.codex", "~/work/codex"] }',
        "as `off`; each folder as the agent's environment variable would name it",
    ),
    "limits.name": Told(
        "text",
        "What the rule is called. Names are unique: a second rule of the same name gets `-2` "
        "behind it.",
        '"day"',
        unset="the period and the metric, such as `day-cost`",
    ),
    "limits.amount": Told(
        "number",
        "The budget: dollars; tokens for `tokens`; dollars an hour for `burn`; percent for "
        "`plan`. `reset` needs none.",
        "25",
        "above 0; may be left out for `plan` (100) and `reset`",
        "required, but for `plan` and `reset`",
    ),
    "limits.metric": Told("text", "What is measured.", '"cost"'),
    "limits.period": Told(
        "text",
        "Over which time. `plan` knows `block` (five hours) and `week` only; a team has all but "
        "`block`.",
        '"day"',
    ),
    "limits.project": Told(
        "text",
        "Only usage of this project, by its folder name below `projects`. Empty is all.",
        '"-home-me-shop"',
        "empty for `plan`",
    ),
    "limits.model": Told(
        "text",
        "Only usage of this model, by the name that reports show. Empty is all.",
        '"claude-opus-4-5-20251101"',
        "empty for `plan`",
    ),
    "limits.agent": Told(
        "text",
        "Only usage of this coding agent, by its name in [agents.md](agents.md). Empty is all. "
        "Blocks, burn rates and plan limits are Claude Code's.",
        '"codex"',
        "empty or `claude-code` for `burn`, `plan` and the period `block`, and empty for a team",
    ),
    "limits.of": Told(
        "text",
        "Whose usage is measured. With `team`, `metric` is `cost`, `tokens` or `forecast`, and "
        "`period` is `day`, `week` or `month`.",
        '"team"',
    ),
    "limits.person": Told(
        "text",
        "Of the team only this person's usage, by the name that `spendlight team people` shows. "
        'Needs `of = "team"`. Empty is all.',
        '"ada"',
    ),
    "limits.levels": Told(
        "list of numbers",
        "At which shares of the amount to alert. The last one is critical.",
        "[0.5, 0.8, 1.0]",
        "each above 0; 1.0 is the whole amount",
    ),
    "limits.is_on": Told("true or false", "Whether the rule is in force.", "true"),
}

INTRODUCTION: Final = """\
# settings.toml

The settings window of the tray writes this file; you may edit it. `spendlight doctor` does not
print its path, which is:

| system | file |
|---|---|
| Linux | `~/.config/spendlight/settings.toml`, or below `XDG_CONFIG_HOME` |
| macOS | `~/Library/Application Support/spendlight/settings.toml` |
| Windows | `%LOCALAPPDATA%\\spendlight\\settings.toml` |
| any, with `SPENDLIGHT_DATA_DIR` or `--data-dir` | `settings.toml` in that folder |

The file is optional, and so is every key. Comments and unknown keys stay when the tray writes it.
A value that cannot be used is named on stderr, and the default is used instead. An option on the
command line wins over the file. The file does not apply to `--demo`.
"""


def page() -> str:
    """Return the page."""
    return "\n".join(_lines())


def examples() -> dict[str, str]:
    """Return a complete file for each key, by the key's full name."""
    return {name: _example(name, told) for name, told in TEXTS.items()}


def _lines() -> Iterator[str]:
    yield INTRODUCTION
    yield "## Top level\n"
    yield from _keys("", TOP, Settings())
    yield "## [alerts]\n"
    yield "When alerts may be shown. See [budgets-and-rules.md](budgets-and-rules.md).\n"
    yield from _keys(f"{ALERTS}.", ALERT_POLICY, AlertPolicy())
    yield "## [agents]\n"
    yield "Which coding agents are read, and where.\n"
    yield from _keys(f"{AGENTS}.", AGENT_CHOICES, AgentChoices())
    yield "## [[limits]]\n\nBudgets and alert rules, a table for each; none by default.\n"
    name = Key("name", str)
    yield from _keys(f"{LIMITS}.", (name, *BUDGET_SCOPE, *BUDGET_ALERTS), Budget(name=""))


def _keys(place: str, keys: Iterable[Key], defaults: object) -> Iterator[str]:
    for key in keys:
        told = TEXTS[place + key.name]
        yield f"### {key.name}\n"
        yield f"{told.meaning}\n"
        yield "| | |\n|---|---|"
        yield f"| type | {told.type} |"
        yield f"| default | {told.unset or _default(key, defaults)} |"
        if choices := CHOICES.get(key.name):
            allowed = "; ".join(f"`{value}`: {text}" for value, text in choices.items())
            yield f"| allowed | {allowed} |"
        elif told.allowed:
            yield f"| allowed | {told.allowed} |"
        yield f"\n```toml\n{_example(place + key.name, told)}```\n"


def _default(key: Key, defaults: object) -> str:
    return f"`{_toml(key.write(getattr(defaults, key.name)))}`"


def _toml(value: Any) -> str:  # noqa: ANN401  # any value of a key
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)


def _example(name: str, told: Told) -> str:
    """Return a complete file with one key."""
    table, _, key = name.rpartition(".")
    line = f"{key} = {told.example}\n"
    if table == LIMITS:
        before = "" if key == "amount" else "amount = 25\n"
        before += 'period = "month"\n' if key in {"of", "person", "agent"} else ""
        before += 'of = "team"\n' if key == "person" else ""
        return f"[[{LIMITS}]]\n{before}{line}"
    return f"[{table}]\n{line}" if table else line
