"""Measures reports from a ledger that holds ten years of heavy use.

python benchmarks/ten_years.py LEDGER_FOLDER [ANSWERS]

The ledger is filled without logs: with sessions like those of heavy users (some 660 answers a day,
six logs of 108 answers each, begun between 8 and 22 h UTC), packed like those read from logs. Then
each report is made by a separate process. Prints JSON.
"""

import json
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from statistics import median

import numpy as np
from measure import measure
from side_by_side import wait_for_backup

from spendlight.ledger.usage_ledger import Batch, FileMark, LogName, UsageLedger
from spendlight.metering.entry import IS_SIDECHAIN, ModelVariant, SessionName
from spendlight.metering.packed import PackedEntries, columns_of, pack_columns

ANSWERS = 2_400_000
DAYS = 3_652
WAKING_HOURS = (8, 22)
"""In UTC. People sleep, so that every block ends."""
ANSWERS_OF_A_LOG = 108
SECONDS_BETWEEN = 42
BYTES_BETWEEN = 11_800
BATCH_LOGS = 1_000
SIDE_SHARE = 0.35
CONTEXT_THRESHOLDS = (200_000,)
ROUNDS = 3

MODELS = tuple(
    ModelVariant(name)
    for name in (
        "claude-opus-4-5-20251101",
        "claude-sonnet-4-5-20250929",
        "claude-haiku-4-5-20251001",
    )
)

REPORTS = {
    "daily": ["daily", "--json"],
    "weekly": ["weekly", "--json"],
    "monthly": ["monthly", "--json"],
    "session": ["session", "--json"],
    "blocks": ["blocks", "--json"],
    "daily by project": ["daily", "--json", "--instances"],
    "daily with models": ["daily", "--json", "--breakdown"],
    "now": ["live", "--snapshot", "--json"],
}
"""The reports, by their names in the table."""


def fill(data: Path, root: Path, answers: int) -> None:
    """Make a ledger with *answers* answers from the last ten years.

    Args:
        data: The folder for the ledger.
        root: Their Claude data folder, which has no logs any more.
        answers: The approximate number of answers.
    """
    (root / "projects").mkdir(parents=True)
    rng = np.random.default_rng(10)
    count = max(1, answers // ANSWERS_OF_A_LOG)
    now = datetime.now(UTC)
    names = iter(_names(root, count))
    with UsageLedger(data / "ledger.sqlite3") as ledger:
        ledger.use_context_thresholds(CONTEXT_THRESHOLDS)
        done = 0
        while batch := list(islice(names, BATCH_LOGS)):
            numbers = ledger.enlist(batch).values()
            ages = (1 - (done + np.arange(len(batch))) / count) * DAYS
            packed = [
                _log(rng, number, _begun(now, float(age)))
                for number, age in zip(numbers, ages, strict=True)
            ]
            marks = [FileMark(number, 1, 0, 0, 1, 0) for number in numbers]
            variants = {model.number: model for model in MODELS}
            ledger.record(Batch(marks, [], packed, [], variants, []))
            done += len(batch)


def _names(root: Path, count: int) -> Iterator[LogName]:
    """Yield logs; a third of them are subagents of the session before."""
    session = SessionName("", "", "")
    for number in range(count):
        project = f"-home-ada-code-project-{number * 7 % 48}"
        if number % 3 or not session.session:
            session = SessionName(project, project, f"{number:08x}-1111-4111-8111-111111111111")
            place = f"{project}/{session.session}.jsonl"
        else:
            agent = f"{session.session}/subagents/agent-{number:08x}.jsonl"
            place = f"{session.project}/{agent}"
        yield LogName(f"{root}/projects/{place}", str(root), "", "", session)


def _begun(now: datetime, age_days: float) -> datetime:
    """Return the beginning of a log of this age, moved into the waking hours of its day."""
    moment = now - timedelta(days=age_days)
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    morning, evening = WAKING_HOURS
    of_the_day = (moment - midnight) / timedelta(days=1)
    begun = midnight + timedelta(hours=morning + (evening - morning) * of_the_day)
    return min(begun, now - timedelta(minutes=75))


def _log(rng: np.random.Generator, number: int, begun: datetime) -> PackedEntries:
    """Return the answers of one log."""
    count = int(rng.integers(ANSWERS_OF_A_LOG // 2, 1 + ANSWERS_OF_A_LOG * 3 // 2))
    pauses = rng.exponential(SECONDS_BETWEEN * 1000, count)
    moments = int(begun.timestamp() * 1000) + pauses.cumsum().astype(int)
    models = np.array([model.number for model in MODELS])
    mostly = rng.integers(len(models))
    chosen = np.where(rng.random(count) < 0.9, models[mostly], models[rng.integers(len(models))])
    is_side = rng.random() < SIDE_SHARE
    columns = columns_of(
        count,
        answer=rng.integers(0, 1 << 62, count).tolist(),
        request=rng.integers(0, 1 << 62, count).tolist(),
        at_ms=moments.tolist(),
        file=[number] * count,
        offset=rng.integers(1, BYTES_BETWEEN * 2, count).cumsum().tolist(),
        variant=chosen.tolist(),
        flags=[IS_SIDECHAIN if is_side else 0] * count,
        input=rng.integers(1, 20, count).tolist(),
        output=rng.integers(1, 3_000, count).tolist(),
        cache_write_5m=rng.integers(0, 4_000, count).tolist(),
        cache_write_1h=rng.integers(0, 9_000, count).tolist(),
        cache_read=rng.integers(10_000, 230_000, count).tolist(),
    )
    return pack_columns(number, columns, CONTEXT_THRESHOLDS)


def ask(data: Path, root: Path, home: Path) -> dict[str, float]:
    """Return the seconds that each report takes, as a separate process."""
    env = {
        "CLAUDE_CONFIG_DIR": str(root),
        "HOME": str(home),
        "SPENDLIGHT_DATA_DIR": str(data),
        "TZ": "Europe/Berlin",
    }
    program = [sys.executable, "-m", "spendlight"]
    for _ in range(2):  # the first run makes the day's backup
        measure([*program, "daily", "--json", "--offline"], env)
    wait_for_backup(data)
    return {
        name: median(measure([*program, *words, "--offline"], env).wall_s for _ in range(ROUNDS))
        for name, words in REPORTS.items()
    }


def main() -> None:
    """Fill a ledger and ask for all reports."""
    place = Path(sys.argv[1])
    answers = int(sys.argv[2]) if len(sys.argv) > 2 else ANSWERS
    data, root = place / "data", place / "claude"
    begun = time.perf_counter()
    fill(data, root, answers)
    filled_s = time.perf_counter() - begun
    reports = ask(data, root, place)
    with UsageLedger(data / "ledger.sqlite3") as ledger:
        held = ledger.answer_count()
    told = {
        "answers": held,
        "ledger_bytes": sum(file.stat().st_size for file in data.glob("ledger.sqlite3*")),
        "filled_s": filled_s,
        "reports": reports,
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
