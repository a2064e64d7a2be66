"""Measures what one more exchange costs the tray, from the write to the new snapshot.

python benchmarks/tray_exchange.py CLAUDE_FOLDER [COUNT]

The real program, with its watch and its icon in a panel, looks at the logs; a question and two
answers are appended to one of them, again and again. The time ends when the icon tells the panel of
its new tooltip; the processor time is that of the whole process until it is at rest again. Prints
JSON.

Without Linux, Xvfb, dbus-daemon and xwininfo there is no panel: then the desktop runs in this
process, and its window is open.
"""

import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from side_by_side import taken_back

COUNT = 15
PAUSE_S = 1.5
"""Between two exchanges, so that each finds the tray at rest."""

REST_S = 0.5
"""So long after the new tooltip there is nothing left to do."""

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
    """Return for each exchange the seconds of processor time and until the new tooltip."""
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
    """Return for each exchange the seconds of processor time and until the new snapshot."""
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


def has_panel() -> bool:
    """Return whether a panel can be had here."""
    if sys.platform != "linux":
        return False
    from tray_process import has_session_programs

    return has_session_programs()


def main() -> None:
    """Measure some exchanges."""
    folder, count = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else COUNT
    with tempfile.TemporaryDirectory() as data:
        if has_panel():
            found = asyncio.run(measure_in_a_panel(folder, Path(data), count))
        else:
            found = measure_in_process(folder, Path(data), count)
    cpu, wall = zip(*found, strict=True)
    told = {
        "cpu_ms": median(cpu) * 1000,
        "most_cpu_ms": max(cpu) * 1000,
        "seconds": median(wall),
        "most_seconds": max(wall),
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
