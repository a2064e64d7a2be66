"""Scans logs in forks of itself and kills them, as starting Python for each scan takes too long.

python -m tests.faults.kill_server PLACE

Repeatedly reads an `Order` as a line of JSON and answers with its `Outcome`.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.tracker.worlds import World

from spendlight.logs.jobs import ReadJob  # loaded before anything is forked
from spendlight.logs.parsed import Parsed, ParsedRange  # loaded before anything is forked
from spendlight.tracker import parsing_threads, read_jobs, refresh
from spendlight.tracker.parsing_threads import ParseMap, ThreadMap

NEVER = -1


class Order(NamedTuple):
    """A scan to make, and when to kill it.

    Attributes:
        data: The folder of the ledger.
        at_event: Kill it after this number of statements and files read.
        after_s: Kill it this many seconds after its start.
        has_threads: Whether it reads the logs in threads.
    """

    data: str
    at_event: int = NEVER
    after_s: float | None = None
    has_threads: bool = True


class Outcome(NamedTuple):
    """The outcome of a scan.

    Attributes:
        is_killed: False if it ended before.
        events: The number of events, if it was not killed.
    """

    is_killed: bool
    seconds: float
    events: int


class Fuse:
    """Counts events, and kills at one of them."""

    def __init__(self, order: Order) -> None:
        self.events = 0
        self._order = order

    def __call__(self, *_: object) -> None:
        """Count one event."""
        self.events += 1
        if self.events == self._order.at_event:
            os.kill(os.getpid(), signal.SIGKILL)

    def watch(self, parse_map: ParseMap) -> ParseMap:
        """Return the same map; each result is an event."""

        def watched(
            function: Callable[[ReadJob], ParsedRange], jobs: Sequence[ReadJob], /
        ) -> Iterator[Parsed]:
            for parsed in parse_map(function, jobs):
                self()
                yield parsed

        return watched


def scan(place: Path, order: Order) -> int:
    """Read all logs into a ledger with frequent commits; return the number of events."""
    fuse = Fuse(order)
    whole: Callable[..., sqlite3.Connection] = sqlite3.connect

    def watched(path: Path, **options: float | None) -> sqlite3.Connection:
        connection = whole(path, **options)
        connection.set_trace_callback(fuse)
        return connection

    sqlite3.connect = watched  # type: ignore[assignment]  # this process does nothing else
    refresh.MOST_ANSWERS = 20  # type: ignore[misc]  # so that there are commits to kill between
    read_jobs.PART_BYTES = 1 << 14  # type: ignore[misc]  # and files read in part
    parsing_threads._BATCH_FILES = 4  # type: ignore[misc]  # noqa: SLF001  # and work under way
    parse_map = ThreadMap(2, few_bytes=0) if order.has_threads else map
    World(place).read(data=order.data, parse_map=fuse.watch(parse_map))
    return fuse.events


def carry_out(place: Path, order: Order) -> Outcome:
    """Scan in a fork of this process."""
    told, telling = os.pipe()  # only the fork holds the other end
    started = time.monotonic()
    pid = os.fork()
    if not pid:
        os.write(telling, str(scan(place, order)).encode())
        os._exit(0)
    os.close(telling)
    if order.after_s is not None and not select.select([told], [], [], order.after_s)[0]:
        os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    seconds = time.monotonic() - started
    events = int(os.read(told, 20) or b"0")
    os.close(told)
    is_killed = os.waitstatus_to_exitcode(status) == -signal.SIGKILL
    return Outcome(is_killed, seconds, events)


def main() -> None:
    """Carry out orders until there are no more."""
    for words in sys.stdin:
        outcome = carry_out(Path(sys.argv[1]), Order(*json.loads(words)))
        print(json.dumps(outcome), flush=True)  # noqa: T201  # the answer


if __name__ == "__main__":
    main()
