"""Measures the time of a first scan step by step, in one process.

python benchmarks/stages.py CLAUDE_FOLDER[,ANOTHER]

The steps are those of the reader in use, native or Python. Each is the best of some passes, in
processor time, so that other load on the machine matters little. Prints JSON.
"""

import gc
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import stringzilla

from spendlight.logs.appended_lines import BUFFER_BYTES
from spendlight.logs.claude_code.answers import Answers
from spendlight.logs.claude_code.native import NATIVE, NativeReader
from spendlight.logs.claude_code.repeated_lines import NEEDLE
from spendlight.logs.jobs import ReadJob
from spendlight.logs.parsed import ParsedRange
from spendlight.tracker.options import TrackerOptions
from spendlight.tracker.tracker import UsageTracker

PASSES = 3


class Clock:
    """Adds up the processor time of functions."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def timed(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function that is timed under a name."""
        self.seconds[name] = 0.0

        def run(*words: object, **more: object) -> object:
            start = time.process_time()
            try:
                return function(*words, **more)
            finally:
                self.seconds[name] += time.process_time() - start

        return run


def reading(logs: Sequence[Path], find: Callable[[bytearray, int], object]) -> float:
    """Return the time to read all logs and to process each piece."""
    buffer = bytearray(BUFFER_BYTES)
    start = time.process_time()
    for log in logs:
        with log.open("rb", buffering=0) as file:
            while count := file.readinto(buffer):
                find(buffer, count)
    return time.process_time() - start


def find_all(buffer: bytearray, end: int) -> None:
    """Search for what every line with an answer contains."""
    at = stringzilla.find(buffer, NEEDLE, 0, end)
    while at >= 0:
        at = stringzilla.find(buffer, NEEDLE, at + len(NEEDLE), end)


def scan(folders: str) -> dict[str, float]:
    """Return the seconds that each step of a first scan takes in this process."""
    clock = Clock()
    timed = {
        (Answers, "add_lines"): "lines",
        (Answers, "_columns"): "columns",
        (Answers, "packed"): "packed",
        (NativeReader, "pack"): "packed natively",
    }
    before = {place: getattr(*place) for place in timed}

    def parse_map(
        function: Callable[[ReadJob], ParsedRange], jobs: Iterable[ReadJob], /
    ) -> Iterator[ParsedRange]:
        parse = clock.timed("parse", function)
        return map(parse, jobs)

    with tempfile.TemporaryDirectory() as data:
        options = TrackerOptions(
            data_dir=Path(data),
            environ={"CLAUDE_CONFIG_DIR": folders},
            is_offline=True,
            parse_map=parse_map,
            has_threads=False,
        )
        tracker = UsageTracker.open(options)
        try:
            for (owner, name), told in timed.items():
                setattr(owner, name, clock.timed(told, before[owner, name]))
            clock.timed("whole", tracker.read_logs)()
        finally:
            for (owner, name), function in before.items():
                setattr(owner, name, function)
    return clock.seconds


def native_steps(best: Mapping[str, float], read: float, found: float) -> dict[str, float]:
    """Return the time of each step of the native reader, including irregular lines in Python."""
    return {
        "read": read,
        "find the lines that matter": found - read,
        "take them apart, choose the best copies": best["parse"] - found - best["packed natively"],
        "pack and add up": best["packed natively"],
    }


def python_steps(best: Mapping[str, float], read: float, found: float) -> dict[str, float]:
    """Return the time of each step of the Python reader."""
    return {
        "read": read,
        "find the lines that matter": found - read,
        "decode them, and tell what repeats the line before": best["lines"] - (found - read),
        "choose the best copies, and take them apart column by column": best["columns"],
        "pack and add up": best["packed"] - best["columns"],
    }


def main() -> None:
    """Measure the steps on the logs of some data folders."""
    folders = sys.argv[1]
    logs = [log for place in folders.split(",") for log in Path(place).glob("projects/**/*.jsonl")]
    gc.disable()  # as the program does
    passes = [scan(folders) for _ in range(PASSES)]
    best = {name: min(one[name] for one in passes) for name in passes[0]}
    read = min(reading(logs, lambda _, __: None) for _ in range(PASSES))
    found = min(reading(logs, find_all) for _ in range(PASSES))
    parsing = native_steps if NATIVE.instructions else python_steps
    steps = parsing(best, read, found)
    steps["settle copies, write the ledger and its sums"] = best["whole"] - best["parse"]
    print(json.dumps({"steps": steps}))


if __name__ == "__main__":
    main()
