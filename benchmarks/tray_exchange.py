"""Measures what one more exchange costs the tray, from the write to the new snapshot.

python benchmarks/tray_exchange.py CLAUDE_FOLDER [COUNT]

The real desktop, with its watch and its tray icon, looks at the logs; a question and two answers
are appended to one of them, again and again. The processor time is that of all of the process's
threads. Prints JSON.
"""

import json
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from side_by_side import taken_back
from tray import desktop_on, idle, wait_for

COUNT = 15
PAUSE_MS = 1_500
"""Between two exchanges, so that each finds the tray at rest."""


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


def measure_exchanges(folder: Path, data: Path, count: int) -> list[tuple[float, float]]:
    """Return for each exchange the seconds of processor time and until the new snapshot."""
    sessions = sorted(folder.glob("projects/*/*.jsonl"), key=lambda log: log.stat().st_mtime)
    log = sessions[-1]
    found: list[tuple[float, float]] = []
    with taken_back(log), desktop_on(folder, data) as (desktop, controller):
        desktop.start()
        wait_for(controller.refreshed)
        news: list[int] = []
        controller.refreshed.connect(lambda refreshed: news.append(refreshed.new_answers))
        for number in range(count):
            idle(PAUSE_MS)
            news.clear()
            lines = exchange(log.stem, number)
            begun, cpu_begun = time.perf_counter(), time.process_time()
            with log.open("ab") as file:
                file.write(lines)
            while not any(news):
                wait_for(controller.refreshed)
            found.append((time.process_time() - cpu_begun, time.perf_counter() - begun))
    return found


def main() -> None:
    """Measure some exchanges."""
    count = int(sys.argv[2]) if len(sys.argv) > 2 else COUNT
    with tempfile.TemporaryDirectory() as data:
        found = measure_exchanges(Path(sys.argv[1]), Path(data), count)
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
