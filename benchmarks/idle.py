"""Measures the tray's resource usage while nothing happens, and after a day of work.

python benchmarks/idle.py CLAUDE_FOLDER --minutes 10
python benchmarks/idle.py CLAUDE_FOLDER --day --write

The real program runs as a separate process with an up-to-date ledger, a display, a message bus and
a panel for its icon. After its first pass it is left alone for some minutes. With --day, 100,000
exchanges of the last 24 hours are quickly appended to logs in a separate folder beside the given
one, which is not changed; then 200,000 that are all made in the two minutes in which they are
written. Prints a table; with --json, JSON; with
--write, IDLE.md is that table.

For Linux. Without Xvfb, dbus-daemon and xwininfo there is no panel, and the window stays open.
"""

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from programs import machine
from tray_process import TrayProcess, clean_environment, fill_ledger, running_tray

from spendlight.tracker.questions.periods import Periods
from spendlight.tracker.tracker import TrackerOptions, UsageTracker

RESULTS = Path(__file__).with_name("IDLE.md")

LOOK_S = 5.0
DAY_S = 86_400.0

BURST = 100
"""The number of exchanges appended at once."""

SESSIONS = 60
INPUT_TOKENS, OUTPUT_TOKENS = 3, 300

MODEL = "claude-sonnet-4-6"
MAPPINGS = 15


@dataclass(frozen=True, slots=True)
class Work:
    """Exchanges to be appended.

    Attributes:
        name: The name of their sessions.
        pause_s: The pause between two bursts.
        over: The time they seem to have taken; they end now, or in a rush each is made now.
    """

    name: str
    exchanges: int
    pause_s: float
    over: timedelta
    is_rush: bool = False


DAY = Work("day", 100_000, 0.12, timedelta(days=1))
"""A day in some minutes: the tray makes several passes per second."""

RUSH = Work("rush", 200_000, 0.06, timedelta(minutes=2), is_rush=True)
"""Hundreds of agents: everything is within the last hour, and in the active block."""


@dataclass(frozen=True, slots=True)
class Row:
    """A bound and its measurement.

    Attributes:
        measured: None if it could not be measured.
    """

    what: str
    most: float
    measured: float | None
    unit: str

    def markdown(self) -> str:
        """Return the row as Markdown."""
        most = f"{self.most:g} {self.unit}".rstrip()
        if self.measured is None:
            return f"| {self.what} | {most} | unknown | – |"
        measured = f"{self.measured:.3g} {self.unit}".rstrip()
        is_met = "yes" if self.measured <= self.most else "**no**"
        return f"| {self.what} | {most} | {measured} | {is_met} |"


@dataclass(frozen=True, slots=True, kw_only=True)
class Idle:
    """What the tray costs while nothing happens."""

    minutes: float
    resident_mb: float
    most_resident_mb: float
    private_mb: float
    cpu_percent: float
    wakeups_per_s: float
    written_mb_a_day: float
    first_number_s: float | None
    cpu_s_to_start: float
    written_mb_to_start: float
    threads: int
    open_files: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Worked:
    """The tray's resource usage after work."""

    exchanges: int
    seconds: float
    missing: int
    missing_tokens: int
    resident_mb_before: float
    grown_mb: float
    grown_mb_by_tenths: list[float]
    cpu_s: float
    written_mb: float


@dataclass(frozen=True, slots=True)
class Found:
    """All measurements.

    Attributes:
        memory: The resident bytes of each mapped file, and the private ones among them.
        has_panel: Whether there was a panel for the icon.
    """

    idle: Idle
    day: Worked | None
    rush: Worked | None
    memory: dict[str, tuple[int, int]]
    has_panel: bool


async def measure_idle(tray: TrayProcess, minutes: float) -> Idle:
    """Measure the tray while nothing happens."""
    first = last = tray.figures()
    most = first.resident_bytes
    while last.at - first.at < minutes * 60:
        await asyncio.sleep(min(LOOK_S, minutes * 60 + first.at - last.at + 0.01))
        last = tray.figures()
        most = max(most, last.resident_bytes)
    seconds = last.at - first.at
    written = last.written_bytes - first.written_bytes
    return Idle(
        minutes=seconds / 60,
        resident_mb=last.resident_bytes / 1e6,
        most_resident_mb=most / 1e6,
        private_mb=last.private_bytes / 1e6,
        cpu_percent=(last.cpu_s - first.cpu_s) / seconds * 100,
        wakeups_per_s=(last.wakeups - first.wakeups) / seconds,
        written_mb_a_day=written / seconds * DAY_S / 1e6,
        first_number_s=tray.first_number_s,
        cpu_s_to_start=first.cpu_s,
        written_mb_to_start=first.written_bytes / 1e6,
        threads=last.threads,
        open_files=last.open_files,
    )


async def measure_work(tray: TrayProcess, work: Work, logs: Path, tracker: UsageTracker) -> Worked:
    """Measure the tray's memory after work, and what is missing in the ledger."""
    answers, tokens = holdings(tracker)
    first = tray.figures()
    grown: list[float] = []
    begun = time.monotonic()
    for number, (log, lines) in enumerate(bursts(logs, work)):
        with log.open("ab") as file:
            file.write(lines)
        await asyncio.sleep(work.pause_s)
        if (number + 1) * BURST % (work.exchanges // 10) == 0:
            grown.append((tray.figures().resident_bytes - first.resident_bytes) / 1e6)
    seconds = time.monotonic() - begun
    await tray.calm()
    last = tray.figures()
    after, tokens_after = holdings(tracker)
    wanted_tokens = work.exchanges * (INPUT_TOKENS + OUTPUT_TOKENS)
    return Worked(
        exchanges=work.exchanges,
        seconds=seconds,
        missing=work.exchanges - (after - answers),
        missing_tokens=wanted_tokens - (tokens_after - tokens),
        resident_mb_before=first.resident_bytes / 1e6,
        grown_mb=(last.resident_bytes - first.resident_bytes) / 1e6,
        grown_mb_by_tenths=grown,
        cpu_s=last.cpu_s - first.cpu_s,
        written_mb=(last.written_bytes - first.written_bytes) / 1e6,
    )


def bursts(folder: Path, work: Work) -> Iterator[tuple[Path, bytes]]:
    """Yield logs and the bytes appended to them, in the order of the exchanges."""
    count = work.exchanges
    begun = datetime.now(UTC) - work.over
    step = work.over / count
    for start in range(0, count, BURST):
        session = f"{work.name}-{start * SESSIONS // count:02d}"
        if work.is_rush:
            begun = datetime.now(UTC) - (start + BURST) * step
        lines = (
            line
            for number in range(start, min(start + BURST, count))
            for line in exchange(session, number, begun + number * step)
        )
        yield folder / f"{session}.jsonl", b"".join(lines)


def exchange(session: str, number: int, at: datetime) -> Iterator[bytes]:
    """Yield the lines of a question and its answer."""
    stamp = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    common = {"sessionId": session, "timestamp": stamp}
    question = {"type": "user", **common, "message": {"role": "user", "content": "And now? " * 20}}
    answer = {
        "type": "assistant",
        **common,
        "requestId": f"req_{session}_{number}",
        "message": {
            "id": f"msg_{session}_{number}",
            "role": "assistant",
            "model": MODEL,
            "usage": {"input_tokens": INPUT_TOKENS, "output_tokens": OUTPUT_TOKENS},
            "content": [{"type": "text", "text": "Done. " * 100}],
        },
    }
    for line in (question, answer):
        yield json.dumps(line).encode() + b"\n"


def holdings(tracker: UsageTracker) -> tuple[int, int]:
    """Return the answers and the tokens in the ledger, without reading logs into it."""
    total = tracker.ask(Periods()).total
    if tracker.warnings:  # a temporary ledger is in use, or a restored one
        raise tracker.warnings[0]
    return tracker.health().answers, total.tokens.total


def prepare(folder: Path, own: Path, data: Path) -> tuple[Path, dict[str, str]]:
    """Bring a ledger up to date.

    Args:
        folder: The Claude data folder.
        own: A folder for a second one, for the day of work.
        data: Where the ledger is.

    Returns:
        The folder for the logs of that day, and the environment in which both are found.
    """
    logs = own / "projects" / "-home-me-day"
    logs.mkdir(parents=True)
    first = exchange("day-00", -1, datetime.now(UTC) - timedelta(days=1))
    (logs / "day-00.jsonl").write_bytes(b"".join(first))
    environ = clean_environment({"CLAUDE_CONFIG_DIR": f"{folder},{own}"})
    fill_ledger(data, environ)
    return logs, environ


async def measure(
    folder: Path, data: Path, minutes: float, *, has_day: bool, has_memory: bool
) -> Found:
    """Measure the tray.

    Args:
        folder: The Claude data folder.
        data: Where the ledger is.
        minutes: How long the tray is left alone.
        has_day: Whether a day of work follows.
        has_memory: Whether to include a breakdown of its memory.
    """
    with tempfile.TemporaryDirectory(prefix="sl-day-") as own:
        logs, environ = prepare(folder, Path(own), data)
        async with running_tray(data, environ) as tray:
            options = TrackerOptions(data_dir=data, environ=environ, is_offline=True)
            tracker = UsageTracker.open(options)
            holdings(tracker)
            idle = await measure_idle(tray, minutes)
            memory = tray.memory_map() if has_memory else {}
            day = rush = None
            if has_day:
                day = await measure_work(tray, DAY, logs, tracker)
                rush = await measure_work(tray, RUSH, logs, tracker)
            return Found(idle, day, rush, memory, has_panel=tray.host is not None)


def table(idle: Idle, day: Worked | None, rush: Worked | None) -> Iterator[str]:
    """Yield the lines of the table of bounds, in Markdown."""
    rows = [
        Row("resident", 80, idle.resident_mb, "MB"),
        Row("processor, idle", 0.1, idle.cpu_percent, "%"),
        Row("wake-ups, idle", 2, idle.wakeups_per_s, "a second"),
        Row("written, idle", 5, idle.written_mb_a_day, "MB a day"),
        Row("start to first number", 1, idle.first_number_s, "s"),
    ]
    for name, worked in (("a day", day), ("a rush", rush)):
        if worked is not None:
            rows += [
                Row(f"memory grown in {name}", 5, worked.grown_mb, "MB"),
                Row(f"exchanges missing after {name}", 0, worked.missing, ""),
                Row(f"tokens missing after {name}", 0, abs(worked.missing_tokens), ""),
            ]
    yield "| what | at most | measured | met |"
    yield "|---|---:|---:|---|"
    for row in rows:
        yield row.markdown()


def page(found: Found) -> Iterator[str]:
    """Yield the lines of the output."""
    idle = found.idle
    if not found.has_panel:
        yield "There is no panel here, so the window stays open; memory and wake-ups include it."
        yield ""
    yield from table(idle, found.day, found.rush)
    yield ""
    yield (
        f"Left alone for {idle.minutes:.1f} min, with {idle.threads} threads and "
        f"{idle.open_files} open files. No other process shares {idle.private_mb:.1f} MB of "
        f"its memory. The start took {idle.cpu_s_to_start:.2f} s of processor time and wrote "
        f"{idle.written_mb_to_start:.2f} MB."
    )
    for worked in (found.day, found.rush):
        if worked is None:
            continue
        curve = ", ".join(f"{grown:+.1f}" for grown in worked.grown_mb_by_tenths)
        yield ""
        yield (
            f"{worked.exchanges:,} exchanges in {worked.seconds:.0f} s took {worked.cpu_s:.1f} s "
            f"of processor time and wrote {worked.written_mb:.1f} MB. Memory after each tenth, "
            f"beside {worked.resident_mb_before:.1f} MB before, in MB: {curve}."
        )
    if found.memory:
        yield ""
        yield "| mapped | resident MB | of it private |"
        yield "|---|---:|---:|"
        for name, (resident, private) in list(found.memory.items())[:MAPPINGS]:
            yield f"| {name} | {resident / 1e6:.2f} | {private / 1e6:.2f} |"


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, help="a Claude data folder; nothing in it is changed")
    parser.add_argument("--minutes", type=float, default=10, help="how long it is left alone")
    parser.add_argument("--data", type=Path, help="where the ledger is; by default a new one")
    parser.add_argument("--day", action="store_true", help="have a day of work follow")
    parser.add_argument("--memory", action="store_true", help="tell what its memory is made of")
    parser.add_argument("--write", action="store_true", help="write IDLE.md")
    parser.add_argument("--json", action="store_true", help="print JSON")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sl-data-") as temporary:
        data = asked.data or Path(temporary)
        measuring = measure(
            asked.folder, data, asked.minutes, has_day=asked.day, has_memory=asked.memory
        )
        found = asyncio.run(measuring)
    print(json.dumps(asdict(found)) if asked.json else "\n".join(page(found)))
    if asked.write:
        logs = sum(1 for _ in asked.folder.glob("projects/**/*.jsonl"))
        command = "python benchmarks/idle.py FOLDER --day --write"
        head = f"{machine()}. {time.strftime('%F')}. Made by `{command}`, {logs:,} logs watched."
        lines = ("# What the tray costs while nothing happens, and in a day", "", head, "")
        RESULTS.write_text("\n".join((*lines, *page(found), "")), encoding="utf-8")


if __name__ == "__main__":
    main()
