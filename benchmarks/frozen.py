"""Compares a frozen program with the source: its size, its start, a report, the tray.

python benchmarks/frozen.py CLAUDE_FOLDER [--frozen dist/spendlight] [--archive FILE] [--write]

The fastest of some runs counts, as a busy machine only ever adds time. With --write, FROZEN.md is
the table. For Linux.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from measure import measure
from programs import machine
from tray_process import clean_environment, has_session_programs, running_tray

ROOT = Path(__file__).parents[1]
RESULTS = Path(__file__).with_name("FROZEN.md")
SOURCE = (sys.executable, "-m", "spendlight")
RUNS = 20
TRAY_RUNS = 3


class Row(NamedTuple):
    """A figure with its bound; None if there is nothing to compare with."""

    name: str
    at_most: float
    unit: str
    frozen: float
    source: float | None

    def markdown(self) -> str:
        """Return the line of the table."""
        source = "" if self.source is None else f"{self.source:.2f} {self.unit}"
        verdict = "yes" if self.frozen <= self.at_most else "**no**"
        return (
            f"| {self.name} | {self.at_most:g} {self.unit} | {self.frozen:.2f} {self.unit} "
            f"| {source} | {verdict} |"
        )


def fastest_s(command: Sequence[str], env: Mapping[str, str]) -> float:
    """Return the time of the fastest of some runs."""
    return min(measure(command, env).wall_s for _ in range(RUNS))


async def first_number_s(program: Sequence[str], data: Path, env: Mapping[str, str]) -> float:
    """Return how long the tray takes to show a number, with an up-to-date ledger."""
    found = []
    for _ in range(TRAY_RUNS):
        async with running_tray(data, env, [*program, "--offline"]) as tray:
            assert tray.first_number_s is not None
            found.append(tray.first_number_s)
    return min(found)


def rows(frozen: Path, folder: Path, archive: Path | None) -> Iterator[Row]:
    """Measure, and yield the rows."""
    if archive is not None:
        yield Row("archive", 55, "MB", archive.stat().st_size / 1e6, None)
    terminal, tray = (str(frozen / name) for name in ("spendlight", "spendlight-tray"))
    with tempfile.TemporaryDirectory(prefix="sl-data-") as data:
        places = {"CLAUDE_CONFIG_DIR": str(folder), "SPENDLIGHT_DATA_DIR": data}
        version, daily = ["--version"], ["daily", "--json", "--offline"]
        measure([terminal, *daily], places)
        for name, at_most, words in (
            ("`--version`", 0.12, version),
            ("`daily --json`, nothing new", 0.25, daily),
        ):
            took = (fastest_s([*ours, *words], places) for ours in ([terminal], SOURCE))
            yield Row(name, at_most, "s", *took)
        if has_session_programs():
            env = clean_environment({"CLAUDE_CONFIG_DIR": str(folder)})
            told = (asyncio.run(first_number_s(ours, Path(data), env)) for ours in ([tray], SOURCE))
            yield Row("tray to first number, warm", 1.2, "s", *told)


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, help="a Claude data folder; nothing in it is changed")
    parser.add_argument("--frozen", type=Path, default=ROOT / "dist" / "spendlight")
    parser.add_argument("--archive", type=Path, help="its archive, whose size is told")
    parser.add_argument("--write", action="store_true", help="write FROZEN.md")
    asked = parser.parse_args()
    lines = ["| what | at most | frozen | from source | met |", "|---|---:|---:|---:|---|"]
    lines += [row.markdown() for row in rows(asked.frozen, asked.folder, asked.archive)]
    print("\n".join(lines))
    if asked.write:
        logs = sum(1 for _ in asked.folder.glob("projects/**/*.jsonl"))
        head = (
            f"{machine()}. {time.strftime('%F')}. Made by `python benchmarks/frozen.py FOLDER "
            f"--write`, {logs:,} logs. The fastest of {RUNS} runs, of the tray of {TRAY_RUNS}."
        )
        page = ("# The frozen program beside the source", "", head, "", *lines, "")
        RESULTS.write_text("\n".join(page), encoding="utf-8")


if __name__ == "__main__":
    main()
