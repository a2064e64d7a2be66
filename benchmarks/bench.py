"""Measures Spendlight and ccusage side by side on the same synthetic logs.

python benchmarks/bench.py --size 300MB --rounds 5

Each round starts with an empty ledger and runs, in an order that changes from round to round: a
first `spendlight daily --json`, a second one, a third after one line was appended to one file;
`ccusage daily --json --offline`; and a bare text search as the floor. One more round, not timed,
looks at memory. Totals are compared with what the generator knows to be true.

Environment: SPENDLIGHT and CCUSAGE name other programs to run.
"""

import argparse
import json
import os
import platform
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from make_logs import TRUTH, bytes_of, files_for, make
from measure import ProgramFailedError, Run, measure

BUILD = Path(__file__).parents[1] / "build" / "bench"
RESULTS = Path(__file__).with_name("RESULTS.md")

CCUSAGE_VERSION = "20.0.24"

FIRST, SECOND, APPENDED = "spendlight, first run", "spendlight, again", "spendlight, one line more"
CCUSAGE, SEARCH = "ccusage", "rg (text search only)"

_APPENDED_TOKENS = {"input_tokens": 3, "output_tokens": 1_000}


@dataclass(frozen=True, slots=True)
class Programs:
    """What there is to run; None where it is not installed."""

    ours: Sequence[str]
    ccusage: Path | None
    rg: str | None


@dataclass(frozen=True, slots=True)
class Measured:
    """All runs on logs of one size, by what was run."""

    truth: Mapping[str, Any]
    timed: Mapping[str, Sequence[Run]]
    sampled: Mapping[str, Run]

    def wall(self, name: str) -> float:
        """Return the median time of what was run."""
        return median(run.wall_seconds for run in self.timed[name])

    def cpu(self, name: str) -> float:
        """Return the median processor time of what was run."""
        return median(run.cpu_seconds for run in self.timed[name])

    def memory(self, name: str) -> int:
        """Return the peak memory of what was run.

        It is that of all processes together, or of the largest one where that is more, as it is
        when a program ends between two looks.
        """
        run = self.sampled[name]
        return max(run.largest_bytes, run.tree_bytes or 0)

    def ratio(self, name: str) -> float | None:
        """Return how many times longer ccusage takes, from pairs of the same round."""
        if CCUSAGE not in self.timed:
            return None
        pairs = zip(self.timed[CCUSAGE], self.timed[name], strict=True)
        return median(theirs.wall_seconds / run.wall_seconds for theirs, run in pairs)


def find_ccusage() -> Path | None:
    """Return the native binary of ccusage, installed with npm when that is possible."""
    if named := os.environ.get("CCUSAGE"):
        return Path(named)
    system = {"win32": "win32", "darwin": "darwin"}.get(sys.platform, "linux")
    machine = {"aarch64": "arm64", "arm64": "arm64"}.get(platform.machine().lower(), "x64")
    package = f"@ccusage/ccusage-{system}-{machine}"
    binary = BUILD / "npm" / "node_modules" / package / "bin" / "ccusage"
    npm = shutil.which("npm")
    if not binary.exists() and npm:
        wanted = [f"ccusage@{CCUSAGE_VERSION}", f"{package}@{CCUSAGE_VERSION}"]
        binary.parents[3].mkdir(parents=True, exist_ok=True)
        install = [npm, "install", "--no-audit", "--no-fund", "--prefix", str(BUILD / "npm")]
        subprocess.run([*install, *wanted], check=False, stdout=sys.stderr)
    if binary.exists():
        binary.chmod(0o755)  # the package ships it without the bit
        return binary
    on_path = shutil.which("ccusage")
    return Path(on_path) if on_path else None


def logs_of(size: int, files: int) -> tuple[Path, Mapping[str, Any]]:
    """Return a folder with logs of this size, made once and kept, and the truth about them."""
    folder = BUILD / f"{size}-{files}"
    if not (folder / TRUTH).exists():
        shutil.rmtree(folder, ignore_errors=True)
        make(folder, size, files)
    return folder, json.loads((folder / TRUTH).read_text(encoding="utf-8"))


def warm(folder: Path) -> None:
    """Read all logs once, so that nobody pays for the disk."""
    for log in folder.glob("projects/**/*.jsonl"):
        log.read_bytes()


@contextmanager
def one_line_more(folder: Path) -> Iterator[None]:
    """Append one answer to one log, and take it back at the end."""
    sessions = sorted(folder.glob("projects/*/*.jsonl"))
    log = sessions[len(sessions) // 2]
    before = log.stat()
    line = {
        "type": "assistant",
        "sessionId": log.stem,
        "timestamp": "2026-07-28T14:39:59.000Z",
        "requestId": "req_benchmark",
        "message": {"id": "msg_bench", "model": "claude-sonnet-4-6", "usage": _APPENDED_TOKENS},
    }
    with log.open("ab") as file:
        file.write(json.dumps(line, separators=(",", ":")).encode() + b"\n")
    try:
        yield
    finally:
        os.truncate(log, before.st_size)
        os.utime(log, ns=(before.st_atime_ns, before.st_mtime_ns))


def one_round(programs: Programs, folder: Path, turn: int, *, is_sampled: bool) -> dict[str, Run]:
    """Run everything once and return the runs; *turn* decides who begins."""
    runs: dict[str, Run] = {}
    with tempfile.TemporaryDirectory() as fresh:
        env = {
            "CLAUDE_CONFIG_DIR": str(folder),
            "HOME": fresh,
            "NO_COLOR": "1",
            "SPENDLIGHT_DATA_DIR": f"{fresh}/spendlight",
            "TZ": "UTC",
            "XDG_CACHE_HOME": f"{fresh}/cache",
            "XDG_CONFIG_HOME": f"{fresh}/config",
            "XDG_DATA_HOME": f"{fresh}/data",
        }

        def ours() -> None:
            command = [*programs.ours, "daily", "--json", "--offline"]
            runs[FIRST] = measure(command, env, is_sampled=is_sampled)
            runs[SECOND] = measure(command, env, is_sampled=is_sampled)
            with one_line_more(folder):
                runs[APPENDED] = measure(command, env, is_sampled=is_sampled)

        def theirs() -> None:
            if programs.ccusage:
                command = [str(programs.ccusage), "daily", "--json", "--offline"]
                runs[CCUSAGE] = measure(command, env, is_sampled=is_sampled)

        def search() -> None:
            if programs.rg:
                command = [programs.rg, "--no-ignore", "-c", r'"usage":\{', f"{folder}/projects"]
                runs[SEARCH] = measure(command, env, is_sampled=is_sampled)

        parts = [ours, theirs, search]
        for part in parts[turn % 3 :] + parts[: turn % 3]:
            part()
    return {name: runs[name] for name in (FIRST, SECOND, APPENDED, CCUSAGE, SEARCH) if name in runs}


def measure_size(programs: Programs, size: int, files: int, rounds: int) -> Measured:
    """Measure everything on logs of one size."""
    folder, truth = logs_of(size, files)
    warm(folder)
    timed: dict[str, list[Run]] = {}
    for turn in range(rounds):
        for name, run in one_round(programs, folder, turn, is_sampled=False).items():
            timed.setdefault(name, []).append(run)
        told = ", ".join(f"{name} {runs[-1].wall_seconds:.2f}" for name, runs in timed.items())
        print(f"round {turn + 1} of {rounds}: {told}", file=sys.stderr)
    return Measured(truth, timed, one_round(programs, folder, 0, is_sampled=True))


def totals_of(run: Run) -> dict[str, Any]:
    """Return the totals that a report in JSON ends with."""
    totals: dict[str, Any] = json.loads(run.output)["totals"]
    return totals


def wrong_totals(measured: Measured) -> Iterator[str]:
    """Yield a sentence for each total that is not the truth."""
    for name in (FIRST, SECOND, APPENDED, CCUSAGE):
        more = sum(_APPENDED_TOKENS.values()) if name == APPENDED else 0
        for number, run in enumerate(measured.timed.get(name, ()), start=1):
            totals = totals_of(run)
            for key, expected in measured.truth["totals"].items():
                if more and key != "totalTokens":
                    continue
                found, wanted = totals[key], expected + more
                if found != wanted:
                    yield f"{name}, round {number}: {key} is {found:,}, not {wanted:,}"


def table(measured: Measured) -> Iterator[str]:
    """Yield the lines of a table of medians, in Markdown."""
    rounds = len(measured.timed[FIRST])
    yield f"| median of {rounds} | wall s | CPU s | peak MB | ccusage takes | and needs |"
    yield "|---|---:|---:|---:|---:|---:|"
    for name in measured.timed:
        ratio, memory = measured.ratio(name), measured.memory(name)
        longer = more = ""
        if ratio is not None and name != CCUSAGE:
            longer = f"{ratio:.2f} × the time"
            more = f"{measured.memory(CCUSAGE) / memory:.2f} × the memory"
        yield (
            f"| {name} | {measured.wall(name):.3f} | {measured.cpu(name):.3f} "
            f"| {memory / 1e6:,.0f} | {longer} | {more} |"
        )


def section(measured: Measured) -> Iterator[str]:
    """Yield what was found for one size, in Markdown."""
    truth = measured.truth
    yield f"## {truth['size'] / 1e6:,.0f} MB in {truth['files']:,} files"
    yield ""
    yield (
        f"{truth['lines']:,} lines, {truth['usage_lines']:,} of them with usage, "
        f"{truth['answers']:,} answers."
    )
    yield ""
    yield from table(measured)
    yield ""
    yield f"- true: {truth['totals']['totalTokens']:,} tokens"
    for name in (FIRST, CCUSAGE):
        if name in measured.timed:
            totals = totals_of(measured.timed[name][0])
            yield f"- {name}: {totals['totalTokens']:,} tokens, ${totals['totalCost']:,.6f}"
    yield from (f"- **wrong**: {sentence}" for sentence in wrong_totals(measured))
    yield ""


def machine() -> str:
    """Return what it was measured on, in a line."""
    cpu = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        lines = cpuinfo.read_text().splitlines()
        cpu = next((ln.split(":")[1].strip() for ln in lines if ln.startswith("model name")), cpu)
    system = f"{platform.system()} {platform.release()}"
    return f"{os.cpu_count()} × {cpu}, {system}, Python {platform.python_version()}"


def version_of(command: Sequence[str]) -> str:
    """Return what a program says its version is."""
    done = subprocess.run([*command, "--version"], check=False, capture_output=True, text=True)
    return (done.stdout.strip().splitlines() or ["version unknown"])[0]


def keep_figures(measured: Measured) -> None:
    """Keep every single run as JSON, for plots."""
    runs = [
        {
            "name": name,
            "round": number,
            "wall_seconds": run.wall_seconds,
            "cpu_seconds": run.cpu_seconds,
            "largest_bytes": run.largest_bytes,
            "tree_bytes": measured.sampled[name].tree_bytes,
        }
        for name, of_name in measured.timed.items()
        for number, run in enumerate(of_name, start=1)
    ]
    kept = BUILD / f"results-{measured.truth['size']}.json"
    kept.write_text(json.dumps({"machine": machine(), "runs": runs}, indent=2), encoding="utf-8")


def main() -> int:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--size", type=bytes_of, nargs="+", default=[300 * 10**6])
    parser.add_argument("--files", type=int, help="as many as is usual for the size")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--write", action="store_true", help="keep the tables in RESULTS.md")
    asked = parser.parse_args()
    BUILD.mkdir(parents=True, exist_ok=True)

    ours = shlex.split(os.environ.get("SPENDLIGHT", "")) or [sys.executable, "-m", "spendlight"]
    programs = Programs(ours, find_ccusage(), shutil.which("rg"))
    versions = [version_of(ours)]  # also has Python compile its files once
    versions += [version_of([str(found)]) for found in (programs.ccusage, programs.rg) if found]
    page = ["# Side by side", "", f"{machine()}. {'; '.join(versions)}. {time.strftime('%F')}.", ""]
    page += ["Made by `make bench`; the logs are synthetic and warm in the page cache.", ""]
    is_right = True
    for size in asked.size:
        try:
            measured = measure_size(programs, size, asked.files or files_for(size), asked.rounds)
        except ProgramFailedError as error:
            print(error, file=sys.stderr)
            return 1
        keep_figures(measured)
        page += section(measured)
        is_right = is_right and not any(wrong_totals(measured))
    print("\n".join(page))
    if asked.write:
        RESULTS.write_text("\n".join(page), encoding="utf-8")
    return 0 if is_right else 1


if __name__ == "__main__":
    sys.exit(main())
