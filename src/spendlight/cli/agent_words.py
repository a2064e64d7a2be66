"""What `doctor` says of each agent: its data folders, and how many answers the ledger holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spendlight.cli.words import counted, left_out
from spendlight.metering.entry import CLAUDE_CODE
from spendlight.names import name
from spendlight.tracker.agents import title_of, verb_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spendlight.cli.json_out import Json
    from spendlight.tracker.health import HealthReport, RootHealth


def data_lines(health: HealthReport) -> Iterator[str]:
    """Yield the data folders of each agent; of Claude Code also if there are none."""
    answers = {agent.name: agent.answers for agent in health.agents}
    others = [root.agent for root in health.roots if root.agent != CLAUDE_CODE]
    agents = dict.fromkeys([CLAUDE_CODE, *others, *answers, *health.agents_off])
    for agent in agents:
        if agent != CLAUDE_CODE:
            yield ""
        yield f"{name(title_of(agent))} data"
        roots = [root for root in health.roots if root.agent == agent]
        if agent in health.agents_off:
            yield "  switched off in the settings, so it is neither read nor counted"
        elif agent == CLAUDE_CODE and not roots:
            yield "  none found; set CLAUDE_CONFIG_DIR if yours is not in ~/.claude"
        for root in roots:
            yield f"  {_root(root)}"
        if agent == CLAUDE_CODE:
            for left in health.left:
                yield f"  {left_out(left, is_listed=health.is_listed)}"
        if len(agents) > 1 and agent in answers:
            yield f"  {counted(answers[agent], 'answer')}"


def _root(root: RootHealth) -> str:
    missing = " (no longer exists)" if root.gone else " (does not exist)"
    parts = [root.folder if root.exists else f"{root.folder}{missing}"]
    if root.machine:
        parts.append(f"machine {root.machine}")
    parts.append(counted(root.files, "log"))
    if root.gone:
        parts.append(f"{counted(root.gone, 'log')} deleted but still counted")
    if root.same_as:
        parts.append(f"the same as in {root.same_as}")
    return ", ".join(parts)


def to_json(health: HealthReport) -> list[Json]:
    """Return the agents with usage, and those that are switched off."""
    found: list[Json] = [
        {
            "agent": verb_of(agent.name),
            "answers": agent.answers,
            "isOn": agent.name not in health.agents_off,
        }
        for agent in health.agents
    ]
    known = {agent.name for agent in health.agents}
    found += [
        {"agent": verb_of(agent), "answers": 0, "isOn": False}
        for agent in health.agents_off
        if agent not in known
    ]
    return found
