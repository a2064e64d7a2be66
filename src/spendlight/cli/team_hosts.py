"""Prints what became of other hosts whose usage a team gets: from a cluster, or over ssh."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spendlight.cli import terminal
from spendlight.cli.words import counted
from spendlight.errors import BadArgumentError
from spendlight.names import name, shown

if TYPE_CHECKING:
    from spendlight.cli.arguments import Arguments
    from spendlight.cli.world import World


class SchedulerMissingError(BadArgumentError):
    """No scheduler was named."""

    def __init__(self) -> None:
        super().__init__(
            "Which cluster is to be scanned?",
            "Name its scheduler: spendlight team scan --scheduler tcp://host:8786",
        )


def scan(arguments: Arguments, world: World) -> bool:
    """Have the hosts of a cluster publish; return whether all could.

    Raises:
        UsageError: If none can.
    """
    if not arguments.scheduler:
        raise SchedulerMissingError
    from spendlight.tracker.team_scanning import scan as scanned

    is_good = True
    for host in scanned(arguments.scheduler, world.tracker.team.demand_membership()):
        if host.error:
            terminal.complain(f"{name(host.host)}: {shown(host.error)}")
            is_good = False
        else:
            terminal.say(_told(host.host, host.machine, host.copies, host.withdrawn))
    return is_good


def pull(arguments: Arguments, world: World) -> bool:
    """Publish what hosts export; return whether all could.

    Raises:
        UsageError: If none can.
    """
    is_good = True
    for host in world.tracker.team.pull(arguments.hosts):
        if host.error is not None:
            terminal.complain(host.error)
            is_good = False
            continue
        terminal.say(_told(host.host, host.machine, host.copies, host.withdrawn))
        if host.others:
            terminal.say(f"  {counted(host.others, 'answer')} of other machines left out")
    return is_good


def _told(host: str, machine: str, copies: int, withdrawn: int) -> str:
    """Return what was published of a host."""
    called = "" if machine == host else f" as {name(machine)}"
    if not copies and not withdrawn:
        return f"{name(host)}: nothing new{called}"
    gone = f", {withdrawn:,} withdrawn" if withdrawn else ""
    return f"{name(host)}: published {counted(copies, 'answer')}{called}{gone}"
