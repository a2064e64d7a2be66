"""Writes a folder of one-shot sessions: many logs with a question and an answer each.

Scripts that ask Claude Code one thing at a time leave such logs. Opening a file, and a row of it in
the ledger, weigh more than what is in it.

python benchmarks/make_one_shot.py FOLDER --files 20000
"""

import argparse
import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from make_logs import TRUTH

FILES = 20_000
FILES_PER_PROJECT = 1_000
USAGE = {"input_tokens": 10, "output_tokens": 100}
TOTALS = {"inputTokens": 10, "outputTokens": 100, "totalTokens": 110}
FIRST_MOMENT = datetime(2026, 7, 1, tzinfo=UTC)


def log_of(number: int) -> bytes:
    """Return the contents of a log."""
    moment = FIRST_MOMENT + timedelta(minutes=number)
    begin = {
        "type": "user",
        "message": {"role": "user", "content": "x"},
        "uuid": f"00000000-0000-4000-9000-{number:012}",
        "timestamp": moment.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
    }
    answer = {
        "parentUuid": begin["uuid"],
        "isSidechain": False,
        "message": {
            "model": "claude-haiku-4-5",
            "id": f"msg_{number:012}",
            "type": "message",
            "role": "assistant",
            "content": [{"type": "text", "text": "invented"}],
            "stop_reason": "end_turn",
            "usage": USAGE,
        },
        "requestId": f"req_{number:012}",
        "type": "assistant",
        "uuid": f"00000000-0000-4000-8000-{number:012}",
        "timestamp": (moment + timedelta(seconds=2)).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "cwd": "/home/u/app",
        "sessionId": session_of(number),
        "version": "2.1.270",
    }
    lines = (json.dumps(line, separators=(",", ":")) for line in (begin, answer))
    return "".join(f"{line}\n" for line in lines).encode()


def session_of(number: int) -> str:
    """Return the id of a session."""
    return f"00000000-0000-4000-a000-{number:012}"


def make(folder: Path, files: int) -> dict[str, Any]:
    """Write the logs and return the true totals, which are also stored in the folder."""
    size = 0
    for number in range(files):
        project = folder / "projects" / f"-srv-fleet{number // FILES_PER_PROJECT}"
        if not number % FILES_PER_PROJECT:
            project.mkdir(parents=True)
        text = log_of(number)
        (project / f"{session_of(number)}.jsonl").write_bytes(text)
        size += len(text)
    truth = {
        "files": files,
        "size": size,
        "lines": 2 * files,
        "usage_lines": files,
        "answers": files,
        "totals": {name: count * files for name, count in TOTALS.items()},
    }
    (folder / TRUTH).write_text(json.dumps(truth, indent=2) + "\n", encoding="utf-8")
    return truth


def main() -> int:
    """Make the logs that the command line asks for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--files", type=int, default=FILES)
    asked = parser.parse_args()
    if (asked.folder / "projects").exists():
        parser.error(f"{asked.folder} already holds logs")
    truth = make(asked.folder, asked.files)
    print(f"{truth['files']:,} files, {truth['size'] / 1e6:,.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
