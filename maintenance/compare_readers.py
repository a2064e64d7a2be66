"""Compares the native reader with the one in Python on millions of mutated lines.

    make fuzz [LINES=2000000] [SEED=1] [LOGS=FOLDER]

Both must have the same results, byte for byte, wherever a log is cut, however small the buffers are
and in several threads. Lines of synthetic logs, and of those in LOGS, are mutated
(`tests/logs/claude_code/fuzzing.py`). The native reader is compiled with several sizes of its first
buffer. A log on which the readers differ is kept, and its seed is named.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
ROUND_LINES: Final = 25_000
"""How many lines one process compares."""

FIRST_BUFFERS: Final = (64, 1 << 10, 1 << 14, 256 << 10)
"""The sizes of the native reader's first buffer, in bytes; the last is the usual one."""

MADE_BYTES: Final = 10_000_000
LIFELIKE: Final = "0.01"


def main(words: Sequence[str] | None = None) -> int:
    """Compare, and report; return 1 if the readers differ."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--lines", type=int, default=2_000_000, help="at least this many")
    parser.add_argument("--seed", type=int, default=1, help="another seed makes other lines")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes at a time")
    parser.add_argument("logs", type=Path, nargs="*", help="folders of logs to take lines from")
    asked = parser.parse_args(words)
    for folder in asked.logs:
        if not folder.is_dir():
            parser.error(f"{folder} is not a folder")
    begun = time.monotonic()
    sums: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor(asked.jobs) as pool:
        libraries = [_library(Path(name), size) for size in FIRST_BUFFERS]
        folders = [*_made_logs(Path(name)), *map(Path.resolve, asked.logs)]
        rounds = -(-asked.lines // ROUND_LINES)
        running = [
            pool.submit(
                _compare,
                asked.seed * 1_000_000 + number,
                libraries[number % len(libraries)],
                folders,
            )
            for number in range(rounds)
        ]
        for number, ended in enumerate(as_completed(running), 1):
            if ended.exception():
                pool.shutdown(wait=False, cancel_futures=True)
                print(ended.exception(), file=sys.stderr)
                return 1
            sums.update(ended.result())
            _report(f"\r{number} of {rounds}: {sums['lines']:,} lines")
    _report("\r")
    print(
        f"{sums['lines']:,} lines in {sums['ranges']:,} ranges of logs,"
        f" {sums['answers']:,} answers: no difference ({time.monotonic() - begun:,.0f} s)."
        f" {sums['in_python']:,} ranges were left to Python as a whole."
    )
    return 0


def _report(text: str) -> None:
    if sys.stderr.isatty():
        print(f"{text}\x1b[K", end="", file=sys.stderr, flush=True)


def _library(folder: Path, first_buffer: int) -> Path:
    """Compile the native reader with another size of its first buffer, in bytes."""
    library = folder / f"native_reader_{first_buffer}.so"
    compiler = os.environ.get("CC") or next(filter(shutil.which, ("cc", "gcc", "clang")), "")
    if not compiler:
        compiler = f"{sys.executable} -m ziglang cc"
    script = str(ROOT / "packaging" / "build_reader.py")
    command = [sys.executable, script, "--required", "--output", str(library)]
    environ = os.environ | {"CC": f"{compiler} -DFIRST_CAPACITY={first_buffer}"}
    subprocess.run(command, env=environ, check=True)
    return library


def _made_logs(folder: Path) -> list[Path]:
    """Write the made-up logs of the demo and of the benchmarks."""
    from spendlight.demo import corpus, write_logs

    demo, lifelike = folder / "demo", folder / "lifelike"
    write_logs(demo, corpus(MADE_BYTES))
    script = str(ROOT / "benchmarks" / "make_lifelike.py")
    subprocess.run(
        [sys.executable, script, str(lifelike), "--factor", LIFELIKE],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    return [demo, lifelike]


def _compare(seed: int, library: Path, folders: list[Path]) -> dict[str, int]:
    """Compare some lines in a process of their own.

    Raises:
        RuntimeError: If the readers differ.
    """
    ran = subprocess.run(
        [sys.executable, "-m", "tests.logs.claude_code.fuzzing", str(seed), str(ROUND_LINES)]
        + [str(folder) for folder in folders],
        cwd=ROOT,
        env=os.environ | {"SPENDLIGHT_READER": str(library)},
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode:
        message = f"{library.name}, seed {seed}:\n{ran.stderr}"
        raise RuntimeError(message)
    found: dict[str, int] = json.loads(ran.stdout)
    return found


if __name__ == "__main__":
    sys.exit(main())
