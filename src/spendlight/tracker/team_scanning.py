"""Has the workers of a cluster read the logs of their own hosts and publish what is in them."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING, NamedTuple

from spendlight import paths
from spendlight.errors import UsageError
from spendlight.settings import SettingsFile
from spendlight.team.cluster import PATIENCE_S, connected
from spendlight.tracker.options import TrackerOptions, with_settings
from spendlight.tracker.team import membership as members
from spendlight.tracker.tracker import UsageTracker

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from spendlight.tracker.team.membership import Membership


class HostScan(NamedTuple):
    """What became of one host.

    Attributes:
        host: Its name.
        machine: What it is called in the team; "" if nothing was published.
        copies: How many copies of answers are new.
        withdrawn: How many no longer exist.
        error: Why nothing was published, or "".
    """

    host: str
    machine: str = ""
    copies: int = 0
    withdrawn: int = 0
    error: str = ""


class LedgerHost(NamedTuple):
    """Where a worker would keep its ledger.

    Attributes:
        host: The host's name.
        folder: The ledger's folder.
    """

    host: str
    folder: str


class NoLogsError(UsageError):
    """There are no logs on a host."""

    def __init__(self) -> None:
        super().__init__("no logs of a coding agent were found")


def scan(
    scheduler: str, membership: Membership, patience_s: float = PATIENCE_S
) -> Iterator[HostScan]:
    """Scan each host once, however many workers it has; yield what became of each.

    Args:
        scheduler: The address of a Dask scheduler.
        membership: This machine's; the hosts join the same team.
        patience_s: See `connected`.

    Raises:
        ClusterError: If the cluster cannot be used at all.
    """
    with connected(scheduler, patience_s) as cluster:
        groups: dict[LedgerHost, list[str]] = {}
        bad: dict[str, str] = {}
        good = {one.address: one.host for one in cluster.workers if not one.fault}
        found = cluster.on_each(good, here) if good else {}
        for address, host in good.items():
            ledger_host = found.get(address)
            if isinstance(ledger_host, LedgerHost):
                groups.setdefault(ledger_host, []).append(address)
            else:
                bad[host] = "its worker has ended"
        fine = {good[address] for group in groups.values() for address in group}
        bad |= {one.host: one.fault for one in cluster.workers if one.fault}
        yield from (HostScan(host, error=bad[host]) for host in sorted(bad.keys() - fine))
        told = (membership.url, membership.person, membership.hide)
        results = cluster.on_one_of(list(groups.values()), scan_here, *told)
        for ledger_host, result in zip(groups, results, strict=True):
            if isinstance(result, HostScan):
                yield result
            else:
                reason = getattr(result, "reason", None) or getattr(result, "title", result)
                yield HostScan(ledger_host.host, error=str(reason))


def here() -> LedgerHost:
    """Return where this process would keep its ledger."""
    return LedgerHost(socket.gethostname(), str(paths.data_dir(os.environ)))


def scan_here(url: str, person: str, hide: Collection[str]) -> HostScan:
    """Read the logs of this host, and publish what is new; join the team if necessary.

    Args:
        url: The team's folder.
        person: Whose machine it is.
        hide: The kinds of names to hide.

    Raises:
        UsageError: If that is impossible.
    """
    loaded = SettingsFile(paths.settings_path(os.environ)).load()
    tracker = UsageTracker.open(with_settings(TrackerOptions(is_offline=True), loaded.settings))
    try:
        tracker.read_logs()
        if not any(root.files or root.gone for root in tracker.health().roots):
            raise NoLogsError
        known = tracker.team.membership
        if known is None:
            known = tracker.team.join(url, person=person, hide=hide)
        elif known.url != url:
            raise members.OtherTeamError(known.url)
        done = tracker.team.publish()
    finally:
        tracker.close()
    return HostScan(socket.gethostname(), known.name, done.copies, done.withdrawn)
