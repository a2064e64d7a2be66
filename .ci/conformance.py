"""Runs the reference's cases and accepts the three that contradict the reference itself.

python .ci/conformance.py TOOL PROGRAM

In c07 and c10 the reference's `daily` and `session` disagree on the same logs. Here every report
has the same total, so one of the two must differ; it is `daily`. In e07 the report of all agents
leaves out a day that costs something but has no tokens, which `claude daily` keeps.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ACCEPTED = {
    "c07-no-request-id daily",
    "c10-sidechain-timestamp daily",
    "e07-zero-token-rows unified",
}

_SUMMARY = re.compile(r"(?P<passed>\d+) passed, (?P<failed>\d+) failed, \d+ skipped")
_FAILURE = re.compile(r"(?P<name>\S+ \S+): .*")
_DETAIL = re.compile(r"  rule: .*|    \$.*")


def verdict(exit_code: int, lines: list[str]) -> str | None:
    """Return what is wrong with a run of the tool, or None if nothing is."""
    summary = _SUMMARY.fullmatch(lines[-1]) if lines else None
    if summary is None or exit_code != bool(int(summary["failed"])):
        return f"the tool broke, with exit code {exit_code}"
    if not int(summary["passed"]):
        return "the tool ran no case"
    failures = {found["name"] for line in lines[:-1] if (found := _FAILURE.fullmatch(line))}
    details = [line for line in lines[:-1] if line and not _FAILURE.fullmatch(line)]
    if others := sorted(failures - ACCEPTED):
        return f"cases that must pass: {', '.join(others)}"
    if len(failures) != int(summary["failed"]):
        return f"{summary['failed']} cases failed, but the output names {len(failures)}"
    if odd := [line.strip() for line in details if not _DETAIL.fullmatch(line)]:
        return f"an accepted case failed in another way: {odd[0]}"
    return None


def copy_without_placeholders(tool: Path, place: Path) -> Path:
    """Copy the tool and its cases, and return the copy of the tool.

    A checkout without symbolic links has small files instead, on which the tool would fail, as it
    creates the links itself; they are left out of the copy.
    """
    shutil.copytree(tool.parent, place / "tools")
    shutil.copytree(tool.parent.parent / "conformance", place / "conformance", symlinks=True)
    for case in (place / "conformance").glob("*/case.json"):
        for link in json.loads(case.read_text(encoding="utf-8"))["symlinks"]:
            name = link["link"] if isinstance(link, dict) else link[0]
            placeholder = case.parent / name
            if placeholder.is_file() and not placeholder.is_symlink():
                placeholder.chmod(0o600)
                placeholder.parent.chmod(0o700)
                placeholder.unlink()
    return place / "tools" / tool.name


def main() -> int:
    """Run the tool, show its output and check it."""
    tool, program = map(Path, sys.argv[1:])
    with tempfile.TemporaryDirectory() as place:
        copy = copy_without_placeholders(tool, Path(place))
        return run(copy, program.absolute())


def run(tool: Path, program: Path) -> int:
    """Run a tool with complete cases, show its output and check it."""
    ran = subprocess.run(
        [sys.executable, tool, "--cases", tool.parent.parent / "conformance", program],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        check=False,
    )
    print(ran.stdout, end="", flush=True)
    problem = verdict(ran.returncode, ran.stdout.splitlines())
    print(f"Conformance: {problem or 'as it should be'}")
    return 1 if problem else 0


if __name__ == "__main__":
    sys.exit(main())
