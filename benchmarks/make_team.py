"""Writes the shared folder of a team, with its true totals in a file beside it.

python benchmarks/make_team.py FOLDER --machines 1000 --answers 6174

Each machine has published two months and, later, a little more: three segments, as `spendlight team
publish` writes them. Of every fifty answers one is on the next machine, too: every other time the
copy there has more output, so that it counts there. The same arguments make the same answers. The
totals are added up by numpy, without the program.
"""

import argparse
import json
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache, lru_cache, partial
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from spendlight.team.engine import Connection, connect
from spendlight.team.segments import COLUMNS, TOKENS, SegmentName
from spendlight.team.shared_folder import MACHINE_FILE, MARKER, VERSION
from spendlight.team.writing import write_columns

Columns = dict[str, NDArray[Any]]

TRUTH = "truth.json"
ANSWERS = 6_174
"""Of each machine, so that a thousand have 6.3 million rows."""

ONE_IN = 50
"""Of so many answers one is held twice."""

MORE_OUTPUT = 100
"""How many tokens the longer one of two copies has more."""

ANSWERS_OF_A_SESSION = 120
ANSWERS_OF_A_SUBAGENT = 40
PAUSE_MS = 42_000
LONGEST_MS = 4 * 3_600_000
PROJECTS_OF_A_MACHINE = 5
PEOPLE_SHARE = 2
"""How many machines a person has."""

FIRST_MS = 1_756_728_000_000
"""2025-09-01 12:00 UTC."""

MONTH_MS = 1_759_276_800_000
"""2025-10-01 00:00 UTC; the answers end a month after it."""

SPAN_MS = 2 * (MONTH_MS - FIRST_MS) - 43_200_000
LATER_SHARE = 0.03
"""How much of what a machine has was published later than the rest."""

MODELS = ("claude-opus-4-5-20251101", "claude-sonnet-4-5-20250929", "claude-haiku-4-5-20251001")
MODEL_SHARES = (0.5, 0.35, 0.15)
SIDE_SHARE = 0.3

_DAY_MS = 86_400_000
_DIGITS = 16


class Shape(NamedTuple):
    """How much there is to be.

    Attributes:
        answers: How many each machine has of its own.
    """

    machines: int
    answers: int = ANSWERS

    @property
    def copied(self) -> int:
        """How many answers of each machine are on the next one, too."""
        return self.answers // ONE_IN if self.machines > 1 else 0


class Truth(NamedTuple):
    """The true totals of a machine, and what it takes.

    Attributes:
        totals: Tokens by kind.
        by_day: Tokens of all kinds by day, in UTC.
        size: Of the segments, in bytes; the sums by day beside them are not included.
    """

    machine: str
    rows: int
    answers: int
    totals: dict[str, int]
    by_day: dict[str, int]
    size: int
    segments: int


def machine_key(number: int) -> str:
    """Return the permanent id of a machine."""
    return sha256(f"machine {number}".encode()).hexdigest()[:_DIGITS]


@lru_cache(maxsize=2)  # of each machine and the one before, in turn
def own_answers(shape: Shape, number: int) -> Columns:
    """Return the answers of a machine, in the order in which they were given."""
    rng = np.random.default_rng((15, number))
    count = shape.answers
    session = np.arange(count) // ANSWERS_OF_A_SESSION
    within = np.arange(count) % ANSWERS_OF_A_SESSION
    since = rng.exponential(PAUSE_MS, count).astype(np.int64).cumsum()
    since -= since[session * ANSWERS_OF_A_SESSION]
    begun = np.sort(rng.integers(0, SPAN_MS - LONGEST_MS, session[-1] + 1))
    at_ms = FIRST_MS + begun[session] + np.minimum(since, LONGEST_MS)
    is_side = rng.random(session[-1] + 1)[session] < SIDE_SHARE
    is_side &= within >= ANSWERS_OF_A_SESSION - ANSWERS_OF_A_SUBAGENT
    project = (session * 7 + number * 3) % (PROJECTS_OF_A_MACHINE * 4) % PROJECTS_OF_A_MACHINE
    models = np.array(MODELS, dtype=object)
    mostly = rng.choice(len(MODELS), session[-1] + 1, p=MODEL_SHARES)[session]
    model = np.where(rng.random(count) < 0.9, mostly, rng.choice(len(MODELS), count))
    read = 14_000 + np.minimum(within * rng.integers(300, 2_400, count), 180_000)
    root = f"/home/dev{number}/.claude"
    names, paths, folders = _names(root, number, session, project, is_side)
    return {
        "answer": rng.integers(0, 1 << 63, count),
        "request": rng.integers(0, 1 << 63, count),
        "copy": rng.integers(-(1 << 63), (1 << 63) - 1, count),
        "is_withdrawn": np.zeros(count, bool),
        "at_ms": at_ms,
        "agent": np.full(count, "claude-code", object),
        "vm": np.full(count, "", object),
        "root": np.full(count, root, object),
        "path": paths,
        "offset": 40_000 + within * 11_800 + rng.integers(0, 9_000, count),
        "project": folders,
        "project_path": folders,
        "session": names,
        "model": models[model],
        "is_fast": np.zeros(count, bool),
        "geo": np.full(count, "", object),
        "role": np.zeros(count, np.int8),
        "is_sidechain": is_side,
        "has_speed": np.ones(count, bool),
        "is_refused": np.zeros(count, bool),
        "input": rng.integers(1, 12, count),
        "output": np.minimum(rng.exponential(420, count).astype(np.int64) + 1, 60_000),
        "cache_write_5m": rng.integers(100, 6_000, count) * (rng.random(count) < 0.7),
        "cache_write_1h": np.zeros(count, np.int64),
        "cache_read": read,
        "web_searches": np.zeros(count, np.int64),
        "recorded_cost": np.full(count, np.nan),
        "limit_reset_ms": np.full(count, -1),
    }


def _names(
    root: str,
    number: int,
    session: NDArray[Any],
    project: NDArray[Any],
    is_side: NDArray[Any],
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Return the session, the log and the project of each answer."""
    ids = [_session_id(number, one) for one in range(session[-1] + 1)]
    folders = [
        f"-home-dev{number}-code-project-{(number // 10 + one) % 97}"
        for one in range(PROJECTS_OF_A_MACHINE)
    ]
    logs = []
    for one, chosen, side in zip(session, project, is_side, strict=True):
        top = f"{root}/projects/{folders[chosen]}/{ids[one]}"
        logs.append(f"{top}/subagents/agent-{ids[one][:8]}.jsonl" if side else f"{top}.jsonl")
    return (
        np.array(ids, object)[session],
        np.array(logs, object),
        np.array(folders, object)[project],
    )


def _session_id(number: int, session: int) -> str:
    made = sha256(f"session {number} {session}".encode()).hexdigest()
    return f"{made[:8]}-{made[8:12]}-4{made[13:16]}-8{made[17:20]}-{made[20:32]}"


def _longer(shape: Shape) -> NDArray[np.bool_]:
    """Return which of a machine's answers have a longer copy on the next machine."""
    numbers = np.arange(shape.answers)
    is_longer: NDArray[np.bool_] = (numbers < shape.copied * ONE_IN) & (numbers % (2 * ONE_IN) == 0)
    return is_longer


def held_by(shape: Shape, number: int) -> Columns:
    """Return all copies on a machine, its own answers first."""
    own = own_answers(shape, number)
    if not shape.copied:
        return own
    before = own_answers(shape, (number - 1) % shape.machines)
    chosen = np.arange(shape.copied) * ONE_IN
    copied = {name: column[chosen] for name, column in before.items()}
    copied["output"] = copied["output"] + np.where(_longer(shape)[chosen], MORE_OUTPUT, 0)
    copied["output"] -= np.where(_longer(shape)[chosen], 0, np.minimum(copied["output"], 1))
    copied["copy"] = copied["copy"] ^ 1
    root = f"/home/dev{number}/synced/.claude"
    was = len(f"/home/dev{(number - 1) % shape.machines}/.claude")
    copied["root"] = np.full(shape.copied, root, object)
    copied["path"] = np.array([root + path[was:] for path in copied["path"]], object)
    return {name: np.concatenate([own[name], copied[name]]) for name in COLUMNS}


def counting(shape: Shape, held: Columns) -> Columns:
    """Return which of the copies on a machine count: known from the shape, without any ranking."""
    own, copied = np.split(np.arange(len(held["answer"])), [shape.answers])
    is_longer = _longer(shape)
    lost = is_longer if shape.copied else np.zeros(shape.answers, bool)
    won = is_longer[np.arange(shape.copied) * ONE_IN]
    chosen = np.concatenate([own[~lost], copied[won]])
    return {name: column[chosen] for name, column in held.items()}


def write_machine(folder: Path, shape: Shape, number: int) -> Truth:
    """Write the files of one machine, and return its true totals."""
    key, held = machine_key(number), held_by(shape, number)
    top = folder / f"machine={key}"
    top.mkdir(parents=True)
    told = {"name": f"dev{number}", "person": f"person {number // PEOPLE_SHARE}"}
    (top / MACHINE_FILE).write_text(json.dumps({"spendlight": "machine", **told}))
    size = count = 0
    for sequence, month, chosen in _publications(held["at_ms"]):
        part, days = top / "segment.part", top / "days.part"
        columns = {name: column[chosen] for name, column in held.items()}
        write_columns(_database(), columns, part, days)
        content = part.read_bytes()
        digest = sha256(content).hexdigest()[:_DIGITS]
        name = SegmentName(key, month, sequence, digest)
        (folder / name.path).parent.mkdir(exist_ok=True)
        part.rename(folder / name.path)
        days.rename(folder / name.days_path)
        size += len(content)
        count += 1
    best = counting(shape, held)
    totals = {name: int(best[name].sum()) for name in TOKENS}
    return Truth(key, len(held["answer"]), len(best["answer"]), totals, _by_day(best), size, count)


@cache
def _database() -> Connection:
    """Return a database with one thread, so that the same rows make the same file."""
    return connect(threads=1)


def _publications(at_ms: NDArray[Any]) -> Iterator[tuple[int, str, NDArray[Any]]]:
    """Yield what is published together: sequence number, month, and which copies."""
    is_later = at_ms >= FIRST_MS + SPAN_MS * (1 - LATER_SHARE)
    is_second = at_ms >= MONTH_MS
    yield 1, "2025-09", ~is_second
    yield 1, "2025-10", is_second & ~is_later
    yield 2, "2025-10", is_later


def _by_day(counting: Columns) -> dict[str, int]:
    days, places = np.unique(counting["at_ms"] // _DAY_MS, return_inverse=True)
    sums = np.zeros(len(days), np.int64)
    for name in TOKENS:
        np.add.at(sums, places, counting[name])
    return {
        str(np.datetime64(int(day), "D")): int(one) for day, one in zip(days, sums, strict=True)
    }


def make(folder: Path, shape: Shape) -> dict[str, Any]:
    """Write the folder and return the true totals, which are also stored beside it."""
    folder.mkdir(parents=True)
    (folder / MARKER).write_text(json.dumps({"spendlight": "team", "version": VERSION}))
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        writing = partial(write_machine, folder, shape)
        each = list(pool.map(writing, range(shape.machines), chunksize=4))
    truth = _truth(shape, each)
    folder.with_name(f"{folder.name}.{TRUTH}").write_text(json.dumps(truth))
    return truth


def _truth(shape: Shape, each: Sequence[Truth]) -> dict[str, Any]:
    by_day: dict[str, int] = {}
    for one in each:
        for day, tokens in one.by_day.items():
            by_day[day] = by_day.get(day, 0) + tokens
    return {
        "machines": shape.machines,
        "rows": sum(one.rows for one in each),
        "segments": sum(one.segments for one in each),
        "size": sum(one.size for one in each),
        "answers": sum(one.answers for one in each),
        "totals": {name: sum(one.totals[name] for one in each) for name in TOKENS},
        "by_day": dict(sorted(by_day.items())),
        "by_machine": {one.machine: sum(one.totals.values()) for one in each},
    }


def main() -> None:
    """Write the folder that the arguments describe."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--machines", type=int, default=1_000)
    parser.add_argument("--answers", type=int, default=ANSWERS)
    arguments = parser.parse_args()
    truth = make(arguments.folder, Shape(arguments.machines, arguments.answers))
    print(json.dumps({name: truth[name] for name in ("machines", "rows", "segments", "size")}))


if __name__ == "__main__":
    main()
