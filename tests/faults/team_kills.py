"""Publishes and asks in forks of itself, and kills them: starting Python takes too long.

python -m tests.faults.team_kills PLACE

Segments are merged after a few publications, and not after dozens.

Reads an `Order` as a line of JSON again and again, and answers with whether it killed the fork.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np  # noqa: F401
from tests.tracker.team.teams import Member
from tests.tracker.worlds import World

from spendlight.team import entries, merging, totals, updating, writing  # noqa: F401
from spendlight.tracker.questions.periods import Periods
from spendlight.tracker.team import keeping, publishing, source  # noqa: F401  # before the forks

NEVER = -1

OFTEN = {"EVERY": 2, "MOST": 3, "LARGEST": 1, "DELAY": 4}
"""When segments are merged and deleted."""

EVENTS = frozenset(
    {"open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.scandir", "sqlite3.connect"}
)
"""What a process does to files, as far as Python sees it: each is a moment to be killed at."""


class Order(NamedTuple):
    """What to do, and when to kill it.

    Attributes:
        name: The member that does it.
        verb: Whether it publishes its usage, asks for the team's ("ask"), or takes in the entries
            of others ("keep").
        at_event: Kill it at this event.
        after_s: Kill it this long after it has begun.
    """

    name: str
    verb: str = "publish"
    at_event: int = NEVER
    after_s: float = 0.0


def carry_out(world: World, order: Order) -> bool:
    """Do something in a fork of this process; return whether it was killed."""
    pid = os.fork()
    if not pid:
        member = Member(world, order.name)
        member.read()
        _set_fuse(order)
        if order.verb == "ask":
            member.tracker.team.ask(Periods())
        elif order.verb == "keep":
            member.tracker.team.keep_entries()
        else:
            member.tracker.team.publish()
        os._exit(0)
    _, status = os.waitpid(pid, 0)
    code = os.waitstatus_to_exitcode(status)
    assert code in {0, -signal.SIGKILL, -signal.SIGALRM}, code
    return code != 0


def _set_fuse(order: Order) -> None:
    events = 0

    def count(event: str, _: object) -> None:
        nonlocal events
        if event in EVENTS:
            events += 1
            if events == order.at_event:
                os.kill(os.getpid(), signal.SIGKILL)

    if order.at_event != NEVER:
        sys.addaudithook(count)
    if order.after_s:
        signal.setitimer(signal.ITIMER_REAL, order.after_s)  # nothing handles its signal


def main(place: Path, run: Callable[[World, Order], bool] = carry_out) -> None:
    """Carry out orders until there are no more."""
    for name, value in OFTEN.items():
        setattr(merging, name, value)
    world = World(place)
    for words in sys.stdin:
        print(json.dumps(run(world, Order(*json.loads(words)))), flush=True)  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]))
