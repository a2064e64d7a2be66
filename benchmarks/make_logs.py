"""Writes a folder of synthetic Claude Code logs, with their true totals beside it.

python benchmarks/make_logs.py FOLDER --size 300MB --files 250
"""

import argparse
import json
import re
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from spendlight.demo import DemoTokens, DemoWritten, corpus, write_logs
from spendlight.demo.shape import REFERENCE_BYTES, REFERENCE_FILES

TRUTH = "truth.json"
"""The file beside `projects`, where no reader of logs looks."""

_UNITS = {"": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9}


def bytes_of(size: str) -> int:
    """Return the bytes of a size such as 300MB or 2.85GB."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMG]?B)?", size.strip().upper())
    if match is None:
        message = f"not a size: {size!r} (try 300MB)"
        raise argparse.ArgumentTypeError(message)
    return round(float(match[1]) * _UNITS[match[2] or ""])


def files_for(size: int) -> int:
    """Return the number of files in a folder of this size, in proportion to the measured one."""
    return max(2, round(size * REFERENCE_FILES / REFERENCE_BYTES))


def totals_of(tokens: DemoTokens) -> dict[str, int]:
    """Return tokens under the names that reports have for them."""
    return {
        "inputTokens": tokens.input,
        "outputTokens": tokens.output,
        "cacheCreationTokens": tokens.cache_write_5m + tokens.cache_write_1h,
        "cacheReadTokens": tokens.cache_read,
        "totalTokens": sum(tokens),
    }


def truth_of(written: DemoWritten) -> dict[str, Any]:
    """Return the true totals as JSON values."""
    return {
        **asdict(written),
        "by_model": {model: counts._asdict() for model, counts in written.by_model.items()},
        "totals": totals_of(written.tokens),
    }


def make(folder: Path, size: int, files: int) -> dict[str, Any]:
    """Write the logs and return the true totals, which are also stored in the folder."""
    shown = sys.stderr.isatty()

    def tell(done: int, of: int) -> None:
        if shown:
            print(f"\r{done / 1e6:,.0f} of {of / 1e6:,.0f} MB", end="", file=sys.stderr)

    truth = truth_of(write_logs(folder, corpus(size, files), tell))
    if shown:
        print(file=sys.stderr)
    (folder / TRUTH).write_text(json.dumps(truth, indent=2) + "\n", encoding="utf-8")
    return truth


def main() -> int:
    """Make the logs that the command line asks for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--size", type=bytes_of, default=300 * 10**6, help="for example 300MB")
    parser.add_argument("--files", type=int, help="as many as is usual for the size")
    asked = parser.parse_args()
    if (asked.folder / "projects").exists():
        parser.error(f"{asked.folder} already holds logs")
    start = time.perf_counter()
    truth = make(asked.folder, asked.size, asked.files or files_for(asked.size))
    print(
        f"{truth['files']:,} files, {truth['size'] / 1e6:,.1f} MB, {truth['lines']:,} lines, "
        f"{truth['usage_lines']:,} of them with usage, {truth['answers']:,} answers, "
        f"in {time.perf_counter() - start:.1f} s"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
