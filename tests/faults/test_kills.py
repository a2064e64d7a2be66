"""First scans that are repeatedly killed lose nothing and count nothing twice."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.faults.kill_server import Order, Outcome
from tests.tracker.worlds import World, figures

from spendlight.demo import DEMO
from spendlight.demo import write_logs as write_demo

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="kills with a signal, in forked processes"),
]

KILLS = 200
KILLS_OF_A_LEDGER = 5
"""After this number of kills it may finish, and is compared with the undisturbed scan."""

SEED = 20_026
ROOT = Path(__file__).parents[2]
SMALL = replace(DEMO, days=5, files=40, answers=200, target_bytes=600_000, resumed_share=0.3)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[World, list[object]]:
    world = World(tmp_path_factory.mktemp("demo"))
    write_demo(world.root, SMALL)
    return world, figures(world.read())


class Killer:
    """Has a server scan logs and kill the scans."""

    def __init__(self, server: subprocess.Popen[str]) -> None:
        self._server = server

    def scan(self, order: Order) -> Outcome:
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.write(json.dumps(order) + "\n")
        self._server.stdin.flush()
        return Outcome(*json.loads(self._server.stdout.readline()))


@pytest.fixture
def killer(demo: tuple[World, list[object]]) -> Iterator[Killer]:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.faults.kill_server", str(demo[0].place)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as server:
        yield Killer(server)
        assert server.stdin is not None
        server.stdin.close()


def test_a_scan_killed_at_200_points_has_the_same_total(
    demo: tuple[World, list[object]], killer: Killer, tmp_path: Path
) -> None:
    world, expected = demo
    rng = random.Random(SEED)  # noqa: S311  # a test repeats itself
    calm = [killer.scan(Order(str(tmp_path / f"calm-{number}"))) for number in range(3)]
    events = min(outcome.events for outcome in calm)
    seconds = min(outcome.seconds for outcome in calm)
    print(f"seed {SEED}, {events} events in {seconds:.3f} s")  # noqa: T201  # shown if it fails

    landed = ledgers = orders = 0
    while landed < KILLS:
        ledgers += 1
        data = str(tmp_path / str(ledgers))
        for _ in range(KILLS_OF_A_LEDGER):
            orders += 1
            order = Order(data, has_threads=orders % 3 > 0)
            if orders % 4 < 2:  # by the number of events: between any two statements
                order = order._replace(at_event=rng.randint(1, events))
            else:  # by time: within a statement
                order = order._replace(after_s=rng.uniform(0, seconds))
            outcome = killer.scan(order)
            if not outcome.is_killed:
                break
            landed += 1
        assert expected == figures(world.read(data=data)), (ledgers, order)
