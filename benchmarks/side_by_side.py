"""Runs Spendlight, ccusage and a text search in alternation on the same logs."""

import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from lifelike.corpus import ALL, ALONE, FOLDERS
from make_lifelike import lifelike_logs
from make_logs import TRUTH, make
from make_one_shot import make as make_one_shot
from measure import Run, measure
from programs import Programs

FIRST = "spendlight, first run"
SECOND = "spendlight, again"
THIRD = "spendlight, once more"
APPENDED = "spendlight, one line more"
CCUSAGE = "ccusage"
SEARCH = "rg -c"
NAMES = (FIRST, SECOND, THIRD, APPENDED, CCUSAGE, SEARCH)

SYNTHETIC = "synthetic"
LIFELIKE = "like real logs"
ONE_SHOT = "of one-shot sessions"

APPENDED_TOKENS = {"input_tokens": 3, "output_tokens": 1_000}


@dataclass(frozen=True, slots=True)
class Corpus:
    """Logs to measure on.

    Attributes:
        kind: Their generator: `SYNTHETIC`, `LIFELIKE` or `ONE_SHOT`.
        folders: The data folders.
        truth: The true totals of the logs.
    """

    kind: str
    folders: Sequence[Path]
    truth: Mapping[str, Any]

    @property
    def config_dir(self) -> str:
        """The value of `CLAUDE_CONFIG_DIR` for these logs."""
        return ",".join(map(str, self.folders))

    @property
    def title(self) -> str:
        """Its title in a table."""
        size, folders = self.truth["size"], len(self.folders)
        told = f"{size / 1e9:.2f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"
        several = f", {folders} data folders" if folders > 1 else ""
        return f"{told} {self.kind}{several}"


@dataclass(slots=True)
class Measured:
    """All runs on the same logs, by program.

    Attributes:
        timed: Runs that were only timed, one for each round.
        sampled: Runs whose memory was measured.
        ledger_bytes: The size of the ledger's folder after a first run.
    """

    corpus: Corpus
    timed: dict[str, list[Run]] = field(default_factory=dict)
    sampled: dict[str, list[Run]] = field(default_factory=dict)
    ledger_bytes: int = 0

    def wall_s(self, name: str) -> float:
        """Return the median time of a program."""
        return median(run.wall_s for run in self.timed[name])

    def cpu_s(self, name: str) -> float:
        """Return the median processor time of a program."""
        return median(run.cpu_s for run in self.timed[name])

    def peak_bytes(self, name: str) -> int:
        """Return the peak memory of a program, the highest of all runs."""
        return max(run.peak_bytes or 0 for run in self.sampled[name])

    def share(self, name: str, other: str) -> float | None:
        """Return the median ratio of its time to another's, from the pairs of each round."""
        if not {name, other} <= self.timed.keys():
            return None
        pairs = zip(self.timed[name], self.timed[other], strict=True)
        return median(mine.wall_s / theirs.wall_s for mine, theirs in pairs)


def synthetic(build: Path, size: int, files: int) -> Corpus:
    """Return synthetic logs of this size, made once and kept."""
    folder = build / f"{size}-{files}"
    if not (folder / TRUTH).exists():
        shutil.rmtree(folder, ignore_errors=True)
        make(folder, size, files)
    truth = json.loads((folder / TRUTH).read_text(encoding="utf-8"))
    return Corpus(SYNTHETIC, (folder,), truth)


def lifelike(build: Path, factor: float) -> dict[str, Corpus]:
    """Return logs like real ones, made once and kept: all, and single data folders by name.

    Args:
        build: Where they are kept.
        factor: The size relative to what was measured.
    """
    folder = build / f"lifelike-{factor:g}"
    truths = lifelike_logs(folder, factor)
    alone = {name: Corpus(LIFELIKE, (folder / name,), truths[name]) for name in ALONE}
    return alone | {ALL: Corpus(LIFELIKE, [folder / name for name in FOLDERS], truths[ALL])}


def one_shot(build: Path, files: int) -> Corpus:
    """Return so many one-shot sessions, made once and kept."""
    folder = build / f"one-shot-{files}"
    if not (folder / TRUTH).exists():
        shutil.rmtree(folder, ignore_errors=True)
        make_one_shot(folder, files)
    truth = json.loads((folder / TRUTH).read_text(encoding="utf-8"))
    return Corpus(ONE_SHOT, (folder,), truth)


def warm(corpus: Corpus) -> None:
    """Read all logs once, so that no program waits for the disk."""
    for folder in corpus.folders:
        for log in folder.glob("projects/**/*.jsonl"):
            log.read_bytes()


def measure_corpus(
    programs: Programs, corpus: Corpus, rounds: int, sampled_rounds: int
) -> Measured:
    """Measure everything on the same logs: first the time, then the memory."""
    warm(corpus)
    measured = Measured(corpus)
    print(corpus.title, file=sys.stderr)
    for turn in range(rounds):
        _one_round(programs, turn, measured, is_sampled=False)
        told = ", ".join(f"{name} {runs[-1].wall_s:.2f}" for name, runs in measured.timed.items())
        print(f"round {turn + 1} of {rounds}: {told}", file=sys.stderr)
    for turn in range(sampled_rounds):
        _one_round(programs, turn, measured, is_sampled=True)
    return measured


def wrong_totals(measured: Measured) -> Iterator[str]:
    """Yield a sentence for each wrong total."""
    for name in (FIRST, SECOND, THIRD, APPENDED, CCUSAGE):
        more = sum(APPENDED_TOKENS.values()) if name == APPENDED else 0
        for number, run in enumerate(measured.timed.get(name, ()), start=1):
            totals = totals_of(run)
            for key, expected in measured.corpus.truth["totals"].items():
                if more and key != "totalTokens":
                    continue
                found, wanted = totals[key], expected + more
                if found != wanted:
                    yield f"{name}, round {number}: {key} is {found:,}, not {wanted:,}"


def totals_of(run: Run) -> dict[str, Any]:
    """Return the totals of a JSON report."""
    totals: dict[str, Any] = json.loads(run.output)["totals"]
    return totals


def _one_round(programs: Programs, turn: int, measured: Measured, *, is_sampled: bool) -> None:
    """Run everything once; *turn* decides the order."""
    runs: dict[str, Run] = {}
    corpus = measured.corpus
    with tempfile.TemporaryDirectory() as fresh:
        data = Path(fresh, "spendlight")
        env = {
            "CLAUDE_CONFIG_DIR": corpus.config_dir,
            "HOME": fresh,
            "NO_COLOR": "1",
            "SPENDLIGHT_DATA_DIR": str(data),
            "TZ": "UTC",
            "XDG_CACHE_HOME": f"{fresh}/cache",
            "XDG_CONFIG_HOME": f"{fresh}/config",
            "XDG_DATA_HOME": f"{fresh}/data",
        }

        def run(name: str, command: Sequence[str]) -> None:
            runs[name] = measure(command, env, is_sampled=is_sampled)

        def ours() -> None:
            command = [*programs.ours, "daily", "--json", "--offline"]
            run(FIRST, command)
            measured.ledger_bytes = sum(file.stat().st_size for file in data.rglob("ledger*"))
            run(SECOND, command)
            wait_for_backup(data)
            run(THIRD, command)
            with one_line_more(corpus.folders[0]):
                run(APPENDED, command)

        def theirs() -> None:
            if programs.ccusage:
                run(CCUSAGE, [str(programs.ccusage), "daily", "--json", "--offline"])

        def search() -> None:
            if programs.rg:
                places = [str(folder / "projects") for folder in corpus.folders]
                run(SEARCH, [programs.rg, "--no-ignore", "-c", r'"usage":\{', *places])

        parts = [ours, theirs, search]
        for part in parts[turn % 3 :] + parts[: turn % 3]:
            part()
    kept = measured.sampled if is_sampled else measured.timed
    for name in NAMES:
        if name in runs:
            kept.setdefault(name, []).append(runs[name])


def wait_for_backup(data: Path) -> None:
    """Wait for the process that the day's second run leaves behind, so that it disturbs nothing."""
    latest = time.monotonic() + 60
    while (data / "backups" / "begun").exists():
        assert time.monotonic() < latest, "the backup was not made"
        time.sleep(0.01)


@contextmanager
def one_line_more(folder: Path) -> Iterator[None]:
    """Append one answer to one log, and remove it at the end."""
    sessions = sorted(folder.glob("projects/*/*.jsonl"))
    log = sessions[len(sessions) // 2]
    line = {
        "type": "assistant",
        "sessionId": log.stem,
        "timestamp": "2026-07-28T14:39:59.000Z",
        "requestId": "req_benchmark",
        "message": {"id": "msg_bench", "model": "claude-sonnet-4-6", "usage": APPENDED_TOKENS},
    }
    with taken_back(log):
        with log.open("ab") as file:
            file.write(json.dumps(line, separators=(",", ":")).encode() + b"\n")
        yield


@contextmanager
def taken_back(log: Path) -> Iterator[None]:
    """Remove at the end what was appended to a log."""
    before = log.stat()
    try:
        yield
    finally:
        os.truncate(log, before.st_size)
        os.utime(log, ns=(before.st_atime_ns, before.st_mtime_ns))
