"""Machines that are killed again and again while they publish or ask: nothing lost or twice."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.faults.team_kills import OFTEN, Order
from tests.makers import append, line, write_log
from tests.tracker.team.teams import (
    Member,
    folder_of,
    ledger_figures,
    segments,
    team_figures,
)
from tests.tracker.worlds import World

from spendlight.team import merging
from spendlight.tracker.questions.periods import Periods

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="kills with a signal, in forked processes"),
]

KILLS = 30
KILLS_OF_A_PUBLICATION = 5
SEED = 15

EVENTS = 20, 140
"""Publishing has about a hundred, merging a few dozen; the first ones only look whether anything is
new."""

ROOT = Path(__file__).parents[2]

Kill = Callable[[Order], bool]


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have segments merged after a few publications here, too."""
    for name, value in OFTEN.items():
        monkeypatch.setattr(merging, name, value)


@pytest.fixture
def kill(world: World) -> Iterator[Kill]:
    """Yield what does something and kills it, and returns whether it was killed."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.faults.team_kills", str(world.place)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env=os.environ | {"TMPDIR": str(world.place)},  # for what is left behind
        text=True,
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        stdin, stdout = server.stdin, server.stdout

        def carry_out(order: Order) -> bool:
            stdin.write(json.dumps(order) + "\n")
            stdin.flush()
            return bool(json.loads(stdout.readline()))

        yield carry_out
        stdin.close()


class Life:
    """What happens to the logs of a machine meanwhile: new, better and moved answers.

    Logs that were moved come back, too.
    """

    def __init__(self, member: Member, chance: random.Random) -> None:
        self._root = member.roots[0]
        self._chance = chance
        self._logs: list[Path] = []
        self._count = 0

    def go_on(self) -> None:
        """Have something happen."""
        chance = self._chance
        self._count += 1
        if self._logs and chance.random() < 0.6:
            path = self._logs.pop(-1 - chance.randrange(min(2, len(self._logs))))
            later = f"z{self._count:03}"
            name = "p" if path.parent.name != "p" and chance.random() < 0.5 else later
            there = self._root / "projects" / name / path.name
            there.parent.mkdir(exist_ok=True)
            self._logs.append(path.rename(there))
        month = f"2026-0{chance.randrange(1, 4)}-05T1{chance.randrange(9)}:00:00.000Z"
        new = line(id=f"a{self._count}", timestamp=month, output_tokens=self._count)
        self._logs.append(write_log(self._root, f"p/{self._count}.jsonl", new))
        log = chance.choice(self._logs)
        append(log, line(id=f"a{chance.randrange(self._count)}", output_tokens=900 + self._count))


def test_a_machine_that_is_killed_while_it_publishes(world: World, kill: Kill) -> None:
    chance = random.Random(SEED)  # noqa: S311  # the same each time
    member = Member(world, "desk")
    life = Life(member, chance)
    life.go_on()
    assert not kill(Order("desk"))
    killed = 0
    for number in range(KILLS):
        life.go_on()
        killed += kill(Order("desk", at_event=chance.randrange(*EVENTS)))
        if number % KILLS_OF_A_PUBLICATION == KILLS_OF_A_PUBLICATION - 1:
            member.publish()
            assert team_figures(member.tracker) == ledger_figures(member.tracker)
    assert killed > KILLS // 2
    assert any(path.name.endswith(".merged.parquet") for path in segments(world))
    assert len(segments(world)) < 3 * KILLS


def test_a_machine_that_is_killed_while_it_asks(world: World, kill: Kill) -> None:
    chance = random.Random(SEED)  # noqa: S311  # the same each time
    desk, lap = Member(world, "desk"), Member(world, "lap")
    life = Life(desk, chance)
    killed = 0
    for number in range(KILLS):
        life.go_on()
        if number % 3 == 0:
            desk.publish()
        killed += kill(Order("lap", "ask", after_s=chance.uniform(0.001, 0.15)))
    desk.publish()

    assert killed > KILLS // 4
    assert team_figures(lap.tracker) == team_figures(lap.tracker, scheduler="here")
    assert team_figures(lap.tracker) == team_figures(desk.tracker)


def test_a_machine_that_is_killed_while_it_takes_in_entries(world: World, kill: Kill) -> None:
    chance = random.Random(SEED)  # noqa: S311  # the same each time
    desk, lap = Member(world, "desk"), Member(world, "lap")
    lap.tracker.team.join(str(folder_of(world)), keeps_entries=True)
    life = Life(desk, chance)
    killed = 0
    for number in range(KILLS):
        life.go_on()
        if number % 3 == 0:
            desk.publish()
        killed += kill(Order("lap", "keep", after_s=chance.uniform(0.001, 0.15)))
    desk.publish()
    lap.tracker.team.keep_entries()

    assert killed > KILLS // 4
    told = lap.tracker.ask(Periods()).total
    expected = desk.tracker.ask(Periods()).total
    assert (told.tokens, told.answers) == (expected.tokens, expected.answers)
    assert team_figures(lap.tracker) == team_figures(desk.tracker)
