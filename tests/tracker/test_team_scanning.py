"""Each host of a cluster publishes the usage in its own logs once, however many workers it has."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from tests.makers import line, write_log
from tests.tracker.team.clusters import OTHER_VERSION, running
from tests.tracker.team.teams import Member
from tests.tracker.worlds import World

from spendlight.tracker.questions.periods import Periods
from spendlight.tracker.team_scanning import HostScan, scan

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="only Linux has 127.0.0.2 as it is"),
]

DIE = """
import os
import signal

from spendlight.tracker import team_scanning


def scan_here(*_):
    os.kill(os.getpid(), signal.SIGKILL)


team_scanning.scan_here = scan_here
"""
"""Has a worker die of the scan."""


def test_each_host_publishes_once_and_those_that_cannot_are_told(tmp_path: Path) -> None:
    world = World(tmp_path)
    me = Member(world, "me")
    absent = OTHER_VERSION.replace("{found}", "[]")
    with running(tmp_path / "dask") as cluster:
        for name in ("built", "built", "served"):
            write_log(tmp_path / name, "p/s.jsonl", line(id="shared"), line(id=name))
            cluster.add_worker(**_environ(tmp_path, name))
        cluster.add_worker(**_environ(tmp_path, "empty"))
        cluster.add_worker(DIE, **_environ(tmp_path, "dying"))
        cluster.add_worker(absent, host="127.0.0.2", **_environ(tmp_path, "absent"))
        membership = me.tracker.team.demand_membership()

        first = list(scan(cluster.address, membership, patience_s=1))
        again = list(scan(cluster.address, membership, patience_s=1))

    told = sorted((one.machine, one.copies, one.error) for one in first)
    assert told == [
        ("", 0, "Spendlight is not installed"),
        ("", 0, "its worker has ended"),
        ("", 0, "no logs of a coding agent were found"),
        ("built", 2, ""),
        ("served", 2, ""),
    ]
    assert sum(one.copies for one in again) == 0
    assert [one for one in again if one.machine] == [
        HostScan(one.host, one.machine) for one in first if one.machine
    ]
    answer = me.tracker.team.ask(Periods(by_machine=True)).value
    assert answer.total.answers == 3
    assert {row.machine for row in answer.rows} == {"built", "served"}


def _environ(place: Path, name: str) -> dict[str, str]:
    root = place / name
    (root / "projects").mkdir(parents=True, exist_ok=True)
    return {
        "CLAUDE_CONFIG_DIR": str(root),
        "SPENDLIGHT_DATA_DIR": str(place / f"data-{name}"),
        "SPENDLIGHT_MACHINE": name,
    }
