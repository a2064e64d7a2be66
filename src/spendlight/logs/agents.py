"""The registry of coding agents whose logs are read."""

from __future__ import annotations

from itertools import groupby
from operator import attrgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from spendlight.logs.agent import LogRoot
from spendlight.logs.amp import AMP
from spendlight.logs.claude_code.agent import CLAUDE_CODE
from spendlight.logs.codex.agent import CODEX
from spendlight.logs.copilot.agent import COPILOT
from spendlight.logs.droid import DROID
from spendlight.logs.gemini import GEMINI
from spendlight.logs.goose import GOOSE
from spendlight.logs.homes import folder_named
from spendlight.logs.kimi import KIMI
from spendlight.logs.opencode import KILO, OPENCODE
from spendlight.logs.pi import PI
from spendlight.logs.qwen import QWEN

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from spendlight.logs.agent import Agent
    from spendlight.logs.jobs import ReadJob
    from spendlight.logs.parsed import Parsed, ParsedRange

_agent_of = attrgetter("agent")

_NO_FOLDERS: Final[Mapping[str, Sequence[str]]] = MappingProxyType({})

AGENTS: Final[dict[str, Agent]] = {
    agent.name: agent
    for agent in (
        CLAUDE_CODE,
        CODEX,
        OPENCODE,
        GEMINI,
        QWEN,
        COPILOT,
        PI,
        AMP,
        DROID,
        KIMI,
        GOOSE,
        KILO,
    )
}
"""The agents by name, in the order in which their folders are searched."""


def title_of(name: str) -> str:
    """Return what the agent with this name in the ledger is called on the screen.

    Usage of an agent may come from a version that knows more of them; it has its name only.
    """
    return AGENTS[name].title if name in AGENTS else name


def in_order(name: str) -> tuple[int, str]:
    """Return what agents are sorted by, given their names in the ledger: Claude Code is first."""
    names = list(AGENTS)
    return (names.index(name) if name in AGENTS else len(names), name)


def verb_of(name: str) -> str:
    """Return what it is called on the command line."""
    return AGENTS[name].verb if name in AGENTS else name


def find_roots(
    environ: Mapping[str, str],
    *,
    with_vms: bool = True,
    more: Iterable[str] = (),
    off: Collection[str] = (),
    folders: Mapping[str, Sequence[str]] = _NO_FOLDERS,
) -> list[LogRoot]:
    """Return the data folders in effect of all agents, whether they exist now or not.

    Args:
        environ: The environment.
        with_vms: Whether to include those of virtual machines.
        more: Folders of Claude Code's in addition to those from the environment.
        off: The agents that are left out, by name.
        folders: The data folders of agents, by name, in place of those that are found.
    """
    found: list[LogRoot] = []
    for agent in AGENTS.values():
        if agent.name in off:
            continue
        if named := folders.get(agent.name):
            inner = agent.log_folders
            paths = dict.fromkeys(folder_named(name, environ, inner) for name in named)
            found += [LogRoot(folder, agent) for folder in paths]
        else:
            found += agent.roots(environ, more if agent is CLAUDE_CODE else ())
    return [root for root in found if with_vms or not root.machine]


def root_of(folder: str, agent: str) -> LogRoot | None:
    """Return a data folder of the ledger; None if its agent is unknown."""
    return LogRoot(folder, AGENTS[agent]) if agent in AGENTS else None


def models_of(agents: Iterable[str]) -> set[str]:
    """Return `Agent.models` of some agents; those that are unknown have none."""
    return {model for name in agents if name in AGENTS for model in AGENTS[name].models}


class JobParser:
    """Reads jobs, each with its agent's parser.

    It is handed to each thread, with what it needs; a job only names its agent. All is loaded when
    it is made, so that no two threads load it at the same time.

    Args:
        jobs: What is to be read.
    """

    __slots__ = ("_parse_many_of", "_parse_of")

    def __init__(self, jobs: Iterable[ReadJob]) -> None:
        agents = [AGENTS[name] for name in {job.agent for job in jobs}]
        self._parse_of = {agent.name: agent.parser() for agent in agents}
        self._parse_many_of = {
            agent.name: agent.parser_of_many() for agent in agents if agent.parser_of_many
        }

    def __call__(self, job: ReadJob) -> ParsedRange:
        """Return the contents of a range of a log."""
        return self._parse_of[job.agent](job)

    def read_all(self, jobs: Iterable[ReadJob]) -> list[Parsed]:
        """Return the contents of several ranges, in any order."""
        found: list[Parsed] = []
        for name, of_agent in groupby(jobs, _agent_of):
            parse_many = self._parse_many_of.get(name)
            if parse_many is None:
                found += map(self._parse_of[name], of_agent)
            else:
                found += parse_many(list(of_agent))
        return found
