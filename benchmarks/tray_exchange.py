"""Measures the tray's cost of one more exchange, from the write to the new snapshot.

python benchmarks/tray_exchange.py CLAUDE_FOLDER [COUNT]
python benchmarks/tray_exchange.py --ten-years LEDGER_FOLDER [COUNT]

The real program, with its watcher and its icon in a panel, watches the logs; a question and two
answers are repeatedly appended to one of them. The time ends when the icon sends its new tooltip to
the panel; the processor time is that of the whole process until it is idle again. Prints JSON.

The second form uses the ledger that `ten_years.py` has left in the folder. It also measures the
ledger's search for copies of two answers. Bounds: 20 ms of processor time for the exchange, 5 ms
for the search; `rows.py` compares the results with them.

Without Linux, Xvfb, dbus-daemon and xwininfo there is no panel: then the desktop runs in this
process, and its window is open.
"""

import asyncio
import json
import random
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from statistics import median

from side_by_side import taken_back

from spendlight.ledger.answer_search import holding
from spendlight.ledger.opening import connect

COUNT = 15
SEARCHES = 51
PAUSE_S = 1.5
"""The pause between two exchanges, so that the tray is idle before each."""

REST_S = 0.5
"""This long after the new tooltip there is nothing left to do."""

PATIENCE_S = 60.0


def exchange(session: str, number: int) -> bytes:
    """Return the lines of a question and two answers."""
    usage = {"input_tokens": 3, "cache_read_input_tokens": 40_000, "output_tokens": 300}
    answers = [
        {
            "type": "assistant",
            "sessionId": session,
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime()),
            "requestId": f"req_bench_{number}_{step}",
            "message": {
                "id": f"msg_bench_{number}_{step}",
                "model": "claude-sonnet-4-6",
                "usage": usage,
                "content": [{"type": "text", "text": "Done. " * 100}],
            },
        }
        for step in range(2)
    ]
    question = {"type": "user", "sessionId": session, "message": {"content": "And now? " * 20}}
    return b"".join(json.dumps(line).encode() + b"\n" for line in (question, *answers))


def latest(folder: Path) -> Path:
    """Return the log that was written last."""
    return max(folder.glob("projects/*/*.jsonl"), key=lambda log: log.stat().st_mtime)


async def measure_in_a_panel(folder: Path, data: Path, count: int) -> list[tuple[float, float]]:
    """Return each exchange's processor time and time until the new tooltip, in seconds."""
    from tray_process import clean_environment, fill_ledger, running_tray

    environ = clean_environment({"CLAUDE_CONFIG_DIR": str(folder)})
    fill_ledger(data, environ)
    log = latest(folder)
    found: list[tuple[float, float]] = []
    with taken_back(log):
        async with running_tray(data, environ) as tray:
            assert tray.host is not None
            for number in range(count):
                await asyncio.sleep(PAUSE_S - REST_S)
                lines = exchange(log.stem, number)
                begun, cpu_begun = time.perf_counter(), tray.cpu_s()
                with log.open("ab") as file:
                    file.write(lines)
                await tray.host.next_tooltip(PATIENCE_S)
                seconds = time.perf_counter() - begun
                await asyncio.sleep(REST_S)
                found.append((tray.cpu_s() - cpu_begun, seconds))
    return found


def measure_in_process(folder: Path, data: Path, count: int) -> list[tuple[float, float]]:
    """Return each exchange's processor time and time until the new snapshot, in seconds."""
    from tray import desktop_on, idle, wait_for

    log = latest(folder)
    found: list[tuple[float, float]] = []
    with taken_back(log), desktop_on(folder, data) as (desktop, controller):
        desktop.start()
        wait_for(controller.refreshed)
        news: list[int] = []
        controller.refreshed.connect(lambda refreshed: news.append(refreshed.new_answers))
        for number in range(count):
            idle(int(PAUSE_S * 1000))
            news.clear()
            lines = exchange(log.stem, number)
            begun, cpu_begun = time.perf_counter(), time.process_time()
            with log.open("ab") as file:
                file.write(lines)
            while not any(news):
                wait_for(controller.refreshed)
            found.append((time.process_time() - cpu_begun, time.perf_counter() - begun))
    return found


def measure(folder: Path, data: Path, count: int) -> dict[str, float]:
    """Return the costs of some exchanges."""
    if has_panel():
        found = asyncio.run(measure_in_a_panel(folder, data, count))
    else:
        found = measure_in_process(folder, data, count)
    cpu, wall = zip(*found, strict=True)
    return {
        "cpu_ms": median(cpu) * 1000,
        "most_cpu_ms": max(cpu) * 1000,
        "seconds": median(wall),
        "most_seconds": max(wall),
    }


def measure_ten_years(place: Path, count: int) -> dict[str, float]:
    """Return their costs with a ledger of ten years, and that of the search for copies alone."""
    session = "00000000-2222-4222-8222-222222222222"
    log = place / "claude/projects/-home-ada-code-project-0" / f"{session}.jsonl"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_bytes(exchange(session, -1))  # makes the ledger build its index
    found = measure(place / "claude", place / "data", count)
    log.unlink()
    search_ms = median(search_s(place / "data/ledger.sqlite3") for _ in range(SEARCHES)) * 1000
    return {f"exchange_{name}": value for name, value in found.items()} | {"search_ms": search_ms}


def search_s(ledger: Path) -> float:
    """Return the seconds that a ledger takes to find no copies of two answers."""
    answers = [random.getrandbits(63) for _ in range(2)]
    with closing(connect(ledger)) as connection:
        connection.execute("SELECT 1 FROM meta").fetchone()  # like the tray, which keeps it open
        begun = time.perf_counter()
        holding(connection, answers)
        return time.perf_counter() - begun


def has_panel() -> bool:
    """Return whether a panel is possible here."""
    if sys.platform != "linux":
        return False
    from tray_process import has_session_programs

    return has_session_programs()


def main() -> None:
    """Measure some exchanges."""
    is_long = sys.argv[1] == "--ten-years"
    words = sys.argv[1 + is_long :]
    folder, count = Path(words[0]), int(words[1]) if len(words) > 1 else COUNT
    if is_long:
        told = measure_ten_years(folder, count)
    else:
        with tempfile.TemporaryDirectory() as data:
            told = measure(folder, Path(data), count)
    print(json.dumps(told))


if __name__ == "__main__":
    main()
