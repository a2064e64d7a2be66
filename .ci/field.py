"""Runs the field cases, in which users found faults, and compares their output with what is right.

python .ci/field.py FOLDER PROGRAM [CASE...]

Each case has its own script. What is right is described there in prose, and here in terms of the
output: what must be in it, what must not, and how often.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple


class Case(NamedTuple):
    """What a script's output must contain; all are multi-line regular expressions.

    Attributes:
        script: Below the folder of the cases.
        has: Each is found.
        counts: Each is found exactly this many times.
        lacks: None is found. No output may have a traceback, whatever the case.
        links: Below the case's own folder; a copy of it without symbolic links has small files
            instead, which contain the targets.
        is_of_claude: Whether it is about the report that was called `session` when it was written,
            and is called `claude session` since there are other agents.
    """

    script: str
    has: tuple[str, ...] = ()
    counts: tuple[tuple[str, int], ...] = ()
    lacks: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    is_of_claude: bool = False


EMPTY_REPORT = '{"daily": [], "sessions": [], "totals": {"totalCost": 0, "totalTokens": 0}}'
"""What scripts get instead of ccusage if it is not installed."""

OCTOBER = r"^2026-10 .*\$0\.30$"
CASES = (
    Case(
        "clock-ahead/cmd",
        counts=((r"^Cost +\$25\.10$", 2), (r'"current": 25\.1\b', 1)),
        lacks=(r'"elapsed_minutes": -', r"Cost +\$0\.03"),
    ),
    Case(
        "damaged-chunk-crashes-or-changes-history/run.sh",
        has=(r"sound: \(141887847, ", r"first right"),
        lacks=("WRONG", "TRACEBACK"),
    ),
    Case(
        "damaged-sums-stay-wrong/run.sh",
        has=(r"sound: \(141887847, ", r"\d+ x "),
        lacks=("a wrong total", "wrong after verify", "TRACEBACK"),
    ),
    Case("encodings/cmd", has=("-utf16/b.jsonl", "-cr/c.jsonl|\\b1,000")),
    Case("escape-names/cmd", has=(r"\\x1b",), lacks=(r"\^\[", r"\^G", r"\^M")),
    Case(
        "fallback-attempt-not-counted/run.sh",
        has=(r"spendlight df0a.*'claude-fable-5', 0\.4698", r"spendlight df0a.*0\.030466"),
        lacks=(r"spendlight compaction \[\('claude-sonnet-5', 0\.056\)\]",),
        is_of_claude=True,
    ),
    Case(
        "fallback-iteration/cmd",
        has=(r"^Total .*\$0\.37$", r"opus-4-8 .*\$0\.19$", r"fable-5 .*\$0\.18$"),
    ),
    Case(
        "invented-price-for-default/run.sh",
        has=(r"\A +\[\('\w+', '\?'\), \('\w+', '\?'\), \('\w+', '\?'\), \('\w+', '\?'\)\]",),
    ),
    Case("joined-line-loses-an-answer/run.sh", has=(r"spendlight 78840 tokens 0\.04",)),
    Case("many-small-files/cmd", has=("session table",)),
    Case(
        "one-byte-in-roots-stops-every-report/run.sh",
        has=(r"before 141887847 tokens",),
        counts=((r"daily: exit 0", 2), (r"141887847 tokens", 2)),
    ),
    Case(
        "other-vendors-unpriced/run.sh",
        # ccusage has 1.52175: deepseek-chat by models.dev, and qwen3-coder-plus at the price for up
        # to 32,000 tokens; LiteLLM's list is ours, and the whole request is billed by its size.
        has=(r"spendlight 1210000 tokens 1\.6597 *$",),
        lacks=(r"spendlight .*\['",),
    ),
    Case("plan-rollover/cmd", has=(r"^5-hour limit +2 %.*\n*\Z",)),
    Case("poison/a-doctor-after.sh", lacks=("overflow", "too large")),
    Case("poison/b-all-dead.sh", lacks=(r"rc [1-9]",)),
    Case("poison/c-all-dead.sh", lacks=(r"rc [1-9]",)),
    Case(
        "poison/csv-and-escapes.sh",
        has=(r"^doctor +ESC bytes on a terminal: 0$",),  # a first scan may show progress
        lacks=(r"ESC bytes on a terminal: ([3-9]|\d\d)", r"(^|,)=cmd"),
    ),
    Case("poison/mtime-3000.sh", lacks=(r"rc [1-9]",)),
    Case(
        "prices-file-replaces/cmd",
        has=(r"^5 models without a price", r"^4 models without a price(?!.*claude-opus-6)"),
    ),
    Case("refusal/cmd", has=(r"opus-4-8 .*\$1\.66$",), lacks=(r"\$2\.06", r"\$0\.40")),
    Case(
        "renamed-project/cmd",
        counts=((r"^-home-u-zoo .*\$0\.18", 1), (r"^-home-u-new .*\$0\.18", 1)),
        lacks=("No usage",),
    ),
    Case(
        "root-gone/cmd",
        has=(r"2 'work'.*\n(.*\n)*?.*\$0\.45", "wrok"),
        counts=((r"^rc=0$", 4), (r"^2026-11 .*\$0\.30$", 3)),
    ),
    Case("root-spelling/cmd", counts=((OCTOBER, 4),)),
    Case(
        "symlinked-project/cmd",
        has=(r"^.*-home-u-big is a link", r"^ .*-home-u-big: a link"),
        links=("logs/projects/-home-u-big",),
    ),
    Case("tracebacks/cmd", counts=((r"^spendlight: ", 3), (r"^rc=1$", 3))),
    Case(
        "workflow-agents/cmd", has=(r"24,000 +\$0\.36", r'"totalCost": 0\.36', r"\$0\.36 session")
    ),
    Case("tz-fixed-offset/cmd", lacks=("2026-07-20", "2026-11-20")),
)


def faults(case: Case, output: str) -> list[str]:
    """Return what is wrong with an output."""

    def count(pattern: str) -> int:
        return len(re.findall(pattern, output, re.MULTILINE))

    found = [f"misses {pattern!r}" for pattern in case.has if not count(pattern)]
    found += [f"has {pattern!r}" for pattern in (*case.lacks, "Traceback") if count(pattern)]
    found += [
        f"has {pattern!r} {count(pattern)} times, not {times}"
        for pattern, times in case.counts
        if count(pattern) != times
    ]
    return found


def with_links(case: Case, folder: Path, place: Path) -> Path:
    """Return a folder in which a case has its links: the common one, or one with a copy of it."""
    own = Path(case.script).parts[0]
    lost = [link for link in case.links if not (folder / own / link).is_symlink()]
    if not lost:
        return folder
    shutil.copytree(folder / own, place / own, symlinks=True)
    for link in lost:
        stand_in = place / own / link
        target = stand_in.read_text(encoding="utf-8").strip()
        stand_in.parent.chmod(0o700)
        stand_in.unlink()
        stand_in.symlink_to(target)
    return place


def _for_claude(program: Path, script: Path) -> Path:
    """Return a script that runs the program, with `claude session` for `session`."""
    script.write_text(
        f'#!/bin/sh\n[ "$1" = session ] && set -- claude "$@"\nexec "{program}" "$@"\n',
        encoding="utf-8",
    )
    script.chmod(0o755)
    return script


def run(case: Case, folder: Path, program: Path) -> tuple[Case, str, float]:
    """Run a case's script; return what it printed on both streams, and how many seconds it took."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as place:
        reference = Path(place, "ccusage")
        reference.write_text(f"#!/bin/sh\necho '{EMPTY_REPORT}'\n", encoding="utf-8")
        reference.chmod(0o755)
        if case.is_of_claude:
            program = _for_claude(program, Path(place, "for-claude"))
        ran = subprocess.run(
            ["bash", with_links(case, folder, Path(place)) / case.script],
            env=os.environ
            | {"SPENDLIGHT": str(program), "SPEND": str(program), "TMPDIR": place}
            | {"CCUSAGE": os.environ.get("CCUSAGE", str(reference))},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
    return case, ran.stdout.decode("utf-8", "backslashreplace"), time.monotonic() - started


def main() -> int:
    """Run the cases, and print the result of each."""
    folder, program = (Path(word).absolute() for word in sys.argv[1:3])
    wanted = [
        case
        for case in CASES
        if (folder / case.script).exists()
        and (len(sys.argv) < 4 or any(name in case.script for name in sys.argv[3:]))
    ]
    failures = 0
    with tempfile.TemporaryDirectory() as place, ThreadPoolExecutor(2) as pool:
        link = Path(place, "spendlight")  # the scripts cannot handle spaces in paths
        link.symlink_to(program)
        for case, output, seconds in pool.map(lambda one: run(one, folder, link), wanted):
            wrong = faults(case, output)
            failures += bool(wrong)
            print(f"{case.script}, {seconds:.1f} s: {'; '.join(wrong) or 'as it should be'}")
            if wrong:
                print("    " + output[-3000:].replace("\n", "\n    "), flush=True)
    print(f"Field cases: {len(wanted) - failures} passed, {failures} failed", flush=True)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
