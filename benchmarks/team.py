"""Measures what a team of many machines costs, and compares it with its bounds: writes TEAM.md.

python benchmarks/team.py --machines 1000 --rounds 3

Makes the shared folder of such a team (`make_team.py`), which one more machine joins that has logs
of its own. Everything is measured as whole processes of the program, start included, in rounds:
the first report, from nothing but the segments; each report once everything was taken in; a report
after one new segment; and publishing with nothing new. A cluster of Dask with one and with two
workers, each a process with one thread, makes the same totals. All totals are compared with what
the generator knows to be true. `--sizes` says for how many machines the plot is made.
"""

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

import make_logs
import make_team
import numpy as np
from dask_workers import cluster
from measure import Run, measure
from side_by_side import wait_for_backup
from team_page import BY_DASK, EXACT, NEW_SEGMENT, NOTHING_NEW, PAGE, PLOT, Found, draw, page

from spendlight.team.engine import connect
from spendlight.team.segments import TOKENS, SegmentName
from spendlight.team.writing import write_columns

BUILD = Path(__file__).parents[1] / "build" / "bench"
MACHINES = 1_000
SIZES = (10, 100, 1_000)
ROUNDS = 3
LARGE = 300
"""Teams with at least so many machines are measured once for the plot."""

WORKERS = (1, 2)

OWN_LOGS_BYTES = 5_000_000
OWN_LOGS = 12
NEW_ANSWERS = 30
"""In a new segment: what somebody uses in some minutes."""

REPORTS = {
    "daily": ["daily"],
    "weekly": ["weekly"],
    "monthly": ["monthly"],
    "projects": ["projects"],
    "models": ["models"],
    "machines": ["machines"],
    "people": ["people"],
}
"""The reports, by their names in the table."""

LONG_REPORTS = {
    "monthly by machine": ["monthly", "--by", "machine"],
    "daily by project": ["daily", "--instances"],
}
"""Reports with thousands of rows; they are made once, as they take long."""


class WrongTotalError(Exception):
    """A total is not what it should be."""


@dataclass(slots=True)
class Member:
    """The machine that measures: a member of the team.

    Attributes:
        place: A folder for its ledger and its cache.
        logs: Its data folder.
        expected: The team's true totals, with its own, by the names in reports.
        added: How many segments were added so far.
    """

    place: Path
    logs: Path
    shared: Path
    expected: dict[str, int]
    program: Sequence[str] = field(default=(sys.executable, "-m", "spendlight"))
    added: int = 0

    def run(self, *words: str, is_sampled: bool = False) -> Run:
        """Run ``spendlight team`` with these words."""
        command = [*self.program, "team", *words, "--offline"]
        return measure(command, self._environment, is_sampled=is_sampled)

    def report(self, *words: str, is_sampled: bool = False) -> Run:
        """Make a report as JSON, and check its total.

        Raises:
            WrongTotalError: If the total is not the true one.
        """
        run = self.run(*words, "--json", is_sampled=is_sampled)
        told = json.loads(run.output)["totals"]
        found = {name: told[name] for name in self.expected}
        if found != self.expected:
            message = f"{' '.join(words)}: {found} instead of {self.expected}"
            raise WrongTotalError(message)
        return run

    def forget(self) -> None:
        """Delete the cache."""
        for file in (self.place / "data").glob("team.duckdb*"):
            file.unlink()
        shutil.rmtree(self.place / "data" / "team.segments", ignore_errors=True)

    def cache_bytes(self) -> int:
        """Return the size of the cache."""
        data = self.place / "data"
        files = [*data.glob("team.duckdb*"), *data.glob("team.segments/*")]
        return sum(file.stat().st_size for file in files)

    def add_segment(self) -> None:
        """Publish some answers as another machine."""
        self.added += 1
        shape = make_team.Shape(1, NEW_ANSWERS)
        columns = make_team.own_answers(shape, 1_000_000 + self.added)
        write_segment(self.shared, make_team.machine_key(0), 2 + self.added, columns)
        for name, tokens in totals_of({name: int(columns[name].sum()) for name in TOKENS}).items():
            self.expected[name] += tokens

    @property
    def _environment(self) -> dict[str, str]:
        return {
            "CLAUDE_CONFIG_DIR": str(self.logs),
            "HOME": str(self.place),
            "SPENDLIGHT_DATA_DIR": str(self.place / "data"),
            "TZ": "Europe/Berlin",
        }


def totals_of(tokens: Mapping[str, int]) -> dict[str, int]:
    """Return tokens by kind under the names that reports have for them."""
    return {
        "inputTokens": tokens["input"],
        "outputTokens": tokens["output"],
        "cacheCreationTokens": tokens["cache_write_5m"] + tokens["cache_write_1h"],
        "cacheReadTokens": tokens["cache_read"],
        "totalTokens": sum(tokens.values()),
    }


def write_segment(
    folder: Path, machine: str, sequence: int, columns: Mapping[str, np.ndarray[Any, Any]]
) -> None:
    """Write a segment as its machine publishes it."""
    month = str(np.datetime64(int(columns["at_ms"][0]), "ms").astype("datetime64[M]"))
    with connect(threads=1) as connection, tempfile.TemporaryDirectory() as made:
        part, days = Path(made, "segment"), Path(made, "days")
        write_columns(connection, columns, part, days)
        digest = sha256(part.read_bytes()).hexdigest()[:16]
        name = SegmentName(machine, month, sequence, digest)
        (folder / name.path).parent.mkdir(exist_ok=True)
        shutil.copyfile(days, folder / name.days_path)
        shutil.copyfile(part, folder / f"{name.path}.part")
        (folder / f"{name.path}.part").rename(folder / name.path)


def shared_folder(build: Path, shape: make_team.Shape) -> tuple[Path, dict[str, Any]]:
    """Return the shared folder of a team and its true totals; both are made once."""
    folder = build / f"team-{shape.machines}-{shape.answers}"
    truth = folder.with_name(f"{folder.name}.{make_team.TRUTH}")
    if not truth.exists():
        shutil.rmtree(folder, ignore_errors=True)
        print(f"making {shape.machines:,} machines", file=sys.stderr)
        make_team.make(folder, shape)
    return folder, json.loads(truth.read_text())


@contextmanager
def member(build: Path, shape: make_team.Shape) -> Iterator[tuple[Member, dict[str, Any]]]:
    """Provide a machine that has joined a team; what is published meanwhile is removed."""
    shared, truth = shared_folder(build, shape)
    before = set(shared.rglob("*"))
    with tempfile.TemporaryDirectory(prefix="spendlight-bench-") as made:
        place = Path(made)
        own = make_logs.make(place / "claude", OWN_LOGS_BYTES, OWN_LOGS)["totals"]
        team = totals_of(truth["totals"])
        expected = {name: tokens + own[name] for name, tokens in team.items()}
        one = Member(place, place / "claude", shared, expected)
        try:
            one.run("join", str(shared))
            wait_for_backup(place / "data")
            yield one, truth
        finally:
            for path in sorted(set(shared.rglob("*")) - before, reverse=True):
                path.rmdir() if path.is_dir() else path.unlink()


def measure_team(build: Path, shape: make_team.Shape, rounds: int) -> Found:
    """Return all measurements of one team, without those of Dask."""
    timed: dict[str, list[Run]] = {}
    with member(build, shape) as (one, truth):

        def keep(name: str, run: Run) -> None:
            timed.setdefault(name, []).append(run)

        for number in range(rounds):
            print(f"round {number + 1} of {rounds}", file=sys.stderr)
            one.forget()
            keep(EXACT, one.report("daily"))
            for name, words in REPORTS.items():
                keep(name, one.report(*words))
            one.add_segment()
            keep(NEW_SEGMENT, one.report("daily"))
            keep(NOTHING_NEW, one.run("publish"))
        for name, words in LONG_REPORTS.items():
            keep(name, one.report(*words))
        cache_bytes = one.cache_bytes()
        one.forget()
        sampled = {EXACT: one.report("daily", is_sampled=True)}
        sampled["daily"] = one.report("daily", is_sampled=True)
        truth["segments_at_end"] = truth["segments"] + one.added
    return Found(truth, timed, sampled, cache_bytes, list(REPORTS), list(LONG_REPORTS))


def measure_sizes(
    build: Path, shapes: Sequence[make_team.Shape], rounds: int
) -> dict[str, dict[int, float]]:
    """Return the seconds that exact totals take, by who makes them and the number of machines.

    Args:
        build: Where the shared folders are.
        shapes: The teams, from the smallest.
        rounds: How often each is measured; large teams are measured once.
    """
    found: dict[str, dict[int, float]] = {}

    def line(name: str, *words: str) -> None:
        for shape in shapes:
            with member(build, shape) as (one, _):
                seconds = []
                for _ in range(rounds if shape.machines < LARGE else 1):
                    one.forget()
                    seconds.append(one.report("daily", *words).wall_s)
                found.setdefault(name, {})[shape.machines] = median(seconds)

    line(EXACT)
    for count in WORKERS:
        with cluster(count) as address, member(build, shapes[0]) as (one, _):
            if _knows_clusters(one):
                one.report("daily", "--scheduler", address)  # the workers import what they need
                line(BY_DASK.format(count), "--scheduler", address)
    return found


def _knows_clusters(one: Member) -> bool:
    is_there = find_spec("distributed") is not None
    return is_there and b"--scheduler" in one.run("daily", "--help").output


def main() -> None:
    """Measure everything, and write the page and the plot."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--machines", type=int, default=MACHINES)
    parser.add_argument("--answers", type=int, default=make_team.ANSWERS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES)
    parser.add_argument("--build", type=Path, default=BUILD)
    parser.add_argument("--page", type=Path, default=PAGE)
    arguments = parser.parse_args()
    build: Path = arguments.build
    build.mkdir(parents=True, exist_ok=True)
    shape = make_team.Shape(arguments.machines, arguments.answers)
    found = measure_team(build, shape, arguments.rounds)
    shapes = [make_team.Shape(size, arguments.answers) for size in sorted(arguments.sizes)]
    if shapes:
        found = found._replace(lines=measure_sizes(build, shapes, arguments.rounds))
    text = "\n".join(page(found))
    arguments.page.write_text(f"{text}\n", encoding="utf-8")
    if found.lines:
        draw(found, arguments.page.with_name(PLOT))
    print(text)


if __name__ == "__main__":
    main()
