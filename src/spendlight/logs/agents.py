"""All coding agents whose logs are read; who asks for one by its name asks here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from spendlight.logs.agent import LogRoot
from spendlight.logs.claude_code.agent import CLAUDE_CODE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from spendlight.logs.agent import Agent
    from spendlight.logs.jobs import ReadJob
    from spendlight.logs.parsed import ParsedRange

AGENTS: Final[dict[str, Agent]] = {agent.name: agent for agent in (CLAUDE_CODE,)}
"""The agents by their names, in the order in which they are looked for."""


def find_roots(
    environ: Mapping[str, str], *, with_vms: bool = True, more: Iterable[str] = ()
) -> list[LogRoot]:
    """Return the data folders in effect of all agents, whether they exist now or not.

    Args:
        environ: The environment to go by.
        with_vms: Whether those of virtual machines are meant, too.
        more: Folders of Claude Code's beside those that the environment names.
    """
    return [
        root
        for agent in AGENTS.values()
        for root in agent.roots(environ, more if agent is CLAUDE_CODE else ())
        if with_vms or not root.machine
    ]


def root_of(folder: str, agent: str) -> LogRoot | None:
    """Return a data folder that is remembered; None if its agent is none of those known here."""
    return LogRoot(folder, AGENTS[agent]) if agent in AGENTS else None


class JobParser:
    """Reads jobs, each as its agent does.

    It is handed to each worker process once, with what it needs; a job only names its agent. All is
    loaded when it is made, so that processes which are forked then have it already.

    Args:
        jobs: What is to be read.
    """

    __slots__ = ("_parse_of",)

    def __init__(self, jobs: Iterable[ReadJob]) -> None:
        self._parse_of = {name: AGENTS[name].parser() for name in {job.agent for job in jobs}}

    def __call__(self, job: ReadJob) -> ParsedRange:
        """Return what is in a range of a log."""
        return self._parse_of[job.agent](job)
