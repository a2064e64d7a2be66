"""Measures Spendlight, ccusage and a text search, and compares the results with their bounds.

python benchmarks/bench.py --size 2.85GB --rounds 5

Each round starts with an empty ledger and runs, in an order that changes from round to round: a
first `spendlight daily --json`, a second and a third one, a fourth after one line was appended to
one file; `ccusage daily --json --offline`; and a bare text search as the floor. Rounds that are not
timed measure memory. The same is done with a third and a tenth of the logs, and with logs like real
ones: in several data folders, and in single ones; and with 20,000 one-shot sessions. Then come the
tray, a ledger of ten years and the inner benchmarks. Totals are compared with what the generators
know to be true.

Environment: SPENDLIGHT and CCUSAGE name other programs to run.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from lifelike.corpus import ALL
from make_logs import bytes_of, files_for
from make_one_shot import FILES
from measure import ProgramFailedError, environment
from page import RESULTS, draw, page
from programs import Programs, find_programs
from rows import Found
from side_by_side import (
    Corpus,
    Measured,
    lifelike,
    measure_corpus,
    one_shot,
    synthetic,
    wrong_totals,
)
from ten_years import ANSWERS

BUILD = Path(__file__).parents[1] / "build" / "bench"
HERE = Path(__file__).parent

REFERENCE = 2_850_000_000
PARTS = (10, 3, 1)
"""The divisors of the size: enough sizes to distinguish a straight line from a curve."""
STALL_SCANS = 3


def harness(name: str, *words: object) -> dict[str, Any]:
    """Run a harness and return its results."""
    print(name, file=sys.stderr)
    with tempfile.TemporaryDirectory() as home:
        places = ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR")
        done = subprocess.run(
            [sys.executable, HERE / f"{name}.py", *map(str, words)],
            env=environment(dict.fromkeys(places, home)),
            check=False,
            stdout=subprocess.PIPE,
        )
    if done.returncode:
        message = f"{name} ended with {done.returncode}"
        raise ProgramFailedError(message)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def measure_tray(folder: Path) -> dict[str, Any]:
    """Return the measurements of the tray and its window on these logs."""
    tray = harness("tray_exchange", folder)
    with tempfile.TemporaryDirectory() as data:
        return tray | {"window": harness("window_speed", folder, data)}


def measure_stall(corpus: Corpus) -> dict[str, float]:
    """Return the longest stalls of the tray's event loop in a first scan, the median of some."""
    stalls = [harness("tray_stall", corpus.config_dir) for _ in range(STALL_SCANS)]
    return sorted(stalls, key=lambda stall: float(stall["hundredth_ms"]))[STALL_SCANS // 2]


def measure_ten_years(answers: int) -> dict[str, Any]:
    """Return the measurements of a ledger of ten years."""
    with tempfile.TemporaryDirectory() as place:
        found = harness("ten_years", place, answers) | harness("ten_years_window", place)
        return found | harness("tray_exchange", "--ten-years", place)


def measure_inside() -> dict[str, Any]:
    """Return the results of the inner benchmarks."""
    with tempfile.TemporaryDirectory() as place:
        kept = Path(place, "inner.json")
        options = ["-q", "-p", "no:cacheprovider", f"--benchmark-json={kept}"]
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *options, HERE / "inner"],
            check=False,
            stdout=sys.stderr,
            cwd=HERE.parent,
        )
        if done.returncode:
            message = f"the inner benchmarks ended with {done.returncode}"
            raise ProgramFailedError(message)
        found: dict[str, Any] = json.loads(kept.read_bytes())
        return found


def measure_all(programs: Programs, asked: argparse.Namespace) -> Found:
    """Return all measurements; the longest ones are last, so that others fail early."""
    sizes = [asked.size // part for part in PARTS]
    alike = [synthetic(BUILD, size, files_for(size)) for size in sizes]
    real = lifelike(BUILD, min(1.0, asked.size / REFERENCE))
    largest = (alike[-1], real[ALL])
    tray = measure_tray(largest[0].folders[0])
    stalls = {corpus.title: measure_stall(corpus) for corpus in largest}
    steps = {corpus.title: harness("stages", corpus.config_dir)["steps"] for corpus in largest}
    ten_years = measure_ten_years(asked.answers)
    inner = measure_inside()

    def measured(corpus: Corpus) -> Measured:
        return measure_corpus(programs, corpus, asked.rounds, asked.sampled_rounds)

    return Found(
        [measured(corpus) for corpus in alike],
        {name: measured(corpus) for name, corpus in real.items()},
        measured(one_shot(BUILD, max(1, min(FILES, FILES * asked.size // REFERENCE)))),
        tray,
        stalls,
        steps,
        ten_years,
        inner,
    )


def main() -> int:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--size", type=bytes_of, default=REFERENCE, help="of the synthetic logs: 300MB"
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--sampled-rounds", type=int, default=2)
    parser.add_argument("--answers", type=int, default=ANSWERS, help="in the ledger of ten years")
    parser.add_argument("--keep", action="store_true", help="leave RESULTS.md as it is")
    asked = parser.parse_args()
    BUILD.mkdir(parents=True, exist_ok=True)
    programs = find_programs(BUILD)
    try:
        found = measure_all(programs, asked)
    except ProgramFailedError as error:
        print(error, file=sys.stderr)
        return 1
    text = "\n".join(page(programs, found)) + "\n"
    print(text)
    if not asked.keep:
        RESULTS.write_text(text, encoding="utf-8")
        draw(found.synthetic)
    return 1 if any(sentence for one in found.every for sentence in wrong_totals(one)) else 0


if __name__ == "__main__":
    sys.exit(main())
