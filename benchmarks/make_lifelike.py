"""Writes data folders like real ones, with their true totals beside them.

python benchmarks/make_lifelike.py FOLDER --factor 0.1
"""

import argparse
import json
import shutil
import sys
import time
from pathlib import Path
from typing import Any

from lifelike.corpus import FOLDERS, write_corpus
from make_logs import TRUTH

Truths = dict[str, dict[str, Any]]


def lifelike_logs(folder: Path, factor: float) -> Truths:
    """Make the data folders once and keep them; return the true totals of each and of all."""
    if not (folder / TRUTH).exists():
        shutil.rmtree(folder, ignore_errors=True)
        truths = write_corpus(folder, factor, lambda name: print(name, file=sys.stderr))
        (folder / TRUTH).write_text(json.dumps(truths, indent=2) + "\n", encoding="utf-8")
    found: Truths = json.loads((folder / TRUTH).read_text(encoding="utf-8"))
    return found


def main() -> int:
    """Make the data folders that the command line asks for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--factor", type=float, default=1.0, help="of the measured amount: 0.1")
    asked = parser.parse_args()
    if asked.folder.exists():
        parser.error(f"{asked.folder} exists already")
    start = time.perf_counter()
    truths = lifelike_logs(asked.folder, asked.factor)
    for name in FOLDERS:
        truth = truths[name]
        print(
            f"{name}: {truth['files']:,} files, {truth['size'] / 1e6:,.1f} MB, "
            f"{truth['lines']:,} lines, {truth['usage_lines']:,} of them with usage, "
            f"{truth['progress_lines']:,} repeat a subagent's; {truth['answers']:,} new answers"
        )
    print(f"in {time.perf_counter() - start:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
