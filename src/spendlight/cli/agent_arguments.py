"""The agents as first words of a command: which reports there are of each, and their options."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from spendlight.cli.report_arguments import add_speed
from spendlight.cli.reports import REPORTS
from spendlight.cli.terminal import complain
from spendlight.errors import BadArgumentError, UsageError
from spendlight.metering.entry import CLAUDE_CODE

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Container, Sequence

_OF_EACH: Final = frozenset({"daily", "monthly", "session"})
"""The reports that there are of each agent."""

_WITH_WEEKS: Final = frozenset({"opencode"})
"""The agents besides Claude Code of which ccusage has a report by week, by their verbs."""


class NoReportOfAgentError(BadArgumentError):
    """A report was requested of an agent that ccusage has for others only."""

    def __init__(self, report: str, verb: str, title: str) -> None:
        if report in REPORTS and REPORTS[report].has_agents:
            advice = f"Use 'spendlight {report} --agent {verb}', or 'spendlight {verb} daily'."
        else:
            advice = f"Use 'spendlight {verb} daily' or 'spendlight {report}'."
        super().__init__(f'The "{report}" report is not available for {title} usage', advice)


class AgentOffError(UsageError):
    """The usage of agents was requested that are switched off."""

    def __init__(self, agents: Sequence[str]) -> None:
        from spendlight.tracker.agents import title_of  # rarely needed

        titles = " and ".join(map(title_of, agents))
        verb = "is" if len(agents) == 1 else "are"
        super().__init__(
            f"{titles} {verb} switched off in the settings",
            "Switch it on under Data sources there, or take it out of 'off' in the section "
            "[agents] of settings.toml.",
        )


def demand_on(agents: Sequence[str], off: Container[str]) -> None:
    """Make sure that some of the agents requested are on; warn of the others.

    Args:
        agents: Those requested, by their names in the ledger; () means all.
        off: Those that are switched off.

    Raises:
        AgentOffError: If all are off.
    """
    are_off = [agent for agent in agents if agent in off]
    if are_off:
        error = AgentOffError(are_off)
        if len(are_off) == len(agents):
            raise error
        complain(error)


def agent_of(words: Sequence[str], verbs: Container[str]) -> str:
    """Return the agent whose verb comes first, by its name in the ledger; "" if none does.

    Args:
        words: The command line.
        verbs: The verbs that are no agent's.
    """
    if not words or words[0] in verbs or not words[0].isidentifier():
        return ""
    from spendlight.tracker.agents import agent_verbs  # most commands name none

    return agent_verbs().get(words[0], "")


def demand_report_of(agent: str, report: str) -> None:
    """Make sure that there is a report of an agent; of Claude Code there is everything.

    Raises:
        NoReportOfAgentError: If there is none.
    """
    if not has_report(agent, report):
        from spendlight.tracker.agents import title_of, verb_of  # as above

        raise NoReportOfAgentError(report, verb_of(agent), title_of(agent))


def has_report(agent: str, report: str) -> bool:
    """Return whether there is a report of an agent; of Claude Code there is everything."""
    if agent == CLAUDE_CODE or report in _OF_EACH:
        return True
    from spendlight.tracker.agents import verb_of  # as above

    return report == "weekly" and verb_of(agent) in _WITH_WEEKS


def command_of(agent: str) -> str:
    """Return the words before a report of an agent; "" is of all."""
    if not agent:
        return "spendlight"
    from spendlight.tracker.agents import verb_of  # as above

    return f"spendlight {verb_of(agent)}"


def about_agent(agent: str) -> str:
    """Return what the verb of an agent does, for its help."""
    from spendlight.tracker.agents import title_of  # as above

    return (
        f"Reports of {title_of(agent)} alone, with the same JSON as ccusage's. Without the name of "
        "a report, it is the daily one."
    )


def add_options_of(agent: str, parser: ArgumentParser) -> None:
    """Add the options that only reports of an agent have; "" is of all."""
    if agent and agent != CLAUDE_CODE:
        from spendlight.tracker.agents import CODEX  # as above

        if agent == CODEX:
            add_speed(parser)
