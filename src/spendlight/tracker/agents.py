"""The coding agents as people name them: on the screen and on the command line."""

from __future__ import annotations

from typing import Final

from spendlight.logs.agents import AGENTS, in_order, title_of, verb_of

__all__ = [
    "CODEX",
    "agent_named",
    "agent_verbs",
    "in_order",
    "is_reasoning_beside_output",
    "known_agents",
    "title_of",
    "verb_of",
]

CODEX: Final = "codex"
"""Codex's name in the ledger: ccusage has another form for it."""


def known_agents() -> tuple[str, ...]:
    """Return the names in the ledger of all agents that can be counted, Claude Code first."""
    return tuple(AGENTS)


def agent_verbs() -> dict[str, str]:
    """Return the names of all agents in the ledger, by their names on the command line."""
    return {agent.verb: agent.name for agent in AGENTS.values()}


def agent_named(text: str) -> str | None:
    """Return the name in the ledger of the agent that people call so; None if there is none."""
    wanted = text.casefold()
    for agent in AGENTS.values():
        if wanted in {agent.verb, agent.name, agent.title.casefold()}:
            return agent.name
    return None


def is_reasoning_beside_output(name: str) -> bool:
    """Whether ccusage leaves an agent's tokens of reasoning out of its output."""
    return name in AGENTS and AGENTS[name].is_reasoning_beside_output
