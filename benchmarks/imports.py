"""Measures what it costs to import the files of many machines: prints a table.

python benchmarks/imports.py --write

Makes 100 exported files of 6,000 answers each, 2 % of which another file holds, too. The program
imports them as a whole process, start included, into an empty ledger, and once more, with nothing
new. Medians of some rounds. What is imported is compared with what was made. With --json, prints
JSON; with --write, IMPORT.md is that table.

For Linux and macOS.
"""

import argparse
import json
import random
import shutil
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import NamedTuple

from measure import Run, measure
from programs import machine
from side_by_side import wait_for_backup

from spendlight.tracker.entry_files import write_json
from spendlight.tracker.entry_rows import KIND, VERSION, EntryRow, Header

RESULTS = Path(__file__).with_name("IMPORT.md")

FILES = 100
ANSWERS = 6_000
"""In each file."""

ROUNDS = 3
HELD_TWICE = 0.02
OF_A_SESSION = 100
BEGIN = datetime(2026, 6, 1, tzinfo=UTC)
MODELS = ("claude-opus-4-5-20251101", "claude-sonnet-4-5-20250929", "claude-haiku-4-5-20251001")

FIRST, AGAIN = "the first time", "again, with nothing new"
MOST_S = {FIRST: 8.0, AGAIN: 0.3}

Answer = tuple[str, str]
"""The hashes of an answer and of its request."""


class Made(NamedTuple):
    """Files that were made.

    Attributes:
        answers: How many different ones are in them.
    """

    paths: list[Path]
    answers: int


def make_files(folder: Path, files: int, answers: int) -> Made:
    """Make exported files, the same each time."""
    rng = random.Random(1)  # noqa: S311  # the same each time
    known: list[Answer] = []
    paths = []
    for number in range(files):
        key = f"{rng.getrandbits(64):016x}"
        path = folder / f"m{number}.json"
        with path.open("wb") as file:
            header = Header(KIND, VERSION, machine=f"m{number}", machine_id=key)
            write_json(_rows(rng, header, answers, known), header, file)
        paths.append(path)
    return Made(paths, len(known))


def _rows(
    rng: random.Random, header: Header, answers: int, known: list[Answer]
) -> Iterator[EntryRow]:
    """Yield the entries of a machine; its new answers are added to the known ones."""
    at = BEGIN + timedelta(seconds=rng.randrange(86_400 * 30))
    others = len(known)
    session = project = ""
    offset = 0
    for index in range(answers):
        if index % OF_A_SESSION == 0:
            session, project = f"{rng.getrandbits(128):032x}", f"-home-p{rng.randrange(20)}"
            at += timedelta(hours=rng.randrange(12))
            offset = 0
        at += timedelta(seconds=rng.randrange(5, 90))
        offset += rng.randrange(800, 5_000)
        if others and rng.random() < HELD_TWICE:
            answer, request = known[rng.randrange(others)]
        else:
            answer, request = f"{rng.getrandbits(63):016x}", f"{rng.getrandbits(63):016x}"
            known.append((answer, request))
        yield EntryRow(
            timestamp=f"{at:%Y-%m-%dT%H:%M:%S}.{rng.randrange(1_000):03}Z",
            machine=header.machine,
            project=project,
            project_path=project,
            session_id=session,
            model=rng.choice(MODELS),
            input_tokens=rng.randrange(10),
            output_tokens=rng.randrange(900),
            cache_creation_5m_tokens=rng.randrange(5_000),
            cache_creation_1h_tokens=0,
            cache_read_tokens=rng.randrange(150_000),
            cost=0.1,
            is_counted=True,
            answer=answer,
            request=request,
            path=f"/home/u/.claude/projects/{project}/{session}.jsonl",
            offset=offset,
            root="/home/u/.claude",
            machine_id=header.machine_id,
        )


def measure_imports(made: Made, rounds: int) -> dict[str, list[Run]]:
    """Import the files into an empty ledger, and once more, in rounds."""
    found: dict[str, list[Run]] = {FIRST: [], AGAIN: []}
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as place:
            data, logs = Path(place, "data"), Path(place, "claude")
            (logs / "projects").mkdir(parents=True)
            env = {"SPENDLIGHT_DATA_DIR": str(data), "CLAUDE_CONFIG_DIR": str(logs)}
            command = [sys.executable, "-m", "spendlight", "import", *map(str, made.paths)]
            first = measure(command, env)
            assert _new_answers(first) == made.answers, "answers are missing or counted twice"
            measure(command, env)  # leaves the day's backup to another process
            wait_for_backup(data)
            again = measure(command, env)
            assert _new_answers(again) == 0, "something was imported twice"
            found[FIRST].append(first)
            found[AGAIN].append(again)
    return found


def _new_answers(run: Run) -> int:
    lines = run.output.decode().splitlines()
    return sum(int(line.split()[-3].replace(",", "")) for line in lines)


def page(found: dict[str, list[Run]], files: int, answers: int) -> Iterator[str]:
    """Yield the lines of the page."""
    yield "# What it costs to import the files of many machines"
    yield ""
    yield (
        f"{machine()}. {datetime.now(UTC):%Y-%m-%d}. Made by `python benchmarks/imports.py"
        f" --write`: {files} exported files of {answers:,} answers each, {HELD_TWICE:.0%} of which"
        " another file holds, too, into an empty ledger. Whole processes, start included; medians"
        f" of {len(found[FIRST])} rounds."
    )
    yield ""
    yield "| `spendlight import` | at most | measured | processor time | met |"
    yield "|---|---:|---:|---:|---|"
    for name, runs in found.items():
        wall, cpu = median(run.wall_s for run in runs), median(run.cpu_s for run in runs)
        is_met = "yes" if wall <= MOST_S[name] else "**no**"
        yield f"| {name} | {MOST_S[name]:g} s | {wall:.2f} s | {cpu:.2f} s | {is_met} |"


def main() -> None:
    """Measure and print the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n", maxsplit=1)[0])
    parser.add_argument("--files", type=int, default=FILES)
    parser.add_argument("--answers", type=int, default=ANSWERS, help="in each file")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--write", action="store_true", help="write IMPORT.md")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp())
    try:
        made = make_files(folder, options.files, options.answers)
        found = measure_imports(made, options.rounds)
    finally:
        shutil.rmtree(folder)
    text = "\n".join(page(found, options.files, options.answers)) + "\n"
    if options.write:
        RESULTS.write_text(text)
    if options.json:
        runs = {name: [(run.wall_s, run.cpu_s) for run in of] for name, of in found.items()}
        text = json.dumps(runs) + "\n"
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
